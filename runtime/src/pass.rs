//! A pass over a network: finds for each layer its slices in the planned memory, and calls it.

#[cfg(all(test, feature = "std"))]
mod tests;

use core::ops::Range;

use crate::infer::{MAX_INPUTS, Node};
use crate::layer::{self, Layer};
use crate::plan::{Place, Plan, Slots};

/// The inputs of a network for one batch, each sample after sample.
pub type Slices<'a> = [&'a [f32]; MAX_INPUTS];

/// Forward, as in use after training.
pub struct Inference<'a> {
    pub(crate) plan: &'static Plan,
    pub(crate) n: usize,
    pub(crate) inputs: Slices<'a>,
    pub(crate) memory: &'a mut [f32],
}

impl Inference<'_> {
    /// Runs node `k`, whose layer has no parameters.
    #[inline]
    pub fn call_unnamed<L: Layer>(&mut self, k: usize, node: &Node<L::Args>) {
        self.call(k, node, &L::ZERO);
    }

    /// Runs node `k`.
    #[inline]
    pub fn call<L: Layer>(&mut self, k: usize, node: &Node<L::Args>, layer: &L) {
        let slots = &self.plan.nodes[k];
        if slots.view {
            return;
        }
        let ([y], rest) = carve(self.memory, [range(slots.y, self.n)]);
        let call = layer::Forward {
            n: self.n,
            x: inputs_of(slots, self.n, &self.inputs, &rest),
            y: y.unwrap_or_default(),
            kept: &mut [],
            kept_batch: &mut [],
            seed: 0,
            in_place: slots.in_place,
        };
        layer.forward(node, call);
    }
}

/// Forward, as in training.
pub struct Training<'a> {
    pub(crate) plan: &'static Plan,
    pub(crate) n: usize,
    pub(crate) inputs: Slices<'a>,
    pub(crate) memory: &'a mut [f32],
    pub(crate) seed: u64,
}

