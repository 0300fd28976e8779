//! What goes into a network and what comes out: one value or a tuple of several, and batches of them. A value is a sample, which is an
//! array, or a [`Seq`], which brings a number of steps of its own.

use crate::infer::MAX_INPUTS;
use crate::length::Length;
use crate::pass::Slices;
use crate::sample::Sample;
use crate::seq::{Seq, Sequences, SequencesMut};

/// What a network takes: a [`Value`], or a tuple of them when it has several inputs.
pub trait Input: Copy + Send + Sync + 'static {
    /// A batch: a slice, or a tuple of slices of the same length.
    type Batch<'a>: Copy;
    /// The inputs that hold ids: bit `i` for input `i`.
    const IDS: u8;
    /// One step of every sequence.
    type Step: Input;

    /// How many samples are in a batch.
    ///
    /// # Panics
    /// When the inputs bring different numbers of samples.
    fn count(batch: Self::Batch<'_>) -> usize;
    /// Writes how many steps each sample brings, for each input up to the last that is a sequence, one input after another.
    fn write_counts(batch: Self::Batch<'_>, counts: &mut [f32]);
    /// The numbers of each input, sample after sample; several sequences are packed in `room`.
    fn slices<'r, 'a: 'r>(batch: Self::Batch<'a>, room: &'r mut [f32]) -> Slices<'r>;
    /// A batch of one.
    fn one(&self) -> Self::Batch<'_>;

    /// Room for the gradient of a batch: a slice of samples, or of all steps that the batch brings, or a tuple of such slices.
    type BatchMut<'a>;
    /// The numbers of each input, to write to.
    fn slices_mut<'a>(batch: Self::BatchMut<'a>) -> [&'a mut [f32]; MAX_INPUTS];

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

/// What a network gives: a [`Value`], or a tuple of them when it has several outputs.
pub trait Output: Copy + Send + Sync + 'static {
    /// A batch: what [`Value::Batch`] says, or a tuple of such.
    type Batch<'a>: Copy;
    /// A batch, to write to.
    type BatchMut<'a>;
    /// A reference to one, or a tuple of references.
    type One<'a>;
    /// One step of every sequence.
    type Step: Output;

    /// The batch that `output` gives, for each output by its number.
    fn batch<'a>(output: impl Fn(usize) -> Given<'a>) -> Self::Batch<'a>;
    /// As [`batch`](Self::batch), to write to the `numbers` of each output.
    fn batch_mut<'a>(
        numbers: [&'a mut [f32]; MAX_INPUTS],
        output: impl Fn(usize) -> Given<'a>,
    ) -> Self::BatchMut<'a>;
    /// All samples of a batch in turn.
    fn each<'a>(batch: Self::Batch<'a>) -> impl Iterator<Item = Self::One<'a>>;
}

/// What a network gives for one of its outputs.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The numbers, sample after sample.
    pub numbers: &'a [f32],
    /// How many steps each sample has.
    pub length: Length,
    /// What each sample brought at the input that decides about that.
    pub counts: &'a [f32],
}

/// One input or one output of a network: a [`Sample`], or a [`Seq`].
pub trait Value: Copy + Send + Sync + 'static {
    /// Whether each sample has a number of steps of its own.
    const IS_SEQUENCE: bool;
    /// A batch, as a network gives it: a slice of samples, or [`Sequences`].
    type Batch<'a>: Copy;
    /// A batch, to write to.
    type BatchMut<'a>;
    /// One of a batch.
    type One<'a>;
    /// The gradient of a batch: samples, or all the steps of its sequences.
    type Part: Sample;

    /// How many steps this brings.
    fn steps(&self) -> usize;
    /// The numbers of a batch, packed in `room` where they do not lie one after the other.
    fn numbers<'a>(batch: &'a [Self], room: &mut &'a mut [f32]) -> &'a [f32];
    /// The batch that a network gives.
    fn batch(given: Given<'_>) -> Self::Batch<'_>;
    /// As [`batch`](Self::batch), to write to `numbers`.
    fn batch_mut<'a>(numbers: &'a mut [f32], given: Given<'a>) -> Self::BatchMut<'a>;
    /// All samples of a batch in turn.
    fn each<'a>(batch: Self::Batch<'a>) -> impl Iterator<Item = Self::One<'a>>;
}

