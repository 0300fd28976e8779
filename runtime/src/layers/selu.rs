//! `SELU`: a scaled exponential unit that keeps mean 0 and variance 1.

use crate::infer::{Inferred, Inputs};
use crate::kernel::{Vector, exp_m1};
use crate::layer::FromBytes;
use crate::layers::elementwise::{self, Elementwise, SlopeOf};
use crate::positional;

const ALPHA: f32 = 1.673_263_2;
const SCALE: f32 = 1.050_701;

/// `x: […]` → `y: […]`, `y = λ x` where `x > 0`, else `λ α (eˣ − 1)`, with the `λ` and `α` of Klambauer et al. 2017. PyTorch's `nn.SELU`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct SELU;

/// `SELU` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl SELU {
    /// `SELU`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        elementwise::infer(self, x, SELU::SLOPE_OF)
    }
}

impl Elementwise for SELU {
    type Args = Args;
    const SLOPE_OF: SlopeOf = SlopeOf::Y;

    #[inline(always)]
    fn value<V: Vector>(_: Args, x: V) -> V {
        let below =
            V::splat(SCALE * ALPHA) * exp_m1(V::splat(0.0).where_greater(x, x, V::splat(0.0)));
        V::splat(0.0).where_greater(x, below, V::splat(SCALE) * x)
    }

    #[inline(always)]
    fn slope<V: Vector>(_: Args, y: V) -> V {
        // Below zero y = λ α eˣ − λ α, and the slope is λ α eˣ.
        y.where_greater(V::splat(0.0), V::splat(SCALE), y + V::splat(SCALE * ALPHA))
    }
}
