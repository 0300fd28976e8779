//! Squared error near zero, absolute error beyond, with slope δ.

use super::Reduction;
use super::pointwise::pointwise_loss;
use crate::kernel::{Formula, Vector, sign};

/// `ℓ = d² / 2` where `|d| < δ`, else `δ (|d| − δ/2)`, with `d = y − t`; as PyTorch's `HuberLoss`.
///
/// From Huber 1964; it is δ times [`SmoothL1Loss`](super::SmoothL1Loss).
///
/// ```
/// use firmnet_runtime::loss::{HuberLoss, Loss};
///
/// let (y, t, mut dy) = ([[1.0, 4.0]], [[0.0, 0.0]], [[0.0; 2]]);
/// assert_eq!(HuberLoss::new().delta(2.0).loss(&y, &t, &mut dy), (0.5 + 6.0) / 2.0);
/// assert_eq!(dy, [[0.5, 1.0]]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HuberLoss {
    /// Where squares end, above 0.
    pub delta: f32,
    /// What becomes of the losses of the numbers.
    pub reduction: Reduction,
}

impl HuberLoss {
    /// `delta = 1`, the mean is taken.
    pub const fn new() -> Self {
        HuberLoss { delta: 1.0, reduction: Reduction::Mean }
    }
    /// Where squares end, above 0.
    pub const fn delta(self, delta: f32) -> Self {
        HuberLoss { delta, ..self }
    }
    /// What becomes of the losses of the numbers.
    pub const fn reduction(self, reduction: Reduction) -> Self {
        HuberLoss { reduction, ..self }
    }
}

impl Default for HuberLoss {
    fn default() -> Self {
        Self::new()
    }
}

pointwise_loss!(HuberLoss);

impl Formula<2, 2> for HuberLoss {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 2], [y, t]: [V; 2]) -> [V; 2] {
        let (delta, half, d) = (V::splat(self.delta), V::splat(0.5), y - t);
        let far = [delta * (d.abs() - half * delta), delta * sign(d)];
        let near = [half * d * d, d];
        [0, 1].map(|i| delta.where_greater(d.abs(), near[i], far[i]))
    }
}
