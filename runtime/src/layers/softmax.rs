//! `Softmax`: numbers become probabilities.

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel;
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::axis::Axis;
use crate::positional;

/// `x: […]` → `y: […]`, `y = eˣ / Σ eˣ` along one axis. PyTorch's `nn.Softmax`, with the batch axis not counted.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Softmax;

/// `Softmax(dim = -1)`, and `LogSoftmax(dim = -1)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    pub(super) axis: Axis,
}

impl Softmax {
    /// `Softmax`.
    pub const fn args() -> Args {
        Args { axis: Axis::LAST }
    }
}

positional!(Args, first = dim: isize);

impl Args {
    /// The axis that sums to one: 0 is the first behind the batch, −1 the last, which it is unless said otherwise.
    pub const fn dim(mut self, dim: isize) -> Self {
        self.axis = Axis(dim);
        self
    }

    /// The output has the shape of the input; backward needs the output alone.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let along = self.axis.index(x.shape(0).rank());
        let inferred = Inferred::new(self, x, x.shape(0)).one_input();
        let rank = x.shape(0).rank();
        // Where the channels of images come last.
        let last = along == if rank == 3 { 0 } else { rank - 1 };
        self.axis
            .exists("dim", inferred)
            .needs_y()
            .along(along)
            .int8([1, 0], 0)
            .int8_if(last, "works along the last axis in bytes, or along the channels of images")
    }
}

keyword!(Softmax);

impl Layer for Softmax {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let (c, inner) = node.args.axis.sizes(node.input);
        match inner {
            1 => kernel::softmax(c, call.x[0], call.y),
            _ => kernel::softmax_axis(false, c, inner, call.x[0], call.y),
        }
    }

    /// `dx += y (dy − Σ y dy)`.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let ((c, inner), [Some(dx), ..]) = (node.args.axis.sizes(node.input), call.dx) else {
            return;
        };
        match inner {
            1 => kernel::softmax_backward(c, call.y, call.dy, dx),
            _ => kernel::softmax_axis_backward(false, c, inner, call.y, call.dy, dx),
        }
    }
}
