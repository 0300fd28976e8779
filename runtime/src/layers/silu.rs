//! `SiLU`: `y = x σ(x)`.

use crate::infer::{Inferred, Inputs};
use crate::kernel::{Vector, sigmoid};
use crate::layer::FromBytes;
use crate::layers::elementwise::{self, Elementwise, SlopeOf};
use crate::positional;

/// `x: […]` → `y: […]`, `y = x σ(x)`, also called swish. PyTorch's `nn.SiLU`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct SiLU;

/// `SiLU` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl SiLU {
    /// `SiLU`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        elementwise::infer(self, x, SiLU::SLOPE_OF)
    }
}

impl Elementwise for SiLU {
    type Args = Args;
    const SLOPE_OF: SlopeOf = SlopeOf::X;

    #[inline(always)]
    fn value<V: Vector>(_: Args, x: V) -> V {
        x * sigmoid(x)
    }

    #[inline(always)]
    fn slope<V: Vector>(_: Args, x: V) -> V {
        let s = sigmoid(x);
        s * (V::splat(1.0) - s).mul_add(x, V::splat(1.0))
    }
}
