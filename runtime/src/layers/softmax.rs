//! `Softmax`: numbers become probabilities.

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel;
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::shape::Shape;

/// `x: […]` → `y: […]`, `y = eˣ / Σ eˣ` along one axis. PyTorch's `nn.Softmax`, with the batch axis not counted.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Softmax;

/// `Softmax(dim = -1)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    axis: Axis,
}

impl Softmax {
    /// `Softmax`.
    #[allow(clippy::new_ret_no_self)]
    pub const fn new() -> Args {
        Args { axis: Axis::LAST }
    }
}

impl Args {
    /// The axis that sums to one: 0 is the first behind the batch, −1 the last, which it is unless said otherwise.
    pub const fn dim(mut self, dim: isize) -> Self {
        self.axis = Axis(dim);
        self
    }

    /// The output has the shape of the input.
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        self.axis.infer(self, x)
    }
}

keyword!(Softmax);

impl Layer for Softmax {
    type Args = Args;
    const ZERO: Self = Softmax;

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

/// The axis of a softmax, as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis(pub isize);

impl Axis {
    pub const LAST: Axis = Axis(-1);

    /// The output has the shape of the input; backward needs the output alone.
    pub const fn infer<A: Copy>(self, args: A, x: Inputs) -> Inferred<A> {
        let (rank, shape) = (x.shape(0).rank(), x.shape(0));
        let says = x.says().str("has no axis dim = ").signed(self.0);
        Inferred::new(args, x, shape)
            .one_input()
            .check(self.index(rank) < rank, x.but_gives(says, 0))
            .needs_y()
    }

    /// Numbers along the axis, and how far they lie apart.
    pub const fn sizes(self, shape: Shape) -> (usize, usize) {
        let axis = self.index(shape.rank());
        (shape.dim(axis), shape.product(axis + 1, shape.rank()))
    }

    /// Counted from the first axis; the rank, if there is no such axis.
    const fn index(self, rank: usize) -> usize {
        let index = if self.0 < 0 { self.0 + rank as isize } else { self.0 };
        if index < 0 || index as usize >= rank { rank } else { index as usize }
    }
}
