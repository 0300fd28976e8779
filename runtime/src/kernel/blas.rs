//! Vector and matrix-vector kernels under their BLAS names.

use super::Matrix;

/// `Σ x[i] · y[i]`.
///
/// # Panics
/// When the lengths differ.
pub fn dot(x: &[f32], y: &[f32]) -> f32 {
    assert_eq!(x.len(), y.len());
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// `y ← y + a·x`.
///
/// # Panics
/// When the lengths differ.
pub fn axpy(a: f32, x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len());
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}

/// `Σ x[i]`.
pub fn sum(x: &[f32]) -> f32 {
    x.iter().sum()
}

/// `Σ x[i]²`: the square of the 2-norm.
pub fn sum_of_squares(x: &[f32]) -> f32 {
    x.iter().map(|x| x * x).sum()
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
