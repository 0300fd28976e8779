//! Backward, from the last layer to the first.

#[cfg(feature = "std")]
use super::SeenBackward;
use super::{Batch, Unnamed, carve, inputs_of, kept_batch, range, values};
use crate::infer::{MAX_INPUTS, Node};
use crate::kernel::Writing;
use crate::layer::{self, Kind, Layer};
use crate::length::Lengths;
use crate::plan::{Place, Plan, Slots};

/// What becomes of the gradients of the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gradients {
    /// Nobody waits for them.
    Unasked,
    /// They are added to what is there.
    Added,
    /// They overwrite it.
    Written,
}

/// Backward.
pub struct Backward<'a, 'g> {
    pub(crate) plan: &'static Plan,
    pub(crate) inputs: Batch<'a>,
    pub(crate) memory: &'a mut [f32],
    /// What layers keep of a batch.
    pub(crate) batch: &'a mut [f32],
    /// The gradients of the network's inputs, where somebody asks for them.
    pub(crate) input_gradients: [Option<&'g mut [f32]>; MAX_INPUTS],
    pub(crate) gradients: Gradients,
    /// Is shown each node.
    #[cfg(feature = "std")]
    pub(crate) seen: Option<SeenBackward<'a>>,
}

impl<'a, 'g> Backward<'a, 'g> {
    /// A pass back through the network of `plan`.
    pub(crate) fn new(
        plan: &'static Plan,
        inputs: Batch<'a>,
        memory: &'a mut [f32],
        batch: &'a mut [f32],
        input_gradients: [Option<&'g mut [f32]>; MAX_INPUTS],
        gradients: Gradients,
    ) -> Self {
        Backward {
            plan,
            inputs,
            memory,
            batch,
            input_gradients,
            gradients,
            #[cfg(feature = "std")]
            seen: None,
        }
    }

    /// Whether somebody is shown each node.
    fn is_seen(&self) -> bool {
        #[cfg(feature = "std")]
        return self.seen.is_some();
        #[cfg(not(feature = "std"))]
        false
    }

    /// Runs node `k`, whose layer has no parameters.
    pub fn call_unnamed<K: Kind>(&mut self, k: usize, node: &Node<K::Args>) {
        self.call(k, node, &Unnamed::<K>::ZERO, &mut { Unnamed::<K>::ZERO });
    }

    /// Runs node `k`, which works out the gradient of its layer's parameters.
    pub fn call<L: Layer>(&mut self, k: usize, node: &Node<L::Args>, layer: &L, grad: &mut L) {
        let (n, counts) = (self.inputs.n, self.inputs.counts);
        let Some(slots) = self.plan.nodes.get(k) else { return };
        let all = self.input_gradients.iter().any(Option::is_some);
        let is_seen = self.is_seen();
        let reached = !(slots.view_backward || slots.idle || slots.rectified && !is_seen);
        let trained = slots.trained && self.gradients != Gradients::Unasked;
        let writes = self.gradients == Gradients::Written;
        let overwrites = const { L::WRITES_GRAD } && writes && trained && reached;
        if writes && !overwrites {
            for i in 0..L::TENSORS.len() {
                grad.tensor_mut(i).fill(0.0);
            }
        }
        if !reached {
            return;
        }
        // The gradient of an input is made where a parameter or the caller waits for it.
        let asked = |i: usize| slots.dx[i] != Place::Absent && (all || slots.trains[i]);
        if !trained && !(0..MAX_INPUTS).any(asked) {
            return;
        }
        #[cfg(feature = "std")]
        if let Some(seen) = &mut self.seen {
            let of = |place: Place| values(place, slots.length, n, counts);
            let y = if slots.needs_y { of(slots.y) } else { None };
            let ([y, dy], _) = carve(self.memory, [y, of(slots.dy)]);
            seen(k, y.unwrap_or_default(), dy.unwrap_or_default());
        }
        let mut ranges = [const { None }; MAX_INPUTS + 2];
        // So the compiler sees that every place is there, and in flash there is no panic.
        #[allow(clippy::needless_range_loop)]
        for i in 0..MAX_INPUTS {
            if asked(i) {
                ranges[i] = values(slots.dx[i], slots.lengths[i], n, counts);
            }
        }
        ranges[MAX_INPUTS] = range(slots.kept, n);
        ranges[MAX_INPUTS + 1] = range(slots.scratch_backward, n);
        let ([mut dx @ .., kept, scratch], rest) = carve(self.memory, ranges);
        let fresh = |i: usize| slots.first[i] && !slots.in_place_backward;
        let first = L::WRITES_DX && fresh(0) && dx[0].is_some();
        for (i, dx) in dx.iter_mut().enumerate() {
            let clear = fresh(i) && !(first && i == 0);
            if let Some(dx) = dx.as_deref_mut().filter(|_| clear) {
                dx.fill(0.0);
            }
        }
        if all {
            for (input, gradient) in self.input_gradients.iter_mut().enumerate() {
                if let Some(i) = slots.dx.iter().position(|&place| place == Place::Input(input)) {
                    dx[i] = gradient.as_deref_mut();
                }
            }
        }
        let x = if slots.needs_x {
            inputs_of(slots, &self.inputs, &rest)
        } else {
            [&[][..]; MAX_INPUTS]
        };
        let of_output = |place: Place| rest.get(values(place, slots.length, n, counts));
        let in_place = slots.in_place_backward && asked(0);
        let writing = match first {
            true if slots.rectifies && !is_seen => {
                Writing::Rectified(self.inputs.get(slots.x[0], slots.lengths[0], &rest))
            }
            true => Writing::First,
            false => Writing::Adds,
        };
        let call = layer::Backward {
            n,
            x,
            y: if slots.needs_y { of_output(slots.y) } else { &[] },
            dy: if in_place { &[] } else { of_output(slots.dy) },
            dx,
            kept: kept.unwrap_or_default(),
            kept_batch: kept_batch(self.batch, slots),
            scratch: scratch.unwrap_or_default(),
            lengths: Lengths { slots, counts, order: self.inputs.order },
            in_place,
            writing,
            adds: !overwrites,
        };
        match self.gradients {
            Gradients::Unasked => layer.backward_to_input(node, call, grad),
            _ => layer.backward(node, call, grad),
        }
        self.add_twins(slots, all);
    }

    /// One value that came in twice gets the sum of both gradients.
    fn add_twins(&mut self, slots: &Slots, all: bool) {
        for i in 0..MAX_INPUTS {
            if slots.twin[i] == i || !(all || slots.trains[i]) {
                continue;
            }
            let Some(&sum_place) = slots.dx.get(slots.twin[i]) else { continue };
            let (n, counts) = (self.inputs.n, self.inputs.counts);
            let of = |place| values(place, slots.lengths[i], n, counts);
            let ([sum], rest) = carve(self.memory, [of(sum_place)]);
            let term = rest.get(of(slots.dx[i]));
            let sum = match (sum, sum_place) {
                (None, Place::Input(input)) => {
                    self.input_gradients.get_mut(input).and_then(|dx| dx.as_deref_mut())
                }
                (sum, _) => sum,
            };
            let sum = sum.unwrap_or_default();
            for (sum, term) in sum.iter_mut().zip(term) {
                *sum += term;
            }
        }
    }
}
