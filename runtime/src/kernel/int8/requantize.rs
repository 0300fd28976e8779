//! From a sum of products to the unit of the output: a factor as an integer, and two roundings.
//!
//! The roundings are gemmlowp's (Jacob et al. 2018, *Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
//! Inference*, appendix B), which TensorFlow Lite's reference kernels use.

use crate::bits::FromBytes;

/// A factor, `multiplier / 2³¹ · 2^shift`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes)]
#[repr(C)]
pub struct Requantize {
    /// From 2³⁰ to 2³¹ − 1, or 0.
    pub multiplier: i32,
    /// From −31 to 30.
    pub shift: i32,
}

impl Requantize {
    /// The factor nearest to `scale`, which is not negative and below 2³⁰. What is below 2⁻³² becomes 0.
    ///
    /// TensorFlow Lite's `QuantizeMultiplier`.
    pub const fn of(scale: f64) -> Self {
        const DIGITS: u32 = 52;
        let bits = scale.to_bits();
        // scale = digits / 2⁵³ · 2^shift, with digits from 2⁵² on: of them, 31 are kept.
        let digits = bits & ((1 << DIGITS) - 1) | 1 << DIGITS;
        let shift = (bits >> DIGITS & 0x7ff) as i32 - 1022;
        let multiplier = (digits + (1 << 21)) >> 22;
        match () {
            () if shift < -31 => Requantize { multiplier: 0, shift: 0 },
            () if multiplier == 1 << 31 => Requantize { multiplier: 1 << 30, shift: shift + 1 },
            () => Requantize { multiplier: multiplier as i32, shift },
        }
    }

    /// `x` times the factor: rounded once by the multiplier, and once more where the shift is to the right.
    ///
    /// TensorFlow Lite's `MultiplyByQuantizedMultiplier`.
    pub const fn apply(self, x: i32) -> i32 {
        if self.shift > 0 {
            high_product(x.wrapping_shl(self.shift as u32), self.multiplier)
        } else {
            divide_by_power(high_product(x, self.multiplier), -self.shift as u32)
        }
    }
}

/// What comes out of a convolution's sums: from scales of its input, of a channel's weights and of its output.
pub const fn conv_scale(input: f32, weight: f32, output: f32) -> f64 {
    input as f64 * weight as f64 / output as f64
}

/// What comes out of the sums of a dense layer with one scale for all weights; the product is rounded to an `f32`, as in TensorFlow Lite.
pub const fn dense_scale(input: f32, weight: f32, output: f32) -> f64 {
    (input * weight) as f64 / output as f64
}

/// `a · b / 2³¹`, rounded to the nearest, halves up. gemmlowp's `SaturatingRoundingDoublingHighMul`.
#[inline(always)]
pub(super) const fn high_product(a: i32, b: i32) -> i32 {
    if a == i32::MIN && b == i32::MIN {
        return i32::MAX;
    }
    ((a as i64 * b as i64 + (1 << 30)) >> 31) as i32
}

/// `x / 2^exponent`, rounded to the nearest, halves away from zero. gemmlowp's `RoundingDivideByPOT`.
#[inline(always)]
pub(super) const fn divide_by_power(x: i32, exponent: u32) -> i32 {
    let mask = ((1i64 << exponent) - 1) as i32;
    let threshold = (mask >> 1) + (x < 0) as i32;
    (x >> exponent) + (x & mask > threshold) as i32
}

/// `x · 2^exponent`, held within the range of an `i32`.
#[inline(always)]
pub(super) const fn times_power(x: i32, exponent: u32) -> i32 {
    let bound = i32::MAX >> exponent;
    match () {
        () if x > bound => i32::MAX,
        () if x < -bound => i32::MIN,
        () => x << exponent,
    }
}
