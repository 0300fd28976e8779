//! `Hardswish`: `y = x · min(max(x + 3, 0), 6) / 6`.

use crate::infer::{Inferred, Inputs};
use crate::kernel::Vector;
use crate::layer::FromBytes;
use crate::layers::elementwise::{self, Elementwise, SlopeOf};
use crate::positional;

/// `x: […]` → `y: […]`, `y = x · min(max(x + 3, 0), 6) / 6` (Howard et al. 2019). PyTorch's `nn.Hardswish`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Hardswish;

/// `Hardswish` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl Hardswish {
    /// `Hardswish`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        elementwise::infer(self, x, Hardswish::SLOPE_OF)
    }
}

impl Elementwise for Hardswish {
    type Args = Args;
    const SLOPE_OF: SlopeOf = SlopeOf::X;

    #[inline(always)]
    fn value<V: Vector>(_: Args, x: V) -> V {
        x * (x + V::splat(3.0)).max(V::splat(0.0)).min(V::splat(6.0)) * V::splat(1.0 / 6.0)
    }

    #[inline(always)]
    fn slope<V: Vector>(_: Args, x: V) -> V {
        let (zero, one) = (V::splat(0.0), V::splat(1.0));
        let between = x.mul_add(V::splat(1.0 / 3.0), V::splat(0.5));
        let lower = x.where_greater(V::splat(-3.0), between, zero);
        V::splat(3.0).where_greater(x, lower, one)
    }
}
