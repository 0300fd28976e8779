//! A dense layer: the input is widened once, and multiplied with four rows of weights at a time.

use super::tile::{Wide, four_by_one, tile, widen};
use super::{Bytes, Channel, Packed, first_of};
use crate::check::check;

/// Bytes of scratch that [`dense`] takes for so many inputs.
pub const fn dense_scratch(inputs: usize) -> usize {
    inputs.div_ceil(4) * size_of::<Wide>()
}

/// `x: [inputs]` → `y: [outputs]`, from `bias[o] + Σ weight[o][i] · x[i]`.
///
/// # Panics
/// When a slice's length does not fit, or `scratch` is shorter than [`dense_scratch`] or does not begin at a word.
#[inline(always)]
pub fn dense(x: &[i8], parameters: Packed, bytes: &Bytes, scratch: &mut [i8], y: &mut [i8]) {
    let Packed { weight, channels } = parameters;
    check!(
        weight.len() == super::pack::rows(y.len(), x.len()),
        "dense: weights have another length"
    );
    check!(channels.len() == y.len(), "dense: there are not as many channels as outputs");
    let fours = x.len().div_ceil(4);
    let Some((wide, _)) = first_of::<[Wide; 1]>(scratch, fours) else {
        check!(false, "dense: there is too little scratch");
        return;
    };
    widen(x, wide, 0);
    let finish = |channel: &Channel, sum| {
        let [y] = channel.finish([sum], bytes);
        y
    };
    each_row(parameters, wide.as_flattened(), finish, y);
    bytes.hold(y);
}

/// `y`, from all rows of weights times one window: what `finish` makes of each sum.
#[inline(always)]
pub(super) fn each_row<T>(
    parameters: Packed,
    x: &[Wide],
    finish: impl Fn(&Channel, i32) -> T,
    y: &mut [T],
) {
    let (parameters, y) = fours_of_rows(parameters, x, &finish, y);
    last_rows(parameters, x, &finish, y);
}

/// As [`each_row`], of four rows at a time; gives what is left.
#[inline(always)]
pub(super) fn fours_of_rows<'a, T>(
    parameters: Packed<'a>,
    x: &[Wide],
    finish: impl Fn(&Channel, i32) -> T,
    y: &'a mut [T],
) -> (Packed<'a>, &'a mut [T]) {
    let Packed { weight, channels } = parameters;
    let (fours, channels) = channels.as_chunks::<4>();
    let (ys, y) = y.as_chunks_mut::<4>();
    let row = x.len().max(1);
    let (weight, rest) = weight.split_at_checked(4 * row * fours.len()).unwrap_or_default();
    for ((channels, y), weight) in fours.iter().zip(ys).zip(weight.chunks_exact(4 * row)) {
        let sums = four_by_one(weight, x, channels.map(|channel| channel.bias));
        for ((y, channel), sum) in y.iter_mut().zip(channels).zip(sums) {
            *y = finish(channel, sum);
        }
    }
    (Packed { weight: rest, channels }, y)
}

/// As [`each_row`], of no more than three rows.
#[inline(always)]
pub(super) fn last_rows<T>(
    parameters: Packed,
    x: &[Wide],
    finish: impl Fn(&Channel, i32) -> T,
    y: &mut [T],
) {
    let Packed { weight, channels } = parameters;
    let (pair, one) = channels.as_chunks::<2>();
    let (ys, y) = y.as_chunks_mut::<2>();
    let row = x.len().max(1);
    let Some((weight, last_row)) = weight.split_at_checked(2 * row * pair.len()) else { return };
    if let ([[a, b]], [y]) = (pair, ys) {
        let [[first], [second]] = tile::<2, 2, 1>(weight, x, [[a.bias], [b.bias]]);
        (y[0], y[1]) = (finish(a, first), finish(b, second));
    }
    if let ([channel], [y]) = (one, y) {
        let [[sum]] = tile::<1, 1, 1>(last_row, x, [[channel.bias]]);
        *y = finish(channel, sum);
    }
}
