//! Forward, as in use.

#[cfg(feature = "std")]
use super::Seen;
use super::{Batch, Rest, Slices, Unnamed, carve, inputs_of, range, values, written};
use crate::check::split;
use crate::infer::{Endings, Node};
use crate::kernel::Ending;
use crate::layer::{self, Kind, Layer};
use crate::length::Lengths;
use crate::pack::PackRef;
use crate::plan::{Place, Slots};

/// Forward, as in use after training.
///
/// A call is given its slots, which are constants where the network is declared, and all that follows from them is: what is left of
/// it at run time are a few additions. Where a network is called a million times a second, that counts.
pub struct Inference<'a> {
    pub(crate) inputs: Batch<'a>,
    pub(crate) memory: &'a mut [f32],
    /// What the layers carry from step to step; empty unless the sequence comes in pieces.
    pub(crate) state: &'a mut [f32],
    /// What has been packed of the first node; the others are beside it.
    packed: PackRef<'a>,
    /// Is shown what each node gives.
    #[cfg(feature = "std")]
    seen: Option<Seen<'a>>,
}

impl<'a> Inference<'a> {
    #[inline]
    pub(crate) fn new(
        packed: PackRef<'a>,
        inputs: Batch<'a>,
        memory: &'a mut [f32],
        state: &'a mut [f32],
    ) -> Self {
        Inference {
            inputs,
            memory,
            state,
            packed: packed.part(0),
            #[cfg(feature = "std")]
            seen: None,
        }
    }

    /// With somebody who is shown what each node gives.
    #[cfg(feature = "std")]
    pub(crate) fn showing(self, seen: Seen<'a>) -> Self {
        Inference { seen: Some(seen), ..self }
    }

    /// Whether somebody is shown what each node gives.
    #[inline(always)]
    fn is_seen(&self) -> bool {
        #[cfg(feature = "std")]
        return self.seen.is_some();
        #[cfg(not(feature = "std"))]
        false
    }

    /// Runs the node at `slots`, whose layer has no parameters.
    #[inline(always)]
    pub fn call_unnamed<K: Kind>(&mut self, slots: &Slots, node: &Node<K::Args>) {
        self.call(slots, node, &Unnamed::<K>::ZERO);
    }

    /// Runs the node at `slots`.
    #[inline(always)]
    pub fn call<L: Layer>(&mut self, slots: &Slots, node: &Node<L::Args>, layer: &L) {
        self.run(slots, [&[]; 2], |call| layer.forward(node, call));
    }

    /// As [`call`](Inference::call); `next` is the layer of `next_node`, which alone reads what comes out, and may be done by this one.
    #[inline(always)]
    pub fn call_before<L: Layer, M: Layer>(
        &mut self,
        slots: &Slots,
        node: &Node<L::Args>,
        layer: &L,
        next_node: &Node<M::Args>,
        next: &M,
    ) {
        if slots.ending.factors {
            next.factors(next_node, |factors| {
                self.run(slots, factors, |call| layer.forward(node, call));
            });
        } else if slots.ending.map && !self.is_seen() {
            let forward =
                |call: layer::Forward<'_>| layer.forward_before::<M>(node, call, next_node);
            self.run(slots, [&[]; 2], forward);
        } else {
            self.call(slots, node, layer);
        }
    }

    #[inline(always)]
    fn run(
        &mut self,
        slots: &Slots,
        factors: [&[f32]; 2],
        forward: impl FnOnce(layer::Forward<'_>),
    ) {
        let Some((y, ends)) = written(slots, self.is_seen()) else { return };
        let (n, counts) = (self.inputs.n, self.inputs.counts);
        let y = values(y, slots.length, n, counts);
        let (y, scratch, (x, add)) = match slots.scratch {
            // One piece is cut out without asking which comes last.
            Place::Absent => {
                let ([y], rest) = carve(self.memory, [y]);
                (y, None, read(slots, ends, &self.inputs, &rest))
            }
            scratch => {
                let ([y, scratch], rest) = carve(self.memory, [y, range(scratch, n)]);
                (y, scratch, read(slots, ends, &self.inputs, &rest))
            }
        };
        let call = layer::Forward {
            n,
            x,
            y: y.unwrap_or_default(),
            kept: &mut [],
            kept_batch: &mut [],
            scratch: scratch.unwrap_or_default(),
            state: self.state.get_mut(slots.state.0..).map_or(&mut [], |state| {
                let (state, _) = split(state, slots.state.1.min(state.len()));
                state
            }),
            lengths: Lengths { slots, counts, order: self.inputs.order },
            packed: self.packed.other(slots.number),
            seed: 0,
            in_place: slots.in_place,
            ending: Ending {
                factors: ends.factors.then_some(factors),
                add,
                bounds: ends.bounds,
                pool: ends.pool,
            },
        };
        forward(call);
        #[cfg(feature = "std")]
        if let Some(seen) = &mut self.seen
            && let Some(y) = values(slots.y, slots.length, n, self.inputs.counts)
        {
            seen(slots.number, &mut self.memory[y]);
        }
    }
}

/// The inputs of a node, and what it adds to its output.
#[inline(always)]
fn read<'a, const M: usize>(
    slots: &Slots,
    ends: Endings,
    inputs: &Batch<'a>,
    rest: &Rest<'a, f32, M>,
) -> (Slices<'a>, Option<&'a [f32]>) {
    let add = ends.add.then(|| inputs.get(slots.added, slots.length, rest));
    (inputs_of(slots, inputs, rest), add)
}
