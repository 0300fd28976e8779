//! Squared error near zero, absolute error beyond, with slope 1.

use super::Reduction;
use super::pointwise::pointwise_loss;
use crate::kernel::{Formula, Vector, sign};

/// `ℓ = d² / 2β` where `|d| < β`, else `|d| − β/2`, with `d = y − t`; as PyTorch's `SmoothL1Loss`.
///
/// From Fast R-CNN (Girshick 2015). With `beta = 0` it is [`L1Loss`](super::L1Loss).
///
/// ```
/// use firmnet_runtime::loss::{Loss, SmoothL1Loss};
///
/// let (y, t, mut dy) = ([[0.5, 3.0]], [[0.0, 0.0]], [[0.0; 2]]);
/// assert_eq!(SmoothL1Loss::new().loss(&y, &t, &mut dy), (0.125 + 2.5) / 2.0);
/// assert_eq!(dy, [[0.25, 0.5]]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SmoothL1Loss {
    /// Where squares end, 0 or more.
    pub beta: f32,
    /// What becomes of the losses of the numbers.
    pub reduction: Reduction,
}

impl SmoothL1Loss {
    /// `beta = 1`, the mean is taken.
    pub const fn new() -> Self {
        SmoothL1Loss { beta: 1.0, reduction: Reduction::Mean }
    }
    /// Where squares end, 0 or more.
    pub const fn beta(self, beta: f32) -> Self {
        SmoothL1Loss { beta, ..self }
    }
    /// What becomes of the losses of the numbers.
    pub const fn reduction(self, reduction: Reduction) -> Self {
        SmoothL1Loss { reduction, ..self }
    }
}

impl Default for SmoothL1Loss {
    fn default() -> Self {
        Self::new()
    }
}

pointwise_loss!(SmoothL1Loss);

impl Formula<2, 2> for SmoothL1Loss {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 2], [y, t]: [V; 2]) -> [V; 2] {
        let (beta, half, d) = (V::splat(self.beta), V::splat(0.5), y - t);
        let far = [d.abs() - half * beta, sign(d)];
        let near = [half * d * d / beta, d / beta];
        [0, 1].map(|i| beta.where_greater(d.abs(), near[i], far[i]))
    }
}
