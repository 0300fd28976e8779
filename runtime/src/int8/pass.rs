//! A pass over a network in bytes: finds for each layer its slices in the planned memory, and calls it.

use crate::infer::{MAX_INPUTS, Node};
use crate::int8::layer::{Call, Layer};
use crate::int8::plan::Slots;
use crate::pass::{carve, range};
use crate::plan::Place;

/// Is shown the number of each node and what it gives.
#[cfg(feature = "std")]
pub(super) type Seen<'a> = &'a mut dyn FnMut(usize, &[i8]);

/// Forward.
pub struct Inference<'a> {
    pub(super) nodes: &'static [Slots],
    pub(super) inputs: [&'a [i8]; MAX_INPUTS],
    pub(super) memory: &'a mut [i8],
    /// Is shown what each node gives.
    #[cfg(feature = "std")]
    pub(super) seen: Option<Seen<'a>>,
}

impl Inference<'_> {
    /// Runs node `k`.
    #[inline]
    pub fn call<L: Layer>(&mut self, k: usize, node: &Node<L::Args>, layer: &L) {
        let Some(slots) = self.nodes.get(k).filter(|slots| slots.runs) else { return };
        let ([y, scratch], rest) = carve(self.memory, [range(slots.y, 1), range(slots.scratch, 1)]);
        let mut x = [&[][..]; MAX_INPUTS];
        for (x, &place) in x.iter_mut().zip(&slots.x) {
            *x = match place {
                Place::Absent => break,
                Place::Input(input) => self.inputs.get(input).copied().unwrap_or_default(),
                Place::At { .. } if slots.in_place => &[],
                place => rest.get(range(place, 1)),
            };
            // Most layers have one input; what is then known of it is known to the compiler.
            if slots.x[1] == Place::Absent {
                break;
            }
        }
        let (y, scratch) = (y.unwrap_or_default(), scratch.unwrap_or_default());
        #[cfg(feature = "std")]
        let out = range(slots.y, 1);
        layer.forward(node, Call { x, y, scratch, in_place: slots.in_place, pad: slots.pad });
        #[cfg(feature = "std")]
        if let (Some(seen), Some(out)) = (&mut self.seen, out) {
            seen(k, self.memory.get(out).unwrap_or_default());
        }
    }
}
