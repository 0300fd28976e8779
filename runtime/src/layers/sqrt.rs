//! `Sqrt`: `y = √x`.

use crate::infer::{Inferred, Inputs};
use crate::kernel::Vector;
use crate::layer::FromBytes;
use crate::layers::elementwise::{self, Elementwise, SlopeOf};
use crate::positional;

/// `x: […]` → `y: […]`, `y = √x`; below zero that is no number, and at zero the slope is infinite. PyTorch's `torch.sqrt`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Sqrt;

/// `Sqrt` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl Sqrt {
    /// `Sqrt`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        elementwise::infer(self, x, Sqrt::SLOPE_OF)
    }
}

impl Elementwise for Sqrt {
    type Args = Args;
    const SLOPE_OF: SlopeOf = SlopeOf::Y;

    #[inline(always)]
    fn value<V: Vector>(_: Args, x: V) -> V {
        x.sqrt()
    }

    #[inline(always)]
    fn slope<V: Vector>(_: Args, y: V) -> V {
        V::splat(0.5) / y
    }
}
