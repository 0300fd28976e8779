//! `Detach`: a value, from which no gradient comes back.

use crate::infer::{Inferred, Inputs, Node};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::view;
use crate::positional;

/// `x: […]` → `y: […]`, `y = x`, and `dx = 0`. PyTorch's `Tensor.detach`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Detach;

/// `Detach` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl Detach {
    /// `Detach`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        // No view: then both would have one gradient.
        Inferred::new(self, x, x.shape(0)).one_input().in_place().identity_in_use().step_by_step()
    }
}

keyword!(Detach);

impl Layer for Detach {
    type Args = Args;

    fn forward(&self, _: &Node<Args>, call: Forward<'_>) {
        if !call.in_place {
            view::forward(call);
        }
    }

    /// `dx += 0`.
    fn backward(&self, _: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        if let ([Some(dx), ..], true) = (call.dx, call.in_place) {
            dx.fill(0.0);
        }
    }
}
