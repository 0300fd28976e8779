//! `gemm` on vectors: tiles of sums in registers, panels of `b` in the nearest cache, blocks of `a` in the next.

use core::mem::MaybeUninit;
use core::ops::Range;

use super::pack::{PANEL, pack};
use crate::kernel::dispatch::{Kernel, dispatch};
use crate::kernel::{Matrix, Vector, tile};

/// Rows of `a` that share a packed panel; `ROWS` times the depth of a panel stays in the second cache.
const ROWS: usize = 512;

/// Up to so many rows, products of rows with rows are taken one by one: a panel would not be used often enough.
const FEW_ROWS: usize = 8;

/// As [`gemm`](super::gemm), for the part of `c` in `rows` and `columns`.
///
/// # Safety
/// `rows` lies within `a`, `columns` within `b`, `c` is valid for that part, and nobody else touches it.
pub(super) unsafe fn gemm(
    a: Matrix,
    b: Matrix,
    beta: f32,
    c: *mut f32,
    ldc: usize,
    rows: Range<usize>,
    columns: Range<usize>,
) {
    dispatch(Gemm { a, b, beta, c, ldc, rows, columns });
}

/// The promises of [`gemm`] hold for it.
struct Gemm<'a> {
    a: Matrix<'a>,
    b: Matrix<'a>,
    beta: f32,
    c: *mut f32,
    ldc: usize,
    rows: Range<usize>,
    columns: Range<usize>,
}

impl Kernel for Gemm<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let contiguous = self.a.col_stride() == 1 && self.b.row_stride() == 1;
        // The whole product decides, not the part of it.
        if contiguous && self.a.rows() <= FEW_ROWS {
            self.few_rows::<V>();
        } else {
            self.panels::<V>();
        }
    }
}

