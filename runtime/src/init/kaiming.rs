//! Variance kept in one direction, for layers before `ReLU` and its kin.

use rand_core::Rng;

use super::{Fan, FanMode, Nonlinearity, calculate_gain, normal, uniform};
use crate::kernel::sqrt;

/// Fills `weights` from U(−b, b) with `b = gain · √(3 / fan)` (He et al. 2015), as PyTorch's `kaiming_uniform_`.
///
/// `shape` is that of the weight, `[out, in, ..]`. PyTorch's argument `a` is the slope in
/// [`Nonlinearity::LeakyRelu`]; its defaults are `LeakyRelu(0.0)` and [`FanMode::FanIn`].
///
/// ```
/// use firmnet_runtime::init::{self, FanMode, Nonlinearity};
/// use rand::{SeedableRng, rngs::StdRng};
///
/// let mut weight = [0.0; 2 * 6];
/// let mut rng = StdRng::seed_from_u64(1);
/// init::kaiming_uniform(&mut weight, &[2, 6], Nonlinearity::Relu, FanMode::FanIn, &mut rng);
/// assert!(weight.iter().all(|w| w.abs() <= 1.0));
/// ```
pub fn kaiming_uniform<R: Rng + ?Sized>(
    weights: &mut [f32],
    shape: &[usize],
    nonlinearity: Nonlinearity,
    mode: FanMode,
    rng: &mut R,
) {
    let bound = sqrt(3.0) * std(shape, nonlinearity, mode);
    uniform(weights, -bound, bound, rng);
}

/// Fills `weights` from N(0, s²) with `s = gain / √fan` (He et al. 2015), as PyTorch's `kaiming_normal_`.
///
/// Arguments as for [`kaiming_uniform`].
pub fn kaiming_normal<R: Rng + ?Sized>(
    weights: &mut [f32],
    shape: &[usize],
    nonlinearity: Nonlinearity,
    mode: FanMode,
    rng: &mut R,
) {
    normal(weights, 0.0, std(shape, nonlinearity, mode), rng);
}

fn std(shape: &[usize], nonlinearity: Nonlinearity, mode: FanMode) -> f32 {
    calculate_gain(nonlinearity) / sqrt(Fan::of(shape).mode(mode).max(1) as f32)
}
