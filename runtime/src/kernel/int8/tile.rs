//! The innermost loops: rows of weights times windows of the input, four taps at a time.

use bytemuck::{Pod, Zeroable};

#[cfg(cortex_m_dsp)]
use super::dsp;
use super::{Bytes, Channel, Four};
#[cfg(all(feature = "std", target_arch = "x86_64"))]
use crate::kernel::Isa;

/// Four numbers of the input, as wide as they are multiplied: in their order, or, where there are DSP instructions, the even ones first.
#[derive(Clone, Copy)]
#[repr(C, align(4))]
pub(super) struct Wide([u32; 2]);

// SAFETY: whole numbers of one width, aligned as they are.
unsafe impl Zeroable for Wide {}
// SAFETY: as above.
unsafe impl Pod for Wide {}

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

    /// All four, as they lie in memory.
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    pub(super) fn bits(self) -> i64 {
        bytemuck::must_cast(self.0)
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
            let x: [i16; 4] = bytemuck::must_cast(self.0);
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
    {
        let sums = sums.map(|sum| [sum]);
        vectors(weight, x, sums)
            .unwrap_or_else(|| tile::<4, 4, 1>(weight, x, sums))
            .map(|[sum]| sum)
    }
}

/// As [`tile`] of four rows that are interleaved, on a processor that has instructions for it.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
#[inline(always)]
fn vectors<const P: usize>(
    weight: &[Four],
    x: &[Wide],
    sums: [[i32; P]; 4],
) -> Option<[[i32; P]; 4]> {
    // SAFETY: what is not plain code has AVX2.
    (Isa::current() != Isa::Scalar).then(|| unsafe { super::avx2::four_rows(weight, x, sums) })
}

#[cfg(not(any(cortex_m_dsp, all(feature = "std", target_arch = "x86_64"))))]
#[inline(always)]
fn vectors<const P: usize>(_: &[Four], _: &[Wide], _: [[i32; P]; 4]) -> Option<[[i32; P]; 4]> {
    None
}

/// The outputs of `channels`, which are common ones, for two windows.
#[inline(always)]
pub(super) fn four_by_two(
    weight: &[Four],
    x: &[Wide],
    channels: &[[Channel; 4]],
    bytes: &Bytes,
    [first, second]: [&mut [[i8; 4]]; 2],
) {
    let fours = x.len() / 2;
    let fits = weight.len() == 4 * fours * channels.len() && fours > 0;
    if !fits || first.len() != channels.len() || second.len() != channels.len() {
        return;
    }
    #[cfg(cortex_m_dsp)]
    if !channels.is_empty() {
        let channels = channels.as_flattened().as_ptr_range();
        let mut windows = dsp::TwoWindows {
            y: [first, second].map(|y| y.as_flattened_mut().as_mut_ptr()),
            x: x.as_ptr(),
            fours,
            channel: channels.start,
            half: 2 * i32::from(bytes.output_zero) + 1,
            end: channels.end,
        };
        // SAFETY: just asked.
        unsafe { windows.rows(weight.as_ptr()) };
    }
    #[cfg(not(cortex_m_dsp))]
    for (((channels, weight), first), second) in
        channels.iter().zip(weight.chunks_exact(4 * fours)).zip(first).zip(second)
    {
        let biases = channels.each_ref().map(|channel| [channel.bias; 2]);
        if let Some(sums) = vectors(weight, x, biases) {
            for (row, (channel, sums)) in channels.iter().zip(sums).enumerate() {
                [first[row], second[row]] = channel.finish_common(sums, bytes);
            }
            continue;
        }
        for (two, channels) in channels.as_chunks::<2>().0.iter().enumerate() {
            let weight = weight.get(2 * two..).unwrap_or_default();
            let sums = tile::<4, 2, 2>(weight, x, channels.each_ref().map(|c| [c.bias; 2]));
            for (row, (channel, sums)) in channels.iter().zip(sums).enumerate() {
                let place = 2 * two + row;
                [first[place], second[place]] = channel.finish_common(sums, bytes);
            }
        }
    }
}

/// Lines of an image, or what is seen of them.
#[derive(Clone, Copy)]
pub(super) struct Lines<'a> {
    /// From the first of them on.
    pub(super) x: &'a [i8],
    /// From one to the next.
    pub(super) pitch: usize,
    /// How many.
    pub(super) count: usize,
    /// Bytes of each.
    pub(super) len: usize,
}

impl Lines<'_> {
    /// Widens their bytes, which come in fours, into `to[..][place]`, from its beginning.
    #[inline(always)]
    pub(super) fn widen<const EVERY: usize>(self, to: &mut [[Wide; EVERY]], place: usize) {
        let Lines { x, pitch, count, len } = self;
        if place >= EVERY || to.len() < len / 4 * count {
            return;
        }
        #[cfg(cortex_m_dsp)]
        if count > 0 && len >= 4 && x.len() >= (count - 1) * pitch + len {
            let to = to.as_flattened_mut().as_mut_ptr().wrapping_add(place);
            // SAFETY: just asked; each of the fours has an array, and that a place.
            unsafe { dsp::widen::<EVERY>(self, to) };
        }
        #[cfg(not(cortex_m_dsp))]
        for (x, to) in x.chunks(pitch.max(1)).take(count).zip(to.chunks_exact_mut((len / 4).max(1)))
        {
            for (&x, to) in x.as_chunks::<4>().0.iter().zip(to) {
                to[place] = Wide::of(x);
            }
        }
    }

    /// Copies them to `to`, one behind the other, and then up to three bytes more.
    #[inline(always)]
    pub(super) fn copy(self, to: &mut [i8]) {
        let Lines { x, pitch, count, len } = self;
        #[cfg(cortex_m_dsp)]
        {
            let over = len.next_multiple_of(4) - len;
            let fits = x.len() >= count.saturating_sub(1) * pitch + len + over
                && to.len() >= count * len + over;
            if fits && count > 0 && len > 0 {
                // SAFETY: just asked.
                unsafe { dsp::copy(self, to.as_mut_ptr()) };
            }
        }
        #[cfg(not(cortex_m_dsp))]
        for (x, to) in x.chunks(pitch.max(1)).take(count).zip(to.chunks_exact_mut(len.max(1))) {
            to.iter_mut().zip(x).for_each(|(to, x)| *to = *x);
        }
    }
}

/// Widens four bytes after four into `to[..][place]`, from its beginning; the last ones are filled up with zeros.
#[inline(always)]
pub(super) fn widen<const EVERY: usize>(x: &[i8], to: &mut [[Wide; EVERY]], place: usize) {
    let (fours, rest) = x.as_chunks::<4>();
    let len = 4 * fours.len();
    Lines { x, pitch: len, count: 1, len }.widen(to, place);
    let last = to.get_mut(fours.len()).and_then(|to| to.get_mut(place));
    if let (Some(to), false) = (last, rest.is_empty()) {
        let at = |k: usize| rest.get(k).copied().unwrap_or(0);
        *to = Wide::of([at(0), at(1), at(2), 0]);
    }
}
