//! Panels of `b`: the columns that a tile is wide, row after row, in one piece that stays in the nearest cache.

use core::mem::MaybeUninit;
use core::ops::Range;

use crate::kernel::dispatch::{Kernel, apart, dispatch};
use crate::kernel::vector::MAX_LANES;
use crate::kernel::{Matrix, Vector, tile};

/// A panel, on a cache line: a vector that crosses the end of one takes two reads.
#[repr(align(64))]
pub(super) struct Panel(pub [MaybeUninit<f32>; PANEL]);

/// Numbers in a panel. On the stack, so 16 KiB are the limit where there is no operating system.
pub(super) const PANEL: usize = if cfg!(feature = "std") { 6144 } else { 4096 };

/// Places that a product adds up at a time, whole vectors of them: a panel's, which is as wide as a tile.
pub(in crate::kernel) const fn depth<V: Vector>() -> usize {
    PANEL / (tile::width::<V>() * V::LANES) / V::LANES * V::LANES
}

/// How many of `left` columns the next panel takes: as many as a tile is wide, but not so that one vector is left alone for the last.
#[inline(always)]
pub(super) fn strip<V: Vector>(left: usize) -> usize {
    let width = match left.div_ceil(V::LANES) {
        4 if tile::width::<V>() == 3 => 2,
        _ => tile::width::<V>(),
    };
    left.min(width * V::LANES)
}

/// Numbers that all panels of a matrix take, on any instruction set.
pub const fn packed_len(rows: usize, cols: usize) -> usize {
    rows * cols.next_multiple_of(MAX_LANES)
}

/// Packs `b` for [`gemm_packed`](super::gemm_packed), panel after panel, each from the first row to the last. How is the instruction set's own
/// business: what is packed is for the same process.
///
/// # Panics
/// When `panels` is shorter than [`packed_len`] says.
pub fn pack_panels(b: Matrix, panels: &mut [f32]) {
    assert!(panels.len() >= packed_len(b.rows(), b.cols()), "pack_panels: too little room");
    dispatch(Panels { b, panels });
}

struct Panels<'a> {
    b: Matrix<'a>,
    panels: &'a mut [f32],
}

impl Kernel for Panels<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let (rows, cols) = (self.b.rows(), self.b.cols());
        let mut j = 0;
        while j < cols {
            let columns = j..j + strip::<V>(cols - j);
            let len = rows * columns.len().next_multiple_of(V::LANES);
            let panel = &mut self.panels[j * rows..][..len];
            // SAFETY: numbers may be written where numbers may be that were never written; rows and columns are those of `b`.
            unsafe {
                let panel = core::slice::from_raw_parts_mut(panel.as_mut_ptr().cast(), len);
                pack::<V>(self.b, 0..rows, columns.clone(), panel);
            }
            j = columns.end;
        }
    }
}

/// `panel[p · width + j] = b(rows.start + p, columns.start + j)`, with `width` the number of columns rounded up to
/// whole vectors; zero where there is no column.
///
/// # Safety
/// `rows` and `columns` lie within `b`.
///
/// # Panics
/// When `panel` is too short.
#[inline(always)]
pub(super) unsafe fn pack<V: Vector>(
    b: Matrix,
    rows: Range<usize>,
    columns: Range<usize>,
    panel: &mut [MaybeUninit<f32>],
) {
    let width = columns.len().next_multiple_of(V::LANES);
    assert!(rows.len() * width <= panel.len());
    let (row, column) = (b.row_stride(), b.col_stride());
    let to = panel.as_mut_ptr().cast::<f32>();
    // SAFETY: by the caller's promise (rows.start, columns.start) lies in `b`.
    let from = unsafe { b.data().as_ptr().add(rows.start * row + columns.start * column) };
    let (whole, rest) = (columns.len() - columns.len() % V::LANES, columns.len() % V::LANES);
    if column == 1 {
        for p in 0..rows.len() {
            // SAFETY: row `p` holds as many numbers as there are columns, and the panel `width`, checked above.
            unsafe {
                let (from, to) = (from.add(p * row), to.add(p * width));
                for j in (0..whole).step_by(V::LANES) {
                    V::read(from.add(j)).write(to.add(j));
                }
                if rest > 0 {
                    let from = core::slice::from_raw_parts(from.add(whole), rest);
                    V::load_part(from).write(to.add(whole));
                }
            }
        }
        return;
    }
    let squares = if row == 1 { rows.len() - rows.len() % V::LANES } else { 0 };
    for j in (0..whole).step_by(V::LANES) {
        // SAFETY: so many rows of `LANES` columns from `j` on lie within `b` and the panel.
        let (from, to) = unsafe { (from.add(j * column), to.add(j)) };
        match width / V::LANES {
            3 if const { tile::width::<V>() > 2 } => {
                apart::<V, _>(Turned::<3> { from, column, rows: squares, to })
            }
            2 => apart::<V, _>(Turned::<2> { from, column, rows: squares, to }),
            _ => apart::<V, _>(Turned::<1> { from, column, rows: squares, to }),
        }
    }
    let first = if whole == width { squares } else { 0 };
    for p in first..rows.len() {
        let done = if p < squares { whole } else { 0 };
        for j in done..width {
            // SAFETY: the same, one number at a time.
            unsafe {
                let there = j < columns.len();
                *to.add(p * width + j) = if there { *from.add(p * row + j * column) } else { 0.0 };
            }
        }
    }
}

/// As many columns as a vector has lanes, each in one piece, and `column` apart, become `rows` rows in a panel that is `N` vectors wide. Apart, where
/// the compiler keeps in registers where each column is.
struct Turned<const N: usize> {
    from: *const f32,
    column: usize,
    rows: usize,
    to: *mut f32,
}

impl<const N: usize> Kernel for Turned<N> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Turned { from, column, rows, to } = self;
        for p in (0..rows).step_by(V::LANES) {
            let width = N * V::LANES;
            // SAFETY: rows and columns are there, by what the fields say.
            unsafe { V::transpose(from.add(p), column, to.add(p * width), width) };
        }
    }
}
