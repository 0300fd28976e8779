//! `gemm` on vectors: tiles of sums in registers, panels of `b` in the nearest cache, blocks of `a` in the next.

use core::mem::MaybeUninit;
use core::ops::Range;

use super::Order;
use super::pack::{PANEL, Panel, depth, pack, strip};
use crate::kernel::dispatch::{Kernel, apart, dispatch};
use crate::kernel::vector::MAX_LANES;
use crate::kernel::{Matrix, Vector, tile};

/// Rows of `a` that share a panel: as long as a panel is deep, they are 400 KB, and stay in the second cache.
const ROWS: usize = 264;

/// Numbers of a `b` that stays in the nearest cache as it lies. The rows of a larger one may be so far apart that they push each other out.
const NEAR: usize = 8192;

/// Up to so many rows, products of rows with rows are taken one by one: a panel would not be used often enough.
const FEW_ROWS: usize = 8;

/// What is multiplied by the rows of `a`.
#[derive(Clone, Copy)]
pub(super) enum Factor<'a> {
    /// A matrix, whose panels are packed one after the other.
    Matrix(Matrix<'a>),
    /// The panels of one, packed before, and how many rows and columns it has.
    Packed(&'a [f32], usize, usize),
}

impl Factor<'_> {
    pub(super) fn rows(&self) -> usize {
        match self {
            Factor::Matrix(b) => b.rows(),
            Factor::Packed(_, rows, _) => *rows,
        }
    }

    pub(super) fn cols(&self) -> usize {
        match self {
            Factor::Matrix(b) => b.cols(),
            Factor::Packed(_, _, cols) => *cols,
        }
    }
}

/// `c ← a·b + beta·c + bias`, added up in `order`; an empty `bias` is 0.
#[derive(Clone, Copy)]
pub(super) struct Product<'a> {
    pub a: Matrix<'a>,
    pub b: Factor<'a>,
    pub beta: f32,
    pub bias: &'a [f32],
    pub order: Order,
}

/// Writes the part of `c` in `rows` and `columns`.
///
/// # Safety
/// `rows` lies within `a`, `columns` within `b`, which has as many rows as `a` columns, and within `bias`; packed panels are long enough; `c` is
/// valid for that part, and nobody else touches it.
pub(super) unsafe fn gemm(
    product: Product<'_>,
    c: *mut f32,
    ldc: usize,
    [rows, columns]: [Range<usize>; 2],
) {
    dispatch(Gemm { product, c, ldc, rows, columns });
}

/// The promises of [`gemm`] hold for it.
struct Gemm<'a> {
    product: Product<'a>,
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
        let Product { a, order, .. } = self.product;
        match self.in_pieces() {
            Some(b)
                if const { V::LANES > 1 } && a.rows() <= FEW_ROWS && order != Order::ManyRows =>
            {
                self.few_rows::<V>(b)
            }
            _ => self.panels::<V>(),
        }
    }
}

