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
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        // Of a sequence that comes in pieces, it is the last step so far.
        steps::infer(self, x).state(0)
    }
}

keyword!(Last);

impl Layer for Last {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let samples = steps::samples(node, call.n, call.lengths);
        for (x, y) in samples.zip(call.y.chunks_exact_mut(node.output.len())) {
            let x = &call.x[0][x];
            y.copy_from_slice(&x[x.len() - y.len()..]);
        }
    }

    /// `dx += dy`, at the last step.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let [Some(dx), ..] = call.dx else { return };
        let samples = steps::samples(node, call.n, call.lengths);
        for (x, dy) in samples.zip(call.dy.chunks_exact(node.output.len())) {
            kernel::axpy(1.0, dy, &mut dx[x.end - dy.len()..x.end]);
        }
    }
}
