//! `Flatten`: all axes in one.

use crate::infer::{Inferred, Inputs, Node};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::positional;
use crate::shape::Shape;

/// `x: [A, B, …]` → `y: [A·B·…]`, the same numbers in the same order. PyTorch's `nn.Flatten`. Costs nothing: a view.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Flatten;

/// `Flatten` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl Flatten {
    /// `Flatten`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// `[A, B, …]` → `[A·B·…]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        Inferred::new(self, x, Shape::of(&[x.shape(0).len()])).one_input().view()
    }
}

keyword!(Flatten);

impl Layer for Flatten {
    type Args = Args;

    fn forward(&self, _: &Node<Args>, call: Forward<'_>) {
        super::view::forward(call);
    }

    fn backward(&self, _: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        super::view::backward(call);
    }
}
