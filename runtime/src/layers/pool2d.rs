//! The windows of two-dimensional pooling: their arguments and their shape rule.

use crate::infer::{Inferred, Inputs};
use crate::kernel::Pool2d;
use crate::shape::{Shape, window};

/// Windows moved over an image: `kernel_size`, `stride`, `padding`, `dilation`, `ceil_mode`, as PyTorch has them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows {
    pub kernel: [usize; 2],
    /// How far the window moves; as far as it is large, unless said otherwise.
    pub stride: Option<[usize; 2]>,
    pub padding: [usize; 2],
    pub dilation: [usize; 2],
    pub ceil_mode: bool,
}

impl Windows {
    /// Windows whose size is not yet known, one beside the other.
    pub const NEW: Self = Windows {
        kernel: [0, 0],
        stride: None,
        padding: [0, 0],
        dilation: [1, 1],
        ceil_mode: false,
    };

    const fn stride(&self) -> [usize; 2] {
        match self.stride {
            Some(stride) => stride,
            None => self.kernel,
        }
    }

    /// `[C, H, W]` → `[C, OH, OW]`.
    pub const fn infer<A: Copy>(&self, args: A, x: Inputs) -> Inferred<A> {
        let (input, says) = (x.shape(0), x.says());
        let [oh, ow] = [self.extent(0, input.dim(1)), self.extent(1, input.dim(2))];
        let fits = oh.is_some() && ow.is_some();
        let (oh, ow) = (or(oh, input.dim(1)), or(ow, input.dim(2)));
        let covers = says.str("has a window that covers ").num(self.covers(0)).str(" × ");
        let covers = x.but_gives(covers.num(self.covers(1)), 0);
        let blind = says.str("has windows that see nothing but padding");
        let sees = !fits || self.sees(0, input.dim(1), oh) && self.sees(1, input.dim(2), ow);
        let half = 2 * self.padding[0] <= self.kernel[0] && 2 * self.padding[1] <= self.kernel[1];
        let padded = says.str("has a padding of ").shape(&Shape::of(&self.padding));
        Inferred::new(args, x, Shape::of(&[input.dim(0), oh, ow]))
            .one_input()
            .image()
            .required("kernel_size", self.kernel[0] * self.kernel[1])
            .not_zero("stride", self.stride()[0] * self.stride()[1])
            .not_zero("dilation", self.dilation[0] * self.dilation[1])
            .argument(
                half,
                padded
                    .str("; it may be at most half of the window, ")
                    .shape(&Shape::of(&self.kernel)),
            )
            .check(sees, x.but_gives(blind, 0).str("; take less padding or dilation"))
            .check(fits, covers.str("; take a smaller window or dilation, or add padding"))
    }

    /// Numbers of an axis from the first tap of the window to the last.
    const fn covers(&self, axis: usize) -> usize {
        self.dilation[axis] * self.kernel[axis].saturating_sub(1) + 1
    }

    /// What the kernel needs to know.
    pub const fn shape(&self, x: Shape, y: Shape) -> Pool2d {
        Pool2d {
            height: x.dim(1),
            width: x.dim(2),
            out_height: y.dim(1),
            out_width: y.dim(2),
            kernel: self.kernel,
            stride: self.stride(),
            padding: self.padding,
            dilation: self.dilation,
        }
    }

    /// Positions of the window on an axis of `size`. With `ceil_mode` the last may reach beyond the end, but begins before it.
    const fn extent(&self, axis: usize, size: usize) -> Option<usize> {
        let (kernel, stride, padding) =
            (self.kernel[axis], self.stride()[axis], self.padding[axis]);
        let dilation = self.dilation[axis];
        let whole = window(size, kernel, stride, padding, dilation);
        if !self.ceil_mode || kernel == 0 || stride == 0 {
            return whole;
        }
        // As many as there would be with `stride − 1` more numbers at the end, the last of them only if it begins before.
        let count = window(size + stride - 1, kernel, stride, padding, dilation);
        match count {
            Some(count) if count > 1 && (count - 1) * stride >= size + padding => Some(count - 1),
            count => count,
        }
    }

    /// Whether every window along an axis of `size` sees a number: with dilation, its taps may all lie in the padding.
    const fn sees(&self, axis: usize, size: usize, positions: usize) -> bool {
        let (padding, dilation) = (self.padding[axis], self.dilation[axis]);
        let mut position = 0;
        while position < positions {
            let (mut at, mut tap) = (position * self.stride()[axis], 0);
            while tap < self.kernel[axis] && at < padding {
                (at, tap) = (at + dilation, tap + 1);
            }
            if tap == self.kernel[axis] || at >= size + padding {
                return false;
            }
            position += 1;
        }
        true
    }
}

const fn or(found: Option<usize>, otherwise: usize) -> usize {
    match found {
        Some(found) => found,
        None => otherwise,
    }
}
