//! What goes into a network and what comes out: one sample array, or a tuple of several, and batches of them.

use crate::infer::MAX_INPUTS;
use crate::pass::Slices;
use crate::sample::Sample;

/// What a network takes: a [`Sample`], or a tuple of them when it has several inputs.
pub trait Input: Copy + Send + Sync + 'static {
    /// A batch: a slice, or a tuple of slices of the same length.
    type Batch<'a>: Copy;

    /// How many samples are in a batch, and the numbers of each input.
    ///
    /// # Panics
    /// When the inputs bring different numbers of samples.
    fn slices(batch: Self::Batch<'_>) -> (usize, Slices<'_>);
    /// A batch of one.
    fn one(&self) -> Self::Batch<'_>;

    /// A batch, to write to.
    type BatchMut<'a>;
    /// As [`slices`](Self::slices), to write to.
    fn slices_mut<'a>(batch: Self::BatchMut<'a>) -> (usize, [&'a mut [f32]; MAX_INPUTS]);

    /// Samples that are collected one by one.
    #[cfg(feature = "alloc")]
    type Buffer: Default + Send;
    /// Puts this sample at the end of `buffer`.
    #[cfg(feature = "alloc")]
    fn push(&self, buffer: &mut Self::Buffer);
    /// Empties `buffer`.
    #[cfg(feature = "alloc")]
    fn clear(buffer: &mut Self::Buffer);
    /// The samples in `buffer`.
    #[cfg(feature = "alloc")]
    fn batch(buffer: &Self::Buffer) -> Self::Batch<'_>;
}

/// What a network gives: a [`Sample`], or a tuple of them when it has several outputs.
pub trait Output: Copy + Send + Sync + 'static {
    /// A batch: a slice, or a tuple of slices of the same length.
    type Batch<'a>;
    /// A batch, to write to.
    type BatchMut<'a>;
    /// A reference to one, or a tuple of references.
    type One<'a>;

    /// The batch that `outputs` hold, each sample after sample.
    fn batch(outputs: Slices<'_>) -> Self::Batch<'_>;
    /// As [`batch`](Self::batch), to write to.
    fn batch_mut(outputs: [&mut [f32]; MAX_INPUTS]) -> Self::BatchMut<'_>;
    /// The first sample of a batch.
    ///
    /// # Panics
    /// When there is none.
    fn first(batch: Self::Batch<'_>) -> Self::One<'_>;
}

macro_rules! one {
    ($([$($generics:tt)*] $sample:ty),*) => {$(
        impl<$($generics)*> Input for $sample {
            type Batch<'a> = &'a [Self];

            fn slices(batch: Self::Batch<'_>) -> (usize, Slices<'_>) {
                let mut slices = [&[][..]; MAX_INPUTS];
                slices[0] = Self::flatten(batch);
                (batch.len(), slices)
            }
            fn one(&self) -> &[Self] {
                core::slice::from_ref(self)
            }

            type BatchMut<'a> = &'a mut [Self];
            fn slices_mut<'a>(
                batch: Self::BatchMut<'a>,
            ) -> (usize, [&'a mut [f32]; MAX_INPUTS]) {
                let n = batch.len();
                let mut slices: [&mut [f32]; MAX_INPUTS] = Default::default();
                slices[0] = Self::flatten_mut(batch);
                (n, slices)
            }

            #[cfg(feature = "alloc")]
            type Buffer = alloc::vec::Vec<Self>;
            #[cfg(feature = "alloc")]
            fn push(&self, buffer: &mut Self::Buffer) {
                buffer.push(*self);
            }
            #[cfg(feature = "alloc")]
            fn clear(buffer: &mut Self::Buffer) {
                buffer.clear();
            }
            #[cfg(feature = "alloc")]
            fn batch(buffer: &Self::Buffer) -> &[Self] {
                buffer
            }
        }

        impl<$($generics)*> Output for $sample {
            type Batch<'a> = &'a [Self];
            type BatchMut<'a> = &'a mut [Self];
            type One<'a> = &'a Self;

            fn batch(outputs: Slices<'_>) -> &[Self] {
                Self::group(outputs[0])
            }
            fn batch_mut(outputs: [&mut [f32]; MAX_INPUTS]) -> &mut [Self] {
                let [output, ..] = outputs;
                Self::group_mut(output)
            }
            fn first(batch: <Self as Output>::Batch<'_>) -> Self::One<'_> {
                &batch[0]
            }
        }
    )*};
}

one!([] f32, [T: Sample, const N: usize] [T; N]);

macro_rules! several {
    ($(($($name:ident $i:tt),*))*) => {$(
        impl<$($name: Sample),*> Input for ($($name,)*) {
            type Batch<'a> = ($(&'a [$name],)*);

            fn slices(batch: Self::Batch<'_>) -> (usize, Slices<'_>) {
                let n = batch.0.len();
                let mut slices = [&[][..]; MAX_INPUTS];
                $(
                    assert!(batch.$i.len() == n, "every input brings as many samples");
                    slices[$i] = $name::flatten(batch.$i);
                )*
                (n, slices)
            }
            fn one(&self) -> Self::Batch<'_> {
                ($(core::slice::from_ref(&self.$i),)*)
            }

            type BatchMut<'a> = ($(&'a mut [$name],)*);
            fn slices_mut<'a>(batch: Self::BatchMut<'a>) -> (usize, [&'a mut [f32]; MAX_INPUTS]) {
                let n = batch.0.len();
                let mut slices: [&'a mut [f32]; MAX_INPUTS] = Default::default();
                $(
                    assert!(batch.$i.len() == n, "every input brings as many samples");
                    slices[$i] = $name::flatten_mut(batch.$i);
                )*
                (n, slices)
            }

            #[cfg(feature = "alloc")]
            type Buffer = ($(alloc::vec::Vec<$name>,)*);
            #[cfg(feature = "alloc")]
            fn push(&self, buffer: &mut Self::Buffer) {
                $(buffer.$i.push(self.$i);)*
            }
            #[cfg(feature = "alloc")]
            fn clear(buffer: &mut Self::Buffer) {
                $(buffer.$i.clear();)*
            }
            #[cfg(feature = "alloc")]
            fn batch(buffer: &Self::Buffer) -> Self::Batch<'_> {
                ($(&buffer.$i[..],)*)
            }
        }

        impl<$($name: Sample),*> Output for ($($name,)*) {
            type Batch<'a> = ($(&'a [$name],)*);
            type BatchMut<'a> = ($(&'a mut [$name],)*);
            type One<'a> = ($(&'a $name,)*);

            fn batch(outputs: Slices<'_>) -> Self::Batch<'_> {
                ($($name::group(outputs[$i]),)*)
            }
            fn batch_mut(outputs: [&mut [f32]; MAX_INPUTS]) -> Self::BatchMut<'_> {
                let mut outputs = outputs;
                ($($name::group_mut(core::mem::take(&mut outputs[$i])),)*)
            }
            fn first(batch: Self::Batch<'_>) -> Self::One<'_> {
                ($(&batch.$i[0],)*)
            }
        }
    )*};
}

several! {
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}
