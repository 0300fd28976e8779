//! Rows or columns at right angles, so that lengths are kept.

use core::slice::from_mut;

use rand_core::Rng;

use super::normal;
use crate::clip::scale;
use crate::kernel::sqrt;

/// Fills `weights` with a random orthogonal matrix times `gain` (Saxe et al. 2014), as PyTorch's `orthogonal_`.
///
/// `shape` is that of the weight, `[out, in, ..]`, seen as a matrix of `out` rows. With no more rows than columns its rows
/// are orthonormal (times `gain`), else its columns. Every such matrix is as likely as every other.
///
/// PyTorch factors a normal matrix with LAPACK; Gram and Schmidt's way gives the same factor in place.
///
/// ```
/// use firmnet_runtime::init;
/// use rand::{SeedableRng, rngs::StdRng};
///
/// let mut w = [0.0; 4];
/// init::orthogonal(&mut w, &[2, 2], 1.0, &mut StdRng::seed_from_u64(1));
/// assert!((w[0] * w[2] + w[1] * w[3]).abs() < 1e-6);
/// assert!((w[0] * w[0] + w[1] * w[1] - 1.0).abs() < 1e-6);
/// ```
///
/// # Panics
/// When `shape` has not as many places as `weights`.
pub fn orthogonal<R: Rng + ?Sized>(weights: &mut [f32], shape: &[usize], gain: f32, rng: &mut R) {
    assert_eq!(
        weights.len(),
        shape.iter().product::<usize>(),
        "a number for each place of the shape"
    );
    if weights.is_empty() {
        return;
    }
    let rows = shape.first().map_or(1, |&rows| rows);
    let cols = weights.len() / rows;
    let mut vectors = if rows <= cols {
        Vectors { numbers: weights, count: rows, len: cols, between: cols, within: 1 }
    } else {
        Vectors { numbers: weights, count: cols, len: rows, between: 1, within: cols }
    };
    normal(vectors.numbers, 0.0, 1.0, rng);
    for k in 0..vectors.count {
        vectors.straighten(k, rng);
    }
    scale(weights, gain);
}

/// The rows or the columns of a matrix.
struct Vectors<'a> {
    numbers: &'a mut [f32],
    count: usize,
    len: usize,
    /// From one vector to the next.
    between: usize,
    /// From one number of a vector to the next.
    within: usize,
}

impl Vectors<'_> {
    /// Turns vector `k` to right angles with those before it, and to length 1.
    fn straighten<R: Rng + ?Sized>(&mut self, k: usize, rng: &mut R) {
        // A broken generator that gives the same vector over and over is not waited for.
        for _ in 0..100 {
            let before = self.dot(k, k);
            // The second time takes away what rounding left of the first.
            for j in (0..k).chain(0..k) {
                let along = self.dot(j, k) as f32;
                for i in 0..self.len {
                    let (j, k) = (self.place(j, i), self.place(k, i));
                    self.numbers[k] -= along * self.numbers[j];
                }
            }
            let left = self.dot(k, k);
            if left > 1e-6 * before {
                let scale = 1.0 / sqrt(left as f32);
                for i in 0..self.len {
                    let place = self.place(k, i);
                    self.numbers[place] *= scale;
                }
                return;
            }
            // The others nearly span it, and rounding would show.
            for i in 0..self.len {
                let place = self.place(k, i);
                normal(from_mut(&mut self.numbers[place]), 0.0, 1.0, rng);
            }
        }
    }

    fn place(&self, vector: usize, i: usize) -> usize {
        vector * self.between + i * self.within
    }

    fn dot(&self, j: usize, k: usize) -> f64 {
        let number = |vector, i| f64::from(self.numbers[self.place(vector, i)]);
        (0..self.len).map(|i| number(j, i) * number(k, i)).sum()
    }
}
