//! Maxima of windows that are two wide, one beside the other: as many windows at once as a vector has lanes.

use super::Pool2d;
use crate::kernel::Vector;
use crate::kernel::dispatch::{Isa, Kernel, dispatch};

/// Whether the windows of `shape` are such, and there are vectors.
pub(super) fn fits(shape: &Pool2d) -> bool {
    let along = [shape.kernel[1], shape.stride[1], shape.dilation[1]];
    Isa::current() != Isa::Scalar && along == [2, 2, 1] && shape.padding == [0, 0] && shape.fits()
}

/// The largest number of each window, for as many planes of `x` as `y` has, and where in its plane it is, unless `indices` is empty.
pub(super) fn max(shape: &Pool2d, x: &[f32], y: &mut [f32], indices: &mut [u32]) {
    dispatch(Max { shape, x, y, indices });
}

struct Max<'a> {
    shape: &'a Pool2d,
    x: &'a [f32],
    y: &'a mut [f32],
    indices: &'a mut [u32],
}

impl Kernel for Max<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Pool2d { height, width, out_height, out_width, .. } = *self.shape;
        let mut indices = self.indices.chunks_exact_mut(out_width.max(1));
        for (row, y) in self.y.chunks_exact_mut(out_width.max(1)).enumerate() {
            let (plane, line) = (row / out_height, row % out_height * self.shape.stride[0]);
            let x = &self.x[(plane * height + line) * width..];
            let indices = indices.next().unwrap_or_default();
            for (i, y) in y.chunks_mut(V::LANES).enumerate() {
                let at = i * V::LANES;
                let place = self.shape.line::<V>(&x[2 * at..], y);
                if let Some(indices) = indices.get_mut(at..at + y.len()) {
                    // SAFETY: there are as many places; numbers and indices have the same size.
                    unsafe { place.write_lanes(indices.as_mut_ptr().cast(), 0, indices.len()) };
                }
            }
            for (i, index) in indices.iter_mut().enumerate() {
                *index += (line * width + 2 * i) as u32;
            }
        }
    }
}

impl Pool2d {
    /// The maxima of as many windows of a line as `y` has places, at most a vector; and where each is, from the first number of its window
    /// on: a whole number in the bits of a float, which are only moved.
    #[inline(always)]
    fn line<V: Vector>(&self, x: &[f32], y: &mut [f32]) -> V {
        let place = |place: usize| V::splat(f32::from_bits(place as u32));
        let (mut best, mut found) = (V::splat(f32::NEG_INFINITY), place(0));
        for i in 0..self.kernel[0] {
            let line = i * self.dilation[0] * self.width;
            let (left, right) = V::load_pairs(&x[line..][..2 * y.len()]);
            for (value, at) in [(left, place(line)), (right, place(line + 1))] {
                found = value.where_nan(at, value.where_greater(best, at, found));
                best = value.where_nan(value, value.where_greater(best, value, best));
            }
        }
        match y.len() == V::LANES {
            true => best.store(y),
            false => best.store_part(y),
        }
        found
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::kernel::dispatch::forced;
    use crate::kernel::{max_pool2d, max_pool2d_with_indices};
    use std::vec;
    use std::vec::Vec;

    /// Bit for bit what plain code finds: among equals, among numbers that are none, in lines of every length.
    #[test]
    fn as_plain_code() {
        for width in 2..70 {
            for (kernel, stride, dilation) in [(1, 1, 1), (2, 2, 1), (3, 2, 2), (2, 2, 3)] {
                let (height, planes) = (9, 3);
                let out_height = (height - dilation * (kernel - 1) - 1) / stride + 1;
                let shape = Pool2d {
                    height,
                    width,
                    out_height,
                    out_width: width / 2,
                    kernel: [kernel, 2],
                    stride: [stride, 2],
                    padding: [0; 2],
                    dilation: [dilation, 1],
                };
                let x: Vec<f32> = (0..planes * height * width)
                    .map(|i| match i * 37 % 41 {
                        0 => f32::NAN,
                        1..4 => f32::NEG_INFINITY,
                        n => (n % 7) as f32,
                    })
                    .collect();
                let len = planes * out_height * shape.out_width;
                let found = || {
                    let (mut y, mut with, mut indices) =
                        (vec![0.5; len], vec![0.5; len], vec![7; len]);
                    max_pool2d(&shape, planes, &x, &mut y);
                    max_pool2d_with_indices(&shape, planes, &x, &mut with, &mut indices);
                    let bits =
                        |y: Vec<f32>| -> Vec<u32> { y.into_iter().map(f32::to_bits).collect() };
                    (bits(y), bits(with), indices)
                };
                let expected = forced::on(Isa::Scalar, found);
                forced::on_each(|| assert_eq!(found(), expected, "{shape:?}"));
            }
        }
    }

    /// A window whose taps lie apart is none of these.
    #[test]
    fn dilated() {
        let shape = Pool2d {
            height: 3,
            width: 3,
            out_height: 1,
            out_width: 1,
            kernel: [2; 2],
            stride: [2; 2],
            padding: [0; 2],
            dilation: [2; 2],
        };
        forced::on_each(|| {
            let mut y = [0.0];
            max_pool2d(&shape, 1, &[1.0, 5.0, 2.0, 6.0, 7.0, 8.0, 3.0, 9.0, 4.0], &mut y);
            assert_eq!(y, [4.0]);
        });
    }
}
