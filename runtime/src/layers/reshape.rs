//! `Reshape`: the same numbers with other axes.

use crate::cast::{self, Dims};
use crate::infer::{Inferred, Inputs, Node};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::view;
use crate::positional;
use crate::shape::Shape;

/// `x: […]` → `y: shape`, the same numbers in the same order. PyTorch's `torch.reshape`, with the batch axis not counted. Costs
/// nothing: a view.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Reshape;

/// `Reshape(shape)`, as in `Reshape([16, 4, 4])`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    shape: Option<Shape>,
}

impl Reshape {
    /// `Reshape`, with its argument to follow.
    pub const fn args() -> Args {
        Args { shape: None }
    }
}

positional!(Args, first = shape: impl Dims);

impl Args {
    /// The shape that comes out.
    pub const fn shape<D: Dims>(self, shape: D) -> Self {
        Args { shape: Some(cast::dims(shape)) }
    }

    /// The output has the shape that is written. It holds as many numbers as the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let from = x.shape(0);
        let Some(to) = self.shape else {
            let missing = x.says().str("needs the argument shape, as in `Reshape([16, 4, 4])`");
            return Inferred::new(self, x, from).argument(false, missing).unknown();
        };
        let len = x.says().str("makes ").shape(&to).str(", which is ").num(to.len());
        let len = x.but_gives(len.str(" numbers"), 0).str(": ").num(from.len());
        Inferred::new(self, x, to).one_input().check(from.len() == to.len(), len).view()
    }
}

keyword!(Reshape);

impl Layer for Reshape {
    type Args = Args;

    fn forward(&self, _: &Node<Args>, call: Forward<'_>) {
        view::forward(call);
    }

    fn backward(&self, _: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        view::backward(call);
    }
}
