//! What training makes small: one file a loss, with PyTorch's names, arguments, defaults and reductions.
//!
//! | loss | output of the network | target |
//! |---|---|---|
//! | [`CrossEntropyLoss`] | `[f32; C]`, logits | a class index ([`Class`]) |
//! | [`NllLoss`] | `[f32; C]`, log-probabilities | a class index ([`Class`]) |
//! | [`MseLoss`], [`L1Loss`], [`SmoothL1Loss`], [`HuberLoss`] | numbers | as many numbers |
//! | [`BceLoss`] | probabilities | as many numbers from 0 to 1 |
//! | [`BceWithLogitsLoss`] | logits | as many numbers from 0 to 1 |
//! | [`KlDivLoss`] | log-probabilities | as many probabilities, or their logarithms |
//! | [`DistillationLoss`] | `[f32; C]`, logits | a class index and the teacher's logits |

mod bce;
mod bce_with_logits;
mod class;
mod compared;
mod cross_entropy;
mod distillation;
mod huber;
mod kl_div;
mod l1;
mod mse;
mod nll;
mod pointwise;
mod smooth_l1;
mod total;

pub use bce::BceLoss;
pub use bce_with_logits::BceWithLogitsLoss;
pub use class::{Class, ClassWeights, Equal};
pub use compared::{Compared, Weighted};
pub use cross_entropy::CrossEntropyLoss;
pub use distillation::DistillationLoss;
pub use huber::HuberLoss;
pub use kl_div::KlDivLoss;
pub use l1::L1Loss;
pub use mse::MseLoss;
pub use nll::NllLoss;
pub use smooth_l1::SmoothL1Loss;

use crate::sample::Sample;

/// How far the outputs `Y` of a network are from the targets `T`.
///
/// ```
/// use firmnet_runtime::loss::{CrossEntropyLoss, Loss};
///
/// let logits = [[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]];
/// let mut dy = [[0.0; 3]; 2];
/// let loss = CrossEntropyLoss::new().loss(&logits, &[0_u8, 2], &mut dy);
/// assert!((loss - 0.669_079).abs() < 1e-6);
/// assert!((dy[1][2] + 1.0 / 3.0).abs() < 1e-6);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not compare an output `{Y}` with a target `{T}`",
    label = "no loss of `{Y}` and `{T}`",
    note = "`CrossEntropyLoss` and `NllLoss` take an output `[f32; C]` and a class index: `u8`, `u16`, `u32` or `usize`",
    note = "the other losses take a target of the same type as the output"
)]
pub trait Loss<Y: Sample, T> {
    /// The loss of a batch, the mean over it unless the reduction says otherwise; its gradient is written to `dy`.
    ///
    /// `y` is what the network gave, `targets` and `dy` are as many. A batch without samples has the loss 0.
    ///
    /// # Panics
    /// When the three lengths differ.
    fn loss(&self, y: &[Y], targets: &[T], dy: &mut [Y]) -> f32;

    /// The loss of a batch alone, for evaluation.
    ///
    /// # Panics
    /// When the two lengths differ.
    fn value(&self, y: &[Y], targets: &[T]) -> f32;

    /// How much these targets count in the mean over several such batches: PyTorch's mean divides by the sum of it. `None` where
    /// losses are summed.
    fn share(&self, targets: &[T]) -> Option<f32> {
        Some(targets.len() as f32)
    }

    /// How much of one output says what its target says, 0 to 1: what a trainer calls accuracy.
    ///
    /// `None` where the loss does not decide such things, as those of regression, or leaves the sample out.
    fn accuracy(&self, y: &Y, target: &T) -> Option<f32> {
        let _ = (y, target);
        None
    }
}

/// What becomes of the losses of the samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean: over all numbers of an elementwise loss, over the weights of the classes of the others.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// Their sum, divided by the number of samples (PyTorch knows it for `KLDivLoss` only).
    BatchMean,
}

impl Reduction {
    /// By what the sum of the losses is multiplied; `weight` is what [`Mean`](Self::Mean) divides by.
    fn factor(self, weight: f32, samples: usize) -> f32 {
        let divisor = match self {
            Reduction::Mean => weight,
            Reduction::Sum => 1.0,
            Reduction::BatchMean => samples as f32,
        };
        if divisor == 0.0 { 0.0 } else { 1.0 / divisor }
    }
}
