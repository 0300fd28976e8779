//! The innermost loops: rows of weights times windows of the input, four taps at a time.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::Four;
#[cfg(cortex_m_dsp)]
use super::dsp;

/// Four numbers of the input, as wide as they are multiplied: in their order, or, where there are DSP instructions, the even ones first.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(4))]
pub(super) struct Wide([u32; 2]);

impl Wide {
    /// Of four bytes.
    #[inline(always)]
    pub(super) fn of(x: [i8; 4]) -> Self {
        #[cfg(cortex_m_dsp)]
        {
            let word = u32::from_le_bytes(x.map(|x| x as u8));
            Wide([dsp::even_bytes(word), dsp::odd_bytes(word)])
        }
        #[cfg(not(cortex_m_dsp))]
        {
            let pair =
                |low: i8, high: i8| u32::from(low as i16 as u16) | (high as i16 as u32) << 16;
            Wide([pair(x[0], x[1]), pair(x[2], x[3])])
        }
    }

    /// `sum + Σ weight[k] · self[k]`.
    #[inline(always)]
    fn multiply(self, weight: Four, sum: i32) -> i32 {
        #[cfg(cortex_m_dsp)]
        {
            let word = u32::from_le_bytes(weight.0.map(|w| w as u8));
            let sum = dsp::multiply_pairs(dsp::even_bytes(word), self.0[0], sum);
            dsp::multiply_pairs(dsp::odd_bytes(word), self.0[1], sum)
        }
        #[cfg(not(cortex_m_dsp))]
        {
            let x = zerocopy::transmute!(self.0);
            let x: [i16; 4] = x;
            weight.0.iter().zip(x).fold(sum, |sum, (&w, x)| sum + i32::from(w) * i32::from(x))
        }
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
                *sum = x.multiply(*weight, *sum);
            }
        }
    }
    sums
}

/// As [`tile`] of four rows and one window.
#[inline(always)]
pub(super) fn four_by_one(weight: &[Four], x: &[Wide], sums: [i32; 4]) -> [i32; 4] {
    #[cfg(cortex_m_dsp)]
    {
        let Some(weight) = weight.get(..4 * x.len()) else { return sums };
        // SAFETY: so many there are.
        unsafe { dsp::four_by_one(weight, x, sums) }
    }
    #[cfg(not(cortex_m_dsp))]
    tile::<4, 4, 1>(weight, x, sums.map(|sum| [sum])).map(|[sum]| sum)
}

/// As [`tile`] of two rows and two windows.
#[inline(always)]
pub(super) fn two_by_two<const STEP: usize>(
    weight: &[Four],
    x: &[Wide],
    sums: [[i32; 2]; 2],
) -> [[i32; 2]; 2] {
    #[cfg(cortex_m_dsp)]
    {
        let Some(weight) = weight.get(..(x.len() / 2 * STEP + 2).saturating_sub(STEP)) else {
            return sums;
        };
        // SAFETY: so many there are.
        unsafe { dsp::two_by_two::<STEP>(weight, x, sums) }
    }
    #[cfg(not(cortex_m_dsp))]
    tile::<STEP, 2, 2>(weight, x, sums)
}

/// Widens four bytes after four into `to[..][place]`, from its beginning; the last ones are filled up with zeros.
#[inline(always)]
pub(super) fn widen<const EVERY: usize>(x: &[i8], to: &mut [[Wide; EVERY]], place: usize) {
    let (fours, rest) = x.as_chunks::<4>();
    let Some((first, last)) = to.split_at_mut_checked(fours.len()) else { return };
    if place >= EVERY {
        return;
    }
    #[cfg(cortex_m_dsp)]
    {
        let first = first.as_flattened_mut().as_mut_ptr().wrapping_add(place);
        // SAFETY: each of the fours has an array, and that a place.
        unsafe { dsp::widen::<EVERY>(fours, first) };
    }
    #[cfg(not(cortex_m_dsp))]
    for (&x, to) in fours.iter().zip(first) {
        to[place] = Wide::of(x);
    }
    if let (Some(to), false) = (last.first_mut(), rest.is_empty()) {
        let at = |k: usize| rest.get(k).copied().unwrap_or(0);
        to[place] = Wide::of([at(0), at(1), at(2), 0]);
    }
}