impl Gemm<'_> {
    #[inline(always)]
    fn few_rows<V: Vector>(&self) {
        let k = self.a.cols();
        let mut j = self.columns.start;
        while j < self.columns.end {
            let n = if self.columns.end - j >= 6 && V::REGISTERS >= 32 {
                6
            } else if self.columns.end - j >= 3 {
                3
            } else {
                1
            };
            let mut i = self.rows.start;
            while i < self.rows.end {
                let m = if self.rows.end - i >= 4 { 4 } else { 1 };
                // SAFETY: rows `i..` of `a` and columns `j..` of `b` hold `k` consecutive numbers each.
                unsafe {
                    match (m, n) {
                        (4, 6) => self.inner_products::<V, 4, 6>(k, i, j),
                        (4, 3) => self.inner_products::<V, 4, 3>(k, i, j),
                        (4, _) => self.inner_products::<V, 4, 1>(k, i, j),
                        (_, 6) => self.inner_products::<V, 1, 6>(k, i, j),
                        (_, 3) => self.inner_products::<V, 1, 3>(k, i, j),
                        (_, _) => self.inner_products::<V, 1, 1>(k, i, j),
                    }
                }
                i += m;
            }
            j += n;
        }
    }

    /// # Safety
    /// `M` rows from `i` and `N` columns from `j` are in the part, and consecutive.
    #[inline(always)]
    unsafe fn inner_products<V: Vector, const M: usize, const N: usize>(
        &self,
        k: usize,
        i: usize,
        j: usize,
    ) {
        // SAFETY: the caller's promise, for every row and column below.
        unsafe {
            let a = self.a.data().as_ptr().add(i * self.a.row_stride());
            let b = self.b.data().as_ptr().add(j * self.b.col_stride());
            let (lda, ldb) = (self.a.row_stride(), self.b.col_stride());
            let sums = tile::inner::<V, M, N>(k, |i| a.add(i * lda), |j| b.add(j * ldb));
            for (r, sums) in sums.iter().enumerate() {
                for (s, sum) in sums.iter().enumerate() {
                    let c = self.c.add((i + r) * self.ldc + j + s);
                    *c = if self.beta == 0.0 { *sum } else { sum + self.beta * *c };
                }
            }
        }
    }

    #[inline(always)]
    fn panels<V: Vector>(&self) {
        let mut panel = [const { MaybeUninit::<f32>::uninit() }; PANEL];
        let k = self.a.cols();
        let depth = PANEL / (3 * V::LANES);
        let mut i = self.rows.start;
        while i < self.rows.end {
            let rows = i..(i + ROWS).min(self.rows.end);
            // Without any `p` the sums are zero, and `beta` still counts.
            let mut p = 0;
            while p < k.max(1) {
                let inner = p..(p + depth).min(k);
                let beta = if p == 0 { self.beta } else { 1.0 };
                let mut j = self.columns.start;
                while j < self.columns.end {
                    let columns = j..(j + 3 * V::LANES).min(self.columns.end);
                    // SAFETY: all ranges are parts of those promised.
                    unsafe {
                        pack::<V>(self.b, inner.clone(), columns.clone(), &mut panel);
                        let panel = panel.as_ptr().cast();
                        match columns.len().div_ceil(V::LANES) {
                            3 => self.strip::<V, 3>(
                                rows.clone(),
                                inner.clone(),
                                columns,
                                panel,
                                beta,
                            ),
                            2 => self.strip::<V, 2>(
                                rows.clone(),
                                inner.clone(),
                                columns,
                                panel,
                                beta,
                            ),
                            _ => self.strip::<V, 1>(
                                rows.clone(),
                                inner.clone(),
                                columns,
                                panel,
                                beta,
                            ),
                        }
                    }
                    j += 3 * V::LANES;
                }
                p += depth;
            }
            i += ROWS;
        }
    }

    /// All rows of a block times one panel.
    ///
    /// # Safety
    /// As [`Gemm::add_tile`], for each of `rows`.
    #[inline(always)]
    unsafe fn strip<V: Vector, const N: usize>(
        &self,
        rows: Range<usize>,
        inner: Range<usize>,
        columns: Range<usize>,
        panel: *const f32,
        beta: f32,
    ) {
        let mut i = rows.start;
        while i < rows.end {
            let left = rows.end - i;
            // SAFETY: the caller's promise.
            unsafe {
                i += if left >= 8 && V::REGISTERS >= 32 {
                    self.add_tile::<V, 8, N>(i, &inner, &columns, panel, beta)
                } else if left >= 4 {
                    self.add_tile::<V, 4, N>(i, &inner, &columns, panel, beta)
                } else if left >= 2 {
                    self.add_tile::<V, 2, N>(i, &inner, &columns, panel, beta)
                } else {
                    self.add_tile::<V, 1, N>(i, &inner, &columns, panel, beta)
                };
            }
        }
    }

    /// `c ← beta · c + a · b` for `M` rows from `i` and at most `N` vectors of columns; gives `M`.
    ///
    /// # Safety
    /// The rows, the columns and `inner` lie within the matrices, and `panel` holds `b` there.
    #[inline(always)]
    unsafe fn add_tile<V: Vector, const M: usize, const N: usize>(
        &self,
        i: usize,
        inner: &Range<usize>,
        columns: &Range<usize>,
        panel: *const f32,
        beta: f32,
    ) -> usize {
        let (a_row, a_col) = (self.a.row_stride(), self.a.col_stride());
        // SAFETY: the caller's promise.
        unsafe {
            for r in 0..M {
                let c = self.c.add((i + r) * self.ldc + columns.start);
                prefetch(c, columns.len());
            }
            let a = self.a.data().as_ptr().add(i * a_row + inner.start * a_col);
            let row = |p: usize| panel.add(p * N * V::LANES);
            let mut tile = [[V::splat(0.0); N]; M];
            tile::outer(&mut tile, inner.len(), a, a_row, |p| p * a_col, row);
            for (r, sums) in tile.into_iter().enumerate() {
                let c = self.c.add((i + r) * self.ldc + columns.start);
                for (j, sum) in sums.into_iter().enumerate() {
                    let len = (columns.len() - j * V::LANES).min(V::LANES);
                    put(sum, beta, c.add(j * V::LANES), len);
                }
            }
        }
        M
    }
}

/// Has the processor fetch `len` numbers at `c` into its caches meanwhile: a large `c` comes from far.
#[inline(always)]
fn prefetch(c: *const f32, len: usize) {
    #[cfg(target_arch = "x86_64")]
    for at in (0..len).step_by(16).chain([len - 1]) {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint may name any address, and SSE is part of the target.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(c.wrapping_add(at).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (c, len);
}

/// `c ← sum + beta · c` for `len` numbers, at most a vector.
///
/// # Safety
/// `c` is valid for reading and writing them.
#[inline(always)]
unsafe fn put<V: Vector>(sum: V, beta: f32, c: *mut f32, len: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        if len == V::LANES {
            let sum = if beta == 0.0 { sum } else { V::read(c).mul_add(V::splat(beta), sum) };
            sum.write(c);
        } else {
            let c = core::slice::from_raw_parts_mut(c, len);
            let sum = if beta == 0.0 { sum } else { V::load_part(c).mul_add(V::splat(beta), sum) };
            sum.store_part(c);
        }
    }
}
