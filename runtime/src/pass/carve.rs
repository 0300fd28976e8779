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
    let mut ranges = ranges;
    let mut taken = [const { None }; M];
    let mut after: [(usize, &[T]); M] = [(usize::MAX, &[]); M];
    let mut memory = memory;
    // From the last to the first, so that every piece is cut off the end.
    for after in after.iter_mut().rev() {
        let left = ranges.iter_mut().zip(&mut taken).filter(|(range, _)| range.is_some());
        let Some((range, taken)) =
            left.max_by_key(|(range, _)| range.as_ref().map(|range| (range.start, range.end)))
        else {
            break;
        };
        let Some(range) = range.take() else { break };
        let (before, rest) = split(memory, range.start);
        let (piece, stretch) = split(rest, range.len());
        *taken = Some(piece);
        *after = (range.end, stretch);
        memory = before;
    }
    (taken, Rest { first: memory, after })
}
