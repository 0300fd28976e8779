//! `MaxPool1d`: the largest number of each window.

use bytemuck::{must_cast_slice, must_cast_slice_mut};

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel;
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::runs::runs;
use crate::layers::windows::Windows;
use crate::positional;

/// `x: [C, L]` → `y: [C, OL]`, `OL = ⌊(L + 2P − D (K − 1) − 1) / S⌋ + 1`: the largest of each window. PyTorch's `nn.MaxPool1d`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct MaxPool1d;

/// `MaxPool1d(kernel_size, stride = kernel_size, padding = 0, dilation = 1, ceil_mode = false)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    windows: Windows<1>,
}

impl MaxPool1d {
    /// `MaxPool1d`, with its arguments to follow.
    pub const fn args() -> Args {
        Args { windows: Windows::NEW }
    }
}

positional!(
    Args,
    first = kernel_size: usize,
    second = stride: usize,
    third = padding: usize,
    fourth = dilation: usize,
);

impl Args {
    /// The size of the window.
    pub const fn kernel_size(mut self, kernel_size: usize) -> Self {
        self.windows.kernel = [kernel_size];
        self
    }
    /// How far the window moves; its own size unless said otherwise.
    pub const fn stride(mut self, stride: usize) -> Self {
        self.windows.stride = Some([stride]);
        self
    }
    /// Places around the line that never are the largest; none unless said otherwise, at most half of the kernel.
    pub const fn padding(mut self, padding: usize) -> Self {
        self.windows.padding = [padding];
        self
    }
    /// Distance of the window's taps; 1 unless said otherwise.
    pub const fn dilation(mut self, dilation: usize) -> Self {
        self.windows.dilation = [dilation];
        self
    }
    /// Whether a window that begins within the line may reach beyond it; no unless said otherwise.
    pub const fn ceil_mode(mut self, ceil_mode: bool) -> Self {
        self.windows.ceil_mode = ceil_mode;
        self
    }

    /// `[C, L]` → `[C, OL]`. Keeps where each maximum was.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let inferred = self.windows.infer(self, x);
        inferred.kept(inferred.node.output.len())
    }
}

keyword!(MaxPool1d);

impl Layer for MaxPool1d {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        for run in runs(node, call.n, call.lengths) {
            let shape = node.args.windows.shape(run.input, run.output);
            let (x, y) = (&call.x[0][run.x], &mut call.y[run.y]);
            kernel::max_pool2d(&shape, run.samples * run.input.dim(0), x, y);
        }
    }

    fn forward_training(&mut self, node: &Node<Args>, call: Forward<'_>) {
        let indices: &mut [u32] = must_cast_slice_mut(call.kept);
        for run in runs(node, call.n, call.lengths) {
            let shape = node.args.windows.shape(run.input, run.output);
            let (indices, planes) = (&mut indices[run.y.clone()], run.samples * run.input.dim(0));
            let (x, y) = (&call.x[0][run.x], &mut call.y[run.y]);
            kernel::max_pool2d_with_indices(&shape, planes, x, y, indices);
        }
    }

    /// `dx += dy` where the maximum was.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let indices: &[u32] = must_cast_slice(call.kept);
        let [Some(dx), ..] = call.dx else { return };
        for run in runs(node, call.n, call.lengths) {
            let shape = node.args.windows.shape(run.input, run.output);
            let (indices, planes) = (&indices[run.y.clone()], run.samples * run.input.dim(0));
            let (dy, dx) = (&call.dy[run.y], &mut dx[run.x]);
            kernel::max_pool2d_with_indices_backward(
                &shape,
                planes,
                indices,
                dy,
                kernel::Writing::Adds,
                dx,
            );
        }
    }
}
