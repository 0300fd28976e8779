//! A `static` that can be written to.

use core::cell::{Cell, UnsafeCell};

/// A value that is lent once, to whoever asks first: for the memory of a pass, which is then no burden on the stack.
pub struct Lend<T> {
    value: UnsafeCell<T>,
    lent: Cell<bool>,
}

// SAFETY: these programs have one thread, and no interrupts.
unsafe impl<T> Sync for Lend<T> {}

impl<T> Lend<T> {
    /// `value`, for a `static`.
    pub const fn new(value: T) -> Lend<T> {
        Lend { value: UnsafeCell::new(value), lent: Cell::new(false) }
    }

    /// The value, the first time.
    pub fn take(&'static self) -> Option<&'static mut T> {
        // SAFETY: `lent` says that nobody else has it.
        (!self.lent.replace(true)).then(|| unsafe { &mut *self.value.get() })
    }
}
