//! Softmax in integers.

use bytemuck::{Pod, Zeroable};

use super::exp::{exp_of_negative, one_over_one_plus};
use super::requantize::{Requantize, divide_by_power, high_product};
use crate::bits::FromBytes;

/// Bits before the point of the differences whose exponentials are summed.
const DIFFERENCE_BITS: u32 = 5;
/// Bits before the point of the sum: there may be 4095 classes.
const SUM_BITS: u32 = 12;

/// A softmax of bytes with a certain scale. What comes out has scale 1/256 and zero point −128.
///
/// TensorFlow Lite's reference kernel for int8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes)]
#[repr(C)]
pub struct Softmax {
    scale: Requantize,
    /// What is farther below the maximum counts as nothing.
    farthest: i32,
}

// SAFETY: whole numbers of one width, with nothing between them.
unsafe impl Zeroable for Softmax {}
// SAFETY: as above.
unsafe impl Pod for Softmax {}

impl Softmax {
    /// Of bytes that are `scale` apart.
    pub const fn of(scale: f32) -> Self {
        let unit = (1u32 << (31 - DIFFERENCE_BITS)) as f64;
        let most = i32::MAX as f64;
        let scale = scale as f64 * unit;
        let scale = Requantize::of(if scale < most { scale } else { most });
        Softmax { scale, farthest: -radius(DIFFERENCE_BITS, scale.shift) }
    }

    /// `y[i] = e^x[i] / Σ e^x[j]`.
    pub fn row(&self, x: &[i8], y: &mut [i8]) {
        let most = x.iter().copied().fold(i8::MIN, i8::max);
        let exp = |x: i8| self.exp(i32::from(x) - i32::from(most));
        let sum: i32 = x.iter().filter_map(|&x| exp(x)).map(|e| divide_by_power(e, SUM_BITS)).sum();
        // The sum is (1 + rest) · 2^above, and `rest` has no bits before the point.
        let zeros = sum.leading_zeros();
        let exponent = (SUM_BITS + 31 - 8).saturating_sub(zeros).min(31);
        let rest = ((sum as u32).wrapping_shl(zeros) & i32::MAX as u32) as i32;
        let factor = one_over_one_plus(rest);
        for (y, &x) in y.iter_mut().zip(x) {
            *y = match exp(x) {
                Some(e) => {
                    let share = divide_by_power(high_product(factor, e), exponent);
                    (share - 128).clamp(-128, 127) as i8
                }
                None => i8::MIN,
            };
        }
    }

    /// The exponential of so many units below the maximum, where that counts.
    #[inline(never)]
    fn exp(&self, difference: i32) -> Option<i32> {
        let shifted = difference.wrapping_shl(self.scale.shift as u32);
        (difference >= self.farthest)
            .then(|| exp_of_negative(high_product(shifted, self.scale.multiplier), DIFFERENCE_BITS))
    }
}

/// The farthest from 0 that a byte may be so that it has `bits` bits before the point once it is shifted.
pub(super) const fn radius(bits: u32, shift: i32) -> i32 {
    let most = ((1i64 << bits) - 1) << (31 - bits);
    if shift < 0 { i32::MAX } else { (most >> shift) as i32 }
}
