//! `gemm`: matrix times matrix.

#[cfg(feature = "std")]
mod dots;
#[cfg(feature = "std")]
mod packed;

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
    if m * n * k == 0 {
        c.chunks_mut(ldc.max(1)).take(m).for_each(|c| scale(beta, &mut c[..n]));
        return;
    }
    #[cfg(feature = "std")]
    split(a, b, beta, c, ldc);
    #[cfg(not(feature = "std"))]
    plain(a, b, beta, c, ldc);
}

/// Dot products of at least this length are cheaper than packing.
#[cfg(feature = "std")]
const LONG: usize = 512;

/// The work in tasks that depend on the sizes alone.
#[cfg(feature = "std")]
fn split(a: Matrix, b: Matrix, beta: f32, c: &mut [f32], ldc: usize) {
    use super::dispatch::dispatch;
    use super::parallel::{Shared, scratch, tasks};

    let (m, k, n) = (a.rows(), a.cols(), b.cols());
    let dots = a.col_stride() == 1 && b.row_stride() == 1 && (k >= LONG || m < 4 || n < 4);
    if !dots && m < 4 {
        return plain(a, b, beta, c, ldc);
    }
    // Columns are split where there are more of them: every task packs its columns once.
    let (by_cols, size) = if n >= m { (true, if dots { 48 } else { 512 }) } else { (false, 96) };
    let (whole, c) = (if by_cols { n } else { m }, Shared::of(c));
    let count = whole.div_ceil(size);
    let size = whole.div_ceil(count).next_multiple_of(if dots { 12 } else { 96 });
    tasks(2 * m * k * n, whole.div_ceil(size), |task| {
        let part = task * size..whole.min((task + 1) * size);
        let (rows, cols) = if by_cols { (0..m, part) } else { (part, 0..n) };
        if dots {
            let (lda, ldb) = (a.row_stride(), b.col_stride());
            dispatch(dots::Dots {
                a: a.data(),
                lda,
                b: b.data(),
                ldb,
                k,
                beta,
                c,
                ldc,
                rows,
                cols,
            });
        } else {
            scratch(packed::BUFFER, |buffer| {
                dispatch(packed::Packed { a, b, beta, c, ldc, rows, cols, buffer })
            });
        }
    });
}

/// A few rows, or no memory to pack into: rows of `b` are added up, or dot products taken, whichever reads in order.
fn plain(a: Matrix, b: Matrix, beta: f32, c: &mut [f32], ldc: usize) {
    let (k, n) = (a.cols(), b.cols());
    for (i, c) in c.chunks_mut(ldc).take(a.rows()).enumerate() {
        let c = &mut c[..n];
        scale(beta, c);
        if b.col_stride() == 1 {
            for p in 0..k {
                super::axpy(a.at(i, p), &b.data()[p * b.row_stride()..][..n], c);
            }
        } else if b.row_stride() == 1 && a.col_stride() == 1 {
            let a = &a.data()[i * a.row_stride()..][..k];
            for (j, c) in c.iter_mut().enumerate() {
                *c += super::dot(a, &b.data()[j * b.col_stride()..][..k]);
            }
        } else {
            for (j, c) in c.iter_mut().enumerate() {
                *c += (0..k).map(|p| a.at(i, p) * b.at(p, j)).sum::<f32>();
            }
        }
    }
}

/// `c ← beta·c`, and 0 for `beta = 0` whatever `c` was.
fn scale(beta: f32, c: &mut [f32]) {
    match beta {
        0.0 => c.fill(0.0),
        1.0 => {}
        _ => c.iter_mut().for_each(|c| *c *= beta),
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::kernel::dispatch::forced;
    use std::vec::Vec;

    fn numbers(len: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let draw = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        (0..len).map(draw).collect()
    }

    #[test]
    fn products_equal_the_definition() {
        let sizes = [
            [1, 1, 1],
            [1, 7, 5],
            [3, 600, 9],
            [4, 4, 4],
            [6, 16, 16],
            [7, 13, 33],
            [12, 256, 32],
            [13, 257, 65],
            [64, 128, 10],
            [65, 31, 130],
            [130, 64, 600],
            [9, 700, 70],
            [200, 20, 3],
            [5, 0, 4],
        ];
        for [m, k, n] in sizes {
            let (a, b, before) = (numbers(m * k, 1), numbers(k * n, 2), numbers(m * (n + 3), 3));
            for transposed in 0..4 {
                let (ta, tb) = (transposed & 1 == 1, transposed & 2 == 2);
                let a = if ta { Matrix::new(&a, k, m).t() } else { Matrix::new(&a, m, k) };
                let b = if tb { Matrix::new(&b, n, k).t() } else { Matrix::new(&b, k, n) };
                for beta in [0.0, 1.0, 0.5] {
                    forced::on_each(|| {
                        let mut c = before.clone();
                        gemm(a, b, beta, &mut c, n + 3);
                        for i in 0..m {
                            for j in 0..n + 3 {
                                let old = before[i * (n + 3) + j];
                                let sum: f64 = (0..k)
                                    .filter(|_| j < n)
                                    .map(|p| f64::from(a.at(i, p)) * f64::from(b.at(p, j)))
                                    .sum();
                                let right = if j < n { sum as f32 + beta * old } else { old };
                                let found = c[i * (n + 3) + j];
                                assert!(
                                    (found - right).abs() < 1e-6 * (k + 1) as f32,
                                    "{m} {k} {n} {transposed} {beta}: {found} for {right}"
                                );
                            }
                        }
                    });
                }
            }
        }
    }
}
