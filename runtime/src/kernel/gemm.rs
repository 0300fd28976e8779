//! `gemm`: matrix times matrix.

use super::Matrix;

/// `c ← a·b + beta·c`, with `a: [m][k]`, `b: [k][n]` and `c: [m][n]` whose row `i` starts at `c[i · ldc]`.
///
/// With `beta = 0`, `c` is only written. Transposes are views: a batch through a linear layer is
/// `gemm(x, weight.t(), ..)`. The order of additions depends on the sizes and strides alone.
///
/// # Panics
/// When the inner sizes differ or `c` is too short.
///
/// ```
/// use firmnet_runtime::kernel::{Matrix, gemm};
/// let (a, b) = ([1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 0.0, 1.0]);
/// let mut c = [0.0; 4];
/// gemm(Matrix::new(&a, 2, 2), Matrix::new(&b, 2, 2).t(), 0.0, &mut c, 2);
/// assert_eq!(c, [3.0, 2.0, 7.0, 4.0]);
/// ```
pub fn gemm(a: Matrix, b: Matrix, beta: f32, c: &mut [f32], ldc: usize) {
    let (m, k, n) = (a.rows(), a.cols(), b.cols());
    assert!(k == b.rows() && n <= ldc, "gemm: the sizes do not fit");
    assert!(m == 0 || (m - 1) * ldc + n <= c.len(), "gemm: `c` is too short");
    for (i, c) in c.chunks_mut(ldc.max(1)).take(m).enumerate() {
        for (j, c) in c[..n].iter_mut().enumerate() {
            let mut sum = 0.0;
            for p in 0..k {
                sum += a.at(i, p) * b.at(p, j);
            }
            *c = if beta == 0.0 { sum } else { sum + beta * *c };
        }
    }
}
