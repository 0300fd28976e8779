//! Convolution: two windows at a time are gathered and widened, and multiplied with two rows of weights at a time.

use zerocopy::FromBytes;

use super::pack::{at_least_one, is_depthwise, taps, together};
use super::tile::{Wide, tile, widen};
use super::window::{Corner, InBytes, Widened, window};
use super::{Bytes, Channel, Four, Packed, depthwise};
use crate::check::check;
use crate::kernel::Conv2d;

/// Bytes of scratch that [`conv2d`] takes.
pub const fn conv2d_scratch(shape: &Conv2d) -> usize {
    if is_depthwise(shape) {
        return depthwise::scratch(shape);
    }
    let fours = taps(shape).div_ceil(4);
    let windows = 2 * fours * size_of::<Wide>();
    if is_whole(shape) { windows } else { windows + 4 * fours }
}

/// Whether what a window sees comes in pieces of whole fours.
const fn is_whole(shape: &Conv2d) -> bool {
    let Conv2d { in_channels, groups, kernel, dilation, .. } = *shape;
    let channels = in_channels / at_least_one(groups);
    // In one piece lies what a line of the window sees; padding may cut it between any two columns.
    let uncut = groups <= 1 && dilation[1] == 1 && {
        let last = (shape.out_width.saturating_sub(1)) * shape.stride[1] + kernel[1];
        shape.padding[1] == 0 && last <= shape.width
    };
    channels.is_multiple_of(4) || uncut && (kernel[1] * channels).is_multiple_of(4)
}

/// `x: [H, W, C]` → `y: [OH, OW, OC]`, `y[row][col][o]` from `bias[o] + Σ over i, j, c: weight[o][i][j][c] · x[S·row + D·i − P][S·col + D·j − P][c]`.
///
/// # Panics
/// When a slice's length is not that of its shape, or `scratch` is shorter than [`conv2d_scratch`] or does not begin at a word.
#[inline]
pub fn conv2d(
    shape: &Conv2d,
    x: &[i8],
    parameters: Packed,
    bytes: &Bytes,
    scratch: &mut [i8],
    y: &mut [i8],
) {
    let Conv2d { in_channels, height, width, out_channels, out_height, out_width, .. } = *shape;
    check!(x.len() == in_channels * height * width, "convolution: the input has another length");
    check!(
        y.len() == out_channels * out_height * out_width,
        "convolution: the output has another length"
    );
    check!(
        parameters.weight.len() == super::pack::conv2d(shape)
            && parameters.channels.len() == out_channels,
        "convolution: the parameters have another length"
    );
    if is_depthwise(shape) {
        return depthwise::depthwise(shape, x, parameters, bytes, scratch, y);
    }
    let fours = taps(shape).div_ceil(4);
    let windows = <[[Wide; 2]]>::mut_from_prefix_with_elems(
        zerocopy::IntoBytes::as_mut_bytes(scratch),
        fours,
    );
    let Ok((windows, rest)) = windows else {
        check!(false, "convolution: there is too little scratch");
        return;
    };
    let Ok(staged) = <[i8]>::mut_from_bytes(rest) else { return };
    let staged = staged.get_mut(..taps(shape)).unwrap_or_default();
    check!(is_whole(shape) || !staged.is_empty(), "convolution: there is too little scratch");
    let groups = at_least_one(shape.groups);
    let outs = out_channels / groups;
    let ins = in_channels / groups;
    for group in 0..groups {
        let weight = parameters.weight.get(group * outs * fours..).unwrap_or_default();
        let channels = parameters.channels.get(group * outs..).unwrap_or_default();
        let channels = channels.get(..outs).unwrap_or_default();
        let (mut row, mut col) = (0, 0);
        for y in y.chunks_mut((2 * out_channels).max(1)) {
            let (first, second) = match y.split_at_mut_checked(out_channels) {
                Some(both) => both,
                None => return,
            };
            for i in 0..if second.is_empty() { 1 } else { 2 } {
                let corner = Corner::of(shape, row, col);
                if is_whole(shape) {
                    let mut sink = Widened(windows.iter_mut(), i);
                    window(shape, corner, x, group * ins, bytes.input_zero, &mut sink);
                } else {
                    let mut sink = InBytes(&mut *staged);
                    window(shape, corner, x, group * ins, bytes.input_zero, &mut sink);
                    widen(staged, windows.iter_mut().filter_map(|both| both.get_mut(i)));
                }
                col += 1;
                if col == out_width {
                    (row, col) = (row + 1, 0);
                }
            }
            let first = first.get_mut(group * outs..).unwrap_or_default();
            let second = second.get_mut(group * outs..).unwrap_or_default();
            rows(weight, channels, windows.as_flattened(), bytes, [first, second]);
        }
    }
}

/// All rows of weights times two windows, the second of which may be none: `y[1]` is empty then.
#[inline(always)]
fn rows(
    weight: &[Four],
    channels: &[Channel],
    windows: &[Wide],
    bytes: &Bytes,
    [first, second]: [&mut [i8]; 2],
) {
    let fours = windows.len() / 2;
    let mut second = second.iter_mut();
    let mut first = first.iter_mut();
    let mut weight = weight;
    let mut channels = channels;
    let mut put = |channel: &Channel, sums: [i32; 2]| {
        if let Some(y) = first.next() {
            *y = channel.finish(sums[0], bytes);
        }
        if let Some(y) = second.next() {
            *y = channel.finish(sums[1], bytes);
        }
    };
    while !channels.is_empty() {
        let count = together(channels.len());
        let (Some((these, rest)), Some((now, next))) =
            (weight.split_at_checked(count * fours), channels.split_at_checked(count))
        else {
            return;
        };
        (weight, channels) = (rest, next);
        match now {
            [a, b, c, d] => {
                let sums = [[a.bias; 2], [b.bias; 2]];
                let [x, y] = tile::<4, 2, 2>(these, windows, sums);
                put(a, x);
                put(b, y);
                let sums = [[c.bias; 2], [d.bias; 2]];
                let [x, y] = tile::<4, 2, 2>(these.get(2..).unwrap_or_default(), windows, sums);
                put(c, x);
                put(d, y);
            }
            [a, b] => {
                let [x, y] = tile::<2, 2, 2>(these, windows, [[a.bias; 2], [b.bias; 2]]);
                put(a, x);
                put(b, y);
            }
            [a] => {
                let [x] = tile::<1, 1, 2>(these, windows, [[a.bias; 2]]);
                put(a, x);
            }
            _ => return,
        }
    }
}
