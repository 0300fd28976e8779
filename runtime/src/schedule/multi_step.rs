//! A fall at chosen steps.

use super::{Schedule, power, scaled};

/// `base · gamma^n` after `n` of the milestones, as PyTorch's `MultiStepLR`.
///
/// ```
/// use firmnet_runtime::schedule::{MultiStepLr, Schedule};
///
/// let schedule = MultiStepLr::new([30, 80]);
/// assert_eq!([29, 30, 80].map(|step| schedule.lr(0.5, step)), [0.5, 0.05, 0.005]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultiStepLr<const N: usize> {
    /// The steps at which the learning rate falls, in any order; one named twice counts twice.
    pub milestones: [u32; N],
    /// By what the learning rate is multiplied.
    pub gamma: f64,
}

impl<const N: usize> MultiStepLr<N> {
    /// `gamma = 0.1`.
    pub const fn new(milestones: [u32; N]) -> Self {
        MultiStepLr { milestones, gamma: 0.1 }
    }
    /// By what the learning rate is multiplied.
    pub const fn gamma(self, gamma: f64) -> Self {
        MultiStepLr { gamma, ..self }
    }
}

impl<const N: usize> Schedule for MultiStepLr<N> {
    fn lr(&self, base: f32, step: u32) -> f32 {
        let passed = self.milestones.iter().filter(|&&milestone| milestone <= step).count();
        scaled(base, power(self.gamma, passed as u32))
    }
}
