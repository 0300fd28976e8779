//! `gemm` as dot products, where rows of `a` and columns of `b` are both consecutive in memory: nothing is packed.

use crate::kernel::Vector;
use crate::kernel::dispatch::Kernel;
use crate::kernel::parallel::Shared;

/// Rows of `c`, `m × n`, whose numbers are dot products of length `k`: `a` at `a[i · lda]`, `b` at `b[j · ldb]`.
pub(super) struct Dots<'a> {
    pub a: &'a [f32],
    pub lda: usize,
    pub b: &'a [f32],
    pub ldb: usize,
    pub k: usize,
    pub beta: f32,
    /// Row `i` of the whole `c` begins at `i · ldc`; no other thread touches the rows and columns below.
    pub c: Shared,
    pub ldc: usize,
    pub rows: core::ops::Range<usize>,
    pub cols: core::ops::Range<usize>,
}

impl Kernel for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let (mut i, end) = (self.rows.start, self.rows.end);
        while i < end {
            let down = match end - i {
                4.. => 4,
                2.. => 2,
                _ => 1,
            };
            match down {
                4 if V::LANES >= 16 => self.row::<V, 4, 6>(i),
                4 => self.row::<V, 4, 3>(i),
                2 => self.row::<V, 2, 4>(i),
                _ => self.row::<V, 1, 4>(i),
            }
            i += down;
        }
    }
}

impl Dots<'_> {
    #[inline(always)]
    fn row<V: Vector, const D: usize, const A: usize>(&self, i: usize) {
        let (mut j, end) = (self.cols.start, self.cols.end);
        while j + A <= end {
            self.tile::<V, D, A>(i, j);
            j += A;
        }
        while j < end {
            self.tile::<V, D, 1>(i, j);
            j += 1;
        }
    }

    /// `D × A` dot products.
    #[inline(always)]
    fn tile<V: Vector, const D: usize, const A: usize>(&self, i: usize, j: usize) {
        let (mut a, mut b): ([&[f32]; D], [&[f32]; A]) = ([&[]; D], [&[]; A]);
        for (r, a) in a.iter_mut().enumerate() {
            *a = &self.a[(i + r) * self.lda..][..self.k];
        }
        for (r, b) in b.iter_mut().enumerate() {
            *b = &self.b[(j + r) * self.ldb..][..self.k];
        }
        let mut sums = [[V::splat(0.0); A]; D];
        let whole = self.k - self.k % V::LANES;
        for p in (0..whole).step_by(V::LANES) {
            // SAFETY: every slice has `k` numbers, and `p + LANES` is at most that.
            unsafe {
                let mut x = [V::splat(0.0); A];
                for (x, b) in x.iter_mut().zip(b) {
                    *x = V::read(b.as_ptr().add(p));
                }
                for (a, sums) in a.iter().zip(&mut sums) {
                    let a = V::read(a.as_ptr().add(p));
                    for (sum, x) in sums.iter_mut().zip(x) {
                        *sum = a.mul_add(x, *sum);
                    }
                }
            }
        }
        if whole < self.k {
            let mut x = [V::splat(0.0); A];
            for (x, b) in x.iter_mut().zip(b) {
                *x = V::load_part(&b[whole..]);
            }
            for (a, sums) in a.iter().zip(&mut sums) {
                let a = V::load_part(&a[whole..]);
                for (sum, x) in sums.iter_mut().zip(x) {
                    *sum = a.mul_add(x, *sum);
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            for (s, sum) in sums.iter().enumerate() {
                // SAFETY: row and column lie in this task's part of `c`.
                let c = unsafe { &mut *self.c.at((i + r) * self.ldc + j + s) };
                *c = if self.beta == 0.0 { sum.sum() } else { sum.sum() + self.beta * *c };
            }
        }
    }
}
