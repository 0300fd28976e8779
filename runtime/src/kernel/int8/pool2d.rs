//! Pooling of images with their channels last.

use super::Bytes;
use crate::check::check;
use crate::kernel::Pool2d;

/// `x: [H, W, channels]` → `y: [OH, OW, channels]`: of each window, the average of what is in the image, rounded to the nearest, halves away from
/// zero. The output has the scale and the zero point of the input; of `bytes`, the bounds count.
///
/// # Panics
/// When a slice's length is not that of its shape.
#[inline]
pub fn avg_pool2d(shape: &Pool2d, channels: usize, x: &[i8], bytes: &Bytes, y: &mut [i8]) {
    let add = |sum, x| sum + i32::from(x);
    pool(shape, channels, x, y, 0, add, |sum: i32, count| {
        let half = if sum > 0 { count / 2 } else { -(count / 2) };
        bytes.clamp((sum + half).checked_div(count).unwrap_or(0))
    });
}

/// As [`avg_pool2d`], the maximum.
///
/// # Panics
/// When a slice's length is not that of its shape.
#[inline]
pub fn max_pool2d(shape: &Pool2d, channels: usize, x: &[i8], bytes: &Bytes, y: &mut [i8]) {
    pool(shape, channels, x, y, i8::MIN, i8::max, |most, _| bytes.clamp(most.into()));
}

/// Of each channel of each window, what `end` makes of all its numbers in the image, put together by `fold`, and of how many they are.
#[inline(always)]
fn pool<T: Copy>(
    shape: &Pool2d,
    channels: usize,
    x: &[i8],
    y: &mut [i8],
    begin: T,
    fold: impl Fn(T, i8) -> T,
    end: impl Fn(T, i32) -> i8,
) {
    let Pool2d { height, width, out_height, out_width, kernel, stride, padding, dilation } = *shape;
    check!(x.len() == height * width * channels, "pooling: the input has another length");
    check!(y.len() == out_height * out_width * channels, "pooling: the output has another length");
    let taps = |size, axis: usize, out: usize| {
        (0..kernel[axis])
            .map(move |tap| (out * stride[axis] + tap * dilation[axis]).wrapping_sub(padding[axis]))
            .filter(move |&at| at < size)
    };
    let (mut row, mut col) = (0, 0);
    for y in y.chunks_exact_mut(channels.max(1)) {
        // Four channels of a window, then the next four.
        for (part, y) in y.chunks_mut(4).enumerate() {
            let (mut sums, mut count) = ([begin; 4], 0);
            for down in taps(height, 0, row) {
                for right in taps(width, 1, col) {
                    let x =
                        x.get((down * width + right) * channels + 4 * part..).unwrap_or_default();
                    let fold = |(sum, &x): (&mut T, &i8)| *sum = fold(*sum, x);
                    match x.first_chunk::<4>() {
                        Some(x) => sums.iter_mut().zip(x).for_each(fold),
                        None => sums.iter_mut().zip(x).for_each(fold),
                    }
                    count += 1;
                }
            }
            y.iter_mut().zip(sums).for_each(|(y, sum)| *y = end(sum, count));
        }
        col += 1;
        if col == out_width {
            (row, col) = (row + 1, 0);
        }
    }
}
