//! `exp`, `ln`, `tanh`, `sigmoid`, `erf` and `sqrt` over any [`Vector`], without a maths library.

use super::Vector;

/// `eˣ`.
#[inline(always)]
pub fn exp<V: Vector>(x: V) -> V {
    // x = n ln 2 + r, |r| ≤ ln 2 / 2; ln 2 in two parts keeps r exact.
    let x = x.max(V::splat(-87.3)).min(V::splat(88.7));
    let n = (x * V::splat(core::f32::consts::LOG2_E)).round();
    let r = n.mul_add(V::splat(-0.693_359_4), x);
    let r = n.mul_add(V::splat(2.121_944_4e-4), r);
    let mut p = V::splat(1.987_569_1e-4);
    for c in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 5.000_000_1e-1] {
        p = p.mul_add(r, V::splat(c));
    }
    let y = p.mul_add(r * r, r) + V::splat(1.0);
    // Two steps: 2ⁿ alone overflows for n = 128.
    let half = (n * V::splat(0.5)).round();
    y * half.exp2_whole() * (n - half).exp2_whole()
}

/// The natural logarithm of a positive, normal number.
#[inline(always)]
pub fn ln<V: Vector>(x: V) -> V {
    // m in [√½, √2): ln x = e ln 2 + ln m.
    let (m, e) = x.split();
    let root = V::splat(core::f32::consts::SQRT_2);
    let e = m.where_greater(root, e + V::splat(1.0), e);
    let r = m.where_greater(root, m * V::splat(0.5), m) - V::splat(1.0);
    let mut p = V::splat(7.037_683_6e-2);
    for c in [
        -1.151_461e-1,
        1.167_699_9e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_8e-1,
        2.000_071_5e-1,
        -2.499_999_4e-1,
        3.333_333_1e-1,
    ] {
        p = p.mul_add(r, V::splat(c));
    }
    let z = r * r;
    let y = p * r * z;
    let y = e.mul_add(V::splat(-2.121_944_4e-4), y);
    let y = z.mul_add(V::splat(-0.5), y);
    e.mul_add(V::splat(0.693_359_4), r + y)
}

/// `ln (1 + x)` for x > −1, exact also where `1 + x` rounds `x` away.
#[inline(always)]
pub fn ln_1p<V: Vector>(x: V) -> V {
    // What rounding made of 1 + x is u; ln u / (u − 1) hardly changes between the two (Kahan).
    let one = V::splat(1.0);
    let u = one + x;
    let y = ln(u) * (x / (u - one));
    (u - one).abs().where_greater(V::splat(0.0), y, x)
}

/// −1, 0 or 1.
#[inline(always)]
pub fn sign<V: Vector>(x: V) -> V {
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    x.where_greater(zero, one, zero.where_greater(x, -one, zero))
}

/// `1 / (1 + e⁻ˣ)`.
#[inline(always)]
pub fn sigmoid<V: Vector>(x: V) -> V {
    V::splat(1.0) / (V::splat(1.0) + exp(-x))
}

/// The hyperbolic tangent.
#[inline(always)]
pub fn tanh<V: Vector>(x: V) -> V {
    // An odd polynomial near zero, where 1 − 2 / (e²ˣ + 1) would cancel.
    let z = x * x;
    let mut p = V::splat(-5.704_988_7e-3);
    for c in [2.063_908_9e-2, -5.373_971_5e-2, 1.333_144_2e-1, -3.333_328_2e-1] {
        p = p.mul_add(z, V::splat(c));
    }
    let near = (p * z).mul_add(x, x);
    let far = V::splat(1.0) - V::splat(2.0) / (exp(x.abs() * V::splat(2.0)) + V::splat(1.0));
    let far = V::splat(0.0).where_greater(x, -far, far);
    x.abs().where_greater(V::splat(0.625), far, near)
}

/// The error function, `2/√π ∫₀ˣ e^(−t²) dt` (Abramowitz and Stegun 7.1.26 until a closer one is in).
#[inline(always)]
pub fn erf<V: Vector>(x: V) -> V {
    let a = x.abs();
    let t = V::splat(1.0) / V::splat(0.327_591_1).mul_add(a, V::splat(1.0));
    let mut p = V::splat(1.061_405_4);
    for c in [-1.453_152_1, 1.421_413_8, -0.284_496_74, 0.254_829_6] {
        p = p.mul_add(t, V::splat(c));
    }
    let y = V::splat(1.0) - p * t * exp(-(a * a));
    V::splat(0.0).where_greater(x, -y, y)
}

/// The square root, also where no maths library is at hand.
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    #[cfg(feature = "std")]
    return x.sqrt();
    #[cfg(not(feature = "std"))]
    {
        // A guess from the halved exponent, then Newton's step three times.
        if !(x > 0.0) || x == f32::INFINITY {
            return if x < 0.0 { f32::NAN } else { x };
        }
        let mut y = f32::from_bits((x.to_bits() >> 1) + 0x1fbb_4f2e);
        for _ in 0..3 {
            y = 0.5 * (y + x / y);
        }
        y
    }
}
