//! How the gradient of an input is written.

use super::{Formula, Vector, each};

/// What becomes of the numbers that are where a gradient is written.
#[derive(Clone, Copy, Debug)]
pub enum Writing<'a> {
    /// They are added to.
    Adds,
    /// They are overwritten.
    First,
    /// They are overwritten, with zero where this, the output of a `ReLU`, is not positive: so much is its slope.
    Rectified(&'a [f32]),
}

impl Writing<'_> {
    /// Whether they are overwritten.
    pub const fn is_first(&self) -> bool {
        !matches!(self, Writing::Adds)
    }

    /// Multiplies the gradient from number `at` on with the slope of the `ReLU`, if there is one.
    pub(super) fn rectify(&self, at: usize, dx: &mut [f32]) {
        if cfg!(feature = "std")
            && let Writing::Rectified(y) = self
        {
            let y = &y[at..][..dx.len()];
            each([dx], [y], &Rectify);
        }
    }
}

/// `dx ← dx` where `y > 0`, and else 0.
struct Rectify;

impl Formula<1, 1> for Rectify {
    #[inline(always)]
    fn at<V: Vector>(&self, [dx]: [V; 1], [y]: [V; 1]) -> [V; 1] {
        [y.where_greater(V::splat(0.0), dx, V::splat(0.0))]
    }
}
