//! `Concat`: inputs one after the other along an axis.

use crate::infer::{Inferred, Inputs, MAX_INPUTS, Node};
use crate::kernel::{add_rows, copy_rows};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::axis::Axis;
use crate::positional;
use crate::shape::Shape;

/// `a: […, A, …], b: […, B, …], …` → `y: […, A + B + …, …]`, one after the other along an axis; all other sizes agree. PyTorch's
/// `torch.cat`, with the batch axis not counted.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Concat;

/// `Concat(a, b, …, dim = 0)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    axis: Axis,
    /// Numbers of each input that lie together in the output.
    runs: [usize; MAX_INPUTS],
}

impl Concat {
    /// `Concat`.
    pub const fn args() -> Args {
        Args { axis: Axis::FIRST, runs: [0; MAX_INPUTS] }
    }
}

positional!(Args, first = dim: isize);

impl Args {
    /// Bytes of each input that lie together in an output of this shape, where the channels of images come last.
    pub(super) fn runs_in_bytes(&self, output: Shape) -> [usize; MAX_INPUTS] {
        match (output.rank(), self.axis.index(output.rank())) {
            // Channels of each pixel, whole rows, and of each row its pixels.
            (3, 0) => self.runs.map(|run| run / output.product(1, 3).max(1)),
            (3, 2) => self.runs.map(|run| run * output.dim(0)),
            _ => self.runs.map(|run| run * if output.rank() == 3 { output.dim(0) } else { 1 }),
        }
    }
}

impl Args {
    /// The axis that grows: 0 is the first behind the batch, which it is unless said otherwise, −1 the last.
    pub const fn dim(mut self, dim: isize) -> Self {
        self.axis = Axis(dim);
        self
    }

    /// `[…, A, …], […, B, …], …` → `[…, A + B + …, …]`.
    #[inline]
    pub const fn infer(mut self, x: Inputs) -> Inferred<Self> {
        let (first, axis) = (x.shape(0), self.axis.index(x.shape(0).rank()));
        let (mut size, mut i) = (0, 0);
        while i < x.given() {
            size += x.shape(i).dim(axis);
            self.runs[i] = x.shape(i).product(axis, x.shape(i).rank());
            i += 1;
        }
        let says = x.says().str("joins two inputs or more, but is given one");
        let inferred = Inferred::new(self, x, first.with(axis, size)).check(x.count() != 1, says);
        let mut inferred = self.axis.exists("dim", inferred);
        let mut i = 1;
        while i < x.given() {
            let agrees = x.shape(i).with(axis, first.dim(axis)).looks_like(&first);
            let says = x
                .says()
                .str("joins along axis ")
                .num(axis)
                .str(", where the other sizes must agree, but ");
            let says = x.gives(x.gives(says, 0).str(" and "), i);
            inferred = inferred.check(agrees, says);
            i += 1;
        }
        inferred.along(axis)
    }
}

keyword!(Concat);

impl Layer for Concat {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let (runs, mut start) = (node.args.runs, 0);
        let whole: usize = runs.iter().sum();
        for (x, &run) in call.x.into_iter().zip(&runs).filter(|(x, _)| !x.is_empty()) {
            copy_rows(x.len() / run, run, x, run, &mut call.y[start..], whole);
            start += run;
        }
    }

    /// `dx += ` its part of `dy`.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let (runs, mut start) = (node.args.runs, 0);
        let whole: usize = runs.iter().sum();
        for (dx, &run) in call.dx.into_iter().zip(&runs) {
            if let Some(dx) = dx {
                add_rows(dx.len() / run, run, &call.dy[start..], whole, dx, run);
            }
            start += run;
        }
    }
}
