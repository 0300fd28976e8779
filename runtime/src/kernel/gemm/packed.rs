//! `gemm` over packed panels: a tile of `c` stays in registers while a panel of `a` and one of `b` go by, both read in order.

use core::ops::Range;

use crate::kernel::dispatch::Kernel;
use crate::kernel::parallel::Shared;
use crate::kernel::{Matrix, Vector};

/// Length of a panel: a tile's two panels stay in the first cache.
const DEPTH: usize = 256;
/// Columns that are packed at a time.
const WIDTH: usize = 512;
/// Vectors in a row of a tile.
const ACROSS: usize = 2;
/// The most rows of a tile, and the most lanes of a vector.
const MAX_DOWN: usize = 12;
const MAX_LANES: usize = 16;

/// Numbers that a task packs into.
pub(super) const BUFFER: usize = DEPTH * (WIDTH + ACROSS * MAX_LANES + MAX_DOWN);

/// The part `rows × cols` of `c ← a·b + beta·c`.
pub(super) struct Packed<'a> {
    pub a: Matrix<'a>,
    pub b: Matrix<'a>,
    pub beta: f32,
    /// Row `i` of the whole `c` begins at `i · ldc`; no other thread touches the rows and columns below.
    pub c: Shared,
    pub ldc: usize,
    pub rows: Range<usize>,
    pub cols: Range<usize>,
    /// [`BUFFER`] numbers to pack into.
    pub buffer: &'a mut [f32],
}

impl Kernel for Packed<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        if V::LANES >= 16 { self.panels::<V, 12>() } else { self.panels::<V, 6>() }
    }
}

impl Packed<'_> {
    #[inline(always)]
    fn panels<V: Vector, const DOWN: usize>(self) {
        let (k, across) = (self.a.cols(), ACROSS * V::LANES);
        let mut tile = [0.0; MAX_DOWN * ACROSS * MAX_LANES];
        let (b_panels, a_panel) = self.buffer.split_at_mut(DEPTH * (WIDTH + ACROSS * MAX_LANES));
        for first in self.cols.clone().step_by(WIDTH) {
            let cols = first..self.cols.end.min(first + WIDTH);
            for p in (0..k).step_by(DEPTH) {
                let depth = DEPTH.min(k - p);
                let beta = if p == 0 { self.beta } else { 1.0 };
                for (j, panel) in
                    cols.clone().step_by(across).zip(b_panels.chunks_exact_mut(depth * across))
                {
                    pack(self.b.t(), j..cols.end.min(j + across), p..p + depth, across, panel);
                }
                for i in self.rows.clone().step_by(DOWN) {
                    let rows = i..self.rows.end.min(i + DOWN);
                    pack(self.a, rows.clone(), p..p + depth, DOWN, a_panel);
                    for (j, panel) in
                        cols.clone().step_by(across).zip(b_panels.chunks_exact(depth * across))
                    {
                        product::<V, DOWN>(depth, a_panel, panel, &mut tile);
                        put(
                            self.c,
                            self.ldc,
                            &tile,
                            across,
                            rows.clone(),
                            j..cols.end.min(j + across),
                            beta,
                        );
                    }
                }
            }
        }
    }
}

/// Puts the tile into `c`.
#[inline(always)]
fn put(
    c: Shared,
    ldc: usize,
    tile: &[f32],
    across: usize,
    rows: Range<usize>,
    cols: Range<usize>,
    beta: f32,
) {
    for (i, tile) in rows.zip(tile.chunks_exact(across)) {
        // SAFETY: rows and columns lie in this task's part of `c`.
        let c = unsafe { core::slice::from_raw_parts_mut(c.at(i * ldc + cols.start), cols.len()) };
        match beta {
            0.0 => c.copy_from_slice(&tile[..c.len()]),
            1.0 => c.iter_mut().zip(tile).for_each(|(c, sum)| *c += sum),
            _ => c.iter_mut().zip(tile).for_each(|(c, sum)| *c = beta * *c + sum),
        }
    }
}

/// Columns `cols` of the rows `rows` of `m`, one column after the other, each filled up with zeros to `height`.
#[inline(always)]
fn pack(m: Matrix, rows: Range<usize>, cols: Range<usize>, height: usize, panel: &mut [f32]) {
    let (rs, cs, count) = (m.row_stride(), m.col_stride(), rows.len());
    let from = &m.data()[rows.start * rs + cols.start * cs..];
    let panel = &mut panel[..cols.len() * height];
    if count < height {
        panel.fill(0.0);
    }
    if rs == 1 {
        for (p, panel) in panel.chunks_exact_mut(height).enumerate() {
            panel[..count].copy_from_slice(&from[p * cs..][..count]);
        }
    } else {
        for r in 0..count {
            let from = from[r * rs..].iter().step_by(cs);
            panel[r..].iter_mut().step_by(height).zip(from).for_each(|(to, from)| *to = *from);
        }
    }
}

/// A tile of `DOWN` rows and two vectors: `a: [depth][DOWN]`, `b: [depth][2 · LANES]`.
#[inline(always)]
fn product<V: Vector, const DOWN: usize>(depth: usize, a: &[f32], b: &[f32], tile: &mut [f32]) {
    let (a, b) = (&a[..depth * DOWN], &b[..depth * ACROSS * V::LANES]);
    let mut sums = [[V::splat(0.0); ACROSS]; DOWN];
    let (mut from_a, mut from_b) = (a.as_ptr(), b.as_ptr());
    for _ in 0..depth {
        // SAFETY: `a` and `b` hold `depth` columns.
        unsafe {
            let mut b = [V::splat(0.0); ACROSS];
            for (v, b) in b.iter_mut().enumerate() {
                *b = V::read(from_b.add(v * V::LANES));
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                let a = V::splat(*from_a.add(r));
                for (sum, b) in sums.iter_mut().zip(b) {
                    *sum = a.mul_add(b, *sum);
                }
            }
            (from_a, from_b) = (from_a.add(DOWN), from_b.add(ACROSS * V::LANES));
        }
    }
    for (sums, tile) in sums.iter().zip(tile.chunks_exact_mut(ACROSS * V::LANES)) {
        for (sum, tile) in sums.iter().zip(tile.chunks_exact_mut(V::LANES)) {
            sum.store(tile);
        }
    }
}
