//! Vector and matrix-vector kernels under their BLAS names.

use super::dispatch::{Kernel, dispatch};
use super::{Formula, Matrix, Vector, each};

/// `Σ x[i] · y[i]`.
///
/// # Panics
/// When the lengths differ.
pub fn dot(x: &[f32], y: &[f32]) -> f32 {
    assert_eq!(x.len(), y.len());
    dispatch(Dot(x, y))
}

/// `y ← y + a·x`.
///
/// # Panics
/// When the lengths differ.
pub fn axpy(a: f32, x: &[f32], y: &mut [f32]) {
    each([y], [x], &Axpy(a));
}

/// `Σ x[i]`.
pub fn sum(x: &[f32]) -> f32 {
    blocks(x, &|x| dispatch(Sum(x)))
}

/// `Σ x[i]²`: the square of the 2-norm.
pub fn sum_of_squares(x: &[f32]) -> f32 {
    blocks(x, &|x| dispatch(Dot(x, x)))
}

/// `y ← y + a·x`, with `a: [m][n]`, `x: [n]`, `y: [m]`. The product with the transposed matrix is `gemv(a.t(), ..)`.
///
/// # Panics
/// When the sizes do not fit.
pub fn gemv(a: Matrix, x: &[f32], y: &mut [f32]) {
    assert!(a.rows() == y.len() && a.cols() == x.len(), "gemv: the sizes do not fit");
    for (i, y) in y.iter_mut().enumerate() {
        for (j, x) in x.iter().enumerate() {
            *y += a.at(i, j) * x;
        }
    }
}

/// `a ← a + x·yᵀ`, with `x: [m]`, `y: [n]`, `a: [m][n]`: the gradient of a weight from one sample.
///
/// # Panics
/// When the sizes do not fit.
pub fn ger(x: &[f32], y: &[f32], a: &mut [f32]) {
    assert_eq!(x.len() * y.len(), a.len(), "ger: the sizes do not fit");
    if y.is_empty() {
        return;
    }
    for (x, a) in x.iter().zip(a.chunks_exact_mut(y.len())) {
        axpy(*x, y, a);
    }
}

/// y ← y + a·x
struct Axpy(f32);

impl Formula<1, 1> for Axpy {
    #[inline(always)]
    fn at<V: Vector>(&self, [y]: [V; 1], [x]: [V; 1]) -> [V; 1] {
        [x.mul_add(V::splat(self.0), y)]
    }
}

/// The sum over `x`, halved until `short` takes it: rounding errors grow with the logarithm of the length.
fn blocks(x: &[f32], short: &dyn Fn(&[f32]) -> f32) -> f32 {
    const SHORT: usize = 1024;
    if x.len() <= SHORT {
        return short(x);
    }
    let (left, right) = x.split_at(x.len().div_ceil(2).next_multiple_of(SHORT).min(x.len()));
    blocks(left, short) + blocks(right, short)
}

struct Sum<'a>(&'a [f32]);

impl Kernel for Sum<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<V: Vector>(self) -> f32 {
        let mut sums = [V::splat(0.0); 4];
        let mut chunks = self.0.chunks_exact(4 * V::LANES);
        for chunk in &mut chunks {
            for (sum, x) in sums.iter_mut().zip(chunk.chunks_exact(V::LANES)) {
                *sum = *sum + V::load(x);
            }
        }
        for (sum, x) in sums.iter_mut().zip(chunks.remainder().chunks(V::LANES)) {
            *sum = *sum + V::load_part(x);
        }
        ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum()
    }
}

struct Dot<'a>(&'a [f32], &'a [f32]);

impl Kernel for Dot<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<V: Vector>(self) -> f32 {
        let mut sums = [V::splat(0.0); 4];
        let (mut x, mut y) = (self.0.chunks_exact(4 * V::LANES), self.1.chunks_exact(4 * V::LANES));
        for (x, y) in (&mut x).zip(&mut y) {
            let pairs = x.chunks_exact(V::LANES).zip(y.chunks_exact(V::LANES));
            for (sum, (x, y)) in sums.iter_mut().zip(pairs) {
                *sum = V::load(x).mul_add(V::load(y), *sum);
            }
        }
        let rest = x.remainder().chunks(V::LANES).zip(y.remainder().chunks(V::LANES));
        for (sum, (x, y)) in sums.iter_mut().zip(rest) {
            *sum = V::load_part(x).mul_add(V::load_part(y), *sum);
        }
        ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum()
    }
}
