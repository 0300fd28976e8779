//! Binary cross-entropy of probabilities.

use super::Reduction;
use super::pointwise::pointwise_loss;
use crate::kernel::{Formula, Vector, ln, ln_1p};

/// `ℓ = −(t ln y + (1 − t) ln (1 − y))`, as PyTorch's `BCELoss`.
///
/// The network ends with `Sigmoid` and gives probabilities; a target is 0, 1 or in between. Logarithms end at −100 and
/// the derivative divides by at least 1e-12, as in PyTorch. [`BceWithLogitsLoss`](super::BceWithLogitsLoss) without the
/// `Sigmoid` is more exact.
///
/// ```
/// use firmnet_runtime::loss::{BceLoss, Loss};
///
/// assert_eq!(BceLoss::new().value(&[[0.0, 1.0]], &[[0.0, 0.0]]), 50.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BceLoss {
    /// What becomes of the losses of the numbers.
    pub reduction: Reduction,
}

impl BceLoss {
    /// The mean is taken.
    pub const fn new() -> Self {
        BceLoss { reduction: Reduction::Mean }
    }
    /// What becomes of the losses of the numbers.
    pub const fn reduction(self, reduction: Reduction) -> Self {
        BceLoss { reduction }
    }
}

impl Default for BceLoss {
    fn default() -> Self {
        Self::new()
    }
}

pointwise_loss!(BceLoss, 0.5);

impl Formula<2, 2> for BceLoss {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 2], [y, t]: [V; 2]) -> [V; 2] {
        let (one, least) = (V::splat(1.0), V::splat(-100.0));
        let (ln_y, ln_q) = (ln(y).max(least), ln_1p(-y).max(least));
        let variance = (y * (one - y)).max(V::splat(1e-12));
        [(t - one) * ln_q - t * ln_y, (y - t) / variance]
    }
}
