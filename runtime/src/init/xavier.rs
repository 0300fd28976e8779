//! Variance kept in both directions, for layers before `Tanh` or `Sigmoid`.

use rand_core::Rng;

use super::{Fan, normal, uniform};
use crate::kernel::sqrt;

/// Fills `weights` from U(−b, b) with `b = gain · √(6 / (fan_in + fan_out))` (Glorot and Bengio 2010), as PyTorch's
/// `xavier_uniform_`.
///
/// `shape` is that of the weight, `[out, in, ..]`; the usual gain is 1, or [`calculate_gain`](super::calculate_gain)'s.
pub fn xavier_uniform<R: Rng + ?Sized>(
    weights: &mut [f32],
    shape: &[usize],
    gain: f32,
    rng: &mut R,
) {
    let bound = sqrt(3.0) * std(shape, gain);
    uniform(weights, -bound, bound, rng);
}

/// Fills `weights` from N(0, s²) with `s = gain · √(2 / (fan_in + fan_out))` (Glorot and Bengio 2010), as PyTorch's
/// `xavier_normal_`.
///
/// `shape` is that of the weight, `[out, in, ..]`; the usual gain is 1, or [`calculate_gain`](super::calculate_gain)'s.
pub fn xavier_normal<R: Rng + ?Sized>(
    weights: &mut [f32],
    shape: &[usize],
    gain: f32,
    rng: &mut R,
) {
    normal(weights, 0.0, std(shape, gain), rng);
}

fn std(shape: &[usize], gain: f32) -> f32 {
    let Fan { fan_in, fan_out } = Fan::of(shape);
    gain * sqrt(2.0 / (fan_in + fan_out).max(1) as f32)
}
