//! The kernels that have the weight in an order of their own, which it is put into before, or in each call where that is worth the while.

use super::{Conv2d, Filters, Output, channels, winograd};
use crate::kernel::parallel::scratch;

/// Which kernel.
#[derive(Clone, Copy)]
pub(super) enum Reordered {
    Winograd,
    Channels,
}

impl Reordered {
    /// That of `shape`, whose weight is `packed` before, or is not.
    pub(super) const fn of(shape: &Conv2d, packed: bool) -> Option<Self> {
        if winograd::fits(shape, packed) {
            Some(Reordered::Winograd)
        } else if channels::fits(shape, packed) {
            Some(Reordered::Channels)
        } else {
            None
        }
    }

    /// Numbers that [`pack`](Self::pack) writes.
    pub(super) const fn packed_len(self, shape: &Conv2d) -> usize {
        match self {
            Reordered::Winograd => winograd::packed_len(shape),
            Reordered::Channels => channels::packed_len(shape),
        }
    }

    /// Writes the weight in the order of the kernel.
    pub(super) fn pack(self, shape: &Conv2d, weight: &[f32], to: &mut [f32]) {
        match self {
            Reordered::Winograd => winograd::pack(shape, weight, to),
            Reordered::Channels => channels::pack(shape, weight, to),
        }
    }

    /// `y = weight ⋆ x`, as `output` says, for `n` samples.
    pub(super) fn forward(
        self,
        shape: &Conv2d,
        n: usize,
        x: &[f32],
        filters: Filters<'_>,
        output: &Output,
        y: &mut [f32],
    ) {
        let convolve = match self {
            Reordered::Winograd => winograd::convolve,
            Reordered::Channels => channels::convolve,
        };
        match filters.packed {
            Some(packed) => convolve(shape, n, x, packed, output, y),
            None => scratch(self.packed_len(shape), |packed| {
                self.pack(shape, filters.weight, packed);
                convolve(shape, n, x, packed, output, y);
            }),
        }
    }
}
