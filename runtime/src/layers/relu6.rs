//! `ReLU6`: `y = min(max(x, 0), 6)`.

use crate::infer::{Inferred, Inputs};
use crate::kernel::Vector;
use crate::layer::FromBytes;
use crate::layers::elementwise::{self, Elementwise, SlopeOf};
use crate::positional;

/// `x: […]` → `y: […]`, `y = min(max(x, 0), 6)`. PyTorch's `nn.ReLU6`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct ReLU6;

/// `ReLU6` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl ReLU6 {
    /// `ReLU6`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        elementwise::infer(self, x, ReLU6::SLOPE_OF).bounds(ReLU6::BOUNDS)
    }
}

impl Elementwise for ReLU6 {
    type Args = Args;
    const SLOPE_OF: SlopeOf = SlopeOf::Y;
    const BOUNDS: Option<[f32; 2]> = Some([0.0, 6.0]);

    #[inline(always)]
    fn value<V: Vector>(_: Args, x: V) -> V {
        x.within(0.0, 6.0)
    }

    #[inline(always)]
    fn slope<V: Vector>(_: Args, y: V) -> V {
        let inner = V::splat(6.0).where_greater(y, V::splat(1.0), V::splat(0.0));
        y.where_greater(V::splat(0.0), inner, V::splat(0.0))
    }
}
