//! A fall at every step.

use super::{Schedule, power, scaled};

/// `base · gamma^step`, as PyTorch's `ExponentialLR`.
///
/// ```
/// use firmnet_runtime::schedule::{ExponentialLr, Schedule};
///
/// let schedule = ExponentialLr::new(0.5);
/// assert_eq!([0, 1, 2, 3].map(|step| schedule.lr(0.8, step)), [0.8, 0.4, 0.2, 0.1]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialLr {
    /// By what the learning rate is multiplied.
    pub gamma: f64,
}

impl ExponentialLr {
    /// Multiplies by `gamma` at every step.
    pub const fn new(gamma: f64) -> Self {
        ExponentialLr { gamma }
    }
}

impl Schedule for ExponentialLr {
    fn lr(&self, base: f32, step: u32) -> f32 {
        scaled(base, power(self.gamma, step))
    }
}
