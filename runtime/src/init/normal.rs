//! Normally distributed numbers.

use rand_core::Rng;

use super::uniform::unit;
use crate::kernel::{ln, sqrt};

/// Fills `weights` from N(mean, std²), as PyTorch's `normal_`.
///
/// By Marsaglia's polar method: two numbers from each point of the unit disc, without a sine, and without the tables
/// (2 KiB of flash and more) of a ziggurat.
///
/// ```
/// use firmnet_runtime::init;
/// use rand::{SeedableRng, rngs::StdRng};
///
/// let mut weights = [0.0; 1000];
/// init::normal(&mut weights, 5.0, 2.0, &mut StdRng::seed_from_u64(1));
/// let mean = weights.iter().sum::<f32>() / 1000.0;
/// assert!((mean - 5.0).abs() < 0.2);
/// ```
pub fn normal<R: Rng + ?Sized>(weights: &mut [f32], mean: f32, std: f32, rng: &mut R) {
    for pair in weights.chunks_mut(2) {
        for (weight, z) in pair.iter_mut().zip(standard_pair(rng)) {
            *weight = mean + std * z;
        }
    }
}

/// Two independent numbers of N(0, 1).
fn standard_pair<R: Rng + ?Sized>(rng: &mut R) -> [f32; 2] {
    // A point in the disc is found in four of five tries; a generator that never gives one is not waited for.
    for _ in 0..1000 {
        let (x, y) = (2.0 * unit(rng) - 1.0, 2.0 * unit(rng) - 1.0);
        let square = x * x + y * y;
        if square > 0.0 && square < 1.0 {
            let scale = sqrt(-2.0 * ln(square) / square);
            return [scale * x, scale * y];
        }
    }
    [0.0; 2]
}