impl<T: Sample> Value for T {
    const IS_SEQUENCE: bool = false;
    type Batch<'a> = &'a [T];
    type BatchMut<'a> = &'a mut [T];
    type One<'a> = &'a T;
    type Part = T;

    fn steps(&self) -> usize {
        1
    }
    fn numbers<'a>(batch: &'a [T], _: &mut &'a mut [f32]) -> &'a [f32] {
        T::flatten(batch)
    }
    fn batch(given: Given<'_>) -> &[T] {
        T::group(given.numbers)
    }
    fn batch_mut<'a>(numbers: &'a mut [f32], _: Given<'a>) -> &'a mut [T] {
        T::group_mut(numbers)
    }
    fn each<'a>(
        batch: <Self as Value>::Batch<'a>,
    ) -> impl Iterator<Item = <Self as Value>::One<'a>> {
        batch.iter()
    }
}

impl<T: Sample, const MOST: usize> Value for Seq<T, MOST> {
    const IS_SEQUENCE: bool = true;
    type Batch<'a> = Sequences<'a, T>;
    type BatchMut<'a> = SequencesMut<'a, T>;
    type One<'a> = &'a [T];
    type Part = T;

    fn steps(&self) -> usize {
        self.len()
    }
    fn numbers<'a>(batch: &'a [Self], room: &mut &'a mut [f32]) -> &'a [f32] {
        if let [one] = batch {
            return T::flatten(one);
        }
        let mut written = 0;
        for sequence in batch {
            let numbers = T::flatten(sequence);
            room[written..][..numbers.len()].copy_from_slice(numbers);
            written += numbers.len();
        }
        let (numbers, rest) = core::mem::take(room).split_at_mut(written);
        *room = rest;
        numbers
    }
    fn batch(given: Given<'_>) -> Sequences<'_, T> {
        Sequences::of(T::group(given.numbers), given)
    }
    fn batch_mut<'a>(numbers: &'a mut [f32], given: Given<'a>) -> SequencesMut<'a, T> {
        SequencesMut::of(T::group_mut(numbers), given)
    }
    fn each<'a>(
        batch: <Self as Value>::Batch<'a>,
    ) -> impl Iterator<Item = <Self as Value>::One<'a>> {
        batch.iter()
    }
}

impl<V: Value> Input for V {
    type Batch<'a> = &'a [V];
    const IDS: u8 = <V::Part as Sample>::IS_ID as u8;
    type Step = V::Part;

    fn count(batch: &[V]) -> usize {
        batch.len()
    }
    fn write_counts(batch: &[V], counts: &mut [f32]) {
        write_steps(batch, &mut &mut *counts);
    }
    fn slices<'r, 'a: 'r>(batch: &'a [V], mut room: &'r mut [f32]) -> Slices<'r> {
        let mut slices = [&[][..]; MAX_INPUTS];
        slices[0] = V::numbers(batch, &mut room);
        slices
    }
    fn one(&self) -> &[V] {
        core::slice::from_ref(self)
    }

    type BatchMut<'a> = &'a mut [V::Part];
    fn slices_mut<'a>(batch: <Self as Input>::BatchMut<'a>) -> [&'a mut [f32]; MAX_INPUTS] {
        let mut slices: [&mut [f32]; MAX_INPUTS] = Default::default();
        slices[0] = V::Part::flatten_mut(batch);
        slices
    }

    #[cfg(feature = "alloc")]
    type Buffer = alloc::vec::Vec<V>;
    #[cfg(feature = "alloc")]
    fn push(&self, buffer: &mut Self::Buffer) {
        buffer.push(*self);
    }
    #[cfg(feature = "alloc")]
    fn clear(buffer: &mut Self::Buffer) {
        buffer.clear();
    }
    #[cfg(feature = "alloc")]
    fn batch(buffer: &Self::Buffer) -> &[V] {
        buffer
    }
}

impl<V: Value> Output for V {
    type Batch<'a> = V::Batch<'a>;
    type BatchMut<'a> = V::BatchMut<'a>;
    type One<'a> = V::One<'a>;
    type Step = V::Part;

