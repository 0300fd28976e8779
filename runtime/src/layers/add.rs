//! `Add`: the sum of several inputs.

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel::{Formula, Vector, axpy, each};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::positional;

/// `a: […], b: […], …` → `y: […]`, `y = a + b + …`, all of one shape. PyTorch's `torch.add`; written `a + b` or `Add(a, b, …)`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Add;

/// `Add` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl Add {
    /// `Add`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of every input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        alike(self, x, "adds").in_place().adds().int8([1, 0], 0).int8_if(
            x.count() <= 2,
            "adds two inputs in bytes, but is given more; write `(a + b) + c` as two layers",
        )
    }
}

/// The shape rule of a layer that takes two or more inputs of one shape, and gives that shape; `verb` is what it does to them.
pub(super) const fn alike<A: Copy>(args: A, x: Inputs, verb: &str) -> Inferred<A> {
    let inferred = Inferred::new(args, x, x.shape(0));
    let says = x.says().str(verb).str(" two inputs or more, but is given one");
    let mut inferred = inferred.check(x.count() != 1, says);
    let mut i = 1;
    while i < x.given() {
        let says = x.gives(x.says().str(verb).str(" inputs of one shape, but "), 0);
        let says = x.gives(says.str(" and "), i);
        inferred = inferred.check(x.shape(i).looks_like(&x.shape(0)), says);
        i += 1;
    }
    inferred.step_by_step()
}

keyword!(Add);

impl Layer for Add {
    type Args = Args;

    fn forward(&self, _: &Node<Args>, call: Forward<'_>) {
        let [a, b, ..] = call.x;
        if !call.in_place {
            each([call.y], [a, b], &Sum);
        }
        // Where a term is in `y`, it is the first or the second, and the other is still to come.
        let rest = call.x.iter().skip(if call.in_place { 0 } else { 2 });
        for x in rest.filter(|x| !x.is_empty()) {
            axpy(1.0, x, call.y);
        }
    }

    /// `dx += dy`, for every input.
    fn backward(&self, _: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        for dx in call.dx.into_iter().flatten() {
            axpy(1.0, call.dy, dx);
        }
    }
}

/// y ← a + b
struct Sum;

impl Formula<1, 2> for Sum {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 1], [a, b]: [V; 2]) -> [V; 1] {
        [a + b]
    }
}
