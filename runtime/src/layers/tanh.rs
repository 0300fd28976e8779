//! `Tanh`: the hyperbolic tangent.

use crate::infer::{Inferred, Inputs};
use crate::int8::Scale;
use crate::kernel::int8::{Table, tanh_table};
use crate::kernel::{Vector, tanh};
use crate::layer::FromBytes;
use crate::layers::elementwise::{self, Elementwise, SlopeOf};
use crate::positional;

/// `x: […]` → `y: […]`, `y = tanh x`. PyTorch's `nn.Tanh`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Tanh;

/// `Tanh` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl Tanh {
    /// `Tanh`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        elementwise::infer(self, x, Tanh::SLOPE_OF)
    }
}

impl Elementwise for Tanh {
    type Args = Args;
    const SLOPE_OF: SlopeOf = SlopeOf::Y;
    const SCALE: Option<Scale> = Some(Scale { scale: 1.0 / 128.0, zero: 0 });

    #[inline(always)]
    fn value<V: Vector>(_: Args, x: V) -> V {
        tanh(x)
    }

    fn table(_: Args, x: Scale, _: Scale) -> Table {
        tanh_table(x.scale, x.zero as i8)
    }

    #[inline(always)]
    fn slope<V: Vector>(_: Args, y: V) -> V {
        (-y).mul_add(y, V::splat(1.0))
    }
}
