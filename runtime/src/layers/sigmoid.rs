//! `Sigmoid`: `y = σ(x) = 1 / (1 + e⁻ˣ)`.

use crate::infer::{Inferred, Inputs};
use crate::int8::Scale;
use crate::kernel::int8::{Table, logistic_table};
use crate::kernel::{Vector, sigmoid};
use crate::layer::FromBytes;
use crate::layers::elementwise::{self, Elementwise, SlopeOf};
use crate::positional;

/// `x: […]` → `y: […]`, `y = σ(x) = 1 / (1 + e⁻ˣ)`. PyTorch's `nn.Sigmoid`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Sigmoid;

/// `Sigmoid` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl Sigmoid {
    /// `Sigmoid`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        elementwise::infer(self, x, Sigmoid::SLOPE_OF)
    }
}

impl Elementwise for Sigmoid {
    type Args = Args;
    const SLOPE_OF: SlopeOf = SlopeOf::Y;
    const SCALE: Option<Scale> = Some(Scale::PROBABILITY);

    #[inline(always)]
    fn value<V: Vector>(_: Args, x: V) -> V {
        sigmoid(x)
    }

    fn table(_: Args, x: Scale, _: Scale) -> Table {
        logistic_table(x.scale, x.zero as i8)
    }

    #[inline(always)]
    fn slope<V: Vector>(_: Args, y: V) -> V {
        y * (V::splat(1.0) - y)
    }
}
