//! `Slice`: a stretch of an axis.

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel::{add_rows, copy_rows};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::axis::Axis;
use crate::positional;

/// `x: […, D, …]` → `y: […, end − start, …]`: the places `start .. end` of an axis. PyTorch's `x[start:end]`, with the batch axis not
/// counted.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Slice;

/// `Slice(start = 0, end, dim = 0)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    start: usize,
    end: usize,
    axis: Axis,
}

impl Slice {
    /// `Slice`, with its arguments to follow.
    pub const fn args() -> Args {
        Args { start: 0, end: 0, axis: Axis::FIRST }
    }
}

positional!(Args, first = start: usize, second = end: usize, third = dim: isize);

impl Args {
    /// The first place that is taken; 0 unless said otherwise.
    pub const fn start(mut self, start: usize) -> Self {
        self.start = start;
        self
    }
    /// The first place behind it that is not.
    pub const fn end(mut self, end: usize) -> Self {
        self.end = end;
        self
    }
    /// The axis that is cut: 0 is the first behind the batch, which it is unless said otherwise, −1 the last.
    pub const fn dim(mut self, dim: isize) -> Self {
        self.axis = Axis(dim);
        self
    }

    /// `[…, D, …]` → `[…, end − start, …]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (input, Args { start, end, axis }) = (x.shape(0), self);
        let axis_at = axis.index(input.rank());
        let (size, some) = (input.dim(axis_at), start < end);
        let says = x.says().str("is given start = ").num(start).str(" and end = ").num(end);
        let none = says.str("; the end must be behind the start");
        let beyond = x.but_gives(says, 0).str(": axis ").num(axis_at).str(" ends at ").num(size);
        let output = input.with(axis_at, if some { end - start } else { 1 });
        axis.exists("dim", Inferred::new(self, x, output).one_input())
            .required("end", end)
            .argument(some, none)
            .check(end <= size, beyond)
            .along(axis_at)
    }
}

/// Of each stretch of the input that holds all places of the axis: its length, and where in it the output begins and ends.
const fn part(node: &Node<Args>) -> (usize, usize, usize) {
    let (size, apart) = node.args.axis.sizes(node.input);
    (size * apart, node.args.start * apart, node.args.end * apart)
}

keyword!(Slice);

impl Layer for Slice {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let (whole, from, to) = part(node);
        let (x, run) = (call.x[0], to - from);
        if let Some(x) = x.get(from..) {
            copy_rows(call.y.len() / run, run, x, whole, call.y, run);
        }
    }

    /// `dx += dy`, where it was taken from.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let ((whole, from, to), [Some(dx), ..]) = (part(node), call.dx) else { return };
        if let Some(dx) = dx.get_mut(from..) {
            add_rows(call.dy.len() / (to - from), to - from, call.dy, to - from, dx, whole);
        }
    }
}
