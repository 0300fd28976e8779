//! Softmax along an axis that is not the last: the numbers of one softmax lie `inner` apart.

use super::{exp, ln};

/// `softmax` (or its logarithm) of each of the columns of `x: [outer][c][inner]`.
///
/// # Panics
/// When the lengths differ.
pub fn softmax_axis(log: bool, c: usize, inner: usize, x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len());
    for (x, y) in x.chunks_exact(c * inner).zip(y.chunks_exact_mut(c * inner)) {
        for i in 0..inner {
            let column = || x[i..].iter().step_by(inner);
            let largest = column().fold(f32::NEG_INFINITY, |largest, &x| largest.max(x));
            let sum: f32 = column().map(|x| exp(x - largest)).sum();
            let ln_sum = ln(sum);
            for (y, x) in y[i..].iter_mut().step_by(inner).zip(column()) {
                *y = if log { x - largest - ln_sum } else { exp(x - largest) / sum };
            }
        }
    }
}

/// Adds the gradient of the input of [`softmax_axis`] to `dx`, from its output `y`.
///
/// # Panics
/// When the lengths differ.
pub fn softmax_axis_backward(
    log: bool,
    c: usize,
    inner: usize,
    y: &[f32],
    dy: &[f32],
    dx: &mut [f32],
) {
    assert!(y.len() == dy.len() && y.len() == dx.len());
    let read = y.chunks_exact(c * inner).zip(dy.chunks_exact(c * inner));
    for ((y, dy), dx) in read.zip(dx.chunks_exact_mut(c * inner)) {
        for i in 0..inner {
            let pairs = || y[i..].iter().step_by(inner).zip(dy[i..].iter().step_by(inner));
            let sum: f32 = pairs().map(|(y, dy)| if log { *dy } else { y * dy }).sum();
            for (dx, (y, dy)) in dx[i..].iter_mut().step_by(inner).zip(pairs()) {
                *dx += if log { dy - exp(*y) * sum } else { y * (dy - sum) };
            }
        }
    }
}
