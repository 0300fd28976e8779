//! `exp`, `ln`, `tanh`, `sigmoid`, `softplus`, `erf`, `gelu` and `sqrt` over any [`Vector`], without a maths library.
//!
//! The polynomials, and the quotient of two in `gelu`, are minimax fits (Lawson's iteration over Chebyshev nodes,
//! coefficients rounded one after the other). NaN gives NaN. The largest error of each is stated in units in the last
//! place (ulp) of the exact value: it was measured over every 1021st of all `f32`, with and without fused
//! multiply-add; the tests do every 40,009th.

use super::Vector;
use super::vector::SHIFT;

/// `eˣ`, within 1.0 ulp: 0 at −∞ and below −104, ∞ above 88.7, denormal in between where it has to be.
#[inline(always)]
pub fn exp<V: Vector>(x: V) -> V {
    // The constant first: a comparison with NaN gives the second.
    let (y, n, _) = reduced_exp_m1(V::splat(88.8).min(V::splat(-104.0).max(x)));
    (y + V::splat(1.0)).scale(n)
}

/// `eˣ` for `x` that is not above 0, within 1.0 ulp, and 0 below −87: a processor may take a hundred times as long over what is denormal.
#[inline(always)]
pub(super) fn exp_or_zero<V: Vector>(x: V) -> V {
    let least = V::splat(-87.0);
    let (y, _, two_to_n) = reduced_exp_m1(least.max(x));
    least.where_greater(x, V::splat(0.0), (y + V::splat(1.0)) * two_to_n)
}

/// `eʳ − 1`, `n` and `2ⁿ`, where `x = n ln 2 + r` and |r| ≤ ln 2 / 2.
#[inline(always)]
fn reduced_exp_m1<V: Vector>(x: V) -> (V, V, V) {
    let (n, two_to_n) = whole(x, V::splat(core::f32::consts::LOG2_E));
    let r = n.mul_add(V::splat(-LN_2[0]), x);
    (near_exp_m1(n.mul_add(V::splat(-LN_2[1]), r)), n, two_to_n)
}

/// ln 2 in two parts: a whole number up to 2¹⁴ times the first is exact.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];

/// The whole number `n` next to `x · factor`, and `2ⁿ`, for |n| ≤ 126.
#[inline(always)]
fn whole<V: Vector>(x: V, factor: V) -> (V, V) {
    let shifted = x.mul_add(factor, V::splat(SHIFT));
    (shifted - V::splat(SHIFT), shifted.exp2_shifted())
}

/// `eʳ − 1` for |r| ≤ ln 2 / 2.
#[inline(always)]
fn near_exp_m1<V: Vector>(r: V) -> V {
    // By pairs (Estrin): fewer operations wait for one another than by Horner's rule.
    let z = r * r;
    let low = r.mul_add(V::splat(0.166_665_2), V::splat(0.499_999_94));
    let high = r.mul_add(V::splat(8.368_856e-3), V::splat(0.041_668_26));
    let p = z.mul_add(z.mul_add(V::splat(1.382_173_2e-3), high), low);
    p.mul_add(z, r)
}

/// The natural logarithm, within 0.9 ulp: −∞ at 0, NaN below.
#[inline(always)]
pub fn ln<V: Vector>(x: V) -> V {
    // A denormal number is brought into the normal range first.
    let normal = V::splat(f32::MIN_POSITIVE);
    let scaled = normal.where_greater(x, x * V::splat(8_388_608.0), x);
    let (m, e) = scaled.split();
    let e = normal.where_greater(x, e - V::splat(23.0), e);
    // m in [√½, √2): ln x = e ln 2 + ln m.
    let root = V::splat(core::f32::consts::SQRT_2);
    let e = m.where_greater(root, e + V::splat(1.0), e);
    let r = m.where_greater(root, m * V::splat(0.5), m) - V::splat(1.0);
    let p = polynomial(
        r,
        [
            0.333_333_3,
            -0.250_008_2,
            0.200_012_42,
            -0.166_234_1,
            0.142_015_81,
            -0.131_596_1,
            0.127_621_98,
            -0.076_363_97,
        ],
    );
    let z = r * r;
    let y = e.mul_add(V::splat(LN_2[1]), p * r * z);
    let y = z.mul_add(V::splat(-0.5), y);
    let y = e.mul_add(V::splat(LN_2[0]), r + y);
    let y = x.where_greater(V::splat(f32::MAX), x, y);
    let zero = V::splat(0.0);
    let not_positive = zero.where_greater(x, V::splat(f32::NAN), x + V::splat(f32::NEG_INFINITY));
    x.where_greater(zero, y, not_positive)
}

