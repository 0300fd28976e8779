//! Forward, as in training.

#[cfg(feature = "std")]
use super::Seen;
use super::{Batch, Unnamed, carve, inputs_of, kept_batch, range, values, written};
use crate::infer::Node;
use crate::kernel::Ending;
use crate::layer::{self, Kind, Layer};
use crate::length::Lengths;
use crate::pack::PackRef;
use crate::plan::Plan;

/// Forward, as in training.
pub struct Training<'a> {
    pub(crate) plan: &'static Plan,
    pub(crate) inputs: Batch<'a>,
    pub(crate) memory: &'a mut [f32],
    /// What layers keep of a batch.
    pub(crate) batch: &'a mut [f32],
    pub(crate) seed: u64,
    /// Is shown what each node gives.
    #[cfg(feature = "std")]
    pub(crate) seen: Option<Seen<'a>>,
}

impl<'a> Training<'a> {
    /// A pass through the network of `plan`.
    pub(crate) fn new(
        plan: &'static Plan,
        inputs: Batch<'a>,
        memory: &'a mut [f32],
        batch: &'a mut [f32],
        seed: u64,
    ) -> Self {
        Training {
            plan,
            inputs,
            memory,
            batch,
            seed,
            #[cfg(feature = "std")]
            seen: None,
        }
    }

    /// Whether somebody is shown what each node gives.
    fn is_seen(&self) -> bool {
        #[cfg(feature = "std")]
        return self.seen.is_some();
        #[cfg(not(feature = "std"))]
        false
    }

    /// Runs node `k`, whose layer has no parameters.
    pub fn call_unnamed<K: Kind>(&mut self, k: usize, node: &Node<K::Args>) {
        self.call(k, node, &mut { Unnamed::<K>::ZERO });
    }

    /// Runs node `k`.
    pub fn call<L: Layer>(&mut self, k: usize, node: &Node<L::Args>, layer: &mut L) {
        let Some(slots) = self.plan.nodes.get(k) else { return };
        let Some((y, ends)) = written(slots, self.is_seen()) else { return };
        let (n, counts) = (self.inputs.n, self.inputs.counts);
        let kept_batch = kept_batch(self.batch, slots);
        let y = values(y, slots.length, n, counts);
        let ranges = [y, range(slots.kept, n), range(slots.scratch, n)];
        let ([y, kept, scratch], rest) = carve(self.memory, ranges);
        let call = layer::Forward {
            n,
            x: inputs_of(slots, &self.inputs, &rest),
            y: y.unwrap_or_default(),
            kept: kept.unwrap_or_default(),
            kept_batch,
            scratch: scratch.unwrap_or_default(),
            state: &mut [],
            lengths: Lengths { slots, counts, order: self.inputs.order },
            packed: PackRef::NOTHING,
            // An odd factor keeps the seeds of two nodes apart.
            seed: self.seed.wrapping_add((k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            in_place: slots.in_place,
            ending: Ending { bounds: ends.bounds, ..Ending::NONE },
        };
        layer.forward_training(node, call);
        #[cfg(feature = "std")]
        if let (Some(seen), Some(y)) =
            (&mut self.seen, values(slots.y, slots.length, n, self.inputs.counts))
        {
            seen(k, &mut self.memory[y]);
        }
    }
}
