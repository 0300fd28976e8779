//! The two inner loops of every matrix product and convolution. Both keep a tile of sums in registers.

use super::Vector;
use super::vector::MAX_LANES;

/// Vectors that a tile is wide at most: with [`height`] rows, the sums, one row of `b` and a number of `a` are all in registers and leave
/// one free, without which compilers move sums about.
pub(super) const fn width<V: Vector>() -> usize {
    if V::REGISTERS >= 32 { 3 } else { 2 }
}

/// Rows of the tallest tile. Without vectors there is less to gain, and less code to compile.
pub(super) const fn height<V: Vector>() -> usize {
    match V::REGISTERS {
        _ if V::LANES == 1 => 4,
        32.. => 8,
        _ => 6,
    }
}

/// Rows of the next tile where so many are `left`: no last ones that are so few that sums wait for themselves.
#[inline(always)]
pub(super) const fn rows<V: Vector>(left: usize) -> usize {
    match left {
        8.. if height::<V>() >= 8 => 8,
        8 => 4,
        6.. if height::<V>() >= 6 => 6,
        4.. => 4,
        2.. => 2,
        _ => 1,
    }
}

/// Adds `M` rows times `N` vectors of columns of a product: `tile[i][j] += Σ over p < k: a(i, p) · b(p)[j]`.
///
/// `a(i, p)` is `a[i · a_row + column(p)]`; `b(p)` points at the `N` vectors of row `p`. One vector is loaded and one
/// number broadcast for each of `N` and `M`, so with about twelve sums (sixteen registers) or 24 (32) the
/// arithmetic, not the loads, is the limit. The sum over `p` runs upwards for every element of every tile.
///
/// # Safety
/// All of `a` and `b(p)` that is named above is valid for reading.
#[inline(always)]
// ANCHOR: outer
pub(super) unsafe fn outer<V: Vector, const M: usize, const N: usize>(
    tile: &mut [[V; N]; M],
    k: usize,
    a: *const f32,
    a_row: usize,
    column: impl Fn(usize) -> usize,
    b: impl Fn(usize) -> *const f32,
) {
    // A copy that nothing else points at, so that the sums stay in registers.
    let mut sums = *tile;
    for p in 0..k {
        let (row, column) = (b(p), column(p));
        let mut columns = [V::splat(0.0); N];
        for (j, columns) in columns.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            *columns = unsafe { V::read(row.add(j * V::LANES)) };
        }
        for (i, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            let a = V::splat(unsafe { *a.add(i * a_row + column) });
            for (sum, columns) in sums.iter_mut().zip(&columns) {
                *sum = a.mul_add(*columns, *sum);
            }
        }
    }
    *tile = sums;
}
// ANCHOR_END: outer

/// The products of [`outer`] from zero on, each in the order of [`inner`]: one lane of that after the other, and the lanes added in halves.
///
/// # Safety
/// `a[i · a_row + p]`, and `N` vectors at `b(p)`, are valid for reading for `p < k`.
#[inline(always)]
pub(super) unsafe fn outer_as_inner<V: Vector, const M: usize, const N: usize>(
    k: usize,
    a: *const f32,
    a_row: usize,
    b: impl Fn(usize) -> *const f32,
) -> [[V; N]; M] {
    // The sum of 2ⁱ lanes that have no partner yet.
    let mut waiting = [[[V::splat(0.0); N]; M]; MAX_LANES.ilog2() as usize + 1];
    for i in 0..V::LANES {
        let lane = reversed(i, V::LANES);
        let mut sums = [[V::splat(0.0); N]; M];
        // SAFETY: the caller's promise; the last place is below `k`.
        unsafe {
            let count = (k + V::LANES - 1 - lane) / V::LANES;
            let place = |p: usize| lane + p * V::LANES;
            outer(&mut sums, count, a, a_row, place, |p| b(place(p)));
        }
        let mut level = 0;
        while i >> level & 1 == 1 {
            for (sums, waiting) in sums.iter_mut().zip(&waiting[level]) {
                for (sum, waiting) in sums.iter_mut().zip(waiting) {
                    *sum = *waiting + *sum;
                }
            }
            level += 1;
        }
        waiting[level] = sums;
    }
    waiting[V::LANES.ilog2() as usize]
}

/// `bits` below `count`, a power of two, in reverse order: the order in which halving a vector again and again meets its lanes.
#[inline(always)]
pub(super) const fn reversed(bits: usize, count: usize) -> usize {
    let (mut reversed, mut bit) = (0, 1);
    while bit < count {
        reversed = (reversed << 1) | (bits / bit % 2);
        bit <<= 1;
    }
    reversed
}

