//! `AvgPool1d`: the mean of each window.

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel::{self, Divisor};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::runs::runs;
use crate::layers::windows::Windows;
use crate::positional;

/// `x: [C, L]` → `y: [C, OL]`, `OL = ⌊(L + 2P − K) / S⌋ + 1`: the mean of each window. PyTorch's `nn.AvgPool1d`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct AvgPool1d;

/// `AvgPool1d(kernel_size, stride = kernel_size, padding = 0, ceil_mode = false, count_include_pad = true)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    windows: Windows<1>,
    count_include_pad: bool,
}

impl AvgPool1d {
    /// `AvgPool1d`, with its arguments to follow.
    pub const fn args() -> Args {
        Args { windows: Windows::NEW, count_include_pad: true }
    }
}

positional!(
    Args,
    first = kernel_size: usize,
    second = stride: usize,
    third = padding: usize,
    fourth = ceil_mode: bool,
    fifth = count_include_pad: bool,
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
    /// Zeros around the line; none unless said otherwise, at most half of the kernel.
    pub const fn padding(mut self, padding: usize) -> Self {
        self.windows.padding = [padding];
        self
    }
    /// Whether a window that begins within the line may reach beyond it; no unless said otherwise.
    pub const fn ceil_mode(mut self, ceil_mode: bool) -> Self {
        self.windows.ceil_mode = ceil_mode;
        self
    }
    /// Whether the mean is taken over the padding too; yes unless said otherwise.
    pub const fn count_include_pad(mut self, count_include_pad: bool) -> Self {
        self.count_include_pad = count_include_pad;
        self
    }
    /// `[C, L]` → `[C, OL]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        self.windows.infer(self, x)
    }

    const fn divisor(&self) -> Divisor {
        if self.count_include_pad { Divisor::Padded } else { Divisor::Within }
    }
}

keyword!(AvgPool1d);

impl Layer for AvgPool1d {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        for run in runs(node, call.n, call.lengths) {
            let shape = node.args.windows.shape(run.input, run.output);
            let (x, y) = (&call.x[0][run.x], &mut call.y[run.y]);
            kernel::avg_pool2d(&shape, run.samples * run.input.dim(0), node.args.divisor(), x, y);
        }
    }

    /// `dx += dy / count`, at every place of the window.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let ([Some(dx), ..], divisor) = (call.dx, node.args.divisor()) else { return };
        for run in runs(node, call.n, call.lengths) {
            let shape = node.args.windows.shape(run.input, run.output);
            let (planes, dy) = (run.samples * run.input.dim(0), &call.dy[run.y]);
            kernel::avg_pool2d_backward(&shape, planes, divisor, dy, &mut dx[run.x]);
        }
    }
}
