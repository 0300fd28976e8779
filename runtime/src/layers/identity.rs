//! `Identity`: `y = x`.

use crate::infer::{Inferred, Inputs, Node};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::view;
use crate::positional;

/// `x: […]` → `y: […]`, `y = x`. PyTorch's `nn.Identity`. Costs nothing: a view.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Identity;

/// `Identity` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl Identity {
    /// `Identity`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        Inferred::new(self, x, x.shape(0)).one_input().view()
    }
}

keyword!(Identity);

impl Layer for Identity {
    type Args = Args;

    fn forward(&self, _: &Node<Args>, call: Forward<'_>) {
        view::forward(call);
    }

    fn backward(&self, _: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        view::backward(call);
    }
}
