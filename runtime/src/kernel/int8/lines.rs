//! Depthwise convolution with kernels of three by three, where there are DSP instructions.
//!
//! These multiply sixteen-bit numbers that lie next to one another, two at a time; but next to one another lie channels. So some lines of four
//! channels are first spread out: for each pair of columns and each channel, a word for each line, one below the other.

use bytemuck::must_cast_slice;

use super::dsp::{Column, Pairs, even_bytes, odd_bytes};
use super::{Bytes, Channel, Packed, depthwise, first_of};
use crate::kernel::Conv2d;

/// Bytes of scratch that are not exceeded as long as the lines for one of the output have room.
const ROOM: usize = 4096;

/// Whether a convolution is done so.
pub(super) const fn fits(shape: &Conv2d) -> bool {
    let Conv2d { in_channels, out_channels, kernel, stride, dilation, .. } = *shape;
    in_channels == out_channels
        && in_channels.is_multiple_of(4)
        && kernel[0] == 3
        && kernel[1] == 3
        && dilation[0] == 1
        && dilation[1] == 1
        && stride[0] == stride[1]
        && (stride[0] == 1 || stride[0] == 2)
}

/// Bytes of scratch.
pub(super) const fn scratch(shape: &Conv2d) -> usize {
    if fits(shape) { lines(shape, band(shape)) * 16 * pairs(shape) } else { 0 }
}

/// Pairs of columns of the input that are spread out.
const fn pairs(shape: &Conv2d) -> usize {
    let Conv2d { out_width, stride, .. } = *shape;
    // The second window of two begins in the middle of a pair.
    if stride[1] == 1 { out_width.div_ceil(2) + 1 } else { out_width + 1 }
}

/// Lines of the input that so many of the output see.
const fn lines(shape: &Conv2d, rows: usize) -> usize {
    rows.saturating_sub(1) * shape.stride[0] + 3
}

/// Lines of the output that are worked on at a time.
const fn band(shape: &Conv2d) -> usize {
    let most = ROOM / super::pack::at_least_one(16 * pairs(shape));
    let rows = most.saturating_sub(3) / super::pack::at_least_one(shape.stride[0]) + 1;
    if rows < shape.out_height { rows } else { shape.out_height }
}

/// As [`conv2d`](super::conv2d).
#[inline(never)]
pub(super) fn depthwise(
    shape: &Conv2d,
    x: &[i8],
    parameters: Packed,
    bytes: &Bytes,
    scratch: &mut [i8],
    y: &mut [i8],
) {
    let Conv2d { in_channels: channels, out_height, out_width, stride, .. } = *shape;
    let (pairs, band) = (pairs(shape), band(shape));
    let words = lines(shape, band) * 4 * pairs;
    let Some((spread, _)) = first_of::<u32>(scratch, words) else {
        crate::check::check!(false, "convolution: there is too little scratch");
        return;
    };
    for from in (0..channels).step_by(4) {
        let Some(these) = parameters.channels.get(from..).and_then(|c| c.first_chunk::<4>()) else {
            return;
        };
        for (i, _) in these.iter().enumerate().filter(|(_, channel)| !channel.is_common()) {
            depthwise::channels::<1>(shape, from + i, x, parameters, bytes, y);
        }
        if !these.iter().any(Channel::is_common) {
            continue;
        }
        let mut row = 0;
        while row < out_height {
            let rows = band.min(out_height - row);
            let lines = lines(shape, rows);
            fill(shape, row * stride[0], lines, from, x, bytes.input_zero, spread);
            for (i, channel) in these.iter().enumerate().filter(|(_, these)| these.is_common()) {
                let weight = weights(parameters, from + i, channels);
                let mut col = 0;
                while col < out_width {
                    let two = stride[1] == 1 && col + 1 < out_width;
                    let pair = if stride[1] == 1 { col / 2 } else { col };
                    let left = (4 * pair + i) * lines;
                    let right = left + 4 * lines;
                    let at = (row * out_width + col) * channels + from + i;
                    let last =
                        at + (rows - 1) * out_width * channels + if two { channels } else { 0 };
                    let end = left + rows * stride[0];
                    if right + lines > spread.len() || last >= y.len() {
                        return;
                    }
                    let words = spread.as_ptr();
                    let mut column = Column {
                        y: y.as_mut_ptr().wrapping_add(at),
                        bias: channel.bias,
                        steps: channel.steps(bytes),
                        right: channels,
                        below: out_width * channels,
                        end: words.wrapping_add(end),
                        weight,
                    };
                    let (left, right) = (words.wrapping_add(left), words.wrapping_add(right));
                    // SAFETY: the lines of both pairs lie in `spread`, and the first and the last output in `y`.
                    unsafe {
                        match (two, stride[0]) {
                            (true, _) => column.two(left, right),
                            (false, 1) => column.one::<1>(left, right),
                            _ => column.one::<2>(left, right),
                        }
                    }
                    col += if two { 2 } else { 1 };
                }
            }
            row += rows;
        }
    }
    bytes.hold(y);
}

