//! Rows of numbers times a weight, where the bits of one row do not depend on how many rows there are.
//!
//! So a sequence that comes step by step gives what it gives as a whole. The sums are those of [`tile::inner`]: lane `l` of a vector
//! sums the places `l`, `l + LANES`, …, and then the halves of the vector are added, and again, down to one number.
//! For many rows the weight is packed so that each vector holds one column for `LANES` outputs: then each lane's sum is a vector
//! of its own, and the halves are added in the same order, with nothing to be moved between lanes.

use super::super::Vector;
use super::super::tile::{self, reversed};

/// A weight `[rows][cols]`, and the same numbers packed if that is worthwhile.
#[derive(Clone, Copy)]
pub(super) struct Weight<'a> {
    pub(super) data: &'a [f32],
    pub(super) rows: usize,
    pub(super) cols: usize,
    pub(super) packed: Option<&'a [f32]>,
}

/// Where a row of the input and its output start.
pub(super) type Pair = (usize, usize);

impl Weight<'_> {
    /// `y[to + r] += Σ over k: data[r][k] · x[from + k]` for each pair `(from, to)`.
    #[inline(always)]
    pub(super) fn add_products<V: Vector>(&self, x: &[f32], y: &mut [f32], pairs: &[Pair]) {
        for &(from, to) in pairs {
            assert!(from + self.cols <= x.len() && to + self.rows <= y.len());
        }
        match self.packed {
            // SAFETY: all rows lie within their slices, checked above.
            Some(packed) if cfg!(feature = "std") => unsafe {
                self.add_packed::<V>(packed, x, y, pairs)
            },
            // SAFETY: the same.
            _ => unsafe { self.add_inner::<V>(x, y, pairs) },
        }
    }

    /// # Safety
    /// Every pair names whole rows.
    #[inline(always)]
    unsafe fn add_inner<V: Vector>(&self, x: &[f32], y: &mut [f32], pairs: &[Pair]) {
        assert!(self.data.len() == self.rows * self.cols);
        if self.cols == 1 {
            for &(from, to) in pairs {
                for (y, w) in y[to..][..self.rows].iter_mut().zip(self.data) {
                    *y += w * x[from];
                }
            }
            return;
        }
        let eights = self.rows / 8;
        for row in (0..8 * eights).step_by(8) {
            // SAFETY: these rows are in the weight; the rest by the caller's promise.
            unsafe { self.add_rows::<V, 8>(row, x, y, pairs) };
        }
        for row in 8 * eights..self.rows {
            // SAFETY: the same.
            unsafe { self.add_rows::<V, 1>(row, x, y, pairs) };
        }
    }

    /// # Safety
    /// The weight has `M` rows from `row`, and every pair names whole rows.
    #[inline(always)]
    unsafe fn add_rows<V: Vector, const M: usize>(
        &self,
        row: usize,
        x: &[f32],
        y: &mut [f32],
        pairs: &[Pair],
    ) {
        for &(from, to) in pairs {
            // SAFETY: the caller's promise.
            unsafe {
                let (x, y) = (x.as_ptr().add(from), y.as_mut_ptr().add(to + row));
                let w = |i: usize| self.data.as_ptr().add((row + i) * self.cols);
                let sums = tile::inner::<V, M, 1>(self.cols, w, |_| x);
                for (i, [sum]) in sums.into_iter().enumerate() {
                    *y.add(i) += sum;
                }
            }
        }
    }

    /// # Safety
    /// Every pair names whole rows.
    #[inline(always)]
    unsafe fn add_packed<V: Vector>(
        &self,
        packed: &[f32],
        x: &[f32],
        y: &mut [f32],
        pairs: &[Pair],
    ) {
        let depth = self.cols.next_multiple_of(V::LANES);
        assert!(packed.len() >= self.rows.next_multiple_of(V::LANES) * depth);
        let mut row = 0;
        while row < self.rows {
            let panel = packed[row * depth..].as_ptr();
            let two = self.rows - row > V::LANES;
            let mut left = pairs;
            while let [first, rest @ ..] = left {
                // SAFETY: the panel holds two vectors of rows from `row`, or one; the rest by the caller's promise.
                unsafe {
                    left = match (rest, two) {
                        ([second, rest @ ..], true) => {
                            self.add_tile::<V, 2, 2>(panel, x, y, row, [first, second]);
                            rest
                        }
                        ([second, rest @ ..], false) => {
                            self.add_tile::<V, 2, 1>(panel, x, y, row, [first, second]);
                            rest
                        }
                        ([], true) => {
                            self.add_tile::<V, 1, 2>(panel, x, y, row, [first]);
                            rest
                        }
                        ([], false) => {
                            self.add_tile::<V, 1, 1>(panel, x, y, row, [first]);
                            rest
                        }
                    };
                }
            }
            row += if two { 2 * V::LANES } else { V::LANES };
        }
    }

    /// # Safety
    /// `panel` holds `N` vectors of rows from `row`, and the pairs name whole rows.
    #[inline(always)]
    unsafe fn add_tile<V: Vector, const M: usize, const N: usize>(
        &self,
        panel: *const f32,
        x: &[f32],
        y: &mut [f32],
        row: usize,
        pairs: [&Pair; M],
    ) {
        // SAFETY: the caller's promise.
        let tile = unsafe {
            let x = pairs.map(|(from, _)| x.as_ptr().add(*from));
            if group::<V>() == 4 {
                lane_sums::<V, M, N, 4>(self.cols, panel, x)
            } else {
                lane_sums::<V, M, N, 2>(self.cols, panel, x)
            }
        };
        for (tile, (_, to)) in tile.into_iter().zip(pairs) {
            let y = &mut y[to + row..to + self.rows.min(row + N * V::LANES)];
            for (sum, y) in tile.into_iter().zip(y.chunks_mut(V::LANES)) {
                if y.len() == V::LANES {
                    (V::load(y) + sum).store(y);
                } else {
                    (V::load_part(y) + sum).store_part(y);
                }
            }
        }
    }
}

