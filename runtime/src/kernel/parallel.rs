//! Work split over cores: by places in the output, never by the number of threads, so that the bits do not depend on it.

/// Work of fewer floating-point operations than this, about a quarter of a millisecond of one core, stays on the caller's thread.
#[cfg(feature = "std")]
const WORTH_THREADS: usize = 10_000_000;

/// Calls `work(i, chunk)` for every `chunk` of `len` numbers of `y` (the last may be shorter), on the threads of the
/// current `rayon` pool when `flops`, an estimate of the whole work, makes that worthwhile.
pub(super) fn chunks(
    flops: usize,
    y: &mut [f32],
    len: usize,
    work: impl Fn(usize, &mut [f32]) + Sync + Send,
) {
    let len = len.max(1);
    #[cfg(feature = "std")]
    if flops >= WORTH_THREADS && y.len() > len && rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        y.par_chunks_mut(len).enumerate().for_each(|(i, y)| work(i, y));
        return;
    }
    let _ = flops;
    y.chunks_mut(len).enumerate().for_each(|(i, y)| work(i, y));
}

/// As [`chunks`], over two slices at once: `work(i, chunk of a, chunk of b)`.
pub(super) fn chunks2<A: Send, B: Send>(
    flops: usize,
    (a, a_len): (&mut [A], usize),
    (b, b_len): (&mut [B], usize),
    work: impl Fn(usize, &mut [A], &mut [B]) + Sync + Send,
) {
    let (a_len, b_len) = (a_len.max(1), b_len.max(1));
    #[cfg(feature = "std")]
    if flops >= WORTH_THREADS && a.len() > a_len && rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        let pairs = a.par_chunks_mut(a_len).zip(b.par_chunks_mut(b_len));
        pairs.enumerate().for_each(|(i, (a, b))| work(i, a, b));
        return;
    }
    let _ = flops;
    a.chunks_mut(a_len).zip(b.chunks_mut(b_len)).enumerate().for_each(|(i, (a, b))| work(i, a, b));
}

/// Calls `work(i)` for every `i` below `count`, like [`chunks`].
#[cfg(feature = "std")]
pub(super) fn tasks(flops: usize, count: usize, work: impl Fn(usize) + Sync + Send) {
    if flops >= WORTH_THREADS && count > 1 && rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        (0..count).into_par_iter().for_each(work);
    } else {
        (0..count).for_each(work);
    }
}

/// The start of a slice of which several threads write different parts.
#[cfg(feature = "std")]
#[derive(Clone, Copy)]
pub(super) struct Shared {
    start: *mut f32,
    len: usize,
}

// SAFETY: a pointer alone does nothing; whoever follows it promises that no two threads do so at the same place.
#[cfg(feature = "std")]
unsafe impl Send for Shared {}
// SAFETY: the same.
#[cfg(feature = "std")]
unsafe impl Sync for Shared {}

#[cfg(feature = "std")]
impl Shared {
    pub(super) fn of(slice: &mut [f32]) -> Self {
        Shared { start: slice.as_mut_ptr(), len: slice.len() }
    }

    /// Place `i`. To follow the pointer is sound as long as the slice is borrowed and no other thread is at that place.
    #[inline(always)]
    pub(super) fn at(self, i: usize) -> *mut f32 {
        assert!(i < self.len);
        self.start.wrapping_add(i)
    }
}

/// Lends `work` a buffer of `len` numbers, whatever they hold, that starts on a cache line. Each thread keeps its buffers.
#[cfg(feature = "std")]
pub(super) fn scratch<T>(len: usize, work: impl FnOnce(&mut [f32]) -> T) -> T {
    use core::cell::RefCell;
    use std::vec::Vec;

    std::thread_local!(static FREE: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) });
    const LINE: usize = 64 / size_of::<f32>();

    let mut buffer = FREE.with_borrow_mut(Vec::pop).unwrap_or_default();
    if buffer.len() < len + LINE {
        buffer.clear();
        buffer.resize(len + LINE, 0.0);
    }
    let start = buffer.as_ptr().align_offset(64).min(LINE);
    let value = work(&mut buffer[start..start + len]);
    FREE.with_borrow_mut(|free| free.push(buffer));
    value
}
