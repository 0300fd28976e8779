//! What is known of bits that the compiler does not know. Of some types every pattern is a value: so networks are made on the heap, or laid into flash,
//! and never pass through the stack. And an argument of one of several types is read as what it was written as.

use core::marker::PhantomData;

use crate::shape::Shape;

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

/// As many numbers as a cache line holds, on one.
#[cfg(feature = "alloc")]
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

// SAFETY: it is its numbers, and no byte more.
#[cfg(feature = "alloc")]
unsafe impl bytemuck::Zeroable for Line {}
// SAFETY: the same.
#[cfg(feature = "alloc")]
unsafe impl bytemuck::Pod for Line {}

/// Numbers that start on a cache line, from where vectors are read fastest.
#[cfg(feature = "alloc")]
#[derive(Default)]
pub struct Lines {
    lines: alloc::vec::Vec<Line>,
    len: usize,
}

#[cfg(feature = "alloc")]
impl Lines {
    /// None yet.
    pub(crate) const EMPTY: Self = Lines { lines: alloc::vec::Vec::new(), len: 0 };

    /// `len` zeros.
    pub fn zeros(len: usize) -> Self {
        Lines { lines: alloc::vec![Line([0.0; 16]); len.div_ceil(16)], len }
    }

    /// The first `len` numbers, whatever they hold; where there are fewer, they are made anew.
    #[inline]
    pub(crate) fn room(&mut self, len: usize) -> &mut [f32] {
        if self.len < len {
            *self = Lines::zeros(len);
        }
        &mut self[..len]
    }
}

#[cfg(feature = "alloc")]
impl core::ops::Deref for Lines {
    type Target = [f32];

    #[inline]
    fn deref(&self) -> &[f32] {
        bytemuck::must_cast_slice(&self.lines).get(..self.len).unwrap_or_default()
    }
}

#[cfg(feature = "alloc")]
impl core::ops::DerefMut for Lines {
    #[inline]
    fn deref_mut(&mut self) -> &mut [f32] {
        let all: &mut [f32] = bytemuck::must_cast_slice_mut(&mut self.lines);
        all.get_mut(..self.len).unwrap_or_default()
    }
}

/// The shape with the sizes `dims`, told apart by their type.
pub(crate) const fn read_dims<D: sealed::Axes>(dims: D) -> Shape {
    union Read<D: Copy> {
        written: D,
        one: [usize; 1],
        two: [usize; 2],
        three: [usize; 3],
        four: [usize; 4],
    }
    let read = Read { written: dims };
    // SAFETY: `Axes` is sealed, and each of its types says how many numbers it is: what is read is what was written.
    unsafe {
        match D::RANK {
            1 => Shape::of(&read.one),
            2 => Shape::of(&read.two),
            3 => Shape::of(&read.three),
            _ => Shape::of(&read.four),
        }
    }
}

/// An argument, by its type; see `cast`.
pub(crate) enum Written {
    One(usize),
    Two([usize; 2]),
    Four([usize; 4]),
    Real(f64),
    Reals([f64; 2]),
    Name(&'static str),
}

/// `argument`, told apart by its type.
pub(crate) const fn read_argument<A: sealed::Argument>(argument: A) -> Written {
    union Read<A: Copy> {
        written: A,
        one: usize,
        two: (usize, usize),
        four: (usize, usize, usize, usize),
        real: f64,
        reals: (f64, f64),
        name: &'static str,
    }
    let read = Read { written: argument };
    // SAFETY: `Argument` is sealed, and each of its types says its own kind: what is read is what was written.
    unsafe {
        match A::KIND {
            sealed::ArgumentKind::One => Written::One(read.one),
            sealed::ArgumentKind::Two => Written::Two([read.two.0, read.two.1]),
            sealed::ArgumentKind::Four => {
                Written::Four([read.four.0, read.four.1, read.four.2, read.four.3])
            }
            sealed::ArgumentKind::Real => Written::Real(read.real),
            sealed::ArgumentKind::Reals => Written::Reals([read.reals.0, read.reals.1]),
            sealed::ArgumentKind::Name => Written::Name(read.name),
        }
    }
}

/// The types that can be told apart. Nobody adds one: what is read has to be what was written.
pub(crate) mod sealed {
    pub enum ArgumentKind {
        One,
        Two,
        Four,
        Real,
        Reals,
        Name,
    }

    /// As many whole numbers as there are axes.
    pub trait Axes: Copy {
        const RANK: usize;
    }

    impl Axes for usize {
        const RANK: usize = 1;
    }
    impl Axes for [usize; 1] {
        const RANK: usize = 1;
    }
    impl Axes for [usize; 2] {
        const RANK: usize = 2;
    }
    impl Axes for [usize; 3] {
        const RANK: usize = 3;
    }
    impl Axes for [usize; 4] {
        const RANK: usize = 4;
    }

    /// The types that `read` can tell apart.
    pub trait Argument: Copy {
        const KIND: ArgumentKind;
    }

    impl Argument for usize {
        const KIND: ArgumentKind = ArgumentKind::One;
    }
    impl Argument for (usize, usize) {
        const KIND: ArgumentKind = ArgumentKind::Two;
    }
    impl Argument for (usize, usize, usize, usize) {
        const KIND: ArgumentKind = ArgumentKind::Four;
    }
    impl Argument for f64 {
        const KIND: ArgumentKind = ArgumentKind::Real;
    }
    impl Argument for (f64, f64) {
        const KIND: ArgumentKind = ArgumentKind::Reals;
    }
    impl Argument for &'static str {
        const KIND: ArgumentKind = ArgumentKind::Name;
    }
}
