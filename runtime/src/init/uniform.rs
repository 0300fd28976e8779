//! Numbers spread evenly over an interval.

use rand_core::Rng;

use crate::kernel::sqrt;

/// Fills `weights` from U(a, b), the uniform distribution on `[a, b)`, as PyTorch's `uniform_`.
pub fn uniform<R: Rng + ?Sized>(weights: &mut [f32], a: f32, b: f32, rng: &mut R) {
    for weight in weights {
        *weight = a + (b - a) * unit(rng);
    }
}

/// Fills `weights` from U(−1/√fan_in, 1/√fan_in): the default of PyTorch for the weight and the bias of `Linear` and
/// of convolutions.
///
/// It is what PyTorch writes as `kaiming_uniform_(a=√5)`. `fan_in` is the number of inputs that one output sees.
pub fn fan_in_uniform<R: Rng + ?Sized>(weights: &mut [f32], fan_in: usize, rng: &mut R) {
    let bound = if fan_in == 0 { 0.0 } else { 1.0 / sqrt(fan_in as f32) };
    uniform(weights, -bound, bound, rng);
}

/// A number of U(0, 1) in steps of 2⁻²⁴: all that an `f32` holds, and never 1.
pub(super) fn unit<R: Rng + ?Sized>(rng: &mut R) -> f32 {
    (rng.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
}