/// Lanes whose sums are formed together: as many as registers are there for.
pub(super) const fn group<V: Vector>() -> usize {
    if V::REGISTERS >= 32 && V::LANES >= 4 { 4 } else { 2 }
}

/// `M` rows of `x` times `N` vectors of rows of a packed weight.
///
/// # Safety
/// `panel` holds `N` vectors for each of the columns, up to a multiple of the lanes, and each `x` holds `k` numbers.
#[inline(always)]
unsafe fn lane_sums<V: Vector, const M: usize, const N: usize, const G: usize>(
    k: usize,
    mut panel: *const f32,
    x: [*const f32; M],
) -> [[V; N]; M] {
    let zero = [[V::splat(0.0); N]; M];
    let (groups, rest) = (V::LANES / G, k % V::LANES);
    // The sum of 2ⁱ groups that have no partner yet.
    let mut waiting = [zero; 4];
    let mut sum = zero;
    for g in 0..groups {
        let first = reversed(g, groups);
        let mut lanes = [first; G];
        for (i, lane) in lanes.iter_mut().enumerate() {
            *lane += reversed(i, G) * groups;
        }
        let mut sums = [zero; G];
        for j in (0..k - rest).step_by(V::LANES) {
            for (sums, lane) in sums.iter_mut().zip(lanes) {
                // SAFETY: the caller's promise: column `j + lane` is one of `k`.
                unsafe {
                    let mut w = [V::splat(0.0); N];
                    for (n, w) in w.iter_mut().enumerate() {
                        *w = V::read(panel.add(n * V::LANES));
                    }
                    for (sums, x) in sums.iter_mut().zip(x) {
                        let x = V::splat(*x.add(j + lane));
                        for (sum, w) in sums.iter_mut().zip(w) {
                            *sum = w.mul_add(x, *sum);
                        }
                    }
                    panel = panel.add(N * V::LANES);
                }
            }
        }
        if rest > 0 {
            for (sums, lane) in sums.iter_mut().zip(lanes) {
                // SAFETY: as above, where there is such a column; zeros are packed for the others.
                unsafe {
                    for (sums, x) in sums.iter_mut().zip(x) {
                        let x = if lane < rest { *x.add(k - rest + lane) } else { 0.0 };
                        for (n, sum) in sums.iter_mut().enumerate() {
                            *sum = V::read(panel.add(n * V::LANES)).mul_add(V::splat(x), *sum);
                        }
                    }
                    panel = panel.add(N * V::LANES);
                }
            }
        }
        let mut width = G;
        while width > 1 {
            for i in 0..width / 2 {
                sums[i] = plus(sums[2 * i], sums[2 * i + 1]);
            }
            width /= 2;
        }
        sum = sums[0];
        let mut level = 0;
        while g >> level & 1 == 1 {
            sum = plus(waiting[level], sum);
            level += 1;
        }
        waiting[level] = sum;
    }
    sum
}

#[inline(always)]
fn plus<V: Vector, const M: usize, const N: usize>(
    mut a: [[V; N]; M],
    b: [[V; N]; M],
) -> [[V; N]; M] {
    for (a, b) in a.iter_mut().zip(b) {
        for (a, b) in a.iter_mut().zip(b) {
            *a = *a + b;
        }
    }
    a
}
