//! `AdaptiveAvgPool2d`: means that bring an image to a given size.

use crate::cast::{self, Sizes};
use crate::infer::{Inferred, Inputs, Node};
use crate::kernel;
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::positional;
use crate::shape::Shape;

/// `x: [C, H, W]` → `y: [C, OH, OW]`: row `o` is the mean of the rows `⌊o·H/OH⌋ .. ⌈(o+1)·H/OH⌉`, and columns alike. PyTorch's
/// `nn.AdaptiveAvgPool2d`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct AdaptiveAvgPool2d;

/// `AdaptiveAvgPool2d(output_size)`: one number, or a pair `(down, right)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    output_size: [usize; 2],
}

impl AdaptiveAvgPool2d {
    /// `AdaptiveAvgPool2d`, with its argument to follow.
    pub const fn args() -> Args {
        Args { output_size: [0, 0] }
    }
}

positional!(Args, first = output_size: impl Sizes);

impl Args {
    /// The size of the image that comes out.
    pub const fn output_size<S: Sizes>(mut self, output_size: S) -> Self {
        self.output_size = cast::sizes(output_size);
        self
    }

    /// `[C, H, W]` → `[C, OH, OW]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let [oh, ow] = self.output_size;
        Inferred::new(self, x, Shape::of(&[x.shape(0).dim(0), oh, ow]))
            .one_input()
            .image()
            .required("output_size", Shape::of(&[oh, ow]).len())
            .int8([1, 0], 0)
            .int8_if(
                x.shape(0).dim(1).is_multiple_of(oh) && x.shape(0).dim(2).is_multiple_of(ow),
                "has windows of one size in bytes: the size that comes out must divide the one that comes in",
            )
    }
}

keyword!(AdaptiveAvgPool2d);

impl Layer for AdaptiveAvgPool2d {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let (x, planes) = (node.input, call.n * node.input.dim(0));
        let (size, out) = ([x.dim(1), x.dim(2)], node.args.output_size);
        kernel::adaptive_avg_pool2d(planes, size, out, call.x[0], call.y);
    }

    /// `dx += dy / count`, at every place of the window.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let (x, planes) = (node.input, call.n * node.input.dim(0));
        let (size, out) = ([x.dim(1), x.dim(2)], node.args.output_size);
        if let [Some(dx), ..] = call.dx {
            kernel::adaptive_avg_pool2d_backward(planes, size, out, call.dy, dx);
        }
    }
}
