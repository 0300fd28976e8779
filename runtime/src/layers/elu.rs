//! `ELU`: `y = x` where `x > 0`, else `α (eˣ − 1)`.

use crate::infer::{Inferred, Inputs};
use crate::kernel::{Vector, exp_m1};
use crate::layer::FromBytes;
use crate::layers::elementwise::{self, Elementwise, SlopeOf};
use crate::positional;

/// `x: […]` → `y: […]`, `y = x` where `x > 0`, else `α (eˣ − 1)` (Clevert et al. 2015). PyTorch's `nn.ELU`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct ELU;

/// `ELU(alpha = 1.0)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    alpha: f32,
}

impl ELU {
    /// `ELU(alpha = 1.0)`.
    pub const fn args() -> Args {
        Args { alpha: 1.0 }
    }
}

positional!(Args, first = alpha: f32);

impl Args {
    /// `α`; 1 unless said otherwise.
    pub const fn alpha(mut self, alpha: f32) -> Self {
        self.alpha = alpha;
        self
    }
    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        elementwise::infer(self, x, ELU::SLOPE_OF)
    }
}

impl Elementwise for ELU {
    type Args = Args;
    const SLOPE_OF: SlopeOf = SlopeOf::Y;

    #[inline(always)]
    fn value<V: Vector>(args: Args, x: V) -> V {
        let below = V::splat(args.alpha) * exp_m1(V::splat(0.0).where_greater(x, x, V::splat(0.0)));
        V::splat(0.0).where_greater(x, below, x)
    }

    #[inline(always)]
    fn slope<V: Vector>(args: Args, y: V) -> V {
        // Below zero y = α eˣ − α, and the slope is α eˣ.
        y.where_greater(V::splat(0.0), V::splat(1.0), y + V::splat(args.alpha))
    }
}
