//! `Reshape`: the same numbers with other axes.

use crate::infer::{Inferred, Inputs, Node};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::view;
use crate::positional;
use crate::shape::{MAX_RANK, Shape};

/// `x: […]` → `y: shape`, the same numbers in the same order. PyTorch's `torch.reshape`, with the batch axis not counted. Costs
/// nothing: a view.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Reshape;

/// `Reshape(shape)`, as in `Reshape([16, 4, 4])`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    shape: Shape,
    /// How many sizes are written; of too many, `shape` has the first few.
    rank: usize,
}

impl Reshape {
    /// `Reshape`, with its argument to follow.
    pub const fn args() -> Args {
        Args { shape: Shape::of(&[]), rank: 0 }
    }
}

positional!(Args, first = shape[const RANK: usize]: [usize; RANK]);

impl Args {
    /// The shape that comes out.
    pub const fn shape<const RANK: usize>(self, shape: [usize; RANK]) -> Self {
        let fitting = if RANK > MAX_RANK { MAX_RANK } else { RANK };
        Args { shape: Shape::of(shape.split_at(fitting).0), rank: RANK }
    }

    /// The output has the shape that is written. It holds as many numbers as the input.
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (from, to) = (x.shape(0), self.shape);
        let rank = x.says().str("is given ").num(self.rank).str(" axes; a shape has at most 4");
        let len = x.says().str("makes ").shape(&to).str(", which is ").num(to.len());
        let len = x.but_gives(len.str(" numbers"), 0).str(": ").num(from.len());
        Inferred::new(self, x, to)
            .one_input()
            .check(self.rank <= MAX_RANK, rank)
            .check(from.len() == to.len(), len)
            .view()
    }
}

keyword!(Reshape);

impl Layer for Reshape {
    type Args = Args;
    const ZERO: Self = Reshape;

    fn forward(&self, _: &Node<Args>, call: Forward<'_>) {
        view::forward(call);
    }

    fn backward(&self, _: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        view::backward(call);
    }
}