/// `ln(1 + x)`, within 1.5 ulp, also near zero.
#[inline(always)]
pub fn ln_1p<V: Vector>(x: V) -> V {
    // What rounding 1 + x lost is added again: ln(u + d) ≈ ln u + d / u.
    let u = V::splat(1.0) + x;
    let lost = (x - (u - V::splat(1.0))) / u;
    let zero = V::splat(0.0);
    let lost = u.where_greater(zero, u.where_greater(V::splat(f32::MAX), zero, lost), zero);
    ln(u) + lost
}

/// −1, 0 or 1.
#[inline(always)]
pub fn sign<V: Vector>(x: V) -> V {
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    x.where_greater(zero, one, zero.where_greater(x, -one, zero))
}

/// `ln(1 + eˣ)` without overflow, within 1.9 ulp; `softplus(−x)` is the binary cross-entropy of the logit `x` for a true case.
#[inline(always)]
pub fn softplus<V: Vector>(x: V) -> V {
    V::splat(0.0).max(x) + ln_1p(exp(-x.abs()))
}

/// `1 / (1 + e⁻ˣ)`, within 1.7 ulp.
#[inline(always)]
pub fn sigmoid<V: Vector>(x: V) -> V {
    // e⁻|x| never overflows, and for x < 0 the result keeps all its digits.
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    let e = exp(-x.abs());
    let y = zero.where_greater(x, e, one) / (one + e);
    // e / (1 + e) = e − e · e / (1 + e), where only the last rounding counts in full.
    zero.where_greater(x, (-e).mul_add(y, e), y)
}

/// As [`sigmoid`], within 1e-7, and sooner: a gate asks for no more.
#[inline(always)]
pub(super) fn gate_sigmoid<V: Vector>(x: V) -> V {
    let one = V::splat(1.0);
    let (y, two_to_n) = gate_exp_m1(x, -one);
    one / two_to_n.mul_add(y, two_to_n + one)
}

/// As [`tanh`], within 2.9 ulp, and sooner.
#[inline(always)]
pub(super) fn gate_tanh<V: Vector>(x: V) -> V {
    // = (1 − e) / (1 + e) with e = e⁻²ˣ.
    let one = V::splat(1.0);
    let (y, two_to_n) = gate_exp_m1(x, V::splat(-2.0));
    two_to_n.mul_add(-y, one - two_to_n) / two_to_n.mul_add(y, two_to_n + one)
}

/// [`gate_tanh`] in the lanes where `is_tanh` is 1, and [`gate_sigmoid`] where it is 0, to the last bit.
#[inline(always)]
pub(super) fn gate_of_either<V: Vector>(x: V, is_tanh: V) -> V {
    let one = V::splat(1.0);
    let (y, two_to_n) = gate_exp_m1(x, -one - is_tanh);
    let taken = is_tanh * two_to_n;
    taken.mul_add(-y, one - taken) / two_to_n.mul_add(y, two_to_n + one)
}

/// `eʳ − 1` and `2ⁿ`, where `x · times = n ln 2 + r` for `x` between 43 and −43, and `times` is −1 or −2. In as few operations that wait for one
/// another as can be.
#[inline(always)]
fn gate_exp_m1<V: Vector>(x: V, times: V) -> (V, V) {
    let most = V::splat(43.0);
    let x = most.min((-most).max(x));
    let (n, two_to_n) = whole(x, times * V::splat(core::f32::consts::LOG2_E));
    // ln 2 in one part: what that costs grows with n, as what comes of it shrinks.
    let r = n.mul_add(V::splat(-core::f32::consts::LN_2), x * times);
    (near_exp_m1(r), two_to_n)
}

