//! `Transpose`: two axes exchanged.

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel::{swap_axes, swap_axes_add};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::axis::Axis;
use crate::layers::runs::{Run, runs};
use crate::positional;

/// `x: […, A, …, B, …]` → `y: […, B, …, A, …]`, `y[…][b][…][a][…] = x[…][a][…][b][…]`. PyTorch's `torch.transpose`, with the batch axis
/// not counted: axis 0 is the first behind it, −1 the last.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Transpose;

/// `Transpose(dim0, dim1)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    dim0: Axis,
    dim1: Axis,
}

impl Transpose {
    /// `Transpose`, with its arguments to follow.
    pub const fn args() -> Args {
        Args { dim0: Axis::NONE, dim1: Axis::NONE }
    }
}

positional!(Args, first = dim0: isize, second = dim1: isize);

impl Args {
    /// The one axis: 0 is the first behind the batch, −1 the last.
    pub const fn dim0(mut self, dim0: isize) -> Self {
        self.dim0 = Axis(dim0);
        self
    }
    /// The other axis.
    pub const fn dim1(mut self, dim1: isize) -> Self {
        self.dim1 = Axis(dim1);
        self
    }

    /// `[…, A, …, B, …]` → `[…, B, …, A, …]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let shape = x.shape(0);
        let (i, j) = (self.dim0.index(shape.rank()), self.dim1.index(shape.rank()));
        let mut output = shape.with(i, shape.dim(j)).with(j, shape.dim(i));
        if let Some(bound) = shape.bound() {
            let axis = match bound.axis {
                axis if axis == i => j,
                axis if axis == j => i,
                axis => axis,
            };
            output = output.as_long_as(axis, bound.length);
        }
        let inferred = Inferred::new(self, x, output).one_input().any_length().state(0);
        self.dim1.exists("dim1", self.dim0.exists("dim0", inferred))
    }
}

/// `[before, A, between, B, behind]` of the inputs of `run`, where `A` is the outer axis. With one axis twice, nothing is exchanged.
fn sizes(node: &Node<Args>, run: &Run) -> [usize; 5] {
    let (x, rank, n) = (run.input, run.input.rank(), run.samples);
    let (i, j) = (node.args.dim0.index(rank), node.args.dim1.index(rank));
    let (i, j) = (i.min(j), i.max(j));
    if i == j {
        return [n, 1, 1, 1, x.len()];
    }
    [n * x.product(0, i), x.dim(i), x.product(i + 1, j), x.dim(j), x.product(j + 1, rank)]
}

/// The sizes of the output, which the gradient comes back from.
fn back([a, i, b, j, c]: [usize; 5]) -> [usize; 5] {
    [a, j, b, i, c]
}

keyword!(Transpose);

impl Layer for Transpose {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        for run in runs(node, call.n, call.lengths) {
            let sizes = sizes(node, &run);
            swap_axes(sizes, &call.x[0][run.x], &mut call.y[run.y]);
        }
    }

    /// `dx += dy`, transposed back.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let [Some(dx), ..] = call.dx else { return };
        for run in runs(node, call.n, call.lengths) {
            let sizes = back(sizes(node, &run));
            swap_axes_add(sizes, &call.dy[run.y], &mut dx[run.x]);
        }
    }
}
