//! A dense layer: the input is widened once, and multiplied with four rows of weights at a time.

use zerocopy::{FromBytes, IntoBytes};

use super::pack::together;
use super::tile::{Wide, tile, widen};
use super::{Bytes, Packed};
use crate::check::check;

/// Bytes of scratch that [`dense`] takes for so many inputs.
pub const fn dense_scratch(inputs: usize) -> usize {
    inputs.div_ceil(4) * size_of::<Wide>()
}

/// `x: [inputs]` → `y: [outputs]`, from `bias[o] + Σ weight[o][i] · x[i]`.
///
/// # Panics
/// When a slice's length does not fit, or `scratch` is shorter than [`dense_scratch`] or does not begin at a word.
#[inline]
pub fn dense(x: &[i8], parameters: Packed, bytes: &Bytes, scratch: &mut [i8], y: &mut [i8]) {
    let Packed { mut weight, mut channels } = parameters;
    check!(
        weight.len() == super::pack::rows(y.len(), x.len()),
        "dense: weights have another length"
    );
    check!(channels.len() == y.len(), "dense: there are not as many channels as outputs");
    let fours = x.len().div_ceil(4);
    let Ok((wide, _)) = <[Wide]>::mut_from_prefix_with_elems(scratch.as_mut_bytes(), fours) else {
        check!(false, "dense: there is too little scratch");
        return;
    };
    widen(x, wide.iter_mut());
    let mut places = y.iter_mut();
    while !channels.is_empty() {
        let count = together(channels.len());
        let (Some((these, rest)), Some((now, next))) =
            (weight.split_at_checked(count * fours), channels.split_at_checked(count))
        else {
            return;
        };
        (weight, channels) = (rest, next);
        let mut sums = [0; 4];
        match now {
            [a, b, c, d] => {
                let begin = [[a.bias], [b.bias], [c.bias], [d.bias]];
                sums = tile::<4, 4, 1>(these, wide, begin).map(|[sum]| sum);
            }
            [a, b] => {
                let [[x], [y]] = tile::<2, 2, 1>(these, wide, [[a.bias], [b.bias]]);
                (sums[0], sums[1]) = (x, y);
            }
            [a] => [[sums[0]]] = tile::<1, 1, 1>(these, wide, [[a.bias]]),
            _ => return,
        }
        for ((channel, sum), y) in now.iter().zip(sums).zip(&mut places) {
            *y = channel.finish(sum, bytes);
        }
    }
}