/// The hyperbolic tangent, within 1.95 ulp.
#[inline(always)]
pub fn tanh<V: Vector>(x: V) -> V {
    // = (1 − e) / (1 + e) with e = e^(−2|x|) = 2ⁿ (1 − 2g), |x| = −n ln 2 / 2 + s and g = (1 − e⁻²ˢ) / 2. Beyond 10 it is 1 to the last bit.
    let a = V::splat(10.0).min(x.abs());
    let (n, w) = whole(a, V::splat(-2.0 * core::f32::consts::LOG2_E));
    // ln 2 in one part: what that costs grows with n, as what comes of it shrinks.
    let s = n.mul_add(V::splat(0.5 * core::f32::consts::LN_2), a);
    // By pairs, as in `near_exp_m1`.
    let z = s * s;
    let low = s.mul_add(V::splat(0.666_661_74), V::splat(-0.999_999_94));
    let high = s.mul_add(V::splat(0.133_866_4), V::splat(-0.333_339_48));
    let g = z.mul_add(z.mul_add(z.mul_add(V::splat(-0.044_387_687), high), low), s);
    let half = V::splat(0.5);
    let less = w.mul_add(g, w.mul_add(-half, half));
    let more = w.mul_add(-g, w.mul_add(half, half));
    (less / more).with_sign_of(x)
}

/// The error function `2/√π ∫₀ˣ e^(−t²) dt`, within 1.2 ulp.
#[inline(always)]
pub fn erf<V: Vector>(x: V) -> V {
    let z = x * x;
    let p = polynomial(
        z,
        [0.128_379_15, -0.376_124_9, 0.112_817_31, -0.026_762_966, 4.987_352_5e-3, -5.959_583e-4],
    );
    let near = p.mul_add(x, x);
    // Farther out 1 − e^(−q), q = −ln erfc |x|; beyond 4 it is 1 to the last bit.
    let a = V::splat(4.0).min(x.abs());
    let q = polynomial(
        a,
        [1.128_52, 0.635_699_15, 0.105_287_16, -0.022_906_234, 3.220_040_6e-3, -2.146_029_2e-4],
    );
    let far = V::splat(1.0) - exp(-(q * a));
    let far = V::splat(0.0).where_greater(x, -far, far);
    x.abs().where_greater(V::splat(0.92), far, near)
}

/// `x Φ(x)`, with the probability `Φ(x) = (1 + erf(x / √2)) / 2` that a normal number is smaller, within 1.95 ulp.
#[inline(always)]
pub fn gelu<V: Vector>(x: V) -> V {
    // = max(x, 0) − a Φ(−a) with a = |x|, and beyond 14.5 the latter is 0. Φ(−a) = e^(q + s), where the parabola
    // q = −31/64 a (a + 13/16) − 29/32 leaves |s| < 0.28 to a quotient: little of its rounding errors counts.
    let a = V::splat(14.5).min(x.abs());
    // 1 leads, so that the two highest terms lose nothing near a = 12.9, where they cancel.
    let numerator = [-897.563_96, 1_171.797, 166.815_98, -6.502_726_6, -12.877_251, 1.0];
    let denominator =
        [-4_211.882_3, -2_492.661_4, -664.406_1, -66.989_74, 0.077_692_52, -1.108_422_5e-3];
    let s = quintic(a, numerator) / quintic(a, denominator);
    // q in two parts: exact for a rounded to a multiple of 1/32, and what is left.
    let (factor, apart) = (V::splat(-31.0 / 64.0), V::splat(13.0 / 16.0));
    let shift = V::splat(393_216.0);
    let first = (a + shift) - shift;
    let sum = first + apart;
    let exact = (factor * first).mul_add(sum, V::splat(-29.0 / 32.0));
    let rest = (factor * (a - first)).mul_add(a + sum, s);
    let (n, _) = whole(exact + rest, V::splat(core::f32::consts::LOG2_E));
    let r = n.mul_add(V::splat(-LN_2[0]), exact) + n.mul_add(V::splat(-LN_2[1]), rest);
    // max(x, 0) by halves: as in PyTorch, there is no value at −∞.
    let half = V::splat(0.5);
    x.mul_add(half, x.abs() * half) - near_exp_m1(r).mul_add(a, a).scale(n)
}

/// The square root, also where no maths library is at hand (there within 1 ulp).
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    #[cfg(feature = "std")]
    return x.sqrt();
    #[cfg(not(feature = "std"))]
    newton_sqrt(x)
}

