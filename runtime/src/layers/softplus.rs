//! `Softplus`: a smooth ReLU.

use crate::infer::{Inferred, Inputs};
use crate::kernel::{Vector, sigmoid, softplus};
use crate::layer::FromBytes;
use crate::layers::elementwise::{self, Elementwise, SlopeOf};
use crate::positional;

/// `x: […]` → `y: […]`, `y = ln(1 + e^(β x)) / β`, and `y = x` where `β x` is above a threshold. PyTorch's `nn.Softplus`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Softplus;

/// `Softplus(beta = 1.0, threshold = 20.0)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    beta: f32,
    threshold: f32,
}

impl Softplus {
    /// `Softplus(beta = 1.0, threshold = 20.0)`.
    pub const fn args() -> Args {
        Args { beta: 1.0, threshold: 20.0 }
    }
}

positional!(Args, first = beta: f32, second = threshold: f32);

impl Args {
    /// `β`; 1 unless said otherwise.
    pub const fn beta(mut self, beta: f32) -> Self {
        self.beta = beta;
        self
    }
    /// Where `y = x` takes over; `β x` above 20 unless said otherwise.
    pub const fn threshold(mut self, threshold: f32) -> Self {
        self.threshold = threshold;
        self
    }
    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        elementwise::infer(self, x, Softplus::SLOPE_OF)
    }
}

impl Elementwise for Softplus {
    type Args = Args;
    const SLOPE_OF: SlopeOf = SlopeOf::X;

    #[inline(always)]
    fn value<V: Vector>(args: Args, x: V) -> V {
        let z = x * V::splat(args.beta);
        let smooth = softplus(z) / V::splat(args.beta);
        z.where_greater(V::splat(args.threshold), x, smooth)
    }

    #[inline(always)]
    fn slope<V: Vector>(args: Args, x: V) -> V {
        let z = x * V::splat(args.beta);
        z.where_greater(V::splat(args.threshold), V::splat(1.0), sigmoid(z))
    }
}
