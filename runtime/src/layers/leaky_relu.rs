//! `LeakyReLU`: `y = max(x, 0) + a min(x, 0)`.

use crate::infer::{Inferred, Inputs};
use crate::kernel::Vector;
use crate::layer::FromBytes;
use crate::layers::elementwise::{self, Elementwise, SlopeOf};
use crate::positional;

/// `x: […]` → `y: […]`, `y = x` where `x > 0`, else `a x`. PyTorch's `nn.LeakyReLU`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct LeakyReLU;

/// `LeakyReLU(negative_slope = 0.01)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    negative_slope: f32,
}

impl LeakyReLU {
    /// `LeakyReLU(negative_slope = 0.01)`.
    pub const fn args() -> Args {
        Args { negative_slope: 0.01 }
    }
}

positional!(Args, first = negative_slope: f32);

impl Args {
    /// `a`; 0.01 unless said otherwise.
    pub const fn negative_slope(mut self, negative_slope: f32) -> Self {
        self.negative_slope = negative_slope;
        self
    }
    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        elementwise::infer(self, x, LeakyReLU::SLOPE_OF)
    }
}

impl Elementwise for LeakyReLU {
    type Args = Args;
    const SLOPE_OF: SlopeOf = SlopeOf::X;

    #[inline(always)]
    fn value<V: Vector>(args: Args, x: V) -> V {
        V::splat(0.0).where_greater(x, V::splat(args.negative_slope) * x, x)
    }

    #[inline(always)]
    fn slope<V: Vector>(args: Args, x: V) -> V {
        x.where_greater(V::splat(0.0), V::splat(1.0), V::splat(args.negative_slope))
    }
}