/// A guess from the halved exponent, then Newton's step three times: 4 % off, 6e-4, 2e-7, rounding.
#[cfg(any(test, not(feature = "std")))]
fn newton_sqrt(x: f32) -> f32 {
    if !(x > 0.0 && x < f32::INFINITY) {
        return if x < 0.0 { f32::NAN } else { x };
    }
    // A denormal number has no exponent to halve: 2²⁴ brings it into range, and 2⁻¹² its root back.
    let (x, scale) =
        if x < f32::MIN_POSITIVE { (x * 16_777_216.0, 1.0 / 4096.0) } else { (x, 1.0) };
    let mut y = f32::from_bits((x.to_bits() >> 1) + 0x1fbb_4f2e);
    for _ in 0..3 {
        y = 0.5 * (y + x / y);
    }
    y * scale
}

/// `Σ c[i] · xⁱ`, by Horner's rule.
#[inline(always)]
fn polynomial<V: Vector, const N: usize>(x: V, c: [f32; N]) -> V {
    let mut y = V::splat(c[N - 1]);
    for i in (0..N - 1).rev() {
        y = y.mul_add(x, V::splat(c[i]));
    }
    y
}

/// The same for the fifth degree, by pairs (Estrin), for what much else waits for.
#[inline(always)]
fn quintic<V: Vector>(x: V, c: [f32; 6]) -> V {
    let pair = |i| V::splat(c[i + 1]).mul_add(x, V::splat(c[i]));
    let z = x * x;
    pair(4).mul_add(z, pair(2)).mul_add(z, pair(0))
}

/// `eˣ − 1`, also close to zero, for `x` up to 80 (and there from then on), within 1.6 ulp.
#[inline(always)]
pub fn exp_m1<V: Vector>(x: V) -> V {
    exp_m1_within(V::splat(80.0).min(V::splat(-30.0).max(x)))
}

