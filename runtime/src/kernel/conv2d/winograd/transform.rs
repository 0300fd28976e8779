//! The transforms of tiles and of weights.

use super::super::Conv2d;
use super::tiles::{EDGE, PLACES, READ, padded};
use crate::kernel::Vector;
use crate::kernel::dispatch::Kernel;
use crate::kernel::vector::MAX_LANES;

/// The points are 0, ±`A`, ±`B` and infinity; these and their powers are exact.
const A: f32 = 0.75;
const B: f32 = 1.5;
const A2: f32 = A * A;
const B2: f32 = B * B;
/// One through the product of the distances of `A`, and of `B`, to the other points.
const FACTOR_A: f32 = 1.0 / (2.0 * A2 * (A2 - B2));
const FACTOR_B: f32 = 1.0 / (2.0 * B2 * (B2 - A2));

/// A transform of one line of a tile, from `I` numbers to `O`.
pub(super) trait Transform<const I: usize, const O: usize> {
    fn line<V: Vector>(line: [V; I]) -> [V; O];
}

/// `Bᵀ d`.
pub(super) struct Input;
impl Transform<READ, READ> for Input {
    #[inline(always)]
    fn line<V: Vector>([a, b, c, d, e, f]: [V; READ]) -> [V; READ] {
        let (sum, product) = (V::splat(-A2 - B2), V::splat(A2 * B2));
        let (even_a, odd_a) = (V::splat(-B2).mul_add(c, e), V::splat(-B2).mul_add(b, d));
        let (even_b, odd_b) = (V::splat(-A2).mul_add(c, e), V::splat(-A2).mul_add(b, d));
        [
            product.mul_add(a, sum.mul_add(c, e)),
            V::splat(A).mul_add(odd_a, even_a),
            V::splat(-A).mul_add(odd_a, even_a),
            V::splat(B).mul_add(odd_b, even_b),
            V::splat(-B).mul_add(odd_b, even_b),
            product.mul_add(b, sum.mul_add(d, f)),
        ]
    }
}

/// `Aᵀ m`.
pub(super) struct Output;
impl Transform<READ, EDGE> for Output {
    #[inline(always)]
    fn line<V: Vector>([a, b, c, d, e, f]: [V; READ]) -> [V; EDGE] {
        let (even_a, odd_a, even_b, odd_b) = (b + c, b - c, d + e, d - e);
        [
            a + even_a + even_b,
            V::splat(A).mul_add(odd_a, V::splat(B) * odd_b),
            V::splat(A2).mul_add(even_a, V::splat(B2) * even_b),
            V::splat(A * A2).mul_add(odd_a, V::splat(B * B2).mul_add(odd_b, f)),
        ]
    }
}

/// `A dy`: what [`Output`] is to outputs, the other way about.
pub(super) struct Gradient;
impl Transform<EDGE, READ> for Gradient {
    #[inline(always)]
    fn line<V: Vector>([a, b, c, d]: [V; EDGE]) -> [V; READ] {
        let (even_a, odd_a) = (V::splat(A2).mul_add(c, a), V::splat(A2).mul_add(d, b));
        let (even_b, odd_b) = (V::splat(B2).mul_add(c, a), V::splat(B2).mul_add(d, b));
        [
            a,
            V::splat(A).mul_add(odd_a, even_a),
            V::splat(-A).mul_add(odd_a, even_a),
            V::splat(B).mul_add(odd_b, even_b),
            V::splat(-B).mul_add(odd_b, even_b),
            d,
        ]
    }
}

/// `Gᵀ m`: the other way about, of [`Weight`].
pub(super) struct WeightGradient;
impl Transform<READ, 3> for WeightGradient {
    #[inline(always)]
    fn line<V: Vector>([a, b, c, d, e, f]: [V; READ]) -> [V; 3] {
        let (factor_a, factor_b) = (V::splat(FACTOR_A), V::splat(FACTOR_B));
        let (even_a, odd_a) = (factor_a * (b + c), factor_a * (b - c));
        let (even_b, odd_b) = (factor_b * (d + e), factor_b * (d - e));
        [
            V::splat(1.0 / (A2 * B2)).mul_add(a, even_a + even_b),
            V::splat(A).mul_add(odd_a, V::splat(B) * odd_b),
            V::splat(A2).mul_add(even_a, V::splat(B2).mul_add(even_b, f)),
        ]
    }
}

/// `G g`.
struct Weight;
impl Transform<3, READ> for Weight {
    #[inline(always)]
    fn line<V: Vector>([a, b, c]: [V; 3]) -> [V; READ] {
        let (even_a, even_b) = (V::splat(A2).mul_add(c, a), V::splat(B2).mul_add(c, a));
        let (odd_a, odd_b) = (V::splat(A) * b, V::splat(B) * b);
        let (factor_a, factor_b) = (V::splat(FACTOR_A), V::splat(FACTOR_B));
        [
            V::splat(1.0 / (A2 * B2)) * a,
            factor_a * (even_a + odd_a),
            factor_a * (even_a - odd_a),
            factor_b * (even_b + odd_b),
            factor_b * (even_b - odd_b),
            c,
        ]
    }
}

/// Of a tile all lines, and then all columns of what they became.
#[inline(always)]
pub(super) fn transform<T: Transform<I, O>, V: Vector, const I: usize, const O: usize>(
    tile: &[[V; I]; I],
) -> [[V; O]; O] {
    let mut lines = [[V::splat(0.0); O]; I];
    for (line, tile) in lines.iter_mut().zip(tile) {
        *line = T::line(*tile);
    }
    let mut transformed = [[V::splat(0.0); O]; O];
    for j in 0..O {
        let mut column = [V::splat(0.0); I];
        for (number, line) in column.iter_mut().zip(&lines) {
            *number = line[j];
        }
        for (line, number) in transformed.iter_mut().zip(T::line(column)) {
            line[j] = number;
        }
    }
    transformed
}

/// `G g Gᵀ` of all pairs of channels of `shape`, `g` being `weight(o, c, tap)`: for each place, input after input, their outputs.
pub(super) struct Weights<'a, F> {
    pub(super) shape: &'a Conv2d,
    pub(super) weight: F,
    pub(super) to: &'a mut [f32],
}

impl<F: Fn(usize, usize, usize) -> f32> Kernel for Weights<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Conv2d { in_channels: ins, out_channels: outs, .. } = *self.shape;
        let place = ins * padded(outs);
        assert!(PLACES * place <= self.to.len());
        for c in 0..ins {
            for o in (0..outs).step_by(V::LANES) {
                let mut tile = [[V::splat(0.0); 3]; 3];
                for (tap, numbers) in tile.as_flattened_mut().iter_mut().enumerate() {
                    let mut taps = [0.0; MAX_LANES];
                    for (i, number) in taps.iter_mut().enumerate().take(V::LANES.min(outs - o)) {
                        *number = (self.weight)(o + i, c, tap);
                    }
                    *numbers = V::load(&taps);
                }
                let transformed = transform::<Weight, V, 3, READ>(&tile);
                let at = c * padded(outs) + o;
                for (i, number) in transformed.as_flattened().iter().enumerate() {
                    number.store(&mut self.to[i * place + at..]);
                }
            }
        }
    }
}
