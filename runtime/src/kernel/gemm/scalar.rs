//! The definition of `gemm`.

use crate::kernel::Matrix;

pub(super) fn gemm(a: Matrix, b: Matrix, beta: f32, c: &mut [f32], ldc: usize) {
    for (i, c) in c.chunks_mut(ldc.max(1)).enumerate().take(a.rows()) {
        for (j, c) in c.iter_mut().enumerate().take(b.cols()) {
            let mut sum = 0.0;
            for (a, b) in a.row(i).zip(b.t().row(j)) {
                sum += a * b;
            }
            *c = if beta == 0.0 { sum } else { sum + beta * *c };
        }
    }
}