/// `M` times `N` inner products over `k` consecutive numbers: `sums[i][j] = Σ over p < k: a(i)[p] · b(j)[p]`.
///
/// Lane `l` of a vector sums the places `l`, `l + LANES`, …, so a product depends on `k` alone, not on the tile that it is in.
///
/// # Safety
/// `a(i)` and `b(j)` are valid for reading `k` numbers.
#[inline(always)]
pub(super) unsafe fn inner<V: Vector, const M: usize, const N: usize>(
    k: usize,
    a: impl Fn(usize) -> *const f32,
    b: impl Fn(usize) -> *const f32,
) -> [[f32; N]; M] {
    // SAFETY: the caller's promise.
    unsafe { inner_behind::<V, M, N>(0, k, a, b) }
}

/// The same, of vectors that begin behind a [`lead`].
///
/// # Safety
/// The same, and `lead` is less than `LANES` and not more than `k`.
#[inline(always)]
pub(super) unsafe fn inner_behind<V: Vector, const M: usize, const N: usize>(
    lead: usize,
    k: usize,
    a: impl Fn(usize) -> *const f32,
    b: impl Fn(usize) -> *const f32,
) -> [[f32; N]; M] {
    let mut tile = [[V::splat(0.0); N]; M];
    // SAFETY: the caller's promise.
    unsafe {
        if const { V::LANES > 1 } && lead > 0 {
            add_inner_lanes(&mut tile, V::LANES - lead, lead, &a, &b);
        }
        let (a, b) = (|i| a(i).add(lead), |j| b(j).add(lead));
        add_inner(&mut tile, k - lead, a, b);
        add_inner_rest(&mut tile, k - lead, a, b);
    }
    sums(tile)
}

/// The sum of each vector.
#[inline(always)]
pub(super) fn sums<V: Vector, const M: usize, const N: usize>(tile: [[V; N]; M]) -> [[f32; N]; M] {
    // Written down as numbers: where vectors are copied as such, compilers keep them in memory during the loop before, too.
    let mut lanes = [[[0.0; MAX_LANES]; N]; M];
    for (vector, lanes) in tile.iter().flatten().zip(lanes.as_flattened_mut()) {
        vector.store(lanes);
    }
    let mut sums = [[0.0; N]; M];
    let mut eights = sums.as_flattened_mut().chunks_exact_mut(8);
    let mut vectors = lanes.as_flattened().chunks_exact(8);
    for (sums, vectors) in (&mut eights).zip(&mut vectors) {
        sums.copy_from_slice(&sum_each::<V>(vectors));
    }
    for (sum, lanes) in eights.into_remainder().iter_mut().zip(vectors.remainder()) {
        *sum = V::load(lanes).sum();
    }
    sums
}

/// The sum of each of eight vectors.
#[inline(always)]
fn sum_each<V: Vector>(vectors: &[[f32; MAX_LANES]]) -> [f32; 8] {
    V::sum_each(core::array::from_fn(|i| V::load(&vectors[i])))
}

/// The inner products of `count` rows, at most `LANES`, with `x`: that of row `i` in lane `i`, and zero in the lanes that are left. The rows lie one
/// after the other. The bits are those of [`inner`].
///
/// # Safety
/// `rows` is valid for reading `count · k` numbers, `x` for `k`.
#[inline(always)]
pub(super) unsafe fn inner_rows<V: Vector>(
    k: usize,
    rows: *const f32,
    count: usize,
    x: *const f32,
) -> V {
    // SAFETY: the caller's promise.
    unsafe {
        if k == 1 {
            // Plus the zeros of all other lanes.
            return V::read_lanes(rows, 0, count) * V::splat(*x) + V::splat(0.0);
        }
        inner_rows_at(k, |i| rows.add(i * k), count, x)
    }
}

/// The same of rows that lie anywhere.
///
/// # Safety
/// `row(i)` is valid for reading `k` numbers for `i < count`, and so is `x`.
#[inline(always)]
pub(super) unsafe fn inner_rows_at<V: Vector>(
    k: usize,
    row: impl Fn(usize) -> *const f32,
    count: usize,
    x: *const f32,
) -> V {
    // SAFETY: the caller's promise; `whole + rest` is `k`.
    unsafe {
        let mut sums = [V::splat(0.0); MAX_LANES];
        let (whole, rest) = (k - k % V::LANES, k % V::LANES);
        for p in (0..whole).step_by(V::LANES) {
            let x = V::read(x.add(p));
            for (i, sum) in sums.iter_mut().enumerate().take(count) {
                *sum = V::read(row(i).add(p)).mul_add(x, *sum);
            }
        }
        if rest > 0 {
            let x = V::read_lanes(x.add(whole), 0, rest);
            for (i, sum) in sums.iter_mut().enumerate().take(count) {
                *sum = V::read_lanes(row(i).add(whole), 0, rest).mul_add(x, *sum);
            }
        }
        match count {
            1 => V::load_part(&[sums[0].sum()]),
            _ => V::sums(&sums),
        }
    }
}

