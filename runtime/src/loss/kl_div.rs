//! Kullback-Leibler divergence from log-probabilities.

use super::Reduction;
use super::pointwise::pointwise_loss;
use crate::kernel::{Formula, Vector, exp, ln};

/// `ℓ = t (ln t − y)`, as PyTorch's `KLDivLoss`: how far the log-probabilities `y` are from the probabilities `t`.
///
/// With `log_target` the targets are log-probabilities too, and `ℓ = eᵗ (t − y)`. The divergence of the mathematicians is
/// that of [`Reduction::BatchMean`]; the default is PyTorch's, the mean over all numbers.
///
/// ```
/// use firmnet_runtime::loss::{KlDivLoss, Loss, Reduction};
///
/// const LOSS: KlDivLoss = KlDivLoss::new().reduction(Reduction::BatchMean);
/// let half = 0.5_f32.ln();
/// assert!(LOSS.value(&[[half, half]], &[[0.5, 0.5]]).abs() < 1e-7);
/// assert!((LOSS.value(&[[half, half]], &[[0.0, 1.0]]) - 2.0_f32.ln()).abs() < 1e-7);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KlDivLoss {
    /// Targets are log-probabilities.
    pub log_target: bool,
    /// What becomes of the losses of the numbers.
    pub reduction: Reduction,
}

impl KlDivLoss {
    /// Targets are probabilities, the mean is taken.
    pub const fn new() -> Self {
        KlDivLoss { log_target: false, reduction: Reduction::Mean }
    }
    /// Targets are log-probabilities.
    pub const fn log_target(self, log_target: bool) -> Self {
        KlDivLoss { log_target, ..self }
    }
    /// What becomes of the losses of the numbers.
    pub const fn reduction(self, reduction: Reduction) -> Self {
        KlDivLoss { reduction, ..self }
    }
}

impl Default for KlDivLoss {
    fn default() -> Self {
        Self::new()
    }
}

pointwise_loss!(KlDivLoss);

impl Formula<2, 2> for KlDivLoss {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 2], [y, t]: [V; 2]) -> [V; 2] {
        if self.log_target {
            let p = exp(t);
            return [p * (t - y), -p];
        }
        // t ln t goes to 0 with t.
        let zero = V::splat(0.0);
        let entropy = t.where_greater(zero, t * ln(t), zero);
        [entropy - t * y, -t]
    }
}
