//! `gemv` and `ger`: matrix times vector, and the matrix of a vector times a vector.

use super::dispatch::{Isa, Kernel, dispatch};
use super::gemm::{Order, depth};
use super::{Formula, Matrix, Vector, tile};
use crate::check::check;

/// `y ← y + a·x`, with `a: [m][n]`, `x: [n]`, `y: [m]`. The product with the transposed matrix is `gemv(a.t(), ..)`.
///
/// # Panics
/// When the sizes do not fit.
pub fn gemv(a: Matrix, x: &[f32], y: &mut [f32]) {
    check!(a.rows() == y.len() && a.cols() == x.len(), "gemv: the sizes do not fit");
    add_product(a, Matrix::new(x, 1, x.len()), 1.0, Order::OneRow, y, 1);
}

/// `y ← a·x + beta·y`, with the row `x: [1][n]` at any stride and the numbers of `y` `incy` apart; [`Order::OneRow`] sums
/// blocks of places.
///
/// # Panics
/// When the sizes do not fit.
pub(super) fn add_product(
    a: Matrix,
    x: Matrix,
    beta: f32,
    order: Order,
    y: &mut [f32],
    incy: usize,
) {
    check!(x.rows() == 1 && x.cols() == a.cols(), "gemv: the sizes do not fit");
    check!(a.rows() == 0 || (a.rows() - 1) * incy < y.len(), "gemv: `y` is too short");
    #[cfg(cortex_m_fpu)]
    if a.col_stride() == 1 && x.col_stride() == 1 {
        let Some(row) = x.data().get(..x.cols()) else { return };
        let mut places = y.iter_mut().step_by(incy.max(1));
        let put = |sum| {
            if let Some(y) = places.next() {
                add(sum, beta, y);
            }
        };
        // SAFETY: a matrix lies within its slice, and each row of it in one piece.
        return unsafe {
            super::cortex_m::rows(a.rows(), a.data().as_ptr(), a.row_stride(), row, put)
        };
    }
    let scalar = Isa::current() == Isa::Scalar;
    if !scalar && a.col_stride() == 1 && x.col_stride() == 1 {
        dispatch(Rows { a, x: x.data(), beta, order, y, incy });
    } else if !scalar && a.row_stride() == 1 && incy == 1 {
        dispatch(Columns { a, x, beta, y });
    } else {
        let in_pieces = a.col_stride() == 1 && x.col_stride() == 1;
        for (i, y) in y.iter_mut().step_by(incy.max(1)).enumerate().take(a.rows()) {
            let sum = match in_pieces {
                true => sum_of_products(a.after(i), x.data().iter().take(a.cols())),
                false => sum_of_products(a.row(i), x.row(0)),
            };
            add(sum, beta, y);
        }
    }
}

/// `y ← f(W x + b)`, with sizes that the compiler knows and `f` number by number; an empty `bias` is 0. The sums have the bits of [`gemv`].
///
/// Loops and calls weigh more than the arithmetic there: an MLP 16-32-32-4 takes half the time that it takes through [`gemv`] and the addition.
///
/// # Panics
/// When `bias` is neither empty nor as long as `y`.
#[inline]
pub fn affine<const I: usize, const O: usize>(
    weight: &[[f32; I]; O],
    bias: &[f32],
    x: &[f32; I],
    y: &mut [f32; O],
    f: &impl Formula<1, 0>,
) {
    let bias = if bias.is_empty() { &[0.0; O] } else { bias };
    let Ok(bias) = bias.try_into() else { panic!("affine: there is a bias for each output") };
    dispatch(Affine { weight, bias, x, y, f });
}

struct Affine<'a, F, const I: usize, const O: usize> {
    weight: &'a [[f32; I]; O],
    bias: &'a [f32; O],
    x: &'a [f32; I],
    y: &'a mut [f32; O],
    f: &'a F,
}

impl<F: Formula<1, 0>, const I: usize, const O: usize> Kernel for Affine<'_, F, I, O> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        // Else there would be several blocks of places, to be summed one after the other.
        assert!(I <= depth::<V>());
        let whole = O - O % V::LANES;
        for i in (0..whole).step_by(V::LANES) {
            // SAFETY: a vector of rows begins at `i`, and each has as many numbers as `x`.
            let sums = unsafe { self.rows::<V>(i, V::LANES) };
            (sums + V::load(&self.bias[i..])).store(&mut self.y[i..]);
        }
        let mut last = V::splat(0.0);
        if whole < O {
            // SAFETY: the same, for the rows that are left.
            let sums = unsafe { self.rows::<V>(whole, O - whole) };
            last = sums + V::load_part(&self.bias[whole..]);
        }
        // Behind all sums: what waits for its operands would keep the next sums out of the processor's queue.
        for i in (0..whole).step_by(V::LANES) {
            let [y] = self.f.at([V::load(&self.y[i..])], []);
            y.store(&mut self.y[i..]);
        }
        if whole < O {
            let [y] = self.f.at([last], []);
            y.store_part(&mut self.y[whole..]);
        }
    }
}

