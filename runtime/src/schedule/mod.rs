//! Learning rates over time: one file a schedule, with PyTorch's names, arguments and defaults.
//!
//! A schedule is a function of the step, so that a resumed run needs nothing but the number of the step. What a step is,
//! an epoch or a batch, is the caller's choice, as it is PyTorch's. Schedules count in `f64`: once a step it costs
//! nothing, and 0.9999 to the power of 100,000 would be wrong in the third digit in `f32`.
//!
//! [`ReduceLrOnPlateau`] looks at the training instead of the clock, and stands apart.

mod cosine_annealing;
mod exponential;
mod linear;
mod multi_step;
mod one_cycle;
mod reduce_on_plateau;
mod step;

pub use cosine_annealing::CosineAnnealingLr;
pub use exponential::ExponentialLr;
pub use linear::LinearLr;
pub use multi_step::MultiStepLr;
pub use one_cycle::OneCycleLr;
pub use reduce_on_plateau::{PlateauMode, ReduceLrOnPlateau, ThresholdMode};
pub use step::StepLr;

/// The learning rate as a function of the step.
///
/// A closure `|base, step| ...` is a schedule too; so schedules are joined:
///
/// ```
/// use firmnet_runtime::schedule::{CosineAnnealingLr, LinearLr, Schedule};
///
/// const WARM_UP: LinearLr = LinearLr::new().start_factor(0.1).total_iters(5);
/// const COSINE: CosineAnnealingLr = CosineAnnealingLr::new(95);
///
/// let schedule = |base: f32, step: u32| match step {
///     ..5 => WARM_UP.lr(base, step),
///     5.. => COSINE.lr(base, step - 5),
/// };
/// assert_eq!(schedule.lr(0.5, 0), 0.05);
/// assert_eq!(schedule.lr(0.5, 5), 0.5);
/// assert_eq!(schedule.lr(0.5, 100), 0.0);
/// ```
pub trait Schedule {
    /// The learning rate at `step`, counted from 0, of an optimizer that began with `base`.
    fn lr(&self, base: f32, step: u32) -> f32;
}

impl<F: Fn(f32, u32) -> f32> Schedule for F {
    fn lr(&self, base: f32, step: u32) -> f32 {
        self(base, step)
    }
}

/// `base · factor`, rounded once.
fn scaled(base: f32, factor: f64) -> f32 {
    (f64::from(base) * factor) as f32
}

/// `xⁿ`.
pub(crate) fn power(x: f64, n: u32) -> f64 {
    let (mut power, mut square, mut n) = (1.0, x, n);
    while n > 0 {
        if n & 1 == 1 {
            power *= square;
        }
        square *= square;
        n >>= 1;
    }
    power
}

/// `(1 + cos πx) / 2`: a half wave of the cosine, from 1 at `x = 0` to 0 at `x = 1`; within 1e-11.
fn half_wave(x: f64) -> f64 {
    // cos πx = sin a with a = π(½ − x), a Taylor series that is short about the middle:
    // sin a = a (1 − a²/2·3 (1 − a²/4·5 (1 − ...)))
    let a = core::f64::consts::PI * (0.5 - x);
    let mut sine = 1.0;
    for n in [16.0, 14.0, 12.0, 10.0, 8.0, 6.0, 4.0, 2.0] {
        sine = 1.0 - a * a / (n * (n + 1.0)) * sine;
    }
    (0.5 + 0.5 * a * sine).clamp(0.0, 1.0)
}
