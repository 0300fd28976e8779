//! A fall along half a wave of the cosine.

use super::{Schedule, half_wave};

/// `eta_min + (base − eta_min) · (1 + cos(π step / t_max)) / 2` (Loshchilov and Hutter 2017, without restarts), as
/// PyTorch's `CosineAnnealingLR`.
///
/// After `t_max` it climbs back as it fell, as PyTorch's does.
///
/// ```
/// use firmnet_runtime::schedule::{CosineAnnealingLr, Schedule};
///
/// let schedule = CosineAnnealingLr::new(10).eta_min(0.25);
/// assert_eq!([0, 5, 10].map(|step| schedule.lr(0.75, step)), [0.75, 0.5, 0.25]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CosineAnnealingLr {
    /// Steps from the highest to the lowest learning rate.
    pub t_max: u32,
    /// The lowest learning rate.
    pub eta_min: f64,
}

impl CosineAnnealingLr {
    /// `eta_min = 0`.
    pub const fn new(t_max: u32) -> Self {
        CosineAnnealingLr { t_max, eta_min: 0.0 }
    }
    /// The lowest learning rate.
    pub const fn eta_min(self, eta_min: f64) -> Self {
        CosineAnnealingLr { eta_min, ..self }
    }
}

impl Schedule for CosineAnnealingLr {
    fn lr(&self, base: f32, step: u32) -> f32 {
        let t_max = u64::from(self.t_max.max(1));
        let after_peak = u64::from(step) % (2 * t_max);
        let from_peak = after_peak.min(2 * t_max - after_peak);
        let height = half_wave(from_peak as f64 / t_max as f64);
        (self.eta_min + (f64::from(base) - self.eta_min) * height) as f32
    }
}
