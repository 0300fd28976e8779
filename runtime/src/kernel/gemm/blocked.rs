//! `gemm` on vectors: tiles of sums in registers, panels of `b` in the nearest cache, blocks of `a` in the next.

use core::mem::MaybeUninit;
use core::ops::Range;

use super::pack::{PANEL, Panel, depth, pack};
use crate::kernel::dispatch::{Kernel, apart, dispatch};
use crate::kernel::{Matrix, Vector, tile};

/// Rows of `a` that share a packed panel; `ROWS` times the depth of a panel stays in the second cache.
const ROWS: usize = 512;

/// Up to so many rows, products of rows with rows are taken one by one: a panel would not be used often enough.
const FEW_ROWS: usize = 8;

/// As [`gemm`](super::gemm), for the part of `c` in `rows` and `columns`; or as [`gemm_by_row`](super::gemm_by_row).
///
/// # Safety
/// `rows` lies within `a`, `columns` within `b`, `c` is valid for that part, and nobody else touches it.
pub(super) unsafe fn gemm(
    a: Matrix,
    b: Matrix,
    beta: f32,
    by_row: bool,
    c: *mut f32,
    ldc: usize,
    [rows, columns]: [Range<usize>; 2],
) {
    dispatch(Gemm { a, b, beta, by_row, c, ldc, rows, columns });
}

/// The promises of [`gemm`] hold for it.
struct Gemm<'a> {
    a: Matrix<'a>,
    b: Matrix<'a>,
    beta: f32,
    /// Whether a row is to be what it is alone.
    by_row: bool,
    c: *mut f32,
    ldc: usize,
    rows: Range<usize>,
    columns: Range<usize>,
}

impl Kernel for Gemm<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        // The whole product decides, not the part of it.
        if self.is_inner() && self.a.rows() <= FEW_ROWS {
            self.few_rows::<V>();
        } else {
            self.panels::<V>();
        }
    }
}

impl Gemm<'_> {
    /// Whether rows of `a` and columns of `b` lie in one piece.
    fn is_inner(&self) -> bool {
        self.a.col_stride() == 1 && self.b.row_stride() == 1
    }

    #[inline(always)]
    fn few_rows<V: Vector>(&self) {
        let (k, depth) = (self.a.cols(), depth::<V>());
        for p in (0..k.max(1)).step_by(depth) {
            let inner = p..k.min(p + depth);
            let mut j = self.columns.start;
            while j < self.columns.end {
                let n = if self.columns.end - j >= 4 { 4 } else { 1 };
                let mut i = self.rows.start;
                while i < self.rows.end {
                    let left = self.rows.end - i;
                    let m = if left >= 4 && V::REGISTERS >= 32 {
                        4
                    } else if left >= 2 {
                        2
                    } else {
                        1
                    };
                    let inner = inner.clone();
                    match (m, n) {
                        (4, 4) => apart::<V, _>(Inner::<4, 4> { gemm: self, inner, i, j }),
                        (2, 4) => apart::<V, _>(Inner::<2, 4> { gemm: self, inner, i, j }),
                        (1, 4) => apart::<V, _>(Inner::<1, 4> { gemm: self, inner, i, j }),
                        (4, _) => apart::<V, _>(Inner::<4, 1> { gemm: self, inner, i, j }),
                        (2, _) => apart::<V, _>(Inner::<2, 1> { gemm: self, inner, i, j }),
                        (_, _) => apart::<V, _>(Inner::<1, 1> { gemm: self, inner, i, j }),
                    }
                    i += m;
                }
                j += n;
            }
        }
    }

    #[inline(always)]
    fn panels<V: Vector>(&self) {
        let Panel(panel) = &mut Panel([const { MaybeUninit::uninit() }; PANEL]);
        let k = self.a.cols();
        let (depth, width) = (depth::<V>(), tile::width::<V>() * V::LANES);
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
                    let columns = j..(j + width).min(self.columns.end);
                    // SAFETY: all ranges are parts of those promised.
                    unsafe { pack::<V>(self.b, inner.clone(), columns.clone(), panel) };
                    let strip = Strip {
                        gemm: self,
                        rows: rows.clone(),
                        inner: inner.clone(),
                        panel: panel.as_ptr().cast(),
                        beta,
                        columns,
                    };
                    match strip.columns.len().div_ceil(V::LANES) {
                        3 => strip.tiles::<V, 3>(),
                        2 => strip.tiles::<V, 2>(),
                        _ => strip.tiles::<V, 1>(),
                    }
                    j += width;
                }
                p += depth;
            }
            i += ROWS;
        }
    }
}

