//! Up to a large learning rate and down to a tiny one, once.

use super::{Schedule, half_wave};

/// The one-cycle policy (Smith and Topin 2018), as PyTorch's `OneCycleLR`.
///
/// From `max_lr / div_factor` up to `max_lr` in the first `pct_start` of the steps, then down to
/// `max_lr / div_factor / final_div_factor` at the last, each along half a wave of the cosine. The learning rate that the
/// optimizer began with is not looked at. From step `total_steps` on, where PyTorch raises an error, the last value stays.
///
/// PyTorch cycles the momentum too, by default; here it is read off with [`momentum`](Self::momentum).
///
/// ```
/// use firmnet_runtime::schedule::{OneCycleLr, Schedule};
///
/// let schedule = OneCycleLr::new(0.5, 101);
/// let [first, highest, last] = [0, 29, 100].map(|step| schedule.lr(0.0, step));
/// assert!((first - 0.02).abs() < 1e-6 && (highest - 0.5).abs() < 2e-3 && (last - 2e-6).abs() < 1e-9);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycleLr {
    /// The highest learning rate.
    pub max_lr: f64,
    /// Steps of the whole cycle.
    pub total_steps: u32,
    /// The share of the steps that goes up, 0 to 1.
    pub pct_start: f64,
    /// How many times smaller than the highest the first learning rate is.
    pub div_factor: f64,
    /// How many times smaller than the first the last learning rate is.
    pub final_div_factor: f64,
    /// The momentum where the learning rate is highest.
    pub base_momentum: f64,
    /// The momentum at both ends.
    pub max_momentum: f64,
}

impl OneCycleLr {
    /// `pct_start = 0.3`, `div_factor = 25`, `final_div_factor = 1e4`, momentum from 0.95 to 0.85 and back.
    pub const fn new(max_lr: f64, total_steps: u32) -> Self {
        OneCycleLr {
            max_lr,
            total_steps,
            pct_start: 0.3,
            div_factor: 25.0,
            final_div_factor: 1e4,
            base_momentum: 0.85,
            max_momentum: 0.95,
        }
    }
    /// The share of the steps that goes up, 0 to 1.
    pub const fn pct_start(self, pct_start: f64) -> Self {
        OneCycleLr { pct_start, ..self }
    }
    /// How many times smaller than the highest the first learning rate is.
    pub const fn div_factor(self, div_factor: f64) -> Self {
        OneCycleLr { div_factor, ..self }
    }
    /// How many times smaller than the first the last learning rate is.
    pub const fn final_div_factor(self, final_div_factor: f64) -> Self {
        OneCycleLr { final_div_factor, ..self }
    }
    /// The momentum where the learning rate is highest.
    pub const fn base_momentum(self, base_momentum: f64) -> Self {
        OneCycleLr { base_momentum, ..self }
    }
    /// The momentum at both ends.
    pub const fn max_momentum(self, max_momentum: f64) -> Self {
        OneCycleLr { max_momentum, ..self }
    }

    /// The momentum (of Adam: β₁) at `step`, which falls while the learning rate climbs.
    pub fn momentum(&self, step: u32) -> f32 {
        let OneCycleLr { base_momentum, max_momentum, .. } = *self;
        self.cycle(step, [max_momentum, base_momentum, max_momentum]) as f32
    }

    /// Where the way from the first value over the second to the third is at `step`.
    fn cycle(&self, step: u32, [first, middle, last]: [f64; 3]) -> f64 {
        let end = f64::from(self.total_steps.saturating_sub(1));
        let top = self.pct_start * f64::from(self.total_steps) - 1.0;
        let step = f64::from(step).min(end);
        let between = |from: f64, to: f64, way: f64| to + (from - to) * half_wave(way);
        if step <= top {
            between(first, middle, if top > 0.0 { step / top } else { 1.0 })
        } else {
            between(middle, last, if end > top { (step - top) / (end - top) } else { 1.0 })
        }
    }
}

impl Schedule for OneCycleLr {
    fn lr(&self, _: f32, step: u32) -> f32 {
        let first = self.max_lr / self.div_factor;
        self.cycle(step, [first, self.max_lr, first / self.final_div_factor]) as f32
    }
}
