//! A pass over a network in bytes: finds for each layer its slices in the planned memory, and calls it.

use core::ops::Range;

use crate::check::split;
use crate::infer::{MAX_INPUTS, Node};
use crate::int8::layer::{Call, Layer};
use crate::int8::plan::Slots;
use crate::length::Length;
use crate::pass::{carve, range};
use crate::plan::Place;

/// Is shown the number of each node and what it gives.
#[cfg(feature = "std")]
pub(super) type Seen<'a> = &'a mut dyn FnMut(usize, &[i8]);

/// Forward. As with floats, a call is given its slots, from which all that it needs to know follows when the network is built.
pub struct Inference<'a> {
    inputs: [&'a [i8]; MAX_INPUTS],
    memory: &'a mut [i8],
    /// What the layers carry from step to step, where sequences come step by step.
    state: Option<&'a mut [i8]>,
    /// Is shown what each node gives.
    #[cfg(feature = "std")]
    pub(super) seen: Option<Seen<'a>>,
}

impl<'a> Inference<'a> {
    pub(super) fn new(
        inputs: [&'a [i8]; MAX_INPUTS],
        memory: &'a mut [i8],
        state: Option<&'a mut [i8]>,
    ) -> Self {
        Inference {
            inputs,
            memory,
            state,
            #[cfg(feature = "std")]
            seen: None,
        }
    }

    /// Runs the node at `slots`.
    #[inline(always)]
    pub fn call<L: Layer>(&mut self, slots: &Slots, node: &Node<L::Args>, layer: &L) {
        if !slots.runs {
            return;
        }
        let one_step = self.state.is_some();
        let out = values(slots.y, slots.length, one_step);
        let ([y, scratch], rest) = carve(self.memory, [out.clone(), range(slots.scratch, 1)]);
        let mut x = [&[][..]; MAX_INPUTS];
        for ((x, &place), &length) in x.iter_mut().zip(&slots.x).zip(&slots.lengths) {
            *x = match place {
                Place::Absent => break,
                Place::Input(input) => self.inputs.get(input).copied().unwrap_or_default(),
                Place::At { .. } if slots.in_place => &[],
                place => rest.get(values(place, length, one_step)),
            };
            // Most layers have one input; what is then known of it is known to the compiler.
            if slots.x[1] == Place::Absent {
                break;
            }
        }
        let (y, scratch) = (y.unwrap_or_default(), scratch.unwrap_or_default());
        let (from, len) = slots.state;
        let state = self.state.as_deref_mut().and_then(|state| state.get_mut(from..));
        let state = state.map_or(&mut [][..], |state| split(state, len.min(state.len())).0);
        let (in_place, pad) = (slots.in_place, slots.pad);
        layer.forward(node, Call { x, y, scratch, state, in_place, pad });
        #[cfg(feature = "std")]
        if let (Some(seen), Some(out)) = (&mut self.seen, out) {
            seen(slots.number, self.memory.get(out).unwrap_or_default());
        }
    }
}

/// Where the value at `place` is: all of it, or its first step.
#[inline]
pub(super) fn values(place: Place, length: Length, one_step: bool) -> Option<Range<usize>> {
    let range = range(place, 1)?;
    let steps = if one_step && !length.is_fixed() { length.most().max(1) } else { 1 };
    Some(range.start..range.start + range.len() / steps)
}
