//! `Last`: the last step of a sequence.

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel;
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::steps;
use crate::positional;

/// `x: [T, F]` → `y: [F]`, `y[f] = x[T − 1][f]`: the last step of a sequence. PyTorch's `x[:, -1]` along axis 1.
///
/// Further axes stay as they are: `[T, A, B]` → `[A, B]`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Last;

/// `Last` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl Last {
    /// `Last`.
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

keyword!(Last);

impl Layer for Last {
    type Args = Args;
    const ZERO: Self = Last;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let (x, y) = steps::sizes(node);
        for (x, y) in call.x[0].chunks_exact(x).zip(call.y.chunks_exact_mut(y)) {
            y.copy_from_slice(&x[x.len() - y.len()..]);
        }
    }

    /// `dx += dy`, at the last step.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let ((x, y), [Some(dx), ..]) = (steps::sizes(node), call.dx) else { return };
        for (dx, dy) in dx.chunks_exact_mut(x).zip(call.dy.chunks_exact(y)) {
            kernel::axpy(1.0, dy, &mut dx[x - y..]);
        }
    }
}
