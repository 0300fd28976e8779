//! The exponential function and what is made of it, in integers: gemmlowp's polynomials and tables, which TensorFlow Lite uses.
//!
//! A number `x` with `b` bits before the point is `x · 2^(31 − b)` here. A product of such numbers is their [`high_product`].

use super::requantize::{divide_by_power, high_product, times_power};

/// 1 without bits before the point, as near as it comes.
pub(super) const ONE: i32 = i32::MAX;

/// `eˣ` without bits before the point, of `x ≤ 0` with `bits` of them, at most 5.
pub(super) const fn exp_of_negative(x: i32, bits: u32) -> i32 {
    // x = r − (a multiple of ¼), r from −¼ on: the multiple is put together from powers of 2, whose exponentials are known.
    const OF_POWERS: [i32; 7] =
        [1_672_461_947, 1_302_514_674, 790_015_084, 290_630_308, 39_332_535, 720_401, 242];
    if x == 0 {
        return ONE;
    }
    let fraction = 31 - bits;
    let quarter = 1 << (fraction - 2);
    let rest = (x & (quarter - 1)) - quarter;
    let quarters = rest - x;
    let mut y = exp_of_quarter(times_power(rest, bits));
    let mut i = 0;
    while i < bits + 2 {
        if quarters & (quarter << i) != 0 {
            y = high_product(y, OF_POWERS[i as usize]);
        }
        i += 1;
    }
    y
}

/// `eˣ` of `x` from −¼ to 0, both without bits before the point: four terms of the series around −⅛.
const fn exp_of_quarter(x: i32) -> i32 {
    const AT_EIGHTH: i32 = 1_895_147_668;
    const THIRD: i32 = 715_827_883;
    let x = x + (1 << 28);
    let x2 = high_product(x, x);
    let x3 = high_product(x2, x);
    let x4 = high_product(x2, x2);
    let higher = divide_by_power(high_product(divide_by_power(x4, 2) + x3, THIRD) + x2, 1);
    AT_EIGHTH + high_product(AT_EIGHTH, x + higher)
}

/// `1 / (1 + x)` of `x` from 0 to 1, both without bits before the point: Newton's method on the half of `1 + x`.
pub(super) const fn one_over_one_plus(x: i32) -> i32 {
    times_power(reciprocal_of_half(x), 1)
}

/// `(1 − x) / (1 + x)` of `x` from 0 to 1, both without bits before the point.
const fn one_minus_over_one_plus(x: i32) -> i32 {
    // Less one, with two bits before the point.
    times_power(reciprocal_of_half(x) - (1 << 29), 2)
}

/// `2 / (1 + x)` with two bits before the point, of `x` without.
const fn reciprocal_of_half(x: i32) -> i32 {
    const FORTY_EIGHT_17THS: i32 = 1_515_870_810;
    const MINUS_THIRTY_TWO_17THS: i32 = -1_010_580_540;
    let half = ((x as i64 + ONE as i64 + 1) / 2) as i32;
    let mut y = FORTY_EIGHT_17THS + high_product(half, MINUS_THIRTY_TWO_17THS);
    let mut i = 0;
    while i < 3 {
        let missing = (1 << 29) - high_product(half, y);
        y += times_power(high_product(y, missing), 2);
        i += 1;
    }
    y
}

/// `1 / (1 + e⁻ˣ)` without bits before the point, of `x` with `bits`.
pub(super) const fn logistic(x: i32, bits: u32) -> i32 {
    if x == 0 {
        return 1 << 30;
    }
    // Of a positive `x`; of another, what is left to 1.
    let y = one_over_one_plus(exp_of_negative(if x > 0 { -x } else { x }, bits));
    if x > 0 { y } else { ONE - y }
}

/// The hyperbolic tangent without bits before the point, of `x` with `bits`, at most 4.
pub(super) const fn tanh(x: i32, bits: u32) -> i32 {
    if x == 0 {
        return 0;
    }
    // Of −2|x|: with one bit more before the point, these are the same digits.
    let y = one_minus_over_one_plus(exp_of_negative(if x > 0 { -x } else { x }, bits + 1));
    if x > 0 { y } else { -y }
}
