//! Rows or columns at right angles, so that lengths are kept.

use core::mem::replace;

use rand_core::Rng;

use super::normal;
use crate::clip::scale;
use crate::kernel::{axpy, dot, sqrt, sum_of_squares};

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
    let (count, len) = (rows.min(cols), rows.max(cols));
    normal(weights, 0.0, 1.0, rng);
    for k in 0..count {
        let (before, vector) = weights.split_at_mut(k * len);
        straighten(before, &mut vector[..len], rng);
    }
    if rows > cols {
        transpose_in_place(cols, weights);
    }
    scale(weights, gain);
}

/// Turns `vector` to right angles with those before it, and to length 1.
fn straighten<R: Rng + ?Sized>(before: &[f32], vector: &mut [f32], rng: &mut R) {
    // A broken generator that gives the same vector over and over is not waited for.
    for _ in 0..100 {
        let whole = sum_of_squares(vector);
        // The second time takes away what rounding left of the first.
        for _ in 0..2 {
            for other in before.chunks(vector.len()) {
                axpy(-dot(other, vector), other, vector);
            }
        }
        let left = sum_of_squares(vector);
        if left > 1e-6 * whole {
            return scale(vector, 1.0 / sqrt(left));
        }
        // The others nearly span it, and rounding would show.
        normal(vector, 0.0, 1.0, rng);
    }
}

/// `[rows][cols]` → `[cols][rows]`, without a second buffer: each number takes the place of the next around a cycle.
fn transpose_in_place(rows: usize, numbers: &mut [f32]) {
    let cols = numbers.len() / rows;
    let next = |place: usize| place % cols * rows + place / cols;
    for first in 0..numbers.len() {
        // Each cycle once, from its smallest place.
        let mut place = next(first);
        while place > first {
            place = next(place);
        }
        if place == first {
            let mut carried = numbers[first];
            loop {
                place = next(place);
                carried = replace(&mut numbers[place], carried);
                if place == first {
                    break;
                }
            }
        }
    }
}
