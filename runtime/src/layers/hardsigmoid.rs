//! `Hardsigmoid`: `y = min(max(x / 6 + ½, 0), 1)`.

use crate::infer::{Inferred, Inputs};
use crate::kernel::Vector;
use crate::layer::FromBytes;
use crate::layers::elementwise::{self, Elementwise, SlopeOf};
use crate::positional;

/// `x: […]` → `y: […]`, `y = min(max(x / 6 + ½, 0), 1)`. PyTorch's `nn.Hardsigmoid`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Hardsigmoid;

/// `Hardsigmoid` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl Hardsigmoid {
    /// `Hardsigmoid`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        elementwise::infer(self, x, Hardsigmoid::SLOPE_OF)
    }
}

impl Elementwise for Hardsigmoid {
    type Args = Args;
    const SLOPE_OF: SlopeOf = SlopeOf::Y;

    #[inline(always)]
    fn value<V: Vector>(_: Args, x: V) -> V {
        // The constants first: what is not a number stays so.
        V::splat(6.0).min(V::splat(0.0).max(x + V::splat(3.0))) * V::splat(1.0 / 6.0)
    }

    #[inline(always)]
    fn slope<V: Vector>(_: Args, y: V) -> V {
        let inner = V::splat(1.0).where_greater(y, V::splat(1.0 / 6.0), V::splat(0.0));
        y.where_greater(V::splat(0.0), inner, V::splat(0.0))
    }
}
