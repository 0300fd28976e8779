//! `gemm`: matrix times matrix.

mod blocked;
mod pack;
#[cfg(feature = "std")]
mod row;
mod scalar;
#[cfg(all(test, feature = "std"))]
mod tests;

use core::ops::Range;

pub(super) use pack::depth;
pub use pack::{pack_panels, packed_len};
#[cfg(feature = "std")]
pub use row::row_packed;

use crate::check::check;
use blocked::{Factor, Product};

use super::dispatch::Isa;
use super::gemv;
use super::parallel::{Shared, are_worth_threads, estimate, tasks};
use super::vector::MAX_LANES;
use super::{Matrix, add_bias};

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
    product(a, b, beta, Order::Free, c, ldc);
}

/// In which order a product adds up. With a `beta` of 0 or 1 the bits of a row of `c` depend on the other rows in [`Free`](Order::Free) alone.
///
/// So a batch gives what each of its samples gives alone, and a sequence what its steps give one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Whichever is fastest for so many rows: that of [`gemm`].
    Free,
    /// The one that is fastest for one row. Where rows of `a` and columns of `b` lie in one piece, lane `l` of a vector sums the places `l`,
    /// `l + LANES`, … of a block of places, the halves of the vector are added, and again, and then block is added to block. Many rows take up to
    /// half more time so, and more where the inner size is small.
    OneRow,
    /// The one that is fastest for many rows: place after place. One row takes several times as long so.
    ManyRows,
}

/// `c ← a·b + beta·c`, as [`gemm`], added up in `order`.
#[inline]
pub fn gemm_in(order: Order) -> impl Fn(Matrix, Matrix, f32, &mut [f32], usize) {
    move |a, b, beta, c, ldc| product(a, b, beta, order, c, ldc)
}

/// `c ← a·b + bias` without gaps between the rows of `c`, added up in `order`; an empty `bias` is 0.
///
/// # Panics
/// As [`gemm`], and when `bias` is neither empty nor as long as a row.
pub fn gemm_bias(order: Order, a: Matrix, b: Matrix, bias: &[f32], c: &mut [f32]) {
    let n = b.cols();
    check!(bias.is_empty() || bias.len() == n, "gemm: the sizes do not fit");
    if is_blocked(a, n, order) {
        return many(Product { a, b: Factor::Matrix(b), beta: 0.0, bias, order }, c, n);
    }
    product(a, b, 0.0, order, c, n);
    if !bias.is_empty() {
        add_bias(bias, c);
    }
}

/// `c ← a·b + bias`, as [`gemm_bias`] in the order of [`Order::ManyRows`], with `b: [k][n]` as [`pack_panels`] has packed it. That saves packing it in
/// each call, which takes a tenth to a quarter of the time of 64 rows.
///
/// # Panics
/// As [`gemm_bias`], and when `panels` is too short.
pub fn gemm_packed(a: Matrix, panels: &[f32], [k, n]: [usize; 2], bias: &[f32], c: &mut [f32]) {
    let fits = panels.len() >= packed_len(k, n) && (bias.is_empty() || bias.len() == n);
    check!(fits, "gemm: the sizes do not fit");
    let b = Factor::Packed(panels, k, n);
    many(Product { a, b, beta: 0.0, bias, order: Order::ManyRows }, c, n);
}

#[inline(always)]
fn product(a: Matrix, b: Matrix, beta: f32, order: Order, c: &mut [f32], ldc: usize) {
    let (m, k, n) = (a.rows(), a.cols(), b.cols());
    check!(k == b.rows() && n <= ldc, "gemm: the sizes do not fit");
    if m == 0 || n == 0 {
        return;
    }
    check!((m - 1) * ldc + n <= c.len(), "gemm: `c` is too short");
    if is_blocked(a, n, order) {
        many(Product { a, b: Factor::Matrix(b), beta, bias: &[], order }, c, ldc);
    } else if n == 1 || m == 1 {
        let (a, x, incy) = if n == 1 { (a, b.t(), ldc) } else { (b.t(), a, 1) };
        gemv::add_product(a, x, beta, order, c, incy);
    } else if order == Order::Free {
        scalar::gemm(a, b, beta, c, ldc);
    } else {
        for (i, c) in c.chunks_mut(ldc).enumerate().take(m) {
            gemv::add_product(b.t(), a.only_row(i), beta, order, c, 1);
        }
    }
}

/// Whether a product of `a` and `n` columns is cut into blocks. One row or column is no matrix: packing would cost more than the product.
#[inline(always)]
fn is_blocked(a: Matrix, n: usize, order: Order) -> bool {
    n > 1 && (a.rows() > 1 || order == Order::ManyRows) && Isa::current() != Isa::Scalar
}

/// The product block by block, with vectors or, where it is packed, without.
///
/// # Panics
/// When the sizes do not fit.
fn many(product: Product<'_>, c: &mut [f32], ldc: usize) {
    let Product { a, b, .. } = product;
    let (m, k, n) = (a.rows(), a.cols(), b.cols());
    if m == 0 || n == 0 {
        return;
    }
    check!(k == b.rows() && n <= ldc, "gemm: the sizes do not fit");
    check!((m - 1) * ldc + n <= c.len(), "gemm: `c` is too short");
    let flops = estimate([2, m, n, k]);
    let (parts, c) = (Parts::of(flops, m, n), Shared::of(c));
    tasks(flops, parts.count(), |i| {
        let (rows, columns) = parts.part(i);
        // SAFETY: the parts are disjoint rectangles of `c`, and the last of them ends within it; the sizes fit.
        unsafe { blocked::gemm(product, c.at(0), ldc, [rows, columns]) };
    });
}

/// The whole product or, where threads share it, cut along its longer side, into at most sixteen parts that are not too small to be worth packing
/// for: of a part of the rows, each packs all of `b`.
struct Parts {
    m: usize,
    n: usize,
    rows: usize,
    columns: usize,
}

impl Parts {
    fn of(flops: usize, m: usize, n: usize) -> Parts {
        // Whole tiles of every instruction set: 8 rows, 48 columns.
        if !are_worth_threads(flops) {
            Parts { m, n, rows: m, columns: n }
        } else if m > n {
            Parts { m, n, rows: m.div_ceil(16).next_multiple_of(8).max(64), columns: n }
        } else {
            Parts { m, n, rows: m, columns: n.div_ceil(16).next_multiple_of(48).max(96) }
        }
    }

    fn count(&self) -> usize {
        self.m.div_ceil(self.rows) * self.across()
    }

    /// Parts beside one another. The last has more than one vector of columns, or all: so each part begins and ends where a panel of the whole does,
    /// though the last panels of a matrix may be narrower (`pack::strip`).
    fn across(&self) -> usize {
        let (whole, rest) = (self.n / self.columns, self.n % self.columns);
        if rest > MAX_LANES { whole + 1 } else { whole.max(1) }
    }

    fn part(&self, i: usize) -> (Range<usize>, Range<usize>) {
        let across = self.across();
        let (row, column) = (i / across * self.rows, i % across * self.columns);
        let end = if i % across + 1 == across { self.n } else { column + self.columns };
        (row..(row + self.rows).min(self.m), column..end)
    }
}