impl<'a> Gemm<'a> {
    /// `b`, where rows of `a` and columns of `b` lie in one piece.
    #[inline(always)]
    fn in_pieces(&self) -> Option<Matrix<'a>> {
        match self.product.b {
            Factor::Matrix(b) if self.product.a.col_stride() == 1 && b.row_stride() == 1 => Some(b),
            _ => None,
        }
    }

    /// `beta` and bias for the places `inner` of a sum: the first ones come to what was there, and the bias to the last.
    #[inline(always)]
    fn around(&self, inner: &Range<usize>) -> (f32, &'a [f32]) {
        let Product { a, beta, bias, .. } = self.product;
        (if inner.start == 0 { beta } else { 1.0 }, if inner.end == a.cols() { bias } else { &[] })
    }

    #[inline(always)]
    fn few_rows<V: Vector>(&self, b: Matrix<'a>) {
        let (k, depth) = (self.product.a.cols(), depth::<V>());
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
                    let (gemm, inner) = (self, inner.clone());
                    match (m, n) {
                        (4, 4) => apart::<V, _>(Inner::<4, 4> { gemm, b, inner, i, j }),
                        (2, 4) => apart::<V, _>(Inner::<2, 4> { gemm, b, inner, i, j }),
                        (1, 4) => apart::<V, _>(Inner::<1, 4> { gemm, b, inner, i, j }),
                        (4, _) => apart::<V, _>(Inner::<4, 1> { gemm, b, inner, i, j }),
                        (2, _) => apart::<V, _>(Inner::<2, 1> { gemm, b, inner, i, j }),
                        (_, _) => apart::<V, _>(Inner::<1, 1> { gemm, b, inner, i, j }),
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
        let (k, depth) = (self.product.a.cols(), depth::<V>());
        let by_lane = self.product.order == Order::OneRow && self.in_pieces().is_some();
        let mut i = self.rows.start;
        while i < self.rows.end {
            let rows = i..(i + ROWS).min(self.rows.end);
            // Without any `p` the sums are zero, and `beta` still counts.
            let mut p = 0;
            while p < k.max(1) {
                let inner = p..(p + depth).min(k);
                let (beta, bias) = self.around(&inner);
                let mut j = self.columns.start;
                while j < self.columns.end {
                    let columns = j..j + strip::<V>(self.columns.end - j);
                    j = columns.end;
                    let copies = tile::rows::<V>(rows.len()) == tile::height::<V>() && !by_lane;
                    let strip = Strip {
                        gemm: self,
                        by_lane,
                        rows: rows.clone(),
                        inner: inner.clone(),
                        b: self.place::<V>(copies, inner.clone(), columns.clone(), panel),
                        beta,
                        bias: bias.get(columns.clone()).map(<[f32]>::as_ptr),
                        columns,
                    };
                    match strip.columns.len().div_ceil(V::LANES) {
                        3 if const { tile::width::<V>() > 2 } => strip.tiles::<V, 3>(),
                        2 => strip.tiles::<V, 2>(),
                        _ => strip.tiles::<V, 1>(),
                    }
                }
                p += depth;
            }
            i += ROWS;
        }
    }

    /// Where a strip finds `b` in the rows `inner` and in `columns`: where it lies, or in `panel`, packed there, or to be copied there by the
    /// first tile, if it `copies`.
    #[inline(always)]
    fn place<V: Vector>(
        &self,
        copies: bool,
        inner: Range<usize>,
        columns: Range<usize>,
        panel: &mut [MaybeUninit<f32>],
    ) -> Place {
        let (k, width) = (self.product.a.cols(), columns.len().next_multiple_of(V::LANES));
        let b = match self.product.b {
            Factor::Matrix(b) => b,
            Factor::Packed(panels, ..) => {
                let start = panels[columns.start * k + inner.start * width..].as_ptr();
                return Place { start, pitch: width, copied: None };
            }
        };
        // Whole vectors can be multiplied as they lie.
        if b.col_stride() == 1 && width == columns.len() {
            let at = inner.start * b.row_stride() + columns.start;
            let (lying, pitch) = (b.data().as_ptr().wrapping_add(at), b.row_stride());
            if pitch * k <= NEAR {
                return Place { start: lying, pitch, copied: None };
            }
            if const { V::LANES > 1 } && copies {
                let start = panel.as_mut_ptr().cast_const().cast();
                return Place { start, pitch: width, copied: Some((lying, pitch)) };
            }
        }
        // SAFETY: all ranges are parts of those promised.
        unsafe { pack::<V>(b, inner, columns, panel) };
        Place { start: panel.as_ptr().cast(), pitch: width, copied: None }
    }
}

/// Inner products of `M` rows from `i` with `N` columns from `j`; they are in the part, and consecutive.
struct Inner<'a, const M: usize, const N: usize> {
    gemm: &'a Gemm<'a>,
    b: Matrix<'a>,
    inner: Range<usize>,
    i: usize,
    j: usize,
}

impl<const M: usize, const N: usize> Kernel for Inner<'_, M, N> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Inner { gemm, b, inner, i, j } = self;
        let Gemm { product: Product { a, .. }, c, ldc, .. } = gemm;
        let (lda, ldb, p) = (a.row_stride(), b.col_stride(), inner.start);
        let (beta, bias) = gemm.around(&inner);
        // SAFETY: every row and column below is within the part.
        unsafe {
            let rows = a.data().as_ptr().add(i * lda + p);
            let columns = b.data().as_ptr().add(j * ldb + p);
            let row = |i| rows.add(i * lda);
            let sums = tile::inner::<V, M, N>(inner.len(), row, |j| columns.add(j * ldb));
            for (r, sums) in sums.iter().enumerate() {
                for (s, sum) in sums.iter().enumerate() {
                    let c = c.add((i + r) * ldc + j + s);
                    let sum = if beta == 0.0 { *sum } else { sum + beta * *c };
                    *c = bias.get(j + s).map_or(sum, |bias| sum + bias);
                }
            }
        }
    }
}

/// Where some rows of some columns of `b` are.
struct Place {
    start: *const f32,
    /// How far the next row is.
    pitch: usize,
    /// Where they lie, and how far apart, if they are not there yet: the first tile copies them while it multiplies by them, for which the arithmetic
    /// leaves time.
    copied: Option<(*const f32, usize)>,
}

/// All rows of a block times one panel; rows, columns and `inner` lie within the matrices, `b` is the place of those numbers, and `bias`, if there
/// is one, is that of the first column.
struct Strip<'a> {
    gemm: &'a Gemm<'a>,
    /// Whether sums are those of [`Order::OneRow`].
    by_lane: bool,
    rows: Range<usize>,
    inner: Range<usize>,
    columns: Range<usize>,
    b: Place,
    beta: f32,
    bias: Option<*const f32>,
}

