//! Softmax and its logarithm along rows of `c` numbers, and their gradients.

use super::{exp, ln};
use crate::check::check;

/// `y[j] = e^x[j] / Σ e^x` in each row of `c`; the largest is taken away first, so that nothing overflows.
///
/// # Panics
/// When the lengths differ or `c` does not divide them.
pub fn softmax(c: usize, x: &[f32], y: &mut [f32]) {
    check(c, x.len(), y.len());
    for (x, y) in x.chunks_exact(c.max(1)).zip(y.chunks_exact_mut(c.max(1))) {
        let largest = largest(x);
        let mut sum = 0.0;
        for (x, y) in x.iter().zip(&mut *y) {
            *y = exp(x - largest);
            sum += *y;
        }
        y.iter_mut().for_each(|y| *y /= sum);
    }
}

/// Adds to `dx`: `y[j] · (dy[j] − Σ y·dy)` in each row, from the softmax `y`.
///
/// # Panics
/// When the lengths differ or `c` does not divide them.
pub fn softmax_backward(c: usize, y: &[f32], dy: &[f32], dx: &mut [f32]) {
    check(c, y.len(), dy.len());
    check(c, y.len(), dx.len());
    let rows = y.chunks_exact(c.max(1)).zip(dy.chunks_exact(c.max(1)));
    for ((y, dy), dx) in rows.zip(dx.chunks_exact_mut(c.max(1))) {
        let sum: f32 = y.iter().zip(dy).map(|(y, dy)| y * dy).sum();
        for ((dx, y), dy) in dx.iter_mut().zip(y).zip(dy) {
            *dx += y * (dy - sum);
        }
    }
}

/// `y[j] = x[j] − ln Σ e^x` in each row of `c`.
///
/// # Panics
/// When the lengths differ or `c` does not divide them.
pub fn log_softmax(c: usize, x: &[f32], y: &mut [f32]) {
    check(c, x.len(), y.len());
    for (x, y) in x.chunks_exact(c.max(1)).zip(y.chunks_exact_mut(c.max(1))) {
        let largest = largest(x);
        let sum: f32 = x.iter().map(|x| exp(x - largest)).sum();
        let ln_sum = ln(sum);
        for (x, y) in x.iter().zip(&mut *y) {
            *y = (x - largest) - ln_sum;
        }
    }
}

/// Adds to `dx`: `dy[j] − e^y[j] · Σ dy` in each row, from the log-softmax `y`.
///
/// # Panics
/// When the lengths differ or `c` does not divide them.
pub fn log_softmax_backward(c: usize, y: &[f32], dy: &[f32], dx: &mut [f32]) {
    check(c, y.len(), dy.len());
    check(c, y.len(), dx.len());
    let rows = y.chunks_exact(c.max(1)).zip(dy.chunks_exact(c.max(1)));
    for ((y, dy), dx) in rows.zip(dx.chunks_exact_mut(c.max(1))) {
        let sum: f32 = dy.iter().sum();
        for ((dx, y), dy) in dx.iter_mut().zip(y).zip(dy) {
            *dx += dy - exp(*y) * sum;
        }
    }
}

fn check(c: usize, x: usize, y: usize) {
    let fits = x == y && (x == 0 || c > 0 && x.is_multiple_of(c));
    check!(fits, "softmax: the lengths do not fit");
}

fn largest(x: &[f32]) -> f32 {
    x.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}
