//! A list that needs no heap.

use core::mem::MaybeUninit;
use core::ops::Deref;

/// Up to `N` of `T`. Most lists are short, so only what is there is written.
pub(super) struct List<T, const N: usize> {
    items: [MaybeUninit<T>; N],
    len: usize,
}

impl<T: Copy, const N: usize> List<T, N> {
    pub(super) const EMPTY: Self = List { items: [const { MaybeUninit::uninit() }; N], len: 0 };

    pub(super) fn push(&mut self, item: T) {
        self.items[self.len].write(item);
        self.len += 1;
    }
}

impl<T: Copy, const N: usize> Deref for List<T, N> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: the first `len` have been written, by `push`.
        unsafe { core::slice::from_raw_parts(self.items.as_ptr().cast(), self.len) }
    }
}
