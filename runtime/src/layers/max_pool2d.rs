//! `MaxPool2d`: the largest number of each window.

use crate::cast::{self, Sizes};
use bytemuck::{must_cast_slice, must_cast_slice_mut};

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel;
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::windows::Windows;
use crate::positional;

/// `x: [C, H, W]` → `y: [C, OH, OW]`, `OH = ⌊(H + 2P − D (K − 1) − 1) / S⌋ + 1`: the largest of each window. PyTorch's `nn.MaxPool2d`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct MaxPool2d;

/// `MaxPool2d(kernel_size, stride = kernel_size, padding = 0, dilation = 1, ceil_mode = false)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    pub(super) windows: Windows<2>,
}

impl MaxPool2d {
    /// `MaxPool2d`, with its arguments to follow.
    pub const fn args() -> Args {
        Args { windows: Windows::NEW }
    }
}

positional!(
    Args,
    first = kernel_size: impl Sizes,
    second = stride: impl Sizes,
    third = padding: impl Sizes,
    fourth = dilation: impl Sizes,
);

impl Args {
    /// The size of the window.
    pub const fn kernel_size<K: Sizes>(mut self, kernel_size: K) -> Self {
        self.windows.kernel = cast::sizes(kernel_size);
        self
    }
    /// How far the window moves; its own size unless said otherwise.
    pub const fn stride<S: Sizes>(mut self, stride: S) -> Self {
        self.windows.stride = Some(cast::sizes(stride));
        self
    }
    /// Places around the image that never are the largest; none unless said otherwise, at most half of the kernel.
    pub const fn padding<S: Sizes>(mut self, padding: S) -> Self {
        self.windows.padding = cast::sizes(padding);
        self
    }
    /// Distance of the window's taps; 1 unless said otherwise.
    pub const fn dilation<S: Sizes>(mut self, dilation: S) -> Self {
        self.windows.dilation = cast::sizes(dilation);
        self
    }
    /// Whether a window that begins within the image may reach beyond it; no unless said otherwise.
    pub const fn ceil_mode(mut self, ceil_mode: bool) -> Self {
        self.windows.ceil_mode = ceil_mode;
        self
    }

    /// `[C, H, W]` → `[C, OH, OW]`. Keeps where each maximum was.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let inferred = self.windows.infer(self, x);
        let inferred = inferred.kept(inferred.node.output.len()).int8([1, 0], 0).rectifies();
        if self.windows.are_squares_of_two() { inferred.pools() } else { inferred }
    }
}

keyword!(MaxPool2d);

impl Layer for MaxPool2d {
    type Args = Args;
    const WRITES_DX: bool = true;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let shape = node.args.windows.shape(node.input, node.output);
        kernel::max_pool2d(&shape, call.n * node.input.dim(0), call.x[0], call.y);
    }

    fn forward_training(&mut self, node: &Node<Args>, call: Forward<'_>) {
        let shape = node.args.windows.shape(node.input, node.output);
        let indices: &mut [u32] = must_cast_slice_mut(call.kept);
        let planes = call.n * node.input.dim(0);
        kernel::max_pool2d_with_indices(&shape, planes, call.x[0], call.y, indices);
    }

    /// `dx += dy` where the maximum was.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let shape = node.args.windows.shape(node.input, node.output);
        let indices: &[u32] = must_cast_slice(call.kept);
        if let [Some(dx), ..] = call.dx {
            let planes = call.n * node.input.dim(0);
            let (dy, writing) = (call.dy, call.writing);
            kernel::max_pool2d_with_indices_backward(&shape, planes, indices, dy, writing, dx);
        }
    }
}
