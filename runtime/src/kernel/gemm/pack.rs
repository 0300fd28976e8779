//! Panels of `b`: the columns that a tile is wide, row after row, in one piece that stays in the nearest cache.

use core::mem::MaybeUninit;
use core::ops::Range;

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
        for p in (0..squares).step_by(V::LANES) {
            // SAFETY: `LANES` rows and columns from (p, j) on lie within `b` and the panel.
            unsafe {
                V::transpose(from.add(p + j * column), column, to.add(p * width + j), width);
            }
        }
    }
    for p in 0..rows.len() {
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
