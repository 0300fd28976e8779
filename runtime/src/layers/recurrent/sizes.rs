//! What a stack of recurrent layers keeps and needs, number by number, for one sample.

use super::Stack;
use crate::kernel::block;
use crate::shape::Shape;

/// Sizes of everything, for one sample of as many steps as there may be.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    /// The gates of every step, of one layer in one direction.
    pub(super) gates: usize,
    /// The gates that are needed at once where they are not kept.
    pub(super) block: usize,
    /// `h` of one layer in one direction.
    pub(super) hidden: usize,
    /// `c` of one layer in one direction, or 0.
    pub(super) c: usize,
    /// `h` of every step in one direction.
    pub(super) steps: usize,
    /// `c` of every step in one direction, or 0.
    pub(super) cs: usize,
    /// What one layer gives for every step.
    pub(super) output: usize,
    /// Layers, each direction counted.
    pub(super) all: usize,
    /// Layers that others stand on.
    pub(super) inner: usize,
    /// Whether backward needs the gates.
    pub(super) keeps_gates: bool,
    /// Layers whose output is kept because it does not come out.
    pub(super) kept_outputs: usize,
    /// Layers behind which numbers are dropped.
    pub(super) dropped: usize,
}

impl Sizes {
    /// Of `stack` for inputs of `shape`.
    pub(super) const fn of(stack: &Stack, shape: &Shape) -> Self {
        let (h, inner) = (stack.hidden_size, stack.layers() - 1);
        let steps = if stack.one_step { 1 } else { shape.dim(0) };
        let (width, c) = (stack.cell.width(), if stack.cell.has_c() { h } else { 0 });
        Sizes {
            gates: steps * width * h,
            block: block(steps) * width * h,
            hidden: h,
            c,
            steps: steps * h,
            cs: steps * c,
            output: steps * stack.directions() * h,
            all: stack.all(),
            inner,
            keeps_gates: width > 1,
            kept_outputs: inner + if stack.last { 1 } else { 0 },
            dropped: if stack.dropout > 0.0 { inner } else { 0 },
        }
    }

    /// What training keeps: gates and `c` of every layer, the outputs that do not come out, what was dropped and what came of it.
    pub(super) const fn kept(&self) -> usize {
        self.kept_gates()
            + self.all * self.cs
            + (self.kept_outputs + 2 * self.dropped) * self.output
    }

    pub(super) const fn kept_gates(&self) -> usize {
        if self.keeps_gates { self.all * self.gates } else { 0 }
    }

    /// Needed in use, forward in training, and backward.
    pub(super) const fn scratches(&self) -> [usize; 3] {
        let state = self.hidden + self.c;
        let used = self.block + state + self.inner * self.output;
        let (training, gates) =
            if self.keeps_gates { (state, 0) } else { (state + self.block, self.gates) };
        [used, training, gates + self.steps + state + self.inner * self.output]
    }
}

/// Memory of a batch of `n`, handed out piece by piece.
pub(super) struct Room<'a> {
    pub(super) memory: &'a mut [f32],
    pub(super) n: usize,
}

impl<'a> Room<'a> {
    /// `numbers` for each sample.
    pub(super) fn take(&mut self, numbers: usize) -> &'a mut [f32] {
        let (piece, rest) = core::mem::take(&mut self.memory).split_at_mut(self.n * numbers);
        self.memory = rest;
        piece
    }
}
