//! The shape of one sample at one place of a network; known to the compiler.

use crate::length::Length;
use crate::text::{Message, Text};

/// Axes that a shape may have, the batch not counted.
pub const MAX_RANK: usize = 4;
/// Numbers that an array can hold at most.
pub const MOST: usize = isize::MAX as usize / size_of::<f32>();

/// Sizes of the axes of one sample, outermost first, without the batch.
///
/// The size of one axis may be the most that there can be, as that of `[..64, 40]`: a sequence brings from 1 to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    dims: [usize; MAX_RANK],
    rank: usize,
    bound: Option<Bound>,
}

/// The axis of a shape that is not as long in all samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Which axis.
    pub axis: usize,
    /// How long it is.
    pub length: Length,
}

impl Shape {
    /// The shape with the sizes `dims`.
    ///
    /// # Panics
    /// With more than [`MAX_RANK`] axes.
    #[track_caller]
    pub const fn of(dims: &[usize]) -> Self {
        assert!(dims.len() <= MAX_RANK, "a shape has at most 4 axes");
        let (mut shape, mut i) = (Shape { dims: [1; MAX_RANK], rank: dims.len(), bound: None }, 0);
        while i < dims.len() {
            shape.dims[i] = dims[i];
            i += 1;
        }
        shape
    }

    /// With the size of `axis` as the most that input `input` of the network brings.
    pub const fn up_to(mut self, axis: usize, input: usize) -> Self {
        let length = Length::of_input(input, self.dim(axis));
        self.bound = Some(Bound { axis, length });
        self
    }

    /// With `axis` as long as `length`.
    pub const fn as_long_as(mut self, axis: usize, length: Length) -> Self {
        self = self.with(axis, length.most());
        self.bound = if length.is_fixed() { None } else { Some(Bound { axis, length }) };
        self
    }

    /// The axis that is not as long in all samples, if there is one.
    pub const fn bound(&self) -> Option<Bound> {
        self.bound
    }

    /// How many steps a sample has: along the axis that is not as long in all samples, or the first.
    pub const fn length(&self) -> Length {
        match self.bound {
            Some(bound) => bound.length,
            None => Length::fixed(self.dim(0)),
        }
    }

    /// Numbers in one sample: the product of the sizes, or [`usize::MAX`] when it is larger than that.
    #[allow(clippy::len_without_is_empty)]
    pub const fn len(&self) -> usize {
        let [a, b, c, d] = self.dims;
        a.saturating_mul(b).saturating_mul(c).saturating_mul(d)
    }

    /// Numbers in one step: in all of a sample that is no sequence.
    pub const fn step_len(&self) -> usize {
        match self.bound {
            Some(bound) if self.dim(bound.axis) > 0 => self.len() / self.dim(bound.axis),
            _ => self.len(),
        }
    }

    /// Whether no memory can hold so many numbers.
    pub const fn is_too_large(&self) -> bool {
        self.len() > MOST
    }

    /// The shape of as many axes in which every size is 1.
    pub const fn ones(&self) -> Self {
        let (mut ones, mut axis) = (*self, 0);
        while axis < self.rank {
            ones.dims[axis] = 1;
            axis += 1;
        }
        ones
    }

    /// How many axes there are.
    pub const fn rank(&self) -> usize {
        self.rank
    }

    /// The sizes, outermost first.
    pub const fn dims(&self) -> &[usize] {
        self.dims.split_at(self.rank).0
    }

    /// The size of `axis`, and 1 for an axis that is not there.
    pub const fn dim(&self, axis: usize) -> usize {
        if axis < MAX_RANK { self.dims[axis] } else { 1 }
    }

    /// The product of the sizes of the axes `from .. to`.
    pub const fn product(&self, from: usize, to: usize) -> usize {
        let (mut product, mut i) = (1_usize, from);
        while i < to && i < self.rank {
            product = product.saturating_mul(self.dims[i]);
            i += 1;
        }
        product
    }

    /// This shape with `size` at `axis`, in all samples.
    pub const fn with(mut self, axis: usize, size: usize) -> Self {
        if axis < self.rank {
            self.dims[axis] = size;
            if self.is_bounded_at(axis) {
                self.bound = None;
            }
        }
        self
    }

    /// Whether `axis` is not as long in all samples.
    pub const fn is_bounded_at(&self, axis: usize) -> bool {
        match self.bound {
            Some(bound) => bound.axis == axis,
            None => false,
        }
    }

    /// `size` of these, one after the other: `size` becomes the outermost axis.
    #[track_caller]
    pub const fn within(self, size: usize) -> Self {
        assert!(self.rank < MAX_RANK, "a shape has at most 4 axes");
        let (mut shape, mut i) =
            (Shape { dims: [1; MAX_RANK], rank: self.rank + 1, bound: None }, 0);
        shape.dims[0] = size;
        while i < self.rank {
            shape.dims[i + 1] = self.dims[i];
            i += 1;
        }
        shape
    }

    /// This shape with `size` numbers in place of each: `size` becomes the innermost axis.
    #[track_caller]
    pub const fn followed_by(mut self, size: usize) -> Self {
        assert!(self.rank < MAX_RANK, "a shape has at most 4 axes");
        self.dims[self.rank] = size;
        self.rank += 1;
        self
    }

    /// Whether both have the same axes of the same sizes, in every sample.
    pub const fn same(&self, other: &Shape) -> bool {
        let as_long = match (self.bound, other.bound) {
            (None, None) => true,
            (Some(a), Some(b)) => a.length.same(&b.length),
            _ => false,
        };
        self.looks_like(other) && as_long
    }

    /// Whether both are written alike.
    pub const fn looks_like(&self, other: &Shape) -> bool {
        let mut i = 0;
        while i < MAX_RANK {
            if self.dims[i] != other.dims[i] || self.is_bounded_at(i) != other.is_bounded_at(i) {
                return false;
            }
            i += 1;
        }
        self.rank == other.rank
    }

    /// Stops the build when an input of a network, which a message calls `name`, cannot have this shape.
    #[track_caller]
    pub const fn verify(&self, name: &str) {
        let says = Message::new().str(name).str(" is declared as ").shape(self);
        if self.len() == 0 {
            panic!("{}", says.str(", but a size is at least 1").as_str())
        }
        if self.is_too_large() {
            panic!("{}", says.str(", which no memory can hold").as_str())
        }
    }

    /// Stops the build when the input `name`, of which another shape is `stated` in passing, has this one.
    #[track_caller]
    pub const fn verify_said(&self, name: &str, stated: Shape) {
        if !self.looks_like(&stated) {
            let says = Message::new().str(name).str(" is said to be ").shape(&stated);
            panic!("{}", says.str(", but is ").shape(self).as_str())
        }
    }
}

impl core::fmt::Display for Shape {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(Text::<96>::new().shape(self).as_str())
    }
}

/// How many positions a window of `kernel` taps, `dilation` apart, takes on an axis of `size` with `padding` at
/// both ends, moving by `stride`: `⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1`, and `None` where it does not fit.
pub const fn window(
    size: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
) -> Option<usize> {
    if kernel == 0 || stride == 0 || dilation == 0 {
        return None;
    }
    let padded = size.saturating_add(padding.saturating_mul(2));
    let reach = dilation.saturating_mul(kernel - 1).saturating_add(1);
    if padded < reach { None } else { Some((padded - reach) / stride + 1) }
}
