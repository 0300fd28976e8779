//! Types of which every pattern of bits is a value: so networks are made on the heap, or laid into flash, and never pass through the stack.

use core::marker::PhantomData;

pub use firmnet_macros::FromBytes;

/// Every pattern of bits is a value: numbers are such, arrays of them, and structs that derive it.
///
/// # Safety
/// It has to be true, of every byte. So there may be no `bool`, `enum`, reference or pointer in it.
#[diagnostic::on_unimplemented(
    message = "not every pattern of bits is a `{Self}`",
    label = "this is neither a number nor an array of them",
    note = "a struct that holds numbers, and arrays of them, derives `firmnet::layer::FromBytes`"
)]
pub unsafe trait FromBytes: Sized {
    /// Nobody calls it: what the derive writes into it does not compile unless every field is `FromBytes` too.
    #[doc(hidden)]
    #[inline]
    fn fields() {}
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        // SAFETY: a number has no bits that would mean nothing.
        unsafe impl FromBytes for $number {}
    )*};
}

numbers!(i8 i32 u32 f32);

// SAFETY: an array is its elements, and no byte more.
unsafe impl<T: FromBytes, const N: usize> FromBytes for [T; N] {}

// SAFETY: it has no bits.
unsafe impl<T: ?Sized> FromBytes for PhantomData<T> {}

/// The value whose bits are all zero.
pub const fn zero<T: FromBytes>() -> T {
    // SAFETY: every pattern of bits is a value.
    unsafe { core::mem::zeroed() }
}

/// As [`zero`], on the heap. It never passes through the stack.
#[cfg(feature = "alloc")]
pub fn boxed_zero<T: FromBytes>() -> alloc::boxed::Box<T> {
    // SAFETY: every pattern of bits is a value.
    unsafe { alloc::boxed::Box::new_zeroed().assume_init() }
}

/// The value that is made of `bytes`, which may lie anywhere.
pub const fn read<T: FromBytes, const N: usize>(bytes: [u8; N]) -> T {
    const { assert!(N == size_of::<T>(), "there are as many bytes as the value has") }
    // SAFETY: as many are there, every pattern of bits is a value, and where they lie does not matter to `read_unaligned`.
    unsafe { bytes.as_ptr().cast::<T>().read_unaligned() }
}
