//! `ReLU`: `y = max(x, 0)`.

use crate::infer::{Inferred, Inputs};
use crate::kernel::Vector;
use crate::layer::FromBytes;
use crate::layers::elementwise::{self, Elementwise, SlopeOf};
use crate::positional;

/// `x: […]` → `y: […]`, `y = max(x, 0)`. PyTorch's `nn.ReLU`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct ReLU;

/// `ReLU` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl ReLU {
    /// `ReLU`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        elementwise::infer(self, x, ReLU::SLOPE_OF).bounds(ReLU::BOUNDS)
    }
}

impl Elementwise for ReLU {
    type Args = Args;
    const SLOPE_OF: SlopeOf = SlopeOf::Y;
    const BOUNDS: Option<[f32; 2]> = Some([0.0, f32::INFINITY]);

    #[inline(always)]
    fn value<V: Vector>(_: Args, x: V) -> V {
        // Written so that what is not a number stays so, as in PyTorch.
        V::splat(0.0).where_greater(x, V::splat(0.0), x)
    }

    #[inline(always)]
    fn slope<V: Vector>(_: Args, y: V) -> V {
        y.where_greater(V::splat(0.0), V::splat(1.0), V::splat(0.0))
    }
}
