//! Two-dimensional pooling as PyTorch's `max_pool2d`, `avg_pool2d` and `adaptive_avg_pool2d`, and their gradients.
//!
//! A plane is one channel of one sample; a batch `[N, C, H, W]` is `N · C` planes.

mod adaptive;
mod average;
mod max;
mod pairs;

pub use adaptive::{adaptive_avg_pool2d, adaptive_avg_pool2d_backward};
pub use average::{Divisor, avg_pool2d, avg_pool2d_backward};
pub use max::{
    max_pool2d, max_pool2d_backward, max_pool2d_with_indices, max_pool2d_with_indices_backward,
};

use core::ops::Range;

/// The sizes of a pooling of one plane: `x: [H, W]` → `y: [OH, OW]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool2d {
    /// `H`.
    pub height: usize,
    /// `W`.
    pub width: usize,
    /// `OH`; the caller works it out (with `ceil_mode`, it may be one more), here it is believed.
    pub out_height: usize,
    /// `OW`.
    pub out_width: usize,
    /// `[KH, KW]`.
    pub kernel: [usize; 2],
    /// Steps between windows, down and right.
    pub stride: [usize; 2],
    /// Rows above and below, columns left and right, that are not there.
    pub padding: [usize; 2],
    /// Distance of taps, down and right; averages take 1.
    pub dilation: [usize; 2],
}

impl Pool2d {
    fn check(&self, planes: usize, x: usize, y: usize) {
        assert!(x == planes * self.height * self.width, "pooling: the input has another length");
        assert!(
            y == planes * self.out_height * self.out_width,
            "pooling: the output has another length"
        );
    }

    /// Whether every window without padding lies within the plane.
    fn fits(&self) -> bool {
        let end = |axis: usize, out: usize| {
            (out - 1) * self.stride[axis] + self.dilation[axis] * (self.kernel[axis] - 1) + 1
        };
        let empty = self.out_height * self.out_width == 0;
        empty || end(0, self.out_height) <= self.height && end(1, self.out_width) <= self.width
    }

    /// Where in the plane the taps of window `o` along `axis` lie, the padding left out.
    fn taps(&self, axis: usize, o: usize) -> impl Iterator<Item = usize> + Clone {
        let size = [self.height, self.width][axis];
        let (start, padding) = (o * self.stride[axis], self.padding[axis]);
        let dilation = self.dilation[axis];
        (0..self.kernel[axis]).filter_map(move |k| {
            (start + k * dilation).checked_sub(padding).filter(|&at| at < size)
        })
    }

    /// The rows or columns of window `o` without dilation, and its length with the padding counted (but not what
    /// `ceil_mode` lets it reach beyond).
    fn window(&self, axis: usize, o: usize) -> (Range<usize>, usize) {
        let (size, padding) = ([self.height, self.width][axis], self.padding[axis]);
        let start = o * self.stride[axis];
        let end = (start + self.kernel[axis]).min(size + 2 * padding);
        let clip = |at: usize| at.saturating_sub(padding).min(size);
        (clip(start)..clip(end), end.saturating_sub(start))
    }
}
