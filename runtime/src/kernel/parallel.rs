//! Work split over cores: by places in the output, never by the number of threads, so that the bits do not depend on it.

/// Work of fewer floating-point operations than this, about a quarter of a millisecond of one core, stays on the caller's thread.
#[cfg(feature = "std")]
const WORTH_THREADS: usize = 10_000_000;

/// Whether work of so many floating-point operations is worth more threads than one.
pub(super) fn are_worth_threads(flops: usize) -> bool {
    #[cfg(feature = "std")]
    return flops >= WORTH_THREADS && rayon::current_num_threads() > 1;
    #[cfg(not(feature = "std"))]
    {
        let _ = flops;
        false
    }
}

/// How many operations `factors` make together. Where a `usize` has 32 bits, the product of lengths that fit into memory need
/// not fit; work as long as that is worth threads in any case.
pub(super) fn estimate<const N: usize>(factors: [usize; N]) -> usize {
    factors.into_iter().fold(1, usize::saturating_mul)
}

/// Calls `work(0)`, ..., `work(count − 1)`, each once, on the threads of the current `rayon` pool when `flops`, an
/// estimate of the whole work, makes that worthwhile.
pub(super) fn tasks(flops: usize, count: usize, work: impl Fn(usize) + Sync) {
    #[cfg(feature = "std")]
    if count > 1 && are_worth_threads(flops) {
        use rayon::prelude::*;
        #[cfg(test)]
        let work = super::dispatch::forced::carry(work);
        (0..count).into_par_iter().for_each(&work);
        return;
    }
    let _ = flops;
    (0..count).for_each(work);
}

/// Calls `work(i, chunk)` for every `chunk` of `len` numbers of `y` (the last may be shorter), like [`tasks`].
pub(super) fn chunks(
    flops: usize,
    y: &mut [f32],
    len: usize,
    work: impl Fn(usize, &mut [f32]) + Sync,
) {
    let (len, y) = (len.max(1), Shared::of(y));
    // SAFETY: task `i` alone has the numbers from `i · len` on; `y` is borrowed until all are done.
    tasks(flops, y.len.div_ceil(len), |i| work(i, unsafe { y.chunk(i, len) }));
}

/// As [`chunks`], over two slices at once: `work(i, chunk of a, chunk of b)`.
pub(super) fn chunks2<A: Send, B: Send>(
    flops: usize,
    (a, a_len): (&mut [A], usize),
    (b, b_len): (&mut [B], usize),
    work: impl Fn(usize, &mut [A], &mut [B]) + Sync,
) {
    let (a_len, b_len) = (a_len.max(1), b_len.max(1));
    let (a, b) = (Shared::of(a), Shared::of(b));
    tasks(flops, a.len.div_ceil(a_len).min(b.len.div_ceil(b_len)), |i| {
        // SAFETY: as in `chunks`, for both.
        unsafe { work(i, a.chunk(i, a_len), b.chunk(i, b_len)) }
    });
}

/// The start of a slice of which several threads write different parts.
pub(super) struct Shared<T> {
    start: *mut T,
    len: usize,
}

// SAFETY: a pointer alone does nothing; whoever follows it promises that no two threads do so at the same place.
unsafe impl<T: Send> Send for Shared<T> {}
// SAFETY: the same.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub(super) fn of(slice: &mut [T]) -> Self {
        Shared { start: slice.as_mut_ptr(), len: slice.len() }
    }

    /// Place `i`. To follow the pointer is sound as long as the slice is borrowed and no other thread is at that place.
    #[inline(always)]
    pub(super) fn at(&self, i: usize) -> *mut T {
        assert!(i < self.len);
        self.start.wrapping_add(i)
    }

    /// The `i`-th piece of `len`, or what is left of it.
    ///
    /// # Safety
    /// The slice that this was made of is borrowed for as long as the piece is used, and nobody else has that piece.
    unsafe fn chunk<'a>(&self, i: usize, len: usize) -> &'a mut [T] {
        // SAFETY: the caller's promise.
        unsafe { self.range(i * len, len) }
    }

    /// The `len` places from `start` on, or what is left of them.
    ///
    /// # Safety
    /// The slice that this was made of is borrowed for as long as the piece is used, and nobody else has a place of it.
    pub(super) unsafe fn range<'a>(&self, start: usize, len: usize) -> &'a mut [T] {
        let start = start.min(self.len);
        let len = len.min(self.len - start);
        // SAFETY: within the slice, as just made sure; unshared by the caller's promise.
        unsafe { core::slice::from_raw_parts_mut(self.start.add(start), len) }
    }
}

/// Lends `work` a buffer of `len` numbers, whatever they hold, that starts on a cache line. Each thread keeps its buffers.
#[cfg(feature = "std")]
pub(super) fn scratch<T>(len: usize, work: impl FnOnce(&mut [f32]) -> T) -> T {
    use crate::bits::Lines;
    use core::cell::RefCell;
    use std::vec::Vec;

    std::thread_local!(static FREE: RefCell<Vec<Lines>> = const { RefCell::new(Vec::new()) });

    let mut buffer = FREE.with_borrow_mut(Vec::pop).unwrap_or_default();
    let value = work(buffer.room(len));
    FREE.with_borrow_mut(|free| free.push(buffer));
    value
}
