//! The definition of `gemm`.

use crate::kernel::Matrix;

pub(super) fn gemm(a: Matrix, b: Matrix, beta: f32, c: &mut [f32], ldc: usize) {
    for i in 0..a.rows() {
        for j in 0..b.cols() {
            let mut sum = 0.0;
            for p in 0..a.cols() {
                sum += a.at(i, p) * b.at(p, j);
            }
            let c = &mut c[i * ldc + j];
            *c = if beta == 0.0 { sum } else { sum + beta * *c };
        }
    }
}
