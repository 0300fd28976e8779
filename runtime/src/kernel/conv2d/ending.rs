//! What becomes of the outputs of a convolution before they are written.

#[cfg(feature = "std")]
use core::ops::Range;

use super::Conv2d;
use crate::kernel::{Channels, Formula, Vector, axpy, each, scale_shift};

/// What is done to the outputs, in this order, before they are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ending<'a> {
    /// Those of each channel are multiplied by its number of the first, and its number of the second is added.
    pub factors: Option<[&'a [f32]; 2]>,
    /// This is added, which has as many numbers; not where `pool` is.
    pub add: Option<&'a [f32]>,
    /// They are kept between these. What is not a number stays so.
    pub bounds: Option<[f32; 2]>,
    /// In place of each two by two, one beside the other, there is the largest: `y: [OC, ⌊OH / 2⌋, ⌊OW / 2⌋]`. NaN where one of them is.
    pub pool: bool,
}

impl<'a> Ending<'a> {
    /// They are written as they are.
    pub const NONE: Self = Ending { factors: None, add: None, bounds: None, pool: false };

    /// The sizes of a convolution that writes as many numbers without.
    pub(super) fn written(&self, shape: &Conv2d) -> Conv2d {
        match self.pool {
            true => Conv2d {
                out_height: shape.out_height / 2,
                out_width: shape.out_width / 2,
                ..*shape
            },
            false => *shape,
        }
    }

    /// Whether it says as much as `n` outputs of `shape` need.
    pub(super) fn fits(&self, shape: &Conv2d, n: usize) -> bool {
        let channels = |factors: &[f32]| factors.len() == shape.out_channels;
        self.factors.is_none_or(|factors| factors.into_iter().all(channels))
            && self.add.is_none_or(|add| !self.pool && add.len() == n * shape.y_len())
            && (!self.pool || shape.pools())
    }

    /// `y`, kept within the bounds.
    #[inline(always)]
    pub(super) fn bounded<V: Vector>(&self, y: V) -> V {
        match self.bounds {
            Some([low, high]) => y.within(low, high),
            None => y,
        }
    }

    /// Does it to all of the outputs of a sample, which are not pooled; without `std` there is nothing to be done.
    pub(super) fn all(&self, shape: &Conv2d, sample: usize, y: &mut [f32]) {
        if !cfg!(feature = "std") {
            return;
        }
        if let Some([scale, shift]) = self.factors {
            let (channels, plane) = (shape.out_channels, shape.out_height * shape.out_width);
            scale_shift(Channels { n: 1, channels, plane }, scale, shift, None, y);
        }
        if let Some(add) = self.add {
            axpy(1.0, &add[sample * y.len()..][..y.len()], y);
        }
        if self.bounds.is_some() {
            each([y], [], self);
        }
    }
}

/// As a loop over vectors wants it, a few outputs at a time.
#[cfg(feature = "std")]
impl Ending<'_> {
    /// Of some channels.
    #[inline(always)]
    pub(super) fn of_channels(&self, channels: Range<usize>) -> Self {
        let factors =
            self.factors.map(|[scale, shift]| [&scale[channels.clone()], &shift[channels]]);
        Ending { factors, ..*self }
    }

    /// Of some outputs.
    pub(super) fn of_outputs(&self, outputs: Range<usize>) -> Self {
        Ending { add: self.add.map(|add| &add[outputs]), ..*self }
    }

    /// What the outputs of a channel are multiplied by, and what is added.
    #[inline(always)]
    pub(super) fn of_channel<V: Vector>(&self, channel: usize) -> Option<[V; 2]> {
        self.factors.map(|[scale, shift]| [V::splat(scale[channel]), V::splat(shift[channel])])
    }

    /// Puts `len` lanes of `y` from `lane` on, which the factors are done to, in the place from `at` on of the outputs `to`.
    ///
    /// # Safety
    /// These places are valid for writing, and there are as many to be added.
    #[inline(always)]
    pub(super) unsafe fn put<V: Vector>(
        &self,
        y: V,
        lane: usize,
        len: usize,
        to: *mut f32,
        at: usize,
    ) {
        // SAFETY: the caller's promise.
        unsafe {
            let y = match self.add {
                Some(add) => y + read(add.as_ptr().add(at), lane, len),
                None => y,
            };
            write(self.bounded(y), lane, len, to.add(at));
        }
    }
}

/// `y · scale + shift`, where there are such.
#[cfg(feature = "std")]
#[inline(always)]
pub(super) fn scaled<V: Vector>(y: V, factors: Option<[V; 2]>) -> V {
    match factors {
        Some([scale, shift]) => y.mul_add(scale, shift),
        None => y,
    }
}

/// The `len` numbers at `from` in the lanes from `lane` on.
///
/// # Safety
/// They are valid for reading.
#[cfg(feature = "std")]
#[inline(always)]
pub(super) unsafe fn read<V: Vector>(from: *const f32, lane: usize, len: usize) -> V {
    // SAFETY: the caller's promise.
    unsafe { if len == V::LANES { V::read(from) } else { V::read_lanes(from, lane, len) } }
}

/// Writes `len` lanes of `y` from `lane` on to `to`.
///
/// # Safety
/// They are valid for writing.
#[cfg(feature = "std")]
#[inline(always)]
pub(super) unsafe fn write<V: Vector>(y: V, lane: usize, len: usize, to: *mut f32) {
    // SAFETY: the caller's promise.
    unsafe { if len == V::LANES { y.write(to) } else { y.write_lanes(to, lane, len) } }
}

impl Formula<1, 0> for Ending<'_> {
    #[inline(always)]
    fn at<V: Vector>(&self, [y]: [V; 1], []: [V; 0]) -> [V; 1] {
        [self.bounded(y)]
    }
}
