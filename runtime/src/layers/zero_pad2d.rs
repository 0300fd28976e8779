//! `ZeroPad2d`: zeros around an image.

use crate::cast::{self, Sides};
use crate::infer::{Inferred, Inputs, Node};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::padding;
use crate::positional;

/// `x: [C, H, W]` → `y: [C, H + top + bottom, W + left + right]`: the image, and zeros around it. PyTorch's `nn.ZeroPad2d`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct ZeroPad2d;

/// `ZeroPad2d(padding)`: one number, or four, `(left, right, top, bottom)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    padding: Option<[usize; 4]>,
}

impl ZeroPad2d {
    /// `ZeroPad2d`, with its argument to follow.
    pub const fn args() -> Args {
        Args { padding: None }
    }
}

positional!(Args, first = padding: impl Sides);

impl Args {
    /// Zeros on every side; or to the left, to the right, above and below.
    pub const fn padding<S: Sides>(mut self, padding: S) -> Self {
        self.padding = Some(cast::sides(padding));
        self
    }

    /// `[C, H, W]` → `[C, H + top + bottom, W + left + right]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let inferred = padding::infer(self, self.padding, x);
        match self.padding {
            Some(padding) => inferred.int8_pad(padding),
            None => inferred,
        }
    }
}

keyword!(ZeroPad2d);

impl Layer for ZeroPad2d {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        padding::forward(node, node.args.padding, false, call);
    }

    /// `dx += dy`, without its edges.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        padding::backward(node, node.args.padding, false, call);
    }
}
