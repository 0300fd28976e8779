//! The innermost loops: rows of weights times windows of the input, four taps at a time.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::Four;

/// Four numbers of the input, as wide as they are multiplied.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(4))]
pub(super) struct Wide([i16; 4]);

impl Wide {
    /// Of four bytes.
    #[inline(always)]
    pub(super) fn of([a, b, c, d]: [i8; 4]) -> Self {
        Wide([a.into(), b.into(), c.into(), d.into()])
    }
}

/// `sums[r][p]` plus `Σ over k: weight[k · STEP + r] · x[k · P + p]`, for as many `k` as there are: `R` rows of `STEP` that are interleaved, and
/// `P` windows.
#[inline(always)]
pub(super) fn tile<const STEP: usize, const R: usize, const P: usize>(
    weight: &[Four],
    x: &[Wide],
    mut sums: [[i32; P]; R],
) -> [[i32; P]; R] {
    let (x, _) = x.as_chunks::<P>();
    for (weight, x) in weight.chunks(STEP).zip(x) {
        for (weight, sums) in weight.iter().zip(&mut sums) {
            for (x, sum) in x.iter().zip(sums) {
                for (w, x) in weight.0.iter().zip(x.0) {
                    *sum += i32::from(*w) * i32::from(x);
                }
            }
        }
    }
    sums
}

/// Widens four bytes after four into every `step`th place of `to`; the last ones are filled up with zeros.
#[inline(always)]
pub(super) fn widen<'a>(x: &[i8], mut to: impl Iterator<Item = &'a mut Wide>) {
    let (fours, rest) = x.as_chunks::<4>();
    for (&x, to) in fours.iter().zip(&mut to) {
        *to = Wide::of(x);
    }
    if !rest.is_empty()
        && let Some(to) = to.next()
    {
        let at = |k: usize| rest.get(k).copied().unwrap_or(0);
        *to = Wide::of([at(0), at(1), at(2), 0]);
    }
}
