//! Samples are plain arrays of `f32`, or of `u32` where they are ids, and a batch is a slice of them. Nothing here copies a number.

use crate::shape::Shape;

/// One sample: `f32`, or `u32` for an id, or an array of samples, as `[[[f32; 28]; 28]; 1]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sample: an array of `f32` is, like `[f32; 10]` or `[[[f32; 28]; 28]; 1]`"
)]
pub trait Sample: Copy + Send + Sync + 'static {
    /// The sizes of its axes.
    const SHAPE: Shape;
    /// All zeros.
    const ZERO: Self;
    /// Whether it is made of ids.
    const IS_ID: bool = false;

    /// The numbers of a batch, sample after sample, in memory order.
    fn flatten(batch: &[Self]) -> &[f32];
    /// As [`flatten`](Self::flatten), to write to.
    fn flatten_mut(batch: &mut [Self]) -> &mut [f32];
    /// The whole samples in `numbers`; what is over at the end is left out.
    fn group(numbers: &[f32]) -> &[Self];
    /// As [`group`](Self::group), to write to.
    fn group_mut(numbers: &mut [f32]) -> &mut [Self];
}

impl Sample for f32 {
    const SHAPE: Shape = Shape::of(&[]);
    const ZERO: f32 = 0.0;

    fn flatten(batch: &[f32]) -> &[f32] {
        batch
    }
    fn flatten_mut(batch: &mut [f32]) -> &mut [f32] {
        batch
    }
    fn group(numbers: &[f32]) -> &[f32] {
        numbers
    }
    fn group_mut(numbers: &mut [f32]) -> &mut [f32] {
        numbers
    }
}

/// An id, as of a word. In memory it is among numbers as the `f32` of the same bits.
impl Sample for u32 {
    const SHAPE: Shape = Shape::of(&[]);
    const ZERO: u32 = 0;
    const IS_ID: bool = true;

    fn flatten(batch: &[u32]) -> &[f32] {
        bytemuck::must_cast_slice(batch)
    }
    fn flatten_mut(batch: &mut [u32]) -> &mut [f32] {
        bytemuck::must_cast_slice_mut(batch)
    }
    fn group(numbers: &[f32]) -> &[u32] {
        bytemuck::must_cast_slice(numbers)
    }
    fn group_mut(numbers: &mut [f32]) -> &mut [u32] {
        bytemuck::must_cast_slice_mut(numbers)
    }
}

impl<T: Sample, const N: usize> Sample for [T; N] {
    const SHAPE: Shape = T::SHAPE.within(N);
    const ZERO: [T; N] = [T::ZERO; N];
    const IS_ID: bool = T::IS_ID;

    fn flatten(batch: &[[T; N]]) -> &[f32] {
        T::flatten(batch.as_flattened())
    }
    fn flatten_mut(batch: &mut [[T; N]]) -> &mut [f32] {
        T::flatten_mut(batch.as_flattened_mut())
    }
    fn group(numbers: &[f32]) -> &[[T; N]] {
        T::group(numbers).as_chunks().0
    }
    fn group_mut(numbers: &mut [f32]) -> &mut [[T; N]] {
        T::group_mut(numbers).as_chunks_mut().0
    }
}
