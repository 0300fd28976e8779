//! `Mul`: the product of several inputs, number by number.

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel::{Formula, Vector, axpy, dot, each};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::add;
use crate::positional;
use crate::shape::Shape;

/// `a: […], b: […], …` → `y: […]`, `y = a · b · …` number by number, all of one shape. PyTorch's `torch.mul`; written `a * b` or
/// `Mul(a, b, …)`.
///
/// Of two, one may have a number for each channel instead: `[C, H, W] · [C, 1, 1]`, or `[T, F] · [T, 1]`.
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
    /// The output has the shape of every input, or of the larger.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (a, b) = (x.shape(0), x.shape(1));
        if x.count() == 2 && (is_scale(&a, &b) || is_scale(&b, &a)) {
            let output = if is_scale(&a, &b) { b } else { a };
            return Inferred::new(self, x, output).step_by_step().needs_x();
        }
        add::alike(self, x, "multiplies").needs_x()
    }
}

/// Whether `a` is like `b`, except that its last axes have the size 1.
const fn is_scale(a: &Shape, b: &Shape) -> bool {
    let (mut axis, mut alike) = (0, a.rank() == b.rank());
    while axis < b.rank() && a.dim(axis) == b.dim(axis) {
        alike &= a.is_bounded_at(axis) == b.is_bounded_at(axis);
        axis += 1;
    }
    let fewer = axis < b.rank();
    while axis < b.rank() {
        alike &= a.dim(axis) == 1 && !a.is_bounded_at(axis) && !b.is_bounded_at(axis);
        axis += 1;
    }
    alike && fewer
}

keyword!(Mul);

impl Layer for Mul {
    type Args = Args;

    fn forward(&self, _: &Node<Args>, call: Forward<'_>) {
        let [a, b, rest @ ..] = call.x;
        if let Some((x, scale, plane)) = scaled(a, b) {
            let planes = call.y.chunks_exact_mut(plane).zip(x.chunks_exact(plane));
            return planes.zip(scale).for_each(|((y, x), &scale)| each([y], [x], &Scaled(scale)));
        }
        each([call.y], [a, b], &Product);
        for x in rest.into_iter().filter(|x| !x.is_empty()) {
            each([call.y], [x], &Times);
        }
    }

    /// `dx += dy · Π x`, over the other inputs.
    fn backward(&self, _: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let (x, dy) = (call.x, call.dy);
        if let Some((x, scale, plane)) = scaled(x[0], x[1]) {
            let [a, b, ..] = call.dx;
            let (dx, dscale) = if call.x[0].len() > scale.len() { (a, b) } else { (b, a) };
            let dy = dy.chunks_exact(plane);
            if let Some(dx) = dx {
                let planes = dx.chunks_exact_mut(plane).zip(dy.clone()).zip(scale);
                planes.for_each(|((dx, dy), &scale)| axpy(scale, dy, dx));
            }
            if let Some(dscale) = dscale {
                let planes = dscale.iter_mut().zip(dy).zip(x.chunks_exact(plane));
                planes.for_each(|((dscale, dy), x)| *dscale += dot(dy, x));
            }
            return;
        }
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

/// The larger of two inputs that are not equally large, the smaller, and numbers of the one for each of the other.
fn scaled<'a>(a: &'a [f32], b: &'a [f32]) -> Option<(&'a [f32], &'a [f32], usize)> {
    let (x, scale) = if a.len() > b.len() { (a, b) } else { (b, a) };
    (x.len() > scale.len()).then(|| (x, scale, x.len() / scale.len().max(1)))
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

/// y ← a · x
struct Scaled(f32);

impl Formula<1, 1> for Scaled {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 1], [x]: [V; 1]) -> [V; 1] {
        [x * V::splat(self.0)]
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
