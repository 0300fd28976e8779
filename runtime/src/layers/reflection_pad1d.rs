//! `ReflectionPad1d`: a line that goes on beyond its ends as in a mirror.

use crate::cast::{self, BothEnds};
use crate::infer::{Inferred, Inputs, Node};
use crate::kernel::{self, Pad2d};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::positional;
use crate::shape::Shape;

/// `x: [C, L]` → `y: [C, front + L + behind]`: the line of each channel, and beyond its ends the same as in a mirror that stands on its first
/// and on its last number. PyTorch's `nn.ReflectionPad1d`.
///
/// [`Conv1d`](super::Conv1d) has this by itself, as `padding_mode = "reflect"`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct ReflectionPad1d;

/// `ReflectionPad1d(padding)`: one number, or two, `(front, behind)`; each less than the line is long.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    padding: Option<[usize; 2]>,
}

impl ReflectionPad1d {
    /// `ReflectionPad1d`, with its argument to follow.
    pub const fn args() -> Args {
        Args { padding: None }
    }
}

positional!(Args, first = padding: impl BothEnds);

impl Args {
    /// Numbers that are reflected at both ends; or in front and behind.
    pub const fn padding<E: BothEnds>(mut self, padding: E) -> Self {
        self.padding = Some(cast::both_ends(padding));
        self
    }

    /// `[C, L]` → `[C, front + L + behind]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (input, [front, behind]) = (x.shape(0), self.ends());
        let length = input.dim(1);
        let needs = x.says().str("needs the argument padding: one number, or two");
        let long = x.says().str("reflects more than there is at an end");
        let long = x.but_gives(long, 0).str("; a padding must be less than the line's length");
        Inferred::new(self, x, Shape::of(&[input.dim(0), front + length + behind]))
            .one_input()
            .rank(2, "a line is [channels, length], and `Reshape([…])` makes one")
            .argument(self.padding.is_some(), needs)
            .check(front < length && behind < length, long)
    }

    const fn ends(&self) -> [usize; 2] {
        match self.padding {
            Some(ends) => ends,
            None => [0; 2],
        }
    }
}

/// A line as the kernel has it: a plane of one row.
fn plane(node: &Node<Args>) -> Pad2d {
    let [front, behind] = node.args.ends();
    Pad2d { height: 1, width: node.input.dim(1), sides: [front, behind, 0, 0], reflect: true }
}

keyword!(ReflectionPad1d);

impl Layer for ReflectionPad1d {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        kernel::pad2d(&plane(node), call.n * node.input.dim(0), call.x[0], call.y);
    }

    /// `dx += dy`, where each number was seen.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        if let [Some(dx), ..] = call.dx {
            kernel::pad2d_backward(&plane(node), call.n * node.input.dim(0), call.dy, dx);
        }
    }
}