impl Strip<'_> {
    #[inline(always)]
    fn tiles<V: Vector, const N: usize>(&self) {
        let mut i = self.rows.start;
        while i < self.rows.end {
            i += match tile::rows::<V>(self.rows.end - i) {
                8 if const { tile::height::<V>() >= 8 } => {
                    apart::<V, _>(Tile::<8, N> { strip: self, i })
                }
                6 if const { tile::height::<V>() >= 6 } => {
                    apart::<V, _>(Tile::<6, N> { strip: self, i })
                }
                4 => apart::<V, _>(Tile::<4, N> { strip: self, i }),
                2 => apart::<V, _>(Tile::<2, N> { strip: self, i }),
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
        let Strip { gemm, ref inner, ref columns, ref b, beta, bias, .. } = *self.strip;
        let a = gemm.product.a;
        let (a_row, a_col) = (a.row_stride(), a.col_stride());
        let (is_whole, is_new) = (columns.len() == N * V::LANES, beta == 0.0);
        // SAFETY: rows, columns and `b` are there, as a strip says, or a whole panel of room for `b`.
        unsafe {
            let first = gemm.c.add(self.i * gemm.ldc + columns.start);
            for r in 0..M {
                prefetch(first.add(r * gemm.ldc), N * V::LANES);
            }
            let a = a.data().as_ptr().add(self.i * a_row + inner.start * a_col);
            let row = |p: usize| b.start.add(p * b.pitch);
            let mut tile = [[V::splat(0.0); N]; M];
            if const { V::LANES > 1 && M == tile::height::<V>() }
                && self.i == self.strip.rows.start
                && let Some((from, apart)) = b.copied
            {
                let copying = |p: usize| {
                    let (from, to) = (from.add(p * apart), row(p).cast_mut());
                    prefetch(from.wrapping_add(8 * apart), N * V::LANES);
                    for j in (0..N * V::LANES).step_by(V::LANES) {
                        V::read(from.add(j)).write(to.add(j));
                    }
                    from
                };
                tile::outer(&mut tile, inner.len(), a, a_row, |p| p * a_col, copying);
            } else if const { V::LANES > 1 } && self.strip.by_lane {
                tile = tile::outer_as_inner::<V, M, N>(inner.len(), a, a_row, row);
            } else {
                tile::outer(&mut tile, inner.len(), a, a_row, |p| p * a_col, row);
            }
            let beta = V::splat(beta);
            if is_whole {
                // What most tiles come to, in as few instructions as can be: of 64 places a tenth of the time is between the tiles.
                if !is_new {
                    for (r, sums) in tile.iter_mut().enumerate() {
                        for (j, sum) in sums.iter_mut().enumerate() {
                            let c = V::read(first.add(r * gemm.ldc + j * V::LANES));
                            *sum = c.mul_add(beta, *sum);
                        }
                    }
                }
                if let Some(bias) = bias {
                    for j in 0..N {
                        let bias = V::read(bias.add(j * V::LANES));
                        tile.iter_mut().for_each(|sums| sums[j] = sums[j] + bias);
                    }
                }
                for (r, sums) in tile.into_iter().enumerate() {
                    for (j, sum) in sums.into_iter().enumerate() {
                        sum.write(first.add(r * gemm.ldc + j * V::LANES));
                    }
                }
                return M;
            }
            let mut lanes = [[[0.0; MAX_LANES]; N]; M];
            for (sums, lanes) in tile.iter().zip(&mut lanes) {
                for (sum, lanes) in sums.iter().zip(lanes) {
                    sum.store(lanes);
                }
            }
            apart::<V, _>(Edge { strip: self.strip, c: first, sums: lanes.as_flattened(), n: N });
        }
        M
    }
}

/// The end of a tile that is not whole: `sums`, `n` vectors in each row, are brought to where `c` points. Most tiles are whole, so one piece of
/// code for all sizes will do.
struct Edge<'a> {
    strip: &'a Strip<'a>,
    c: *mut f32,
    sums: &'a [[f32; MAX_LANES]],
    n: usize,
}

impl Kernel for Edge<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Strip { gemm, ref columns, beta, bias, .. } = *self.strip;
        for (r, sums) in self.sums.chunks_exact(self.n).enumerate() {
            for (j, sum) in sums.iter().enumerate() {
                let (mut sum, from) = (V::load(sum), j * V::LANES);
                let len = (columns.len() - from).min(V::LANES);
                // SAFETY: the tile is within `c`, and `bias` as long as its row.
                unsafe {
                    let c = self.c.add(r * gemm.ldc + from);
                    if beta != 0.0 {
                        sum = V::read_lanes(c, 0, len).mul_add(V::splat(beta), sum);
                    }
                    if let Some(bias) = bias {
                        sum = sum + V::read_lanes(bias.add(from), 0, len);
                    }
                    sum.write_lanes(c, 0, len);
                }
            }
        }
    }
}

/// Has the processor fetch `len` numbers at `c` into its caches meanwhile: a large `c` comes from far.
#[inline(always)]
fn prefetch(c: *const f32, len: usize) {
    #[cfg(target_arch = "x86_64")]
    for at in (0..len).step_by(16) {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint may name any address, and SSE is part of the target.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(c.wrapping_add(at).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (c, len);
}