/// Numbers of a row before the first at which a vector may begin so that it lies in one cache line, if that is so for all rows, as far apart as
/// `row` and `next`. Where it is not, or the rows are so short that it does not count, 0.
///
/// A row may be summed from there on, and what comes before in the last lanes: each lane then sums what another one would, the lanes in the same
/// circle. The halves of a circle are the same pairs wherever it begins, so that the sum has the same bits.
#[inline(always)]
pub(super) fn lead<V: Vector>(k: usize, row: *const f32, next: *const f32) -> usize {
    let (bytes, apart) = (V::LANES * size_of::<f32>(), next.addr().wrapping_sub(row.addr()));
    if V::LANES < 8
        || k < 4 * V::LANES
        || !k.is_multiple_of(V::LANES)
        || !apart.is_multiple_of(bytes)
    {
        return 0;
    }
    row.align_offset(bytes) % V::LANES
}

/// Adds to `M` times `N` inner products, each still a vector of sums, `k` consecutive numbers of both sides:
/// `tile[i][j] += Σ over p < k: a(i)[p] · b(j)[p]`, number `p` in lane `p mod LANES`. Only whole vectors of the `k` are
/// taken; [`add_inner_rest`] does the others, so that this loop stays small enough for the registers.
///
/// # Safety
/// `a(i)` and `b(j)` are valid for reading `k` numbers.
#[inline(always)]
pub(super) unsafe fn add_inner<V: Vector, const M: usize, const N: usize>(
    tile: &mut [[V; N]; M],
    k: usize,
    a: impl Fn(usize) -> *const f32,
    b: impl Fn(usize) -> *const f32,
) {
    // As in `outer`.
    let mut sums = *tile;
    let mut p = 0;
    while p + V::LANES <= k {
        let mut columns = [V::splat(0.0); N];
        for (j, column) in columns.iter_mut().enumerate() {
            // SAFETY: `p + LANES` is at most `k`; so much is promised.
            *column = unsafe { V::read(b(j).add(p)) };
        }
        // One row at a time: with all of them in registers, too, the sums would not fit.
        for (i, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the same.
            let row = unsafe { V::read(a(i).add(p)) };
            for (sum, column) in sums.iter_mut().zip(&columns) {
                *sum = row.mul_add(*column, *sum);
            }
        }
        p += V::LANES;
    }
    *tile = sums;
}

/// Adds what [`add_inner`] leaves over: the last `k mod LANES` numbers.
///
/// # Safety
/// `a(i)` and `b(j)` are valid for reading `k` numbers.
#[inline(always)]
pub(super) unsafe fn add_inner_rest<V: Vector, const M: usize, const N: usize>(
    tile: &mut [[V; N]; M],
    k: usize,
    a: impl Fn(usize) -> *const f32,
    b: impl Fn(usize) -> *const f32,
) {
    let (whole, rest) = (k - k % V::LANES, k % V::LANES);
    if const { V::LANES > 1 } && rest > 0 {
        // SAFETY: the caller's promise; `whole + rest` is `k`.
        unsafe { add_inner_lanes(tile, 0, rest, |i| a(i).add(whole), |j| b(j).add(whole)) }
    }
}

/// Adds to as many inner products `len` numbers of both sides, in the lanes from `lane` on.
///
/// # Safety
/// `a(i)` and `b(j)` are valid for reading `len` numbers, and `lane + len` is at most `LANES`.
#[inline(always)]
unsafe fn add_inner_lanes<V: Vector, const M: usize, const N: usize>(
    tile: &mut [[V; N]; M],
    lane: usize,
    len: usize,
    a: impl Fn(usize) -> *const f32,
    b: impl Fn(usize) -> *const f32,
) {
    let mut columns = [V::splat(0.0); N];
    for (j, column) in columns.iter_mut().enumerate() {
        // SAFETY: the caller's promise.
        *column = unsafe { V::read_lanes(b(j), lane, len) };
    }
    for (i, tile) in tile.iter_mut().enumerate() {
        // SAFETY: the same.
        let row = unsafe { V::read_lanes(a(i), lane, len) };
        for (tile, column) in tile.iter_mut().zip(&columns) {
            *tile = row.mul_add(*column, *tile);
        }
    }
}
