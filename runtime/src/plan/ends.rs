//! Which layers are done by the ones before them.

use super::{Place, Slots, Step};
use crate::infer::EndsIn;

/// In place of a node.
const NO_NODE: usize = usize::MAX;

/// What a layer does to its output in place of those behind it. The buffers stay, so that a pass in which somebody looks at each value can
/// have them all.
pub(super) struct Taken<const N: usize> {
    /// The node that does what node `k` is for: itself, unless one before has taken it over.
    by: [usize; N],
    /// The node whose value is written in place of that of node `p`, and the one that says what is added to it.
    ended: [usize; N],
    added: [usize; N],
}

impl<const N: usize> Taken<N> {
    /// Goes by the nodes in order. `uses` says how many read each value, `y_of` in whose buffer it is, and `is_output` whether the caller reads it.
    pub(super) const fn by_those_before(
        steps: &[Step; N],
        inputs: usize,
        slots: &mut [Slots; N],
        [uses, y_of]: [&[usize; N]; 2],
        is_output: &[bool; N],
        training: bool,
    ) -> Self {
        let mut taken = Taken { by: [0; N], ended: [NO_NODE; N], added: [NO_NODE; N] };
        let mut k = 0;
        while k < N {
            taken.by[k] = k;
            // Backward reads what goes into all others.
            let mut i =
                if training && steps[k].ending.bounds.is_none() { steps[k].count } else { 0 };
            while i < steps[k].count && taken.by[k] == k {
                let input = steps[k].inputs[i];
                if input >= inputs && uses[input - inputs] == 1 && !is_output[input - inputs] {
                    let same = y_of[k] == y_of[input - inputs];
                    taken.take(k, i, steps, inputs, slots, [same, training]);
                }
                i += 1;
            }
            if taken.by[k] != k {
                slots[k].done_by = Some(taken.by[k]);
            }
            k += 1;
        }
        taken
    }

    /// Node `k`, by the one that works out its input `i`, if that can; `same` says whether both values are in one buffer.
    const fn take(
        &mut self,
        k: usize,
        i: usize,
        steps: &[Step; N],
        inputs: usize,
        slots: &mut [Slots; N],
        [same, training]: [bool; 2],
    ) {
        let (step, in_place) = (&steps[k], slots[k].in_place);
        let p = self.by[step.inputs[i] - inputs];
        let done = &mut slots[p].ending;
        let first = !done.add && done.bounds.is_none() && !done.pool;
        let pools = match steps[p].ends {
            EndsIn::Nothing => return,
            EndsIn::Map => {
                if step.ending.map && !done.map && in_place && !training {
                    done.map = true;
                    self.by[k] = p;
                }
                return;
            }
            EndsIn::Image { pools } => pools,
        };
        match step.count {
            1 if step.ending.factors => {
                if !(first && !done.factors && in_place) {
                    return;
                }
                done.factors = true;
            }
            1 if step.ending.bounds.is_some() => {
                if !(done.bounds.is_none() && in_place) {
                    return;
                }
                done.bounds = step.ending.bounds;
            }
            1 if step.ending.pool => {
                if !(pools && !done.add && !done.pool) {
                    return;
                }
                (done.pool, self.ended[p]) = (true, k);
            }
            2 if step.ending.add => {
                // What is added has to be there by then, and to stay there: a sum that takes its place is not written so early.
                let other = step.inputs[1 - i];
                let there = other < inputs || self.by[other - inputs] < p;
                if !(there && first && (same || !in_place)) {
                    return;
                }
                done.add = true;
                (self.ended[p], self.added[p]) = (k, k);
            }
            _ => return,
        }
        self.by[k] = p;
    }

    /// The node whose value node `p` writes in place of its own.
    pub(super) const fn ended(&self, p: usize) -> Option<usize> {
        if self.ended[p] == NO_NODE { None } else { Some(self.ended[p]) }
    }

    /// The node that writes the value of node `k` in place of its own, if that goes elsewhere.
    pub(super) const fn written_by(&self, k: usize) -> Option<usize> {
        let p = self.by[k];
        if p != k && self.ended[p] == k { Some(p) } else { None }
    }

    /// What is added to the output of node `p`: of the two inputs of a sum the one that `p` does not give.
    pub(super) const fn added(
        &self,
        p: usize,
        steps: &[Step; N],
        inputs: usize,
        slots: &[Slots; N],
    ) -> Place {
        if self.added[p] == NO_NODE {
            return Place::Absent;
        }
        let sum = self.added[p];
        let first = steps[sum].inputs[0];
        let is_first = first >= inputs && self.by[first - inputs] == p;
        slots[sum].x[is_first as usize]
    }
}
