//! `Mean`: the mean of the steps of a sequence.

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel;
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::steps;
use crate::positional;

/// `x: [T, F]` → `y: [F]`, `y[f] = Σ x[t][f] / T`: the mean of the steps of a sequence. PyTorch's `torch.mean` along axis 1.
///
/// Further axes stay as they are: `[T, A, B]` → `[A, B]`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Mean;

/// `Mean` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl Mean {
    /// `Mean`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// `[T, F]` → `[F]`.
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        steps::infer(self, x)
    }
}

keyword!(Mean);

impl Layer for Mean {
    type Args = Args;
    const ZERO: Self = Mean;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let (x, y) = steps::sizes(node);
        for (x, y) in call.x[0].chunks_exact(x).zip(call.y.chunks_exact_mut(y)) {
            kernel::mean_steps(x, y);
        }
    }

    /// `dx += dy / T`, at every step.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let ((x, y), [Some(dx), ..]) = (steps::sizes(node), call.dx) else { return };
        for (dx, dy) in dx.chunks_exact_mut(x).zip(call.dy.chunks_exact(y)) {
            kernel::mean_steps_backward(dy, dx);
        }
    }
}
