//! `Dropout2d`: whole channels left out at random while training.

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel::{Formula, Vector, each};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::{dropout, view};
use crate::positional;

/// `x: [C, H, W]` → `y: [C, H, W]`: in training each channel is zero with probability `p`, and else divided by `1 − p`; in use
/// `y = x`. PyTorch's `nn.Dropout2d`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Dropout2d;

/// `Dropout2d(p = 0.5)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    p: f32,
}

impl Dropout2d {
    /// `Dropout2d`, with its argument to follow.
    pub const fn args() -> Args {
        Args { p: 0.5 }
    }
}

positional!(Args, first = p: f32);

impl Args {
    /// How likely a channel is left out; 0.5 unless said otherwise.
    pub const fn p(mut self, p: f32) -> Self {
        self.p = p;
        self
    }

    /// The output has the shape of the input. Keeps what each channel was multiplied by.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        dropout::infer(self, self.p, x, x.shape(0).dim(0)).image()
    }
}

keyword!(Dropout2d);

impl Layer for Dropout2d {
    type Args = Args;

    fn forward(&self, _: &Node<Args>, call: Forward<'_>) {
        view::forward(call);
    }

    fn forward_training(&mut self, node: &Node<Args>, call: Forward<'_>) {
        dropout::draw(node.args.p, call.seed, call.kept);
        let plane = node.input.product(1, 3);
        if call.in_place {
            for (y, &factor) in call.y.chunks_exact_mut(plane).zip(&*call.kept) {
                each([y], [], &Times(factor));
            }
        } else {
            let planes = call.y.chunks_exact_mut(plane).zip(call.x[0].chunks_exact(plane));
            for ((y, x), &factor) in planes.zip(&*call.kept) {
                each([y], [x], &Times(factor));
            }
        }
    }

    /// `dx += kept · dy`.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let ([Some(dx), ..], plane) = (call.dx, node.input.product(1, 3)) else { return };
        if call.in_place {
            for (dx, &factor) in dx.chunks_exact_mut(plane).zip(&*call.kept) {
                each([dx], [], &Times(factor));
            }
        } else {
            let planes = dx.chunks_exact_mut(plane).zip(call.dy.chunks_exact(plane));
            for ((dx, dy), &factor) in planes.zip(&*call.kept) {
                each([dx], [dy], &PlusTimes(factor));
            }
        }
    }
}

/// `y ← factor · y`, or `y ← factor · x`.
struct Times(f32);

impl Formula<1, 0> for Times {
    #[inline(always)]
    fn at<V: Vector>(&self, [y]: [V; 1], []: [V; 0]) -> [V; 1] {
        [y * V::splat(self.0)]
    }
}

impl Formula<1, 1> for Times {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 1], [x]: [V; 1]) -> [V; 1] {
        [x * V::splat(self.0)]
    }
}

/// `dx ← dx + factor · dy`.
struct PlusTimes(f32);

impl Formula<1, 1> for PlusTimes {
    #[inline(always)]
    fn at<V: Vector>(&self, [dx]: [V; 1], [dy]: [V; 1]) -> [V; 1] {
        [dy.mul_add(V::splat(self.0), dx)]
    }
}
