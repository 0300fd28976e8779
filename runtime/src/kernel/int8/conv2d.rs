//! Convolution: two windows at a time are gathered and widened, and multiplied with two rows of weights at a time.

use super::pack::{at_least_one, is_depthwise, taps};
use super::tile::{Wide, four_by_two, tile};
use super::window::{self, Gather, View};
use super::{Bytes, Channel, Packed, dense, depthwise, first_of};
use crate::check::check;
use crate::kernel::Conv2d;

/// Bytes of scratch that [`conv2d`] takes.
pub const fn conv2d_scratch(shape: &Conv2d) -> usize {
    if is_depthwise(shape) {
        return depthwise::scratch(shape);
    }
    let fours = taps(shape).div_ceil(4);
    2 * fours * size_of::<Wide>() + window::room(shape)
}

/// `x: [H, W, C]` → `y: [OH, OW, OC]`, `y[row][col][o]` from `bias[o] + Σ over i, j, c: weight[o][i][j][c] · x[S·row + D·i − P][S·col + D·j − P][c]`.
///
/// # Panics
/// When a slice's length is not that of its shape, or `scratch` is shorter than [`conv2d_scratch`] or does not begin at a word.
#[inline(always)]
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
    // What is not called is not in flash: so it is said here, where sizes are known, what is to be called.
    let in_fours = (out_channels / at_least_one(shape.groups)).is_multiple_of(4);
    let last = if in_fours { &Last::NONE } else { &Last::ROWS };
    convolve(shape, (window::gather(shape), last), x, parameters, bytes, scratch, y);
}

/// A convolution of several channels.
#[inline(never)]
fn convolve<'x>(
    shape: &'x Conv2d,
    (gather, last): (Gather<'x>, &'static Last),
    x: &'x [i8],
    parameters: Packed,
    bytes: &Bytes,
    scratch: &'x mut [i8],
    y: &mut [i8],
) {
    let Conv2d { in_channels, out_channels, out_width, .. } = *shape;
    let fours = taps(shape).div_ceil(4);
    let Some((windows, rest)) = first_of::<[Wide; 2]>(scratch, fours) else {
        check!(false, "convolution: there is too little scratch");
        return;
    };
    check!(rest.len() >= window::room(shape), "convolution: there is too little scratch");
    let groups = at_least_one(shape.groups);
    let (outs, ins) = (out_channels / groups, in_channels / groups);
    let common = parameters.channels.iter().all(Channel::is_common);
    let mut view = View::of(shape, x, bytes.input_zero, rest);
    let all = y;
    for group in 0..groups {
        let channels = parameters.channels.get(group * outs..).unwrap_or_default();
        let parameters = Packed {
            weight: parameters.weight.get(group * outs * fours..).unwrap_or_default(),
            channels: channels.get(..outs).unwrap_or_default(),
        };
        view.from = group * ins;
        let (mut row, mut col) = (0, 0);
        let mut y = all.get_mut(group * outs..).unwrap_or_default();
        while !y.is_empty() {
            let two = common && y.len() > out_channels;
            for i in 0..if two { 2 } else { 1 } {
                gather(&mut view, [row, col], windows, i);
                col += 1;
                if col == out_width {
                    (row, col) = (row + 1, 0);
                }
            }
            if two {
                rows(parameters, windows.as_flattened(), bytes, last, out_channels, y);
            } else {
                alone(parameters, windows, bytes, last, y.get_mut(..outs).unwrap_or_default());
            }
            y = y.get_mut(if two { 2 } else { 1 } * out_channels..).unwrap_or_default();
        }
    }
    bytes.hold(all);
}

/// All rows of weights times the first of two windows: where there is no second one, and for channels that are rare.
#[inline(never)]
fn alone(
    parameters: Packed,
    windows: &mut [[Wide; 2]],
    bytes: &Bytes,
    last: &'static Last,
    y: &mut [i8],
) {
    let fours = windows.len();
    let windows = windows.as_flattened_mut();
    for i in 1..fours {
        if let Some(&x) = windows.get(2 * i)
            && let Some(to) = windows.get_mut(i)
        {
            *to = x;
        }
    }
    let x = windows.get(..fours).unwrap_or_default();
    let finish = |channel: &Channel, sum| finish(channel, sum, bytes);
    let (parameters, y) = dense::fours_of_rows(parameters, x, finish, y);
    (last.of_one)(parameters, x, bytes, y);
}

/// The byte of a sum of [`alone`]. There are few of them: one function for all takes less flash.
#[inline(never)]
fn finish(channel: &Channel, sum: i32, bytes: &Bytes) -> i8 {
    let [y] = channel.finish([sum], bytes);
    y
}

/// All rows of weights times two windows. Their outputs are `apart`.
#[inline(never)]
fn rows(
    parameters: Packed,
    windows: &[Wide],
    bytes: &Bytes,
    last: &'static Last,
    apart: usize,
    y: &mut [i8],
) {
    let Packed { weight, channels } = parameters;
    let row = (windows.len() / 2).max(1);
    let Some((first, second)) = y.split_at_mut_checked(apart) else { return };
    let outs = channels.len();
    let (Some(first), Some(second)) = (first.get_mut(..outs), second.get_mut(..outs)) else {
        return;
    };
    let (fours, channels) = channels.as_chunks::<4>();
    let (first, last_first) = first.as_chunks_mut::<4>();
    let (second, last_second) = second.as_chunks_mut::<4>();
    let Some((weight, rest)) = weight.split_at_checked(4 * row * fours.len()) else { return };
    four_by_two(weight, windows, fours, bytes, [first, second]);
    let parameters = Packed { weight: rest, channels };
    (last.of_two)(parameters, windows, bytes, [last_first, last_second]);
}

/// What is done with the rows behind the last four.
struct Last {
    /// As [`alone`].
    of_one: fn(Packed, &[Wide], &Bytes, &mut [i8]),
    /// As [`rows`].
    of_two: fn(Packed, &[Wide], &Bytes, [&mut [i8]; 2]),
}

impl Last {
    /// There are none.
    const NONE: Self = Last { of_one: |_, _, _, _| (), of_two: |_, _, _, _| () };
    const ROWS: Self = Last {
        of_one: |parameters, x, bytes, y| {
            dense::last_rows(parameters, x, |channel, sum| finish(channel, sum, bytes), y);
        },
        of_two: last_rows,
    };
}

/// [`Last::of_two`], where there are any.
fn last_rows(parameters: Packed, windows: &[Wide], bytes: &Bytes, [first, second]: [&mut [i8]; 2]) {
    let row = (windows.len() / 2).max(1);
    let (pair, one) = parameters.channels.as_chunks::<2>();
    let (first, last_first) = first.as_chunks_mut::<2>();
    let (second, last_second) = second.as_chunks_mut::<2>();
    let split = parameters.weight.split_at_checked(2 * row * pair.len());
    let Some((weight, last_row)) = split else { return };
    if let ([[a, b]], [first], [second]) = (pair, first, second) {
        let sums = tile::<2, 2, 2>(weight, windows, [[a.bias; 2], [b.bias; 2]]);
        [first[0], second[0]] = a.finish_common(sums[0], bytes);
        [first[1], second[1]] = b.finish_common(sums[1], bytes);
    }
    if let ([channel], [first], [second]) = (one, last_first, last_second) {
        let [sums] = tile::<1, 1, 2>(last_row, windows, [[channel.bias; 2]]);
        [*first, *second] = channel.finish_common(sums, bytes);
    }
}