impl<F, const I: usize, const O: usize> Affine<'_, F, I, O> {
    /// # Safety
    /// There are `count` rows from `i`.
    #[inline(always)]
    unsafe fn rows<V: Vector>(&self, i: usize, count: usize) -> V {
        let rows = self.weight[i..].as_ptr().cast();
        // SAFETY: the caller's promise; `x` has `I` numbers, as a row has.
        unsafe { tile::inner_rows(I, rows, count, self.x.as_ptr()) }
    }
}

/// One after the other, to the end of the shorter.
#[inline(always)]
fn sum_of_products<'a>(a: impl Iterator<Item = &'a f32>, x: impl Iterator<Item = &'a f32>) -> f32 {
    let mut sum = 0.0;
    for (a, x) in a.zip(x) {
        sum += a * x;
    }
    sum
}

/// `y ← sum + beta · y`.
#[inline(always)]
fn add(sum: f32, beta: f32, y: &mut f32) {
    *y = if beta == 0.0 { sum } else { sum + beta * *y };
}

/// Rows lie in one piece: inner products, eight rows at a time.
struct Rows<'a> {
    a: Matrix<'a>,
    x: &'a [f32],
    beta: f32,
    order: Order,
    y: &'a mut [f32],
    incy: usize,
}

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let (m, mut i) = (self.a.rows(), 0);
        while i < m {
            // SAFETY: the rows from `i` on are within `a`, and one by one in a piece.
            i += unsafe {
                match m - i {
                    8.. => self.rows::<V, 8>(i),
                    4.. => self.rows::<V, 4>(i),
                    _ => self.rows::<V, 1>(i),
                }
            };
        }
    }
}

impl Rows<'_> {
    /// # Safety
    /// Rows `i .. i + M` lie in `a`, the columns of each next to one another.
    #[inline(always)]
    unsafe fn rows<V: Vector, const M: usize>(&mut self, i: usize) -> usize {
        let row = self.a.row_stride();
        let block = if self.order == Order::OneRow { depth::<V>() } else { self.a.cols().max(1) };
        for p in (0..self.a.cols().max(1)).step_by(block) {
            // SAFETY: the caller's promise; `x` has as many numbers as `a` columns.
            let sums = unsafe {
                let (a, x) = (self.a.data().as_ptr().add(i * row + p), self.x.as_ptr().add(p));
                let k = block.min(self.a.cols() - p);
                let lead = tile::lead::<V>(k, a, a.wrapping_add(row));
                tile::inner_behind::<V, M, 1>(lead, k, |i| a.add(i * row), |_| x)
            };
            let beta = if p == 0 { self.beta } else { 1.0 };
            for (r, [sum]) in sums.into_iter().enumerate() {
                add(sum, beta, &mut self.y[(i + r) * self.incy]);
            }
        }
        M
    }
}

/// Columns lie in one piece: multiples of columns are added to a stretch of `y` in registers.
struct Columns<'a> {
    a: Matrix<'a>,
    x: Matrix<'a>,
    beta: f32,
    y: &'a mut [f32],
}

impl Kernel for Columns<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let (m, n) = (self.a.rows(), self.a.cols());
        let mut p = 0;
        // Without a column, too, `beta` counts.
        while p < n.max(1) {
            let count = depth::<V>().min(n - p);
            let beta = if p == 0 { self.beta } else { 1.0 };
            let mut i = 0;
            while i < m {
                // SAFETY: columns `p .. p + depth` and the rows from `i` on lie within `a`.
                i += unsafe {
                    match (m - i) / V::LANES {
                        8.. => self.stretch::<V, 8>(i, p, count, beta),
                        4.. => self.stretch::<V, 4>(i, p, count, beta),
                        2.. => self.stretch::<V, 2>(i, p, count, beta),
                        1 => self.stretch::<V, 1>(i, p, count, beta),
                        _ => self.rest::<V>(i, p, count, beta),
                    }
                };
            }
            p += depth::<V>();
        }
    }
}

impl Columns<'_> {
    /// # Safety
    /// `N` vectors of rows from `i` and `depth` columns from `p` lie in `a`, the rows of each next to one another.
    #[inline(always)]
    unsafe fn stretch<V: Vector, const N: usize>(
        &mut self,
        i: usize,
        p: usize,
        depth: usize,
        beta: f32,
    ) -> usize {
        let (column, incx) = (self.a.col_stride(), self.x.col_stride());
        let mut tile = [[V::splat(0.0); N]];
        // SAFETY: the caller's promise; `x` has as many numbers as `a` columns.
        unsafe {
            let a = self.a.data().as_ptr().add(i + p * column);
            let x = self.x.data().as_ptr().add(p * incx);
            tile::outer(&mut tile, depth, x, 0, |p| p * incx, |p| a.add(p * column));
        }
        let [sums] = tile;
        for (sum, y) in sums.into_iter().zip(self.y[i..].chunks_exact_mut(V::LANES)) {
            let old = if beta == 0.0 { V::splat(0.0) } else { V::load(y) * V::splat(beta) };
            (sum + old).store(y);
        }
        N * V::LANES
    }

    /// The rows from `i` on, fewer than a vector.
    ///
    /// # Safety
    /// As [`stretch`](Columns::stretch).
    #[inline(always)]
    unsafe fn rest<V: Vector>(&mut self, i: usize, p: usize, depth: usize, beta: f32) -> usize {
        let len = self.a.rows() - i;
        let (column, incx) = (self.a.col_stride(), self.x.col_stride());
        let mut sum = V::splat(0.0);
        for p in p..p + depth {
            let a = V::load_part(&self.a.data()[p * column + i..][..len]);
            sum = V::splat(self.x.data()[p * incx]).mul_add(a, sum);
        }
        let y = &mut self.y[i..i + len];
        let old = if beta == 0.0 { V::splat(0.0) } else { V::load_part(y) * V::splat(beta) };
        (sum + old).store_part(y);
        len
    }
}

