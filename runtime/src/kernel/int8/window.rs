//! What a window of a convolution sees, in the order of the weights.

use super::pack::at_least_one;
use super::tile::{Wide, widen};
use crate::kernel::Conv2d;

/// Whether what a window sees comes in whole fours, wherever it is cut by padding.
pub(super) const fn in_fours(shape: &Conv2d) -> bool {
    (shape.in_channels / at_least_one(shape.groups)).is_multiple_of(4)
}

/// The channels `from .. from + C / groups` of an image, and what they are padded with.
pub(super) struct View<'a> {
    pub(super) shape: &'a Conv2d,
    pub(super) x: &'a [i8],
    pub(super) from: usize,
    pub(super) zero: i8,
}

impl View<'_> {
    /// Writes what the output at `row` and `col` sees to `windows[..][place]`. What does not come in whole fours is put together in `staged`.
    #[inline(never)]
    pub(super) fn gather(
        &self,
        at: [usize; 2],
        staged: &mut [i8],
        windows: &mut [[Wide; 2]],
        place: usize,
    ) {
        let Conv2d { in_channels, width, kernel: [kh, kw], stride, padding, dilation, .. } =
            *self.shape;
        let channels = in_channels / at_least_one(self.shape.groups);
        // Before the first row, or column, this is beyond the last.
        let top = (at[0] * stride[0]).wrapping_sub(padding[0]);
        let left = (at[1] * stride[1]).wrapping_sub(padding[1]);
        let mut sink = Widened { to: &mut *windows, place };
        if dilation[1] > 1 || channels < in_channels {
            if channels.is_multiple_of(4) {
                return self.taps([top, left], &mut sink);
            }
            self.taps([top, left], &mut InBytes(&mut *staged));
        } else {
            // Of each line, columns before the image, in it, and behind it.
            let before = if left < width { 0 } else { left.wrapping_neg().min(kw) };
            let start = left.wrapping_add(before);
            let inside = (kw - before).min(width.saturating_sub(start));
            let columns = [before, start, inside, kw - before - inside].map(|n| n * channels);
            if columns.iter().all(|n| n.is_multiple_of(4))
                || inside == kw && columns[2].is_multiple_of(4)
            {
                return self.lines(top, columns, &mut sink);
            }
            self.lines(top, columns, &mut InBytes(&mut *staged));
        }
        widen(staged.get(..kh * kw * channels).unwrap_or_default(), windows, place);
    }

    /// Gives `sink` what the window at `top` and `left` sees, line by line: of each, so many bytes of padding, from where on the image is seen, and
    /// how many bytes of it, and padding again.
    #[inline(always)]
    fn lines(&self, top: usize, [before, start, inside, after]: [usize; 4], sink: &mut impl Sink) {
        let Conv2d { in_channels, height, width, kernel, dilation, .. } = *self.shape;
        let mut y = top;
        for _ in 0..kernel[0] {
            match self.x.get(y.wrapping_mul(width * in_channels).wrapping_add(start)..) {
                Some(x) if y < height => {
                    if before > 0 {
                        sink.fill(self.zero, before);
                    }
                    sink.copy(x, inside);
                    if after > 0 {
                        sink.fill(self.zero, after);
                    }
                }
                _ => sink.fill(self.zero, before + inside + after),
            }
            y = y.wrapping_add(dilation[0]);
        }
    }

    /// As [`lines`](View::lines), tap by tap.
    #[inline(never)]
    fn taps(&self, [mut y, left]: [usize; 2], sink: &mut impl Sink) {
        let Conv2d { in_channels, height, width, kernel: [kh, kw], dilation, .. } = *self.shape;
        let channels = in_channels / at_least_one(self.shape.groups);
        for _ in 0..kh {
            let mut at = left;
            for _ in 0..kw {
                let place = y.wrapping_mul(width).wrapping_add(at).wrapping_mul(in_channels);
                match self.x.get(place.wrapping_add(self.from)..) {
                    Some(x) if y < height && at < width => sink.copy(x, channels),
                    _ => sink.fill(self.zero, channels),
                }
                at = at.wrapping_add(dilation[1]);
            }
            y = y.wrapping_add(dilation[0]);
        }
    }
}

/// Where what a window sees goes, piece after piece.
trait Sink {
    /// The first `count` bytes.
    fn copy(&mut self, x: &[i8], count: usize);
    /// So many bytes of padding.
    fn fill(&mut self, zero: i8, count: usize);
}

/// Bytes one after the other. Behind the last, there is room for three more.
struct InBytes<'a>(&'a mut [i8]);

impl InBytes<'_> {
    #[inline(always)]
    fn skip(&mut self, count: usize) {
        self.0 = core::mem::take(&mut self.0).get_mut(count..).unwrap_or_default();
    }
}

impl Sink for InBytes<'_> {
    #[inline(always)]
    fn copy(&mut self, x: &[i8], count: usize) {
        // Of pieces as short as these, words are copied faster than what is asked for, and what is too much is overwritten.
        let whole = count.next_multiple_of(4);
        match (x.get(..whole), self.0.get_mut(..whole)) {
            (Some(x), Some(to)) => copy_words(x, to),
            _ => self.0.iter_mut().zip(x).take(count).for_each(|(to, x)| *to = *x),
        }
        self.skip(count);
    }
    #[inline(always)]
    fn fill(&mut self, zero: i8, count: usize) {
        self.0.iter_mut().take(count).for_each(|to| *to = zero);
        self.skip(count);
    }
}

/// Widened at once, for one of two windows. Pieces are whole fours.
struct Widened<'a> {
    to: &'a mut [[Wide; 2]],
    place: usize,
}

impl<'a> Widened<'a> {
    #[inline(always)]
    fn next(&mut self, fours: usize) -> &'a mut [[Wide; 2]] {
        let (next, rest) =
            core::mem::take(&mut self.to).split_at_mut_checked(fours).unwrap_or_default();
        self.to = rest;
        next
    }
}

impl Sink for Widened<'_> {
    #[inline(always)]
    fn copy(&mut self, x: &[i8], count: usize) {
        widen(x.get(..count).unwrap_or_default(), self.next(count / 4), self.place);
    }
    #[inline(always)]
    fn fill(&mut self, zero: i8, count: usize) {
        let place = self.place;
        for to in self.next(count / 4) {
            if let Some(to) = to.get_mut(place) {
                *to = Wide::of([zero; 4]);
            }
        }
    }
}

/// Copies words, which may begin at any byte.
#[inline(always)]
fn copy_words(x: &[i8], to: &mut [i8]) {
    #[cfg(cortex_m_dsp)]
    super::dsp::copy_words(x.as_chunks::<4>().0, to.as_chunks_mut::<4>().0);
    #[cfg(not(cortex_m_dsp))]
    to.copy_from_slice(x);
}