/// The same for `x` from −30 to 80.
#[inline(always)]
fn exp_m1_within<V: Vector>(x: V) -> V {
    let (y, _, two_to_n) = reduced_exp_m1(x);
    two_to_n.mul_add(y, two_to_n - V::splat(1.0))
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::kernel::dispatch::forced;
    use crate::kernel::{Formula, each};
    use std::vec::Vec;

    /// Compares `f` on every instruction set with `exact` on numbers from the whole range; prints the worst.
    fn check(name: &str, f: impl Formula<1, 0>, exact: fn(f64) -> f64, ulp: f64) {
        compare(name, f, exact, ulps, ulp);
    }

    fn compare(
        name: &str,
        f: impl Formula<1, 0>,
        exact: fn(f64) -> f64,
        distance: fn(f32, f64) -> f64,
        most: f64,
    ) {
        let step = std::env::var("FIRMNET_MATH_STEP").map_or(40_009, |step| step.parse().unwrap());
        let special = [0.0, -0.0, 1.0, -1.0, f32::MIN_POSITIVE, f32::MAX, f32::MIN, 1e-45];
        let infinite = [f32::INFINITY, f32::NEG_INFINITY, f32::NAN];
        let all = (0..=u32::MAX).step_by(step).map(f32::from_bits);
        // As dense again where the functions bend.
        let bend = (0..100_000).map(|i| (i as f32 - 5e4) / 450.0);
        let x: Vec<f32> = special.into_iter().chain(infinite).chain(all).chain(bend).collect();
        forced::on_each(|| {
            let mut y = x.clone();
            each([&mut y], [], &f);
            let mut worst = (0.0, 0.0, 0.0);
            for (&x, &y) in x.iter().zip(&y) {
                let error = distance(y, exact(x as f64));
                if error > worst.0 || error.is_nan() {
                    worst = (error, x, y);
                }
            }
            let (error, x, y) = worst;
            std::println!("{name}: {error:.3e} at {x:e}");
            assert!(error <= most, "{name}({x:e}) = {y:e}, off by {error}");
        });
    }

    /// Distance in units of the last place that `exact` has as an `f32`.
    fn ulps(y: f32, exact: f64) -> f64 {
        let rounded = exact as f32;
        if y.is_nan() || rounded.is_nan() || rounded.is_infinite() || y.is_infinite() {
            return if y == rounded || y.is_nan() && rounded.is_nan() { 0.0 } else { f64::NAN };
        }
        let exponent = (rounded.abs().max(f32::MIN_POSITIVE).to_bits() >> 23) as i32 - 127;
        (y as f64 - exact).abs() / 2f64.powi(exponent - 23)
    }

    /// Abramowitz and Stegun 7.1.6 near zero, the continued fraction 7.1.14 of erfc farther out.
    fn erf64(x: f64) -> f64 {
        let a = x.abs();
        if x.is_nan() || a > 6.0 {
            return if x.is_nan() { x } else { x.signum() };
        }
        let scale = 2.0 / std::f64::consts::PI.sqrt() * (-a * a).exp();
        if a < 2.5 {
            let (mut sum, mut term) = (0.0, a);
            for n in 0..100 {
                sum += term;
                term *= 2.0 * a * a / (2 * n + 3) as f64;
            }
            return (sum * scale).copysign(x);
        }
        let tail = (1..200).rev().fold(a, |tail, k| a + k as f64 / 2.0 / tail);
        (1.0 - scale / 2.0 / tail).copysign(x)
    }

    /// `x erfc(−x / √2) / 2`, where far below 0 nothing would be left of 1 + erf.
    fn gelu64(x: f64) -> f64 {
        let z = -x * std::f64::consts::FRAC_1_SQRT_2;
        let tail = || (1..200).rev().fold(z, |tail, k| z + k as f64 / 2.0 / tail);
        match z {
            f64::INFINITY => f64::NAN,
            40.0.. => 0.0,
            2.5.. => x * (-z * z).exp() / tail() / std::f64::consts::PI.sqrt() / 2.0,
            _ => x * (1.0 - erf64(z)) / 2.0,
        }
    }

    #[test]
    fn square_root_by_newton() {
        for x in (0..=u32::MAX).step_by(10_007).map(f32::from_bits) {
            let (y, exact) = (newton_sqrt(x), (x as f64).sqrt());
            assert!(ulps(y, exact) <= 1.0, "{x:e}: {y:e}, not {exact:e}");
        }
    }

    #[test]
    fn either_gate_has_the_bits_of_its_own() {
        struct It(bool);
        impl Formula<1, 0> for It {
            #[inline(always)]
            fn at<V: Vector>(&self, [x]: [V; 1], _: [V; 0]) -> [V; 1] {
                let [sigmoid, tanh] =
                    [0.0, 1.0].map(|is_tanh| gate_of_either(x, V::splat(is_tanh)));
                [match self.0 {
                    true => tanh - super::gate_tanh(x),
                    false => sigmoid - super::gate_sigmoid(x),
                }]
            }
        }
        forced::on_each(|| {
            for is_tanh in [false, true] {
                let mut x: Vec<f32> = (-9000..9000).map(|i| i as f32 / 100.0).collect();
                each([&mut x], [], &It(is_tanh));
                assert!(x.iter().all(|x| *x == 0.0));
            }
        });
    }

    #[test]
    fn gate_sigmoid() {
        struct It;
        impl Formula<1, 0> for It {
            #[inline(always)]
            fn at<V: Vector>(&self, [x]: [V; 1], _: [V; 0]) -> [V; 1] {
                [super::gate_sigmoid(x)]
            }
        }
        let distance = |y: f32, exact: f64| match (y.is_nan(), exact.is_nan()) {
            (true, true) => 0.0,
            _ => (y as f64 - exact).abs(),
        };
        compare("gate_sigmoid", It, |x| 1.0 / (1.0 + (-x).exp()), distance, 1e-7);
    }

    macro_rules! whole_range {
        ($($name:ident: $exact:expr, $ulp:expr;)*) => {$(
            #[test]
            fn $name() {
                struct It;
                impl Formula<1, 0> for It {
                    #[inline(always)]
                    fn at<V: Vector>(&self, [x]: [V; 1], _: [V; 0]) -> [V; 1] {
                        [super::$name(x)]
                    }
                }
                check(stringify!($name), It, $exact, $ulp);
            }
        )*};
    }
    whole_range! {
        exp: f64::exp, 1.0;
        ln: f64::ln, 0.9;
        ln_1p: f64::ln_1p, 1.5;
        softplus: |x| x.max(0.0) + (-x.abs()).exp().ln_1p(), 1.9;
        sigmoid: |x| 1.0 / (1.0 + (-x).exp()), 1.7;
        gate_tanh: f64::tanh, 2.9;
        tanh: f64::tanh, 1.95;
        exp_m1: |x| (if x > 80.0 { 80.0 } else { x }).exp_m1(), 1.6;
        erf: erf64, 1.2;
        gelu: gelu64, 1.95;
    }
}