    #[inline]
    fn batch<'a>(output: impl Fn(usize) -> Given<'a>) -> V::Batch<'a> {
        V::batch(output(0))
    }
    fn batch_mut<'a>(
        [numbers, ..]: [&'a mut [f32]; MAX_INPUTS],
        output: impl Fn(usize) -> Given<'a>,
    ) -> V::BatchMut<'a> {
        V::batch_mut(numbers, output(0))
    }
    fn each<'a>(batch: V::Batch<'a>) -> impl Iterator<Item = V::One<'a>> {
        V::each(batch)
    }
}

/// Writes the steps of each of `batch` to the front of `counts`, which then begins behind them.
fn write_steps<V: Value>(batch: &[V], counts: &mut &mut [f32]) {
    let len = batch.len().min(counts.len());
    let (these, rest) = core::mem::take(counts).split_at_mut(len);
    if V::IS_SEQUENCE {
        for (count, value) in these.iter_mut().zip(batch) {
            // No sequence is so long that a float could not count its steps.
            *count = value.steps() as f32;
        }
    }
    *counts = rest;
}

macro_rules! several {
    ($(($($name:ident $i:tt),*))*) => {$(
        impl<$($name: Value),*> Input for ($($name,)*) {
            type Batch<'a> = ($(&'a [$name],)*);
            const IDS: u8 = 0 $(| (<$name::Part as Sample>::IS_ID as u8) << $i)*;
            type Step = ($($name::Part,)*);

            fn count(batch: Self::Batch<'_>) -> usize {
                let n = batch.0.len();
                $(assert!(batch.$i.len() == n, "every input brings as many samples");)*
                n
            }
            fn write_counts(batch: Self::Batch<'_>, mut counts: &mut [f32]) {
                $(write_steps(batch.$i, &mut counts);)*
            }
            fn slices<'r, 'a: 'r>(
                batch: Self::Batch<'a>,
                mut room: &'r mut [f32],
            ) -> Slices<'r> {
                let mut slices = [&[][..]; MAX_INPUTS];
                $(slices[$i] = $name::numbers(batch.$i, &mut room);)*
                slices
            }
            fn one(&self) -> Self::Batch<'_> {
                ($(core::slice::from_ref(&self.$i),)*)
            }

            type BatchMut<'a> = ($(&'a mut [$name::Part],)*);
            fn slices_mut<'a>(batch: Self::BatchMut<'a>) -> [&'a mut [f32]; MAX_INPUTS] {
                let mut slices: [&'a mut [f32]; MAX_INPUTS] = Default::default();
                $(slices[$i] = $name::Part::flatten_mut(batch.$i);)*
                slices
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

        impl<$($name: Value),*> Output for ($($name,)*) {
            type Batch<'a> = ($($name::Batch<'a>,)*);
            type BatchMut<'a> = ($($name::BatchMut<'a>,)*);
            type One<'a> = ($($name::One<'a>,)*);
            type Step = ($($name::Part,)*);

            fn batch<'a>(output: impl Fn(usize) -> Given<'a>) -> Self::Batch<'a> {
                ($($name::batch(output($i)),)*)
            }
            fn batch_mut<'a>(
                mut numbers: [&'a mut [f32]; MAX_INPUTS],
                output: impl Fn(usize) -> Given<'a>,
            ) -> Self::BatchMut<'a> {
                ($($name::batch_mut(core::mem::take(&mut numbers[$i]), output($i)),)*)
            }
            fn each<'a>(batch: Self::Batch<'a>) -> impl Iterator<Item = Self::One<'a>> {
                let mut each = ($($name::each(batch.$i),)*);
                core::iter::from_fn(move || Some(($(each.$i.next()?,)*)))
            }
        }
    )*};
}

/// `$then` for tuples of two to [`MAX_INPUTS`] types, each type with its place.
macro_rules! for_tuples {
    ($then:ident) => {
        $then! {
            (A 0, B 1)
            (A 0, B 1, C 2)
            (A 0, B 1, C 2, D 3)
            (A 0, B 1, C 2, D 3, E 4)
            (A 0, B 1, C 2, D 3, E 4, F 5)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
        }
    };
}
pub(crate) use for_tuples;

for_tuples!(several);
