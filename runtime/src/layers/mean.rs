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
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        steps::infer(self, x).state(x.shape(0).product(1, 4) + 1)
    }
}

keyword!(Mean);

impl Layer for Mean {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        if let Some((count, sums)) = call.state.split_first_mut() {
            let mut steps = count.to_bits();
            kernel::mean_so_far(call.x[0], sums, &mut steps, call.y);
            *count = f32::from_bits(steps);
            return;
        }
        let samples = steps::samples(node, call.n, call.lengths);
        for (x, y) in samples.zip(call.y.chunks_exact_mut(node.output.len())) {
            let x = &call.x[0][x];
            kernel::mean_steps(x, y);
        }
    }

    /// `dx += dy / T`, at every step.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let [Some(dx), ..] = call.dx else { return };
        let samples = steps::samples(node, call.n, call.lengths);
        for (x, dy) in samples.zip(call.dy.chunks_exact(node.output.len())) {
            kernel::mean_steps_backward(dy, &mut dx[x]);
        }
    }
}
