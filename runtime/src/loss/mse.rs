//! Mean squared error.

use super::Reduction;
use super::pointwise::pointwise_loss;
use crate::kernel::{Formula, Vector};

/// `ℓ = (y − t)²`, as PyTorch's `MSELoss`.
///
/// ```
/// use firmnet_runtime::loss::{Loss, MseLoss};
///
/// let mut dy = [[0.0; 2]];
/// assert_eq!(MseLoss::new().loss(&[[1.0, 3.0]], &[[1.0, 1.0]], &mut dy), 2.0);
/// assert_eq!(dy, [[0.0, 2.0]]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MseLoss {
    /// What becomes of the losses of the numbers.
    pub reduction: Reduction,
}

impl MseLoss {
    /// The mean is taken.
    pub const fn new() -> Self {
        MseLoss { reduction: Reduction::Mean }
    }
    /// What becomes of the losses of the numbers.
    pub const fn reduction(self, reduction: Reduction) -> Self {
        MseLoss { reduction }
    }
}

impl Default for MseLoss {
    fn default() -> Self {
        Self::new()
    }
}

pointwise_loss!(MseLoss);

impl Formula<2, 2> for MseLoss {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 2], [y, t]: [V; 2]) -> [V; 2] {
        let d = y - t;
        [d * d, d + d]
    }
}