/// Inner products of `M` rows from `i` with `N` columns from `j`; they are in the part, and consecutive.
struct Inner<'a, const M: usize, const N: usize> {
    gemm: &'a Gemm<'a>,
    inner: Range<usize>,
    i: usize,
    j: usize,
}

impl<const M: usize, const N: usize> Kernel for Inner<'_, M, N> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Inner { gemm: Gemm { a, b, c, ldc, beta, .. }, inner, i, j } = self;
        let (lda, ldb, p) = (a.row_stride(), b.col_stride(), inner.start);
        let beta = if p == 0 { *beta } else { 1.0 };
        // SAFETY: every row and column below is within the part.
        unsafe {
            let rows = a.data().as_ptr().add(i * lda + p);
            let columns = b.data().as_ptr().add(j * ldb + p);
            let row = |i| rows.add(i * lda);
            let sums = tile::inner::<V, M, N>(inner.len(), row, |j| columns.add(j * ldb));
            for (r, sums) in sums.iter().enumerate() {
                for (s, sum) in sums.iter().enumerate() {
                    let c = c.add((i + r) * ldc + j + s);
                    *c = if beta == 0.0 { *sum } else { sum + beta * *c };
                }
            }
        }
    }
}

/// All rows of a block times one panel; rows, columns and `inner` lie within the matrices, and `panel` holds `b` there.
struct Strip<'a> {
    gemm: &'a Gemm<'a>,
    rows: Range<usize>,
    inner: Range<usize>,
    columns: Range<usize>,
    panel: *const f32,
    beta: f32,
}

impl Strip<'_> {
    #[inline(always)]
    fn tiles<V: Vector, const N: usize>(&self) {
        let mut i = self.rows.start;
        while i < self.rows.end {
            let left = self.rows.end - i;
            i += match left.min(tile::height::<V>()) {
                8 => apart::<V, _>(Tile::<8, N> { strip: self, i }),
                6.. => apart::<V, _>(Tile::<6, N> { strip: self, i }),
                4.. => apart::<V, _>(Tile::<4, N> { strip: self, i }),
                2.. => apart::<V, _>(Tile::<2, N> { strip: self, i }),
                _ => apart::<V, _>(Tile::<1, N> { strip: self, i }),
            };
        }
    }
}

/// `c ← beta · c + a · b` for `M` rows of a strip from `i` and at most `N` vectors of columns; gives `M`.
struct Tile<'a, const M: usize, const N: usize> {
    strip: &'a Strip<'a>,
    i: usize,
}

impl<const M: usize, const N: usize> Kernel for Tile<'_, M, N> {
    type Output = usize;

    #[inline(always)]
    fn run<V: Vector>(self) -> usize {
        let Strip { gemm, ref inner, ref columns, panel, beta, .. } = *self.strip;
        let (a_row, a_col) = (gemm.a.row_stride(), gemm.a.col_stride());
        // SAFETY: rows, columns and panel are there, as a strip says.
        unsafe {
            let first = gemm.c.add(self.i * gemm.ldc + columns.start);
            for r in 0..M {
                prefetch(first.add(r * gemm.ldc), columns.len());
            }
            let a = gemm.a.data().as_ptr().add(self.i * a_row + inner.start * a_col);
            let row = |p: usize| panel.add(p * N * V::LANES);
            let tile = if gemm.by_row && gemm.is_inner() {
                tile::outer_as_inner::<V, M, N>(inner.len(), a, a_row, row)
            } else {
                let mut tile = [[V::splat(0.0); N]; M];
                tile::outer(&mut tile, inner.len(), a, a_row, |p| p * a_col, row);
                tile
            };
            for (r, sums) in tile.into_iter().enumerate() {
                let c = first.add(r * gemm.ldc);
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
