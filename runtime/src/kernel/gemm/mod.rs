//! `gemm`: matrix times matrix.

mod blocked;
mod pack;
mod scalar;
#[cfg(all(test, feature = "std"))]
mod tests;

use core::ops::Range;

pub(super) use pack::depth;

use crate::check::check;

use super::Matrix;
use super::dispatch::Isa;
use super::gemv;
use super::parallel::{Shared, tasks};

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
#[inline]
pub fn gemm(a: Matrix, b: Matrix, beta: f32, c: &mut [f32], ldc: usize) {
    product(a, b, beta, false, c, ldc);
}

/// `c ← a·b + beta·c`, as [`gemm`], where with a `beta` of 0 or 1 the bits of a row of `c` do not depend on how many other rows there are.
///
/// So a batch gives what each of its samples gives alone, and a sequence what its steps give one by one. Where rows of `a` and columns of
/// `b` lie in one piece, lane `l` of a vector sums the places `l`, `l + LANES`, … of a block of places, the halves of the vector are added,
/// and again, and then block is added to block; for many rows that takes up to half more time than [`gemm`] with its freedom, and more
/// where the inner size is small.
///
/// # Panics
/// As [`gemm`].
#[inline]
pub fn gemm_by_row(a: Matrix, b: Matrix, beta: f32, c: &mut [f32], ldc: usize) {
    product(a, b, beta, true, c, ldc);
}

/// [`gemm_by_row`] where `by_row`, else [`gemm`].
#[inline]
pub fn gemm_where(by_row: bool) -> impl Fn(Matrix, Matrix, f32, &mut [f32], usize) {
    move |a, b, beta, c, ldc| product(a, b, beta, by_row, c, ldc)
}

#[inline(always)]
fn product(a: Matrix, b: Matrix, beta: f32, by_row: bool, c: &mut [f32], ldc: usize) {
    let (m, k, n) = (a.rows(), a.cols(), b.cols());
    check!(k == b.rows() && n <= ldc, "gemm: the sizes do not fit");
    if m == 0 || n == 0 {
        return;
    }
    check!((m - 1) * ldc + n <= c.len(), "gemm: `c` is too short");
    if m == 1 || n == 1 {
        // One row or column is no matrix: packing would cost more than the product.
        let (a, x, incy) = if n == 1 { (a, b.t(), ldc) } else { (b.t(), a, 1) };
        return gemv::add_product(a, x, beta, by_row, c, incy);
    }
    many(a, b, beta, by_row, c, ldc);
}

/// As [`gemm`] or [`gemm_by_row`], of more than one row and column.
fn many(a: Matrix, b: Matrix, beta: f32, by_row: bool, c: &mut [f32], ldc: usize) {
    if Isa::current() == Isa::Scalar {
        if by_row {
            for (i, c) in c.chunks_mut(ldc).enumerate().take(a.rows()) {
                gemv::add_product(b.t(), a.only_row(i), beta, true, c, 1);
            }
            return;
        }
        return scalar::gemm(a, b, beta, c, ldc);
    }
    let (m, k, n) = (a.rows(), a.cols(), b.cols());
    let (parts, c) = (Parts::of(m, n), Shared::of(c));
    tasks(2 * m * n * k, parts.count(), |i| {
        let (rows, columns) = parts.part(i);
        // SAFETY: the parts are disjoint rectangles of `c`, and the last of them ends within it.
        unsafe { blocked::gemm(a, b, beta, by_row, c.at(0), ldc, [rows, columns]) };
    });
}

/// The product cut along its longer side, into at most sixteen parts that are not too small to be worth packing for.
struct Parts {
    m: usize,
    n: usize,
    rows: usize,
    columns: usize,
}

impl Parts {
    fn of(m: usize, n: usize) -> Parts {
        // Whole tiles of every instruction set: 8 rows, 48 columns.
        if m > n {
            Parts { m, n, rows: m.div_ceil(16).next_multiple_of(8).max(64), columns: n }
        } else {
            Parts { m, n, rows: m, columns: n.div_ceil(16).next_multiple_of(48).max(96) }
        }
    }

    fn count(&self) -> usize {
        self.m.div_ceil(self.rows) * self.n.div_ceil(self.columns)
    }

    fn part(&self, i: usize) -> (Range<usize>, Range<usize>) {
        let across = self.n.div_ceil(self.columns);
        let (row, column) = (i / across * self.rows, i % across * self.columns);
        (row..(row + self.rows).min(self.m), column..(column + self.columns).min(self.n))
    }
}
