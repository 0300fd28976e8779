//! `Mul`: the product of several inputs, number by number.

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel::{Formula, Vector, each};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::add;
use crate::positional;

/// `a: […], b: […], …` → `y: […]`, `y = a · b · …` number by number, all of one shape. PyTorch's `torch.mul`; written `a * b` or
/// `Mul(a, b, …)`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Mul;

/// `Mul` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl Mul {
    /// `Mul`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of every input.
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        add::alike(self, x, "multiplies").needs_x()
    }
}

keyword!(Mul);

impl Layer for Mul {
    type Args = Args;
    const ZERO: Self = Mul;

    fn forward(&self, _: &Node<Args>, call: Forward<'_>) {
        let [a, b, rest @ ..] = call.x;
        each([call.y], [a, b], &Product);
        for x in rest.into_iter().filter(|x| !x.is_empty()) {
            each([call.y], [x], &Times);
        }
    }

    /// `dx += dy · Π x`, over the other inputs.
    fn backward(&self, _: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let (x, dy) = (call.x, call.dy);
        for (i, dx) in call.dx.into_iter().enumerate() {
            let Some(dx) = dx else { continue };
            let mut others = x.into_iter().enumerate().filter(|&(j, x)| j != i && !x.is_empty());
            let Some((_, first)) = others.next() else { continue };
            // The product of the other inputs in short stretches, for which there is room on the stack.
            for (block, dx) in dx.chunks_mut(BLOCK).enumerate() {
                let (here, mut room) = (block * BLOCK..block * BLOCK + dx.len(), [0.0; BLOCK]);
                let product = &mut room[..dx.len()];
                each([product], [&dy[here.clone()], &first[here.clone()]], &Product);
                for (_, x) in others.clone() {
                    each([product], [&x[here.clone()]], &Times);
                }
                each([dx], [product], &Plus);
            }
        }
    }
}

const BLOCK: usize = 256;

/// y ← a · b
struct Product;

impl Formula<1, 2> for Product {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 1], [a, b]: [V; 2]) -> [V; 1] {
        [a * b]
    }
}

/// y ← y · x
struct Times;

impl Formula<1, 1> for Times {
    #[inline(always)]
    fn at<V: Vector>(&self, [y]: [V; 1], [x]: [V; 1]) -> [V; 1] {
        [y * x]
    }
}

/// y ← y + x
struct Plus;

impl Formula<1, 1> for Plus {
    #[inline(always)]
    fn at<V: Vector>(&self, [y]: [V; 1], [x]: [V; 1]) -> [V; 1] {
        [y + x]
    }
}