/// Of each line of a channel's kernel, the weights 0 and 1, and 1 and 2.
fn weights(parameters: Packed, channel: usize, channels: usize) -> [u32; 6] {
    let weight: &[i8] = must_cast_slice(parameters.weight);
    let at = |tap: usize| weight.get(tap * channels + channel).copied().unwrap_or(0);
    core::array::from_fn(|i| {
        let first = at(i / 2 * 3 + i % 2) as i16 as u16;
        let second = at(i / 2 * 3 + i % 2 + 1) as i16 as u16;
        u32::from(first) | u32::from(second) << 16
    })
}

/// Spreads lines of the channels from `from` on, `count` of them, the first of which is `top` less the padding.
fn fill(
    shape: &Conv2d,
    top: usize,
    count: usize,
    from: usize,
    x: &[i8],
    zero: i8,
    spread: &mut [u32],
) {
    let Conv2d { in_channels: channels, height, width, padding, .. } = *shape;
    let all = pairs(shape);
    for line in 0..count {
        let row = (top + line).wrapping_sub(padding[0]);
        let start = row.wrapping_mul(width * channels).wrapping_add(from);
        let mut pair = 0;
        while pair < all {
            let col = (2 * pair).wrapping_sub(padding[1]);
            let place = 4 * count * pair + line;
            // From here on, pairs that lie in the image as a whole.
            let inside =
                if row < height && col < width { ((width - col) / 2).min(all - pair) } else { 0 };
            let pixel = |col: usize| {
                let at = start.wrapping_add(col.wrapping_mul(channels));
                let four = x.get(at..).and_then(|x| x.first_chunk::<4>());
                four.filter(|_| row < height && col < width).copied().unwrap_or([zero; 4])
            };
            if inside > 0 {
                let x = x.get(start + col * channels..).unwrap_or_default();
                let bytes = (2 * inside - 1) * channels + 4;
                if x.len() < bytes || spread.len() <= place + (4 * inside - 1) * count {
                    return;
                }
                let pairs = Pairs { x, channels, count: inside, apart: count };
                // SAFETY: just asked.
                unsafe { pairs.spread(spread.as_mut_ptr().wrapping_add(place)) };
                pair += inside;
                continue;
            }
            let [a, b] = [pixel(col), pixel(col.wrapping_add(1))]
                .map(|x| u32::from_le_bytes(x.map(|x| x as u8)));
            let (a, b) = ([even_bytes(a), odd_bytes(a)], [even_bytes(b), odd_bytes(b)]);
            for i in 0..2 {
                if let Some(to) = spread.get_mut(place + i * count) {
                    *to = a[i] & 0xffff | b[i] << 16;
                }
                if let Some(to) = spread.get_mut(place + (i + 2) * count) {
                    *to = a[i] >> 16 | b[i] & 0xffff_0000;
                }
            }
            pair += 1;
        }
    }
}