impl Training<'_> {
    /// Runs node `k`, whose layer has no parameters.
    pub fn call_unnamed<L: Layer>(&mut self, k: usize, node: &Node<L::Args>) {
        self.call(k, node, &mut { L::ZERO });
    }

    /// Runs node `k`.
    pub fn call<L: Layer>(&mut self, k: usize, node: &Node<L::Args>, layer: &mut L) {
        let slots = &self.plan.nodes[k];
        if slots.view {
            return;
        }
        let (memory, batch) = self.memory.split_at_mut(self.n * self.plan.per_sample);
        let kept_batch = &mut batch[slots.kept_batch.0..][..slots.kept_batch.1];
        let ranges = [range(slots.y, self.n), range(slots.kept, self.n)];
        let ([y, kept], rest) = carve(memory, ranges);
        let call = layer::Forward {
            n: self.n,
            x: inputs_of(slots, self.n, &self.inputs, &rest),
            y: y.unwrap_or_default(),
            kept: kept.unwrap_or_default(),
            kept_batch,
            // An odd factor keeps the seeds of two nodes apart.
            seed: self.seed.wrapping_add((k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            in_place: slots.in_place,
        };
        layer.forward_training(node, call);
    }
}

/// Backward.
pub struct Backward<'a, 'g> {
    pub(crate) plan: &'static Plan,
    pub(crate) n: usize,
    pub(crate) inputs: Slices<'a>,
    pub(crate) memory: &'a mut [f32],
    /// The gradients of the network's inputs, where somebody asks for them.
    pub(crate) input_gradients: Option<[&'g mut [f32]; MAX_INPUTS]>,
}

impl Backward<'_, '_> {
    /// Runs node `k`, whose layer has no parameters.
    pub fn call_unnamed<L: Layer>(&mut self, k: usize, node: &Node<L::Args>) {
        self.call(k, node, &L::ZERO, &mut { L::ZERO });
    }

    /// Runs node `k`, which adds to the gradient of its layer's parameters.
    pub fn call<L: Layer>(&mut self, k: usize, node: &Node<L::Args>, layer: &L, grad: &mut L) {
        let (slots, n) = (&self.plan.nodes[k], self.n);
        let all = self.input_gradients.is_some();
        if slots.view_backward || slots.idle {
            return;
        }
        // The gradient of an input is made where a parameter or the caller waits for it.
        let asked = |i: usize| slots.dx[i] != Place::Absent && (all || slots.trains[i]);
        if L::TENSORS.is_empty() && !(0..MAX_INPUTS).any(asked) {
            return;
        }
        let (memory, batch) = self.memory.split_at_mut(n * self.plan.per_sample);
        let ranges = core::array::from_fn(|i| range(slots.dx[i], n).filter(|_| asked(i)));
        let (mut dx, rest) = carve(memory, ranges);
        for (i, dx) in dx.iter_mut().enumerate() {
            if let Some(dx) =
                dx.as_deref_mut().filter(|_| slots.first[i] && !slots.in_place_backward)
            {
                dx.fill(0.0);
            }
        }
        if let Some(gradients) = &mut self.input_gradients {
            for (input, gradient) in gradients.iter_mut().enumerate() {
                if let Some(i) = slots.dx.iter().position(|&place| place == Place::Input(input)) {
                    dx[i] = Some(gradient);
                }
            }
        }
        let inputs =
            if slots.needs_x { inputs_of(slots, n, &self.inputs, &rest) } else { [&[][..]; 8] };
        let call = layer::Backward {
            n,
            x: inputs,
            y: if slots.needs_y { rest.get(slots.y, n) } else { &[] },
            dy: if slots.in_place_backward && asked(0) { &[] } else { rest.get(slots.dy, n) },
            dx,
            kept: rest.get(slots.kept, n),
            kept_batch: &batch[slots.kept_batch.0..][..slots.kept_batch.1],
            in_place: slots.in_place_backward && asked(0),
        };
        layer.backward(node, call, grad);
        self.add_twins(slots, all);
    }

    /// One value that came in twice gets the sum of both gradients.
    fn add_twins(&mut self, slots: &Slots, all: bool) {
        for i in (0..MAX_INPUTS).filter(|&i| slots.twin[i] != i && (all || slots.trains[i])) {
            let sum_place = slots.dx[slots.twin[i]];
            let ([sum], rest) = carve(self.memory, [range(sum_place, self.n)]);
            let term = rest.get(slots.dx[i], self.n);
            let sum = match (sum, sum_place, &mut self.input_gradients) {
                (None, Place::Input(input), Some(gradients)) => &mut *gradients[input],
                (sum, ..) => sum.unwrap_or_default(),
            };
            for (sum, term) in sum.iter_mut().zip(term) {
                *sum += term;
            }
        }
    }
}

/// Where `place` is in the memory of a batch of `n`.
pub(crate) fn range(place: Place, n: usize) -> Option<Range<usize>> {
    match place {
        Place::At { offset, len } => Some(n * offset..n * (offset + len)),
        Place::Absent | Place::Input(_) => None,
    }
}

fn inputs_of<'a, const M: usize>(
    slots: &Slots,
    n: usize,
    inputs: &Slices<'a>,
    rest: &Rest<'a, M>,
) -> Slices<'a> {
    core::array::from_fn(|i| match slots.x[i] {
        Place::Input(input) => inputs[input],
        Place::At { .. } if slots.in_place => &[],
        place => rest.get(place, n),
    })
}

/// What [`carve`] leaves: the stretches between what was taken to be written.
pub(crate) struct Rest<'a, const M: usize> {
    first: &'a [f32],
    after: [(usize, &'a [f32]); M],
}

impl<'a, const M: usize> Rest<'a, M> {
    pub(crate) fn get(&self, place: Place, n: usize) -> &'a [f32] {
        range(place, n).map_or(&[], |range| self.find(range))
    }

    fn find(&self, range: Range<usize>) -> &'a [f32] {
        let after = self.after.iter().rev().find(|(start, _)| range.start >= *start);
        let (start, stretch) = after.map_or((0, self.first), |&(start, stretch)| (start, stretch));
        &stretch[range.start - start..range.end - start]
    }
}

/// Takes `ranges`, which do not overlap, out of `memory`, and the rest to be read.
pub(crate) fn carve<const M: usize>(
    memory: &mut [f32],
    ranges: [Option<Range<usize>>; M],
) -> ([Option<&mut [f32]>; M], Rest<'_, M>) {
    // From the last to the first, so that every piece is cut off the end.
    let mut order: [usize; M] = core::array::from_fn(|i| i);
    if M > 1 {
        order.sort_unstable_by_key(|&i| ranges[i].as_ref().map_or(usize::MAX, |range| range.start));
    }
    let mut taken = [const { None }; M];
    let mut after: [(usize, &[f32]); M] = [(usize::MAX, &[]); M];
    let mut memory = memory;
    for at in (0..M).rev() {
        if let Some(range) = ranges[order[at]].clone() {
            let (before, rest) = memory.split_at_mut(range.start);
            let (piece, stretch) = rest.split_at_mut(range.len());
            taken[order[at]] = Some(piece);
            after[at] = (range.end, stretch);
            memory = before;
        }
    }
    (taken, Rest { first: memory, after })
}
