//! `LogSoftmax`: logarithms of probabilities.

use crate::infer::Node;
use crate::kernel;
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::softmax::{Args, Softmax};

/// `x: […]` → `y: […]`, `y = x − ln Σ eˣ` along one axis. PyTorch's `nn.LogSoftmax`, with the batch axis not counted.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct LogSoftmax;

impl LogSoftmax {
    /// `LogSoftmax`, with the arguments of [`Softmax`](super::Softmax): `LogSoftmax(dim = -1)`.
    pub const fn args() -> Args {
        Softmax::args()
    }
}

keyword!(LogSoftmax);

impl Layer for LogSoftmax {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let (c, inner) = node.args.axis.sizes(node.input);
        match inner {
            1 => kernel::log_softmax(c, call.x[0], call.y),
            _ => kernel::softmax_axis(true, c, inner, call.x[0], call.y),
        }
    }

    /// `dx += dy − eʸ Σ dy`.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let ((c, inner), [Some(dx), ..]) = (node.args.axis.sizes(node.input), call.dx) else {
            return;
        };
        match inner {
            1 => kernel::log_softmax_backward(c, call.y, call.dy, dx),
            _ => kernel::softmax_axis_backward(true, c, inner, call.y, call.dy, dx),
        }
    }
}
