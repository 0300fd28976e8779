//! Mean absolute error.

use super::Reduction;
use super::pointwise::pointwise_loss;
use crate::kernel::{Formula, Vector, sign};

/// `ℓ = |y − t|`, as PyTorch's `L1Loss`. Its derivative at 0 is 0.
///
/// ```
/// use firmnet_runtime::loss::{L1Loss, Loss};
///
/// let mut dy = [[0.0; 2]];
/// assert_eq!(L1Loss::new().loss(&[[1.0, 3.0]], &[[1.0, 1.0]], &mut dy), 1.0);
/// assert_eq!(dy, [[0.0, 0.5]]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct L1Loss {
    /// What becomes of the losses of the numbers.
    pub reduction: Reduction,
}

impl L1Loss {
    /// The mean is taken.
    pub const fn new() -> Self {
        L1Loss { reduction: Reduction::Mean }
    }
    /// What becomes of the losses of the numbers.
    pub const fn reduction(self, reduction: Reduction) -> Self {
        L1Loss { reduction }
    }
}

impl Default for L1Loss {
    fn default() -> Self {
        Self::new()
    }
}

pointwise_loss!(L1Loss);

impl Formula<2, 2> for L1Loss {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 2], [y, t]: [V; 2]) -> [V; 2] {
        let d = y - t;
        [d.abs(), sign(d)]
    }
}
