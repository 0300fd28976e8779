//! From scores to weights, and the gradients back.

use super::super::dispatch::{Kernel, dispatch};
use super::super::{Formula, Vector, each, exp, sum};

/// `x ← e^(scale · x) / Σ e^(scale · x)`.
pub(super) fn softmax_scaled(scale: f32, x: &mut [f32]) {
    let largest = dispatch(Largest { x });
    each([&mut *x], [], &ExpScaled { largest, scale });
    let total = sum(x);
    each([x], [], &Divide(total));
}

pub(super) struct Largest<'a> {
    x: &'a [f32],
}

impl Kernel for Largest<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<V: Vector>(self) -> f32 {
        let mut largest = f32::NEG_INFINITY;
        let mut chunks = self.x.chunks_exact(V::LANES);
        if self.x.len() >= V::LANES {
            let mut lanes = V::splat(f32::NEG_INFINITY);
            for x in &mut chunks {
                lanes = V::load(x).max(lanes);
            }
            let mut each = [0.0; super::super::vector::MAX_LANES];
            lanes.store(&mut each);
            largest = each[..V::LANES].iter().copied().fold(largest, f32::max);
        }
        chunks.remainder().iter().copied().fold(largest, f32::max)
    }
}

/// `e^(scale · (x − largest))`.
pub(super) struct ExpScaled {
    largest: f32,
    scale: f32,
}

impl Formula<1, 0> for ExpScaled {
    #[inline(always)]
    fn at<V: Vector>(&self, [x]: [V; 1], _: [V; 0]) -> [V; 1] {
        [exp((x - V::splat(self.largest)) * V::splat(self.scale))]
    }
}

pub(super) struct Divide(f32);

impl Formula<1, 0> for Divide {
    #[inline(always)]
    fn at<V: Vector>(&self, [x]: [V; 1], _: [V; 0]) -> [V; 1] {
        [x / V::splat(self.0)]
    }
}

/// The factor and the weight become what is kept, and the weight that is left.
pub(super) struct Drop;

impl Formula<2, 0> for Drop {
    #[inline(always)]
    fn at<V: Vector>(&self, [factor, weight]: [V; 2], _: [V; 0]) -> [V; 2] {
        [factor.where_greater(V::splat(0.0), weight, -weight), weight * factor]
    }
}

/// The weight that was left, from what is kept.
pub(super) struct Left(pub f32);

impl Formula<1, 1> for Left {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 1], [kept]: [V; 1]) -> [V; 1] {
        [V::splat(0.0).max(kept) * V::splat(self.0)]
    }
}

/// The gradient by a weight, from that by what was left of it.
pub(super) struct WhereLeft(pub f32);

impl Formula<1, 1> for WhereLeft {
    #[inline(always)]
    fn at<V: Vector>(&self, [gradient]: [V; 1], [kept]: [V; 1]) -> [V; 1] {
        let zero = V::splat(0.0);
        [kept.where_greater(zero, gradient * V::splat(self.0), zero)]
    }
}

/// The gradient by a score, from the weight and the gradient by it.
pub(super) struct OfScore {
    pub mean: f32,
    pub scale: f32,
}

impl Formula<1, 1> for OfScore {
    #[inline(always)]
    fn at<V: Vector>(&self, [weight]: [V; 1], [gradient]: [V; 1]) -> [V; 1] {
        [weight.abs() * (gradient - V::splat(self.mean)) * V::splat(self.scale)]
    }
}
