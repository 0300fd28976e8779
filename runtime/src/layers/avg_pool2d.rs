//! `AvgPool2d`: the mean of each window.

use crate::cast::{self, Sizes};
use crate::infer::{Inferred, Inputs, Node};
use crate::kernel::{self, Divisor};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::windows::Windows;
use crate::positional;

/// `x: [C, H, W]` → `y: [C, OH, OW]`, `OH = ⌊(H + 2P − K) / S⌋ + 1`: the mean of each window. PyTorch's `nn.AvgPool2d`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct AvgPool2d;

/// `AvgPool2d(kernel_size, stride = kernel_size, padding = 0, ceil_mode = false, count_include_pad = true, divisor_override)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    pub(super) windows: Windows<2>,
    count_include_pad: bool,
    divisor_override: Option<usize>,
}

impl AvgPool2d {
    /// `AvgPool2d`, with its arguments to follow.
    pub const fn args() -> Args {
        Args { windows: Windows::NEW, count_include_pad: true, divisor_override: None }
    }
}

positional!(
    Args,
    first = kernel_size: impl Sizes,
    second = stride: impl Sizes,
    third = padding: impl Sizes,
    fourth = ceil_mode: bool,
    fifth = count_include_pad: bool,
    sixth = divisor_override: usize,
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
    /// Zeros around the image; none unless said otherwise, at most half of the kernel.
    pub const fn padding<S: Sizes>(mut self, padding: S) -> Self {
        self.windows.padding = cast::sizes(padding);
        self
    }
    /// Whether a window that begins within the image may reach beyond it; no unless said otherwise.
    pub const fn ceil_mode(mut self, ceil_mode: bool) -> Self {
        self.windows.ceil_mode = ceil_mode;
        self
    }
    /// Whether the mean is taken over the padding too; yes unless said otherwise.
    pub const fn count_include_pad(mut self, count_include_pad: bool) -> Self {
        self.count_include_pad = count_include_pad;
        self
    }
    /// What the sum of a window is divided by, whatever the window holds.
    pub const fn divisor_override(mut self, divisor: usize) -> Self {
        self.divisor_override = Some(divisor);
        self
    }

    /// `[C, H, W]` → `[C, OH, OW]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let divisor = match self.divisor_override {
            Some(divisor) => divisor,
            None => 1,
        };
        let [down, right] = self.windows.padding;
        let within = !self.count_include_pad || down == 0 && right == 0 && !self.windows.ceil_mode;
        self.windows
            .infer(self, x)
            .not_zero("divisor_override", divisor)
            .int8([1, 0], 0)
            .int8_if(
                within,
                "takes the mean over the image alone in bytes: write count_include_pad = false",
            )
            .int8_if(self.divisor_override.is_none(), "has no divisor_override in bytes")
    }

    const fn divisor(&self) -> Divisor {
        match (self.divisor_override, self.count_include_pad) {
            (Some(divisor), _) => Divisor::Always(divisor),
            (None, true) => Divisor::Padded,
            (None, false) => Divisor::Within,
        }
    }
}

keyword!(AvgPool2d);

impl Layer for AvgPool2d {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let shape = node.args.windows.shape(node.input, node.output);
        let planes = call.n * node.input.dim(0);
        kernel::avg_pool2d(&shape, planes, node.args.divisor(), call.x[0], call.y);
    }

    /// `dx += dy / count`, at every place of the window.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let shape = node.args.windows.shape(node.input, node.output);
        if let [Some(dx), ..] = call.dx {
            let planes = call.n * node.input.dim(0);
            kernel::avg_pool2d_backward(&shape, planes, node.args.divisor(), call.dy, dx);
        }
    }
}
