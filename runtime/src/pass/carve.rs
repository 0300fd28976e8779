//! Slices out of one memory: some to be written, the rest to be read.

use core::ops::Range;

use crate::check::split;

/// What [`carve`] leaves: the stretches between what was taken to be written.
pub(crate) struct Rest<'a, T, const M: usize> {
    first: &'a [T],
    after: [(usize, &'a [T]); M],
}

impl<'a, T, const M: usize> Rest<'a, T, M> {
    #[inline]
    pub(crate) fn get(&self, range: Option<Range<usize>>) -> &'a [T] {
        range.map_or(&[], |range| self.find(range))
    }

    #[inline]
    fn find(&self, range: Range<usize>) -> &'a [T] {
        let after = self.after.iter().rev().find(|(start, _)| range.start >= *start);
        let (start, stretch) = after.map_or((0, self.first), |&(start, stretch)| (start, stretch));
        let within = range.start.wrapping_sub(start)..range.end.wrapping_sub(start);
        stretch.get(within).unwrap_or_default()
    }
}

/// Takes `ranges`, which do not overlap, out of `memory`, and the rest to be read.
#[inline(always)]
pub(crate) fn carve<T, const M: usize>(
    memory: &mut [T],
    ranges: [Option<Range<usize>>; M],
) -> ([Option<&mut [T]>; M], Rest<'_, T, M>) {
    let mut taken = [const { None }; M];
    let mut after: [(usize, &[T]); M] = [(usize::MAX, &[]); M];
    let mut memory = memory;
    // From the last to the first, so that every piece is cut off the end.
    let sorted = last_first(ranges);
    for k in 0..M {
        let (i, Some((start, end))) = sorted[k] else { break };
        let (before, rest) = split(memory, start);
        let (piece, stretch) = split(rest, end - start);
        taken[i] = Some(piece);
        after[M - 1 - k] = (end, stretch);
        memory = before;
    }
    (taken, Rest { first: memory, after })
}

/// The place of each range among `ranges`, its start and its end; the last range first, those that are not there at the end.
///
/// Values are exchanged, not pieces of memory: so nothing is left of it where the ranges are constants.
#[inline(always)]
fn last_first<const M: usize>(
    ranges: [Option<Range<usize>>; M],
) -> [(usize, Option<(usize, usize)>); M] {
    let mut i = 0;
    let mut sorted = ranges.map(|range| {
        i += 1;
        (i - 1, range.map(|range| (range.start, range.end)))
    });
    for end in (1..M).rev() {
        for i in 0..end {
            let (a, b) = (sorted[i], sorted[i + 1]);
            (sorted[i], sorted[i + 1]) = if a.1 >= b.1 { (a, b) } else { (b, a) };
        }
    }
    sorted
}
