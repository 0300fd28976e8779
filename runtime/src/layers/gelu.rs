//! `GELU`: `x` times the probability that a normal number is smaller.

use crate::infer::{Inferred, Inputs};
use crate::kernel::{Vector, erf, exp, gelu, tanh};
use crate::layer::FromBytes;
use crate::layers::elementwise::{self, Elementwise, SlopeOf};
use crate::positional;
use crate::text::same;

/// `x: […]` → `y: […]`, `y = x Φ(x)` with `Φ(x) = (1 + erf(x / √2)) / 2`, or for `approximate = "tanh"`
/// `y = x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2` (Hendrycks and Gimpel 2016). PyTorch's `nn.GELU`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct GELU;

/// `GELU(approximate = "none")`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    approximate: &'static str,
}

impl GELU {
    /// `GELU`.
    pub const fn args() -> Args {
        Args { approximate: "none" }
    }
}

positional!(Args, first = approximate: &'static str);

impl Args {
    /// `"none"`, which it is unless said otherwise, or `"tanh"`.
    pub const fn approximate(mut self, approximate: &'static str) -> Self {
        self.approximate = approximate;
        self
    }

    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let known = same(self.approximate, "none") || same(self.approximate, "tanh");
        let says = x.says().str("is given approximate = \"").str(self.approximate);
        elementwise::infer(self, x, GELU::SLOPE_OF)
            .check(known, says.str("\"; it knows \"none\" and \"tanh\""))
    }

    #[inline(always)]
    const fn is_tanh(&self) -> bool {
        self.approximate.len() == 4 && self.approximate.as_bytes()[0] == b't'
    }
}

const INNER: f32 = 0.797_884_6;
const CUBE: f32 = 0.044_715;

impl Elementwise for GELU {
    type Args = Args;
    const SLOPE_OF: SlopeOf = SlopeOf::X;

    #[inline(always)]
    fn value<V: Vector>(args: Args, x: V) -> V {
        if args.is_tanh() {
            let half = x * V::splat(0.5);
            let inner = (x * x * V::splat(CUBE)).mul_add(x, x) * V::splat(INNER);
            return half * (tanh(inner) + V::splat(1.0));
        }
        gelu(x)
    }

    #[inline(always)]
    fn slope<V: Vector>(args: Args, x: V) -> V {
        let (one, half) = (V::splat(1.0), V::splat(0.5));
        // Beyond ±14 the slope is 0 or 1 to the last bit, and farther out the cube would be infinite.
        let x = V::splat(14.0).min(V::splat(-14.0).max(x));
        if args.is_tanh() {
            let square = x * x;
            let t = tanh((square * V::splat(CUBE)).mul_add(x, x) * V::splat(INNER));
            let inner = square.mul_add(V::splat(3.0 * CUBE), one) * V::splat(INNER);
            return half * (one + t) + half * x * (-t).mul_add(t, one) * inner;
        }
        // Φ + x φ, with φ(x) = e^(−x²/2) / √(2π).
        let cumulative = half * (erf(x * V::splat(core::f32::consts::FRAC_1_SQRT_2)) + one);
        let density = V::splat(0.398_942_3) * exp(x * x * V::splat(-0.5));
        x.mul_add(density, cumulative)
    }
}
