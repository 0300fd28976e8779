//! `ReflectionPad2d`: an image that goes on around itself as in a mirror.

use crate::cast::{self, Sides};
use crate::infer::{Inferred, Inputs, Node};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::padding;
use crate::positional;

/// `x: [C, H, W]` → `y: [C, H + top + bottom, W + left + right]`: the image, and around it the same as in a mirror that stands on its
/// outermost rows and columns. PyTorch's `nn.ReflectionPad2d`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct ReflectionPad2d;

/// `ReflectionPad2d(padding)`: one number, or four, `(left, right, top, bottom)`; each less than the image is wide or high.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    padding: Option<[usize; 4]>,
}

impl ReflectionPad2d {
    /// `ReflectionPad2d`, with its argument to follow.
    pub const fn args() -> Args {
        Args { padding: None }
    }
}

positional!(Args, first = padding: impl Sides);

impl Args {
    /// Numbers that are reflected on every side; or to the left, to the right, above and below.
    pub const fn padding<S: Sides>(mut self, padding: S) -> Self {
        self.padding = Some(cast::sides(padding));
        self
    }

    /// `[C, H, W]` → `[C, H + top + bottom, W + left + right]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (input, [left, right, top, bottom]) = (x.shape(0), padding::of(self.padding));
        let fits = top < input.dim(1) && bottom < input.dim(1);
        let fits = fits && left < input.dim(2) && right < input.dim(2);
        let long = x.says().str("reflects more than there is on a side");
        let long = x.but_gives(long, 0).str("; a padding must be less than the image's size");
        padding::infer(self, self.padding, x).check(fits, long)
    }
}

keyword!(ReflectionPad2d);

impl Layer for ReflectionPad2d {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        padding::forward(node, node.args.padding, true, call);
    }

    /// `dx += dy`, where each number was seen.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        padding::backward(node, node.args.padding, true, call);
    }
}
