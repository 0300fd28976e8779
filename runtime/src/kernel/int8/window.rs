//! What a window of a convolution sees, in the order of the weights.

use super::tile::{Wide, widen};
use crate::kernel::Conv2d;

/// Where a window begins, in rows and columns of the input; before the first, it is beyond the last.
#[derive(Clone, Copy)]
pub(super) struct Corner {
    pub(super) top: usize,
    pub(super) left: usize,
}

impl Corner {
    /// Of the output at `row` and `col`.
    #[inline(always)]
    pub(super) fn of(shape: &Conv2d, row: usize, col: usize) -> Self {
        Corner {
            top: (row * shape.stride[0]).wrapping_sub(shape.padding[0]),
            left: (col * shape.stride[1]).wrapping_sub(shape.padding[1]),
        }
    }
}

/// Where what a window sees goes, piece after piece.
pub(super) trait Sink {
    /// Bytes of the input.
    fn copy(&mut self, x: &[i8]);
    /// So many bytes of padding.
    fn fill(&mut self, zero: i8, count: usize);
}

/// Gives `sink` the channels `from .. from + C / groups` of each place that the window sees.
#[inline(always)]
pub(super) fn window(
    shape: &Conv2d,
    corner: Corner,
    x: &[i8],
    from: usize,
    zero: i8,
    sink: &mut impl Sink,
) {
    let Conv2d { in_channels, height, width, kernel: [kh, kw], dilation, .. } = *shape;
    let channels = in_channels / super::pack::at_least_one(shape.groups);
    let in_one_piece = dilation[1] == 1 && channels == in_channels;
    let mut y = corner.top;
    for _ in 0..kh {
        let line = if y < height { y * width * in_channels } else { x.len() };
        let line = x.get(line..).unwrap_or_default();
        if line.is_empty() {
            sink.fill(zero, kw * channels);
        } else if in_one_piece {
            // Columns before the image, in it, and behind it.
            let before = if corner.left < width { 0 } else { corner.left.wrapping_neg().min(kw) };
            let start = corner.left.wrapping_add(before);
            let inside = (kw - before).min(width.saturating_sub(start));
            if before > 0 {
                sink.fill(zero, before * channels);
            }
            let piece = line.get(start * channels..(start + inside) * channels);
            sink.copy(piece.unwrap_or_default());
            if before + inside < kw {
                sink.fill(zero, (kw - before - inside) * channels);
            }
        } else {
            let mut at = corner.left;
            for _ in 0..kw {
                let start = at.wrapping_mul(in_channels).wrapping_add(from);
                match line.get(start..start.wrapping_add(channels)) {
                    Some(x) if at < width => sink.copy(x),
                    _ => sink.fill(zero, channels),
                }
                at = at.wrapping_add(dilation[1]);
            }
        }
        y = y.wrapping_add(dilation[0]);
    }
}

/// Bytes one after the other.
pub(super) struct InBytes<'a>(pub(super) &'a mut [i8]);

impl InBytes<'_> {
    #[inline(always)]
    fn next(&mut self, count: usize) -> &mut [i8] {
        let all = core::mem::take(&mut self.0);
        let (next, rest) = all.split_at_mut_checked(count).unwrap_or_default();
        self.0 = rest;
        next
    }
}

impl Sink for InBytes<'_> {
    #[inline(always)]
    fn copy(&mut self, x: &[i8]) {
        self.next(x.len()).iter_mut().zip(x).for_each(|(to, x)| *to = *x);
    }
    #[inline(always)]
    fn fill(&mut self, zero: i8, count: usize) {
        self.next(count).iter_mut().for_each(|to| *to = zero);
    }
}

/// Widened at once, every second place for one of two windows. Pieces are whole fours.
pub(super) struct Widened<'a>(pub(super) core::slice::IterMut<'a, [Wide; 2]>, pub(super) usize);

impl Widened<'_> {
    #[inline(always)]
    fn places(&mut self) -> impl Iterator<Item = &mut Wide> {
        let window = self.1;
        self.0.by_ref().filter_map(move |both| both.get_mut(window))
    }
}

impl Sink for Widened<'_> {
    #[inline(always)]
    fn copy(&mut self, x: &[i8]) {
        widen(x, self.places());
    }
    #[inline(always)]
    fn fill(&mut self, zero: i8, count: usize) {
        self.places().take(count / 4).for_each(|to| *to = Wide::of([zero; 4]));
    }
}
