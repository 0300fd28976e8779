//! A fall at regular steps.

use super::{Schedule, power, scaled};

/// `base · gamma^⌊step / step_size⌋`, as PyTorch's `StepLR`.
///
/// ```
/// use firmnet_runtime::schedule::{Schedule, StepLr};
///
/// let schedule = StepLr::new(30);
/// assert_eq!([0, 29, 30, 60].map(|step| schedule.lr(0.5, step)), [0.5, 0.5, 0.05, 0.005]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepLr {
    /// Steps from one fall to the next; 0 never falls.
    pub step_size: u32,
    /// By what the learning rate is multiplied.
    pub gamma: f64,
}

impl StepLr {
    /// `gamma = 0.1`.
    pub const fn new(step_size: u32) -> Self {
        StepLr { step_size, gamma: 0.1 }
    }
    /// By what the learning rate is multiplied.
    pub const fn gamma(self, gamma: f64) -> Self {
        StepLr { gamma, ..self }
    }
}

impl Schedule for StepLr {
    fn lr(&self, base: f32, step: u32) -> f32 {
        scaled(base, power(self.gamma, step.checked_div(self.step_size).unwrap_or(0)))
    }
}