/// `a ← a + x·yᵀ`, with `x: [m]`, `y: [n]`, `a: [m][n]`: the gradient of a weight from one sample.
///
/// # Panics
/// When the sizes do not fit.
pub fn ger(x: &[f32], y: &[f32], a: &mut [f32]) {
    assert_eq!(x.len() * y.len(), a.len(), "ger: the sizes do not fit");
    dispatch(Ger { x, y, a });
}

// ANCHOR: kernel
struct Ger<'a> {
    x: &'a [f32],
    y: &'a [f32],
    a: &'a mut [f32],
}

impl Kernel for Ger<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        if self.y.is_empty() {
            return;
        }
        for (&x, a) in self.x.iter().zip(self.a.chunks_exact_mut(self.y.len())) {
            super::blas::add_multiple::<V>(V::splat(x), self.y, a);
        }
    }
}
// ANCHOR_END: kernel

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::kernel::dispatch::forced;
    use crate::kernel::testing::whole_numbers;

    #[test]
    fn matrix_times_vector_and_back() {
        forced::on_each(|| {
            for m in [1, 3, 8, 9, 31, 64, 130] {
                for n in [1, 2, 7, 8, 16, 17, 33, 65] {
                    let (a, x) = (whole_numbers(m * n, 1), whole_numbers(n, 2));
                    let matrix = Matrix::new(&a, m, n);
                    let mut y = whole_numbers(m, 3);
                    let expected: std::vec::Vec<f32> = (0..m)
                        .map(|i| y[i] + (0..n).map(|j| a[i * n + j] * x[j]).sum::<f32>())
                        .collect();
                    gemv(matrix, &x, &mut y);
                    assert_eq!(y, expected, "{m}x{n}");

                    let mut x = x;
                    let expected: std::vec::Vec<f32> = (0..n)
                        .map(|j| x[j] + (0..m).map(|i| a[i * n + j] * y[i]).sum::<f32>())
                        .collect();
                    gemv(matrix.t(), &y, &mut x);
                    assert_eq!(x, expected, "{m}x{n} transposed");
                }
            }
        });
    }

    /// Wherever the rows begin, and however many there are, each gives the same bits.
    #[test]
    fn bits_do_not_depend_on_the_place() {
        let numbers = |len: usize, step: usize| -> std::vec::Vec<f32> {
            (0..len).map(|i| ((i * step) % 1009) as f32 / 1009.0 - 0.4).collect()
        };
        forced::on_each(|| {
            for (m, n) in [(1, 64), (9, 64), (13, 784), (8, 1024)] {
                let (a, x) = (numbers(m * n, 7), numbers(n, 11));
                let mut first = std::vec::Vec::new();
                for start in 0..16 {
                    let mut room = std::vec![0.0; start + m * n];
                    room[start..].copy_from_slice(&a);
                    for order in [Order::Free, Order::OneRow] {
                        let (mut y, x) = (std::vec![0.0; m], Matrix::new(&x, 1, n));
                        add_product(Matrix::new(&room[start..], m, n), x, 0.0, order, &mut y, 1);
                        first.push(y);
                    }
                }
                for pair in first.chunks_exact(2) {
                    assert_eq!(pair, &first[..2], "{m}x{n}");
                    for (i, (whole, blocks)) in pair[0].iter().zip(&pair[1]).enumerate() {
                        let products = a[i * n..].iter().zip(&x).map(|(a, x)| f64::from(a * x));
                        let sum: f64 = products.sum();
                        assert!((f64::from(*whole) - sum).abs() < 1e-4, "{whole}, not {sum}");
                        assert!((f64::from(*blocks) - sum).abs() < 1e-4, "{blocks}, not {sum}");
                    }
                }
            }
        });
    }

    // ANCHOR: test
    #[test]
    fn outer_product() {
        forced::on_each(|| {
            for (m, n) in [(1, 1), (3, 17), (8, 64), (5, 9), (2, 0), (0, 2)] {
                let (x, y) = (whole_numbers(m, 1), whole_numbers(n, 2));
                let mut a = whole_numbers(m * n, 3);
                let before = a.clone();
                ger(&x, &y, &mut a);
                for i in 0..m {
                    for j in 0..n {
                        assert_eq!(a[i * n + j], before[i * n + j] + x[i] * y[j]);
                    }
                }
            }
        });
    }
    // ANCHOR_END: test
}
