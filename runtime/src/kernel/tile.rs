//! The two inner loops of every matrix product and convolution. Both keep a tile of sums in registers.

use super::Vector;

/// `M` rows times `N` vectors of columns of a product: `tile[i][j] = Σ over p < k: a(i, p) · b(p)[j]`.
///
/// `a(i, p)` is `a[i · a_row + p · a_col]`; `b(p)` points at the `N` vectors of row `p`. One vector is loaded and one
/// number broadcast for each of `N` and `M`, so with about twelve tiles (sixteen registers) or 24 (32) the
/// arithmetic, not the loads, is the limit. The sum over `p` runs upwards for every element of every tile.
///
/// # Safety
/// All of `a` and `b(p)` that is named above is valid for reading.
#[inline(always)]
pub(super) unsafe fn outer<V: Vector, const M: usize, const N: usize>(
    k: usize,
    a: *const f32,
    a_row: usize,
    a_col: usize,
    b: impl Fn(usize) -> *const f32,
) -> [[V; N]; M] {
    let mut tile = [[V::splat(0.0); N]; M];
    for p in 0..k {
        let row = b(p);
        let mut columns = [V::splat(0.0); N];
        for (j, columns) in columns.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            *columns = unsafe { V::read(row.add(j * V::LANES)) };
        }
        for (i, tile) in tile.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            let a = V::splat(unsafe { *a.add(i * a_row + p * a_col) });
            for (tile, columns) in tile.iter_mut().zip(columns) {
                *tile = a.mul_add(columns, *tile);
            }
        }
    }
    tile
}

/// `M` times `N` inner products over `k` consecutive numbers: `tile[i][j] = Σ over p < k: a(i)[p] · b(j)[p]`.
///
/// The sums run along vectors, so a product depends on `k` alone, not on the tile that it is in.
///
/// # Safety
/// `a(i)` and `b(j)` are valid for reading `k` numbers.
#[inline(always)]
pub(super) unsafe fn inner<V: Vector, const M: usize, const N: usize>(
    k: usize,
    a: impl Fn(usize) -> *const f32,
    b: impl Fn(usize) -> *const f32,
) -> [[f32; N]; M] {
    let mut tile = [[V::splat(0.0); N]; M];
    let whole = k - k % V::LANES;
    let mut p = 0;
    while p < k {
        let (mut rows, mut columns) = ([V::splat(0.0); M], [V::splat(0.0); N]);
        for (i, row) in rows.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            *row = unsafe { load(a(i).add(p), p < whole, k - p) };
        }
        for (j, column) in columns.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            *column = unsafe { load(b(j).add(p), p < whole, k - p) };
        }
        for (tile, row) in tile.iter_mut().zip(rows) {
            for (tile, column) in tile.iter_mut().zip(columns) {
                *tile = row.mul_add(column, *tile);
            }
        }
        p += V::LANES;
    }
    let mut sums = [[0.0; N]; M];
    for (sums, tile) in sums.iter_mut().zip(tile) {
        for (sum, tile) in sums.iter_mut().zip(tile) {
            *sum = tile.sum();
        }
    }
    sums
}

/// A whole vector, or the `rest` that is left.
///
/// # Safety
/// So many numbers can be read.
#[inline(always)]
unsafe fn load<V: Vector>(from: *const f32, whole: bool, rest: usize) -> V {
    // SAFETY: the caller's promise.
    unsafe {
        if whole { V::read(from) } else { V::load_part(core::slice::from_raw_parts(from, rest)) }
    }
}
