//! A straight line, as for warming up.

use super::{Schedule, scaled};

/// `base · factor`, where the factor goes straight from `start_factor` to `end_factor` in `total_iters` steps and stays
/// there; as PyTorch's `LinearLR`.
///
/// ```
/// use firmnet_runtime::schedule::{LinearLr, Schedule};
///
/// let warm_up = LinearLr::new().start_factor(0.5).total_iters(4);
/// assert_eq!([0, 1, 2, 4, 9].map(|step| warm_up.lr(0.8, step)), [0.4, 0.5, 0.6, 0.8, 0.8]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearLr {
    /// The factor at step 0.
    pub start_factor: f64,
    /// The factor at the end.
    pub end_factor: f64,
    /// Steps from one to the other.
    pub total_iters: u32,
}

impl LinearLr {
    /// `start_factor = 1/3`, `end_factor = 1`, `total_iters = 5`.
    pub const fn new() -> Self {
        LinearLr { start_factor: 1.0 / 3.0, end_factor: 1.0, total_iters: 5 }
    }
    /// The factor at step 0.
    pub const fn start_factor(self, start_factor: f64) -> Self {
        LinearLr { start_factor, ..self }
    }
    /// The factor at the end.
    pub const fn end_factor(self, end_factor: f64) -> Self {
        LinearLr { end_factor, ..self }
    }
    /// Steps from one to the other.
    pub const fn total_iters(self, total_iters: u32) -> Self {
        LinearLr { total_iters, ..self }
    }
}

impl Default for LinearLr {
    fn default() -> Self {
        Self::new()
    }
}

impl Schedule for LinearLr {
    fn lr(&self, base: f32, step: u32) -> f32 {
        if step >= self.total_iters {
            return scaled(base, self.end_factor);
        }
        let way = f64::from(step) / f64::from(self.total_iters);
        scaled(base, self.start_factor + (self.end_factor - self.start_factor) * way)
    }
}
