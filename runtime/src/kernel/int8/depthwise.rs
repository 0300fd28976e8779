//! Depthwise convolution: each channel of the output sees one of the input.

use bytemuck::must_cast_slice;

#[cfg(cortex_m_dsp)]
use super::lines;
use super::{Bytes, Packed};
use crate::kernel::Conv2d;

/// Bytes of scratch.
pub(super) const fn scratch(shape: &Conv2d) -> usize {
    #[cfg(cortex_m_dsp)]
    return lines::scratch(shape);
    #[cfg(not(cortex_m_dsp))]
    {
        let _ = shape;
        0
    }
}

/// As [`conv2d`](super::conv2d).
#[inline(always)]
pub(super) fn depthwise(
    shape: &Conv2d,
    x: &[i8],
    parameters: Packed,
    bytes: &Bytes,
    scratch: &mut [i8],
    y: &mut [i8],
) {
    #[cfg(cortex_m_dsp)]
    if lines::fits(shape) {
        return lines::depthwise(shape, x, parameters, bytes, scratch, y);
    }
    let _ = scratch;
    plainly(shape, x, parameters, bytes, y);
}

/// As [`depthwise`], in plain loops.
#[inline(never)]
fn plainly(shape: &Conv2d, x: &[i8], parameters: Packed, bytes: &Bytes, y: &mut [i8]) {
    let mut from = 0;
    while from < shape.out_channels {
        let to = shape.out_channels.min(from + 4);
        match to - from {
            4 if shape.out_channels == shape.in_channels => {
                channels::<4>(shape, from, x, parameters, bytes, y);
            }
            _ => (from..to).for_each(|o| channels::<1>(shape, o, x, parameters, bytes, y)),
        }
        from = to;
    }
    bytes.hold(y);
}

/// `N` channels next to one another, from `from` on; several only where there are as many in the input.
#[inline(never)]
pub(super) fn channels<const N: usize>(
    shape: &Conv2d,
    from: usize,
    x: &[i8],
    parameters: Packed,
    bytes: &Bytes,
    y: &mut [i8],
) {
    let Conv2d { in_channels, height, width, out_channels, out_width, kernel, dilation, .. } =
        *shape;
    let Conv2d { stride, padding, .. } = *shape;
    let weight: &[i8] = must_cast_slice(parameters.weight);
    let weight = weight.get(from..).unwrap_or_default();
    let Some(these) = parameters.channels.get(from..).and_then(|c| c.first_chunk::<N>()) else {
        return;
    };
    let input = from / super::pack::at_least_one(out_channels / in_channels.max(1));
    let (mut row, mut col) = (0, 0);
    for y in y.chunks_exact_mut(out_channels.max(1)) {
        let top = (row * stride[0]).wrapping_sub(padding[0]);
        let left = (col * stride[1]).wrapping_sub(padding[1]);
        let mut sums = these.map(|channel| channel.bias);
        let mut tap = 0;
        for i in 0..kernel[0] {
            let down = top.wrapping_add(i * dilation[0]);
            for j in 0..kernel[1] {
                let right = left.wrapping_add(j * dilation[1]);
                let at = down.wrapping_mul(width).wrapping_add(right).wrapping_mul(in_channels);
                let inside = down < height && right < width;
                let x = x.get(at.wrapping_add(input)..).and_then(|x| x.first_chunk::<N>());
                let x = x.filter(|_| inside).copied().unwrap_or([bytes.input_zero; N]);
                let Some(weight) = weight.get(tap..).and_then(|w| w.first_chunk::<N>()) else {
                    return;
                };
                for ((sum, &w), x) in sums.iter_mut().zip(weight).zip(x) {
                    *sum += i32::from(w) * i32::from(x);
                }
                tap += out_channels;
            }
        }
        let Some(y) = y.get_mut(from..).and_then(|y| y.first_chunk_mut::<N>()) else { return };
        for ((y, channel), sum) in y.iter_mut().zip(these).zip(sums) {
            [*y] = channel.finish([sum], bytes);
        }
        col += 1;
        if col == out_width {
            (row, col) = (row + 1, 0);
        }
    }
}
