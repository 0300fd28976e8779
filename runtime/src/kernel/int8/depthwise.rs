//! Depthwise convolution: each channel of the output sees one of the input.

use zerocopy::IntoBytes;

use super::window::Corner;
use super::{Bytes, Packed};
use crate::kernel::Conv2d;

/// Bytes of scratch.
pub(super) const fn scratch(_: &Conv2d) -> usize {
    0
}

/// As [`conv2d`](super::conv2d).
#[inline(always)]
pub(super) fn depthwise(
    shape: &Conv2d,
    x: &[i8],
    parameters: Packed,
    bytes: &Bytes,
    _scratch: &mut [i8],
    y: &mut [i8],
) {
    let Conv2d { in_channels, height, width, out_channels, out_width, .. } = *shape;
    let Conv2d { kernel: [kh, kw], dilation, .. } = *shape;
    let each = out_channels / in_channels.max(1);
    let weight = parameters.weight.as_bytes();
    let (mut row, mut col) = (0, 0);
    for y in y.chunks_exact_mut(out_channels.max(1)) {
        let corner = Corner::of(shape, row, col);
        for (o, (channel, y)) in parameters.channels.iter().zip(y).enumerate() {
            let c = o / each.max(1);
            let mut sum = channel.bias;
            let mut taps = weight.iter().skip(o).step_by(out_channels);
            for i in 0..kh {
                let down = corner.top.wrapping_add(i * dilation[0]);
                for j in 0..kw {
                    let right = corner.left.wrapping_add(j * dilation[1]);
                    let inside = down < height && right < width;
                    let at =
                        if inside { (down * width + right) * in_channels + c } else { x.len() };
                    let x = x.get(at).copied().unwrap_or(bytes.input_zero);
                    let Some(&w) = taps.next() else { return };
                    sum += i32::from(w as i8) * i32::from(x);
                }
            }
            *y = channel.finish(sum, bytes);
        }
        col += 1;
        if col == out_width {
            (row, col) = (row + 1, 0);
        }
    }
}
