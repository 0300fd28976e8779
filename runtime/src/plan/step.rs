//! What the plan has to know of a node.

use super::NO_LENGTH;
use crate::infer::{Endings, EndsIn, Inferred, MAX_INPUTS};
use crate::length::Length;

/// One node of a network, as the plan sees it.
#[derive(Clone, Copy)]
pub struct Step {
    pub(crate) inputs: [usize; MAX_INPUTS],
    pub(crate) lens: [usize; MAX_INPUTS],
    pub(super) lengths: [Length; MAX_INPUTS],
    pub(crate) count: usize,
    pub(super) len: usize,
    pub(super) length: Length,
    pub(super) scratch: [usize; 3],
    pub(super) state: usize,
    pub(super) kept: usize,
    pub(super) kept_batch: usize,
    pub(super) parameters: bool,
    pub(super) needs_x: bool,
    pub(super) needs_y: bool,
    pub(super) in_place: bool,
    pub(super) view: bool,
    pub(super) identity_in_use: bool,
    pub(super) streams: bool,
    pub(super) ending: Endings,
    pub(super) ends: EndsIn,
    pub(super) rectifies: bool,
}

impl Step {
    /// The node that `inferred` describes, fed by the values `inputs`: first the inputs of the network, then the nodes in order.
    pub const fn of<A: Copy>(inferred: &Inferred<A>, inputs: &[usize]) -> Self {
        let (mut ids, mut lens, mut i) = ([0; MAX_INPUTS], [0; MAX_INPUTS], 0);
        let mut lengths = [NO_LENGTH; MAX_INPUTS];
        while i < inputs.len() && i < MAX_INPUTS {
            let shape = inferred.inputs.shape(i);
            (ids[i], lens[i], lengths[i]) = (inputs[i], shape.len(), shape.length());
            i += 1;
        }
        Step {
            inputs: ids,
            lens,
            lengths,
            count: i,
            len: inferred.node.output.len(),
            length: inferred.node.output.length(),
            scratch: inferred.scratch,
            state: inferred.carries(),
            kept: inferred.kept,
            kept_batch: inferred.kept_batch,
            parameters: inferred.parameters > 0,
            needs_x: inferred.needs_x,
            needs_y: inferred.needs_y,
            in_place: inferred.in_place,
            view: inferred.view,
            identity_in_use: inferred.identity_in_use,
            streams: inferred.streams(),
            ending: inferred.ending,
            ends: inferred.ends,
            rectifies: inferred.rectifies,
        }
    }

    /// The node in bytes, with `scratch` bytes for each call; where it carries something from step to step, that are `state` bytes.
    pub(crate) const fn in_bytes(mut self, scratch: usize, state: usize) -> Self {
        (self.view, self.identity_in_use) = (false, false);
        self.scratch = [scratch, 0, 0];
        if self.state > 0 {
            self.state = state;
        }
        self.ending = Endings::NONE;
        // Terms in bytes have scales of their own.
        self.in_place &= self.count == 1;
        self
    }

    /// Whether backward lets through what belongs to a positive output, and nothing else.
    pub(super) const fn is_relu(&self) -> bool {
        match self.ending.bounds {
            Some([low, high]) => self.needs_y && low == 0.0 && high == f32::INFINITY,
            None => false,
        }
    }

    /// The node, with an output that is its input by another name.
    pub(crate) const fn view(mut self) -> Self {
        self.view = true;
        self
    }

    /// The node, with nothing that comes in or goes out.
    pub(crate) const fn absent(mut self) -> Self {
        (self.count, self.len) = (0, 0);
        self
    }

    /// The node, with what `other` reads as its first input.
    pub(crate) const fn reads(mut self, other: &Self) -> Self {
        (self.inputs[0], self.lens[0]) = (other.inputs[0], other.lens[0]);
        self
    }
}

/// Whether a step of any value depends on no later step of another.
pub const fn streams(steps: &[Step]) -> bool {
    let mut k = 0;
    while k < steps.len() {
        if !steps[k].streams {
            return false;
        }
        k += 1;
    }
    true
}
