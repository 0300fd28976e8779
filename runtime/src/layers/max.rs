//! `Max`: the largest of the steps of a sequence.

use bytemuck::{must_cast_slice, must_cast_slice_mut};

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel;
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::steps;
use crate::positional;

/// `x: [T, F]` → `y: [F]`, `y[f] = max x[t][f]`: the largest of the steps of a sequence. PyTorch's `torch.max` along axis 1.
///
/// Further axes stay as they are: `[T, A, B]` → `[A, B]`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Max;

/// `Max` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl Max {
    /// `Max`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// `[T, F]` → `[F]`. Keeps where each maximum was.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let inferred = steps::infer(self, x).state(x.shape(0).product(1, 4) + 1);
        inferred.kept(inferred.node.output.len())
    }
}

keyword!(Max);

impl Layer for Max {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        if let Some((begun, most)) = call.state.split_first_mut() {
            kernel::max_so_far(call.x[0], (*begun > 0.0).then_some(&*most), call.y);
            most.copy_from_slice(call.y);
            *begun = 1.0;
            return;
        }
        let samples = steps::samples(node, call.n, call.lengths);
        for (x, y) in samples.zip(call.y.chunks_exact_mut(node.output.len())) {
            let x = &call.x[0][x];
            kernel::max_steps(x, y, &mut []);
        }
    }

    fn forward_training(&mut self, node: &Node<Args>, call: Forward<'_>) {
        let samples = steps::samples(node, call.n, call.lengths);
        let found: &mut [u32] = must_cast_slice_mut(call.kept);
        let width = node.output.len();
        let samples = samples.zip(call.y.chunks_exact_mut(width));
        for ((x, y), found) in samples.zip(found.chunks_exact_mut(width)) {
            kernel::max_steps(&call.x[0][x], y, found);
        }
    }

    /// `dx += dy`, at the step of the maximum: of equals the first.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let [Some(dx), ..] = call.dx else { return };
        let samples = steps::samples(node, call.n, call.lengths);
        let found: &[u32] = must_cast_slice(call.kept);
        let width = node.output.len();
        let samples = samples.zip(call.dy.chunks_exact(width));
        for ((x, dy), found) in samples.zip(found.chunks_exact(width)) {
            kernel::max_steps_backward(dy, found, &mut dx[x]);
        }
    }
}
