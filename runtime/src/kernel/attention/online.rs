//! Attention in use: a vector's lanes are queries, so that nothing is added up across lanes, and the softmax is online (Milakov and
//! Gimelshein 2018; Dao et al. 2022): some keys at a time, whose scores stay in the nearest cache. What a query gets does not depend on
//! the other queries.

use super::{Attention, Sample};
use crate::kernel::dispatch::{Kernel, apart, dispatch};
use crate::kernel::math::exp_or_zero;
use crate::kernel::vector::MAX_LANES;
use crate::kernel::{Vector, tile};

/// Keys whose scores are there at a time.
const KEYS: usize = 128;

/// Vectors of queries that are there at a time.
const WIDTH: usize = 2;

/// Lanes of the widest vector that this target may have.
const LANES: usize = if cfg!(with_avx512) {
    16
} else if cfg!(with_avx2) {
    8
} else if cfg!(any(target_arch = "aarch64", target_arch = "wasm32")) {
    4
} else {
    1
};

/// Numbers that [`attend`] needs beside.
pub(super) const fn scratch_len(shape: &Attention) -> usize {
    let queries = if shape.queries <= LANES { LANES } else { WIDTH * LANES };
    let keys = if shape.keys < KEYS { shape.keys } else { KEYS };
    queries * (2 * shape.size + STATISTICS + keys)
}

/// Rows with a number for each query: its largest score so far, the sum of its weights, and what that is to be multiplied by.
const STATISTICS: usize = 3;

/// Writes what each query of a sample gets.
///
/// # Panics
/// When a slice is too short.
pub(super) fn attend(sample: &Sample<'_>, scratch: &mut [f32], y: &mut [f32]) {
    assert!(scratch.len() >= scratch_len(&sample.shape), "attention: too little scratch memory");
    assert_eq!(y.len(), sample.q.len(), "attention: the lengths differ");
    if sample.keys == 0 {
        return y.fill(0.0);
    }
    dispatch(Heads { sample, scratch, y });
}

struct Heads<'a> {
    sample: &'a Sample<'a>,
    scratch: &'a mut [f32],
    y: &'a mut [f32],
}

impl Kernel for Heads<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Heads { sample, scratch, y } = self;
        for head in 0..sample.shape.heads {
            let mut first = 0;
            while first < sample.queries {
                let (scratch, y) = (scratch.as_mut_ptr(), y.as_mut_ptr());
                if sample.queries - first > V::LANES {
                    apart::<V, _>(Block::<WIDTH> { sample, head, first, scratch, y });
                    first += WIDTH * V::LANES;
                } else {
                    apart::<V, _>(Block::<1> { sample, head, first, scratch, y });
                    first += V::LANES;
                }
            }
        }
    }
}

/// The queries from `first` on, at most `N` vectors of them, in a head. `scratch` has what [`scratch_len`] says, `y` as many numbers as the
/// queries of the sample.
#[derive(Clone, Copy)]
struct Block<'a, const N: usize> {
    sample: &'a Sample<'a>,
    head: usize,
    first: usize,
    scratch: *mut f32,
    y: *mut f32,
}

impl<const N: usize> Kernel for Block<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Sample { shape, queries, .. } = *self.sample;
        let count = (queries - self.first).min(N * V::LANES);
        let seen = self.sample.sees(self.first + count - 1);
        // SAFETY: `scratch` is as long as asked for, so its rows are there.
        unsafe {
            self.queries::<V>(count);
            let zero = [V::splat(0.0); N];
            self.write(self.largest::<V>(), [V::splat(f32::NEG_INFINITY); N]);
            self.write(self.total::<V>(), zero);
            (0..shape.size).for_each(|c| self.write(self.sums::<V>(c), zero));
            for at in (0..seen).step_by(KEYS) {
                let keys = KEYS.min(seen - at);
                let before = self.read::<V>(self.largest::<V>());
                self.each_tile::<V>(keys, |block, key, rows| block.score::<V>(at, key, rows));
                let alone = count == 1;
                let total = if alone {
                    [V::splat(self.weigh_one::<V>(keys)); N]
                } else {
                    self.weigh::<V>(keys)
                };
                self.add_up(before, total);
                if alone {
                    self.add_values_to_one::<V>(at, keys);
                } else {
                    self.each_tile::<V>(shape.size, |block, c, rows| {
                        block.add_values::<V>(at, keys, c, rows);
                    });
                }
            }
            self.finish::<V>(count);
        }
    }
}

/// Where things are in `scratch`: rows of `N` vectors.
impl<const N: usize> Block<'_, N> {
    #[inline(always)]
    fn row<V: Vector>(&self, i: usize) -> *mut f32 {
        self.scratch.wrapping_add(i * N * V::LANES)
    }
    #[inline(always)]
    fn largest<V: Vector>(&self) -> *mut f32 {
        self.row::<V>(0)
    }
    #[inline(always)]
    fn total<V: Vector>(&self) -> *mut f32 {
        self.row::<V>(1)
    }
    #[inline(always)]
    fn factor<V: Vector>(&self) -> *mut f32 {
        self.row::<V>(2)
    }
    /// Number `c` of each query.
    #[inline(always)]
    fn query<V: Vector>(&self, c: usize) -> *mut f32 {
        self.row::<V>(STATISTICS + c)
    }
    /// Number `c` of what each query gets.
    #[inline(always)]
    fn sums<V: Vector>(&self, c: usize) -> *mut f32 {
        self.query::<V>(self.sample.shape.size + c)
    }
    /// The score of a key at each query.
    #[inline(always)]
    fn scores<V: Vector>(&self, key: usize) -> *mut f32 {
        self.sums::<V>(self.sample.shape.size + key)
    }

    /// # Safety
    /// `row` is one of those above.
    #[inline(always)]
    unsafe fn read<V: Vector>(&self, row: *const f32) -> [V; N] {
        let mut vectors = [V::splat(0.0); N];
        for (j, vector) in vectors.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            *vector = unsafe { V::read(row.add(j * V::LANES)) };
        }
        vectors
    }

    /// # Safety
    /// `row` is one of those above.
    #[inline(always)]
    unsafe fn write<V: Vector>(&self, row: *mut f32, vectors: [V; N]) {
        for (j, vector) in vectors.iter().enumerate() {
            // SAFETY: the caller's promise.
            unsafe { vector.write(row.add(j * V::LANES)) }
        }
    }

    /// Where number `c` of the head is in step `step`.
    #[inline(always)]
    fn at(&self, step: usize, c: usize) -> usize {
        step * self.sample.shape.width() + self.head * self.sample.shape.size + c
    }
}

/// What is done, in this order. All of it promises that `scratch` is long enough, and that what is named lies within the sample.
impl<const N: usize> Block<'_, N> {
    /// Lays out `count` queries, lane beside lane, divided by the root of their size. Lanes that are left hold zeros.
    #[inline(always)]
    unsafe fn queries<V: Vector>(&self, count: usize) {
        let Attention { size, .. } = self.sample.shape;
        // SAFETY: `count` queries from `first` on are in the sample.
        unsafe {
            for j in 0..N {
                let lanes = count.saturating_sub(j * V::LANES).min(V::LANES);
                let to = |c| self.query::<V>(c).add(j * V::LANES);
                let from = |lane, c| {
                    self.sample.q.as_ptr().add(self.at(self.first + j * V::LANES + lane, c))
                };
                let whole = if lanes == V::LANES { size - size % V::LANES } else { 0 };
                for c in (0..whole).step_by(V::LANES) {
                    V::transpose(from(0, c), self.at(1, 0) - self.at(0, 0), to(c), N * V::LANES);
                }
                for c in whole..size {
                    for lane in 0..V::LANES {
                        *to(c).add(lane) = if lane < lanes { *from(lane, c) } else { 0.0 };
                    }
                }
            }
            let scale = V::splat(self.sample.scale());
            for c in 0..size {
                let row = self.query::<V>(c);
                self.write(row, self.read::<V>(row).map(|x| x * scale));
            }
        }
    }

    /// Calls `work` with the start and the size of each tile of `count` rows.
    #[inline(always)]
    fn each_tile<V: Vector>(&self, count: usize, work: impl Fn(&Self, usize, usize)) {
        let mut i = 0;
        while i < count {
            let rows = tile::rows::<V>(count - i);
            work(self, i, rows);
            i += rows;
        }
    }

    /// Compares the queries with the `rows` keys from `at + key` on.
    #[inline(always)]
    fn score<V: Vector>(&self, at: usize, key: usize, rows: usize) {
        let block = self;
        match rows {
            8 if const { tile::height::<V>() >= 8 } => {
                apart::<V, _>(Scores::<8, N> { block, at, key })
            }
            6 if const { tile::height::<V>() >= 6 } => {
                apart::<V, _>(Scores::<6, N> { block, at, key })
            }
            4 => apart::<V, _>(Scores::<4, N> { block, at, key }),
            2 => apart::<V, _>(Scores::<2, N> { block, at, key }),
            _ => apart::<V, _>(Scores::<1, N> { block, at, key }),
        }
    }

    /// Makes weights of the scores of `keys` keys, and gives their sums.
    #[inline(always)]
    unsafe fn weigh<V: Vector>(&self, keys: usize) -> [V; N] {
        let mut total = [V::splat(0.0); N];
        // SAFETY: the rows are there.
        unsafe {
            let largest = self.read::<V>(self.largest::<V>());
            for key in 0..keys {
                let row = self.scores::<V>(key);
                let mut weights = self.read::<V>(row);
                for ((weight, total), largest) in weights.iter_mut().zip(&mut total).zip(largest) {
                    *weight = exp_or_zero(*weight - largest);
                    *total = *total + *weight;
                }
                self.write(row, weights);
            }
        }
        total
    }

    /// The same for one query, whose scores then lie side by side.
    #[inline(always)]
    unsafe fn weigh_one<V: Vector>(&self, keys: usize) -> f32 {
        let mut total = 0.0;
        // SAFETY: the rows are there, and together longer than a vector for each `LANES` keys.
        unsafe {
            let line = self.scores::<V>(0);
            (0..keys).for_each(|key| *line.add(key) = *self.scores::<V>(key));
            let largest = V::splat(*self.largest::<V>());
            for key in (0..keys).step_by(V::LANES) {
                let weights = exp_or_zero(V::read(line.add(key)) - largest);
                weights.write(line.add(key));
            }
            (0..keys).for_each(|key| total += *line.add(key));
        }
        total
    }

    /// Adds the sums of some weights to those `before`, where the largest was another.
    #[inline(always)]
    unsafe fn add_up<V: Vector>(&self, before: [V; N], total: [V; N]) {
        // SAFETY: the rows are there.
        unsafe {
            let largest = self.read::<V>(self.largest::<V>());
            let mut factor = before;
            let mut all = self.read::<V>(self.total::<V>());
            for (j, factor) in factor.iter_mut().enumerate() {
                *factor = exp_or_zero(*factor - largest[j]);
                all[j] = all[j].mul_add(*factor, total[j]);
            }
            self.write(self.factor::<V>(), factor);
            self.write(self.total::<V>(), all);
        }
    }

    /// Adds to what one query gets, its numbers side by side, what the `keys` keys from `at` on give.
    #[inline(always)]
    unsafe fn add_values_to_one<V: Vector>(&self, at: usize, keys: usize) {
        let Sample { shape, v, .. } = self.sample;
        // SAFETY: the keys are in the sample, and the rows of sums are longer than `size`.
        unsafe {
            let (weights, factor) = (self.scores::<V>(0), V::splat(*self.factor::<V>()));
            for c in (0..shape.size).step_by(V::LANES) {
                let len = (shape.size - c).min(V::LANES);
                let (sums, values) = (self.sums::<V>(0).add(c), v.as_ptr().add(self.at(at, c)));
                let mut sum = V::read(sums) * factor;
                for key in 0..keys {
                    let value = V::read_lanes(values.add(key * shape.width()), 0, len);
                    sum = value.mul_add(V::splat(*weights.add(key)), sum);
                }
                sum.write(sums);
            }
        }
    }

    /// Adds to numbers `c .. c + rows` what the `keys` keys from `at` on give.
    #[inline(always)]
    fn add_values<V: Vector>(&self, at: usize, keys: usize, c: usize, rows: usize) {
        let block = self;
        match rows {
            8 if const { tile::height::<V>() >= 8 } => {
                apart::<V, _>(Values::<8, N> { block, at, keys, c })
            }
            6 if const { tile::height::<V>() >= 6 } => {
                apart::<V, _>(Values::<6, N> { block, at, keys, c })
            }
            4 => apart::<V, _>(Values::<4, N> { block, at, keys, c }),
            2 => apart::<V, _>(Values::<2, N> { block, at, keys, c }),
            _ => apart::<V, _>(Values::<1, N> { block, at, keys, c }),
        }
    }

    /// Divides by the sum of weights, and writes `y`; of one query the numbers lie side by side.
    #[inline(always)]
    unsafe fn finish<V: Vector>(&self, count: usize) {
        let Attention { size, .. } = self.sample.shape;
        // SAFETY: `y` is as long as the queries, of which `count` from `first` on are there.
        unsafe {
            let total = self.read::<V>(self.total::<V>());
            let inverse = total.map(|total| V::splat(1.0) / total);
            if count == 1 {
                for c in (0..size).step_by(V::LANES) {
                    let sums = V::read(self.sums::<V>(0).add(c)) * inverse[0];
                    let y = self.y.add(self.at(self.first, c));
                    sums.write_lanes(y, 0, (size - c).min(V::LANES));
                }
                return;
            }
            for c in 0..size {
                let row = self.sums::<V>(c);
                let mut sums = self.read::<V>(row);
                for (sum, inverse) in sums.iter_mut().zip(inverse) {
                    *sum = *sum * inverse;
                }
                self.write(row, sums);
            }
            for j in 0..N {
                let lanes = count.saturating_sub(j * V::LANES).min(V::LANES);
                let from = |c| self.sums::<V>(c).add(j * V::LANES);
                let to = |lane, c| self.y.add(self.at(self.first + j * V::LANES + lane, c));
                let whole = if lanes == V::LANES { size - size % V::LANES } else { 0 };
                for c in (0..whole).step_by(V::LANES) {
                    V::transpose(from(c), N * V::LANES, to(0, c), self.at(1, 0) - self.at(0, 0));
                }
                for c in whole..size {
                    (0..lanes).for_each(|lane| *to(lane, c) = *from(c).add(lane));
                }
            }
        }
    }
}

/// The scores of `M` keys from `at + key` on, of which those that a query does not see are −∞, and the largest so far.
struct Scores<'a, const M: usize, const N: usize> {
    block: &'a Block<'a, N>,
    at: usize,
    key: usize,
}

impl<const M: usize, const N: usize> Kernel for Scores<'_, M, N> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Scores { block, at, key } = self;
        let Sample { shape, k, .. } = block.sample;
        let mut tile = [[V::splat(0.0); N]; M];
        // SAFETY: a block promises that the keys and all rows of its scratch memory are there.
        unsafe {
            let keys = k.as_ptr().add(block.at(at + key, 0));
            let query = |c| block.query::<V>(c).cast_const();
            tile::outer(&mut tile, shape.size, keys, shape.width(), |c| c, query);
            let seen_by_all = block.sample.sees(block.first);
            if at + key + M > seen_by_all {
                let mut last = [V::splat(0.0); N];
                for (j, last) in last.iter_mut().enumerate() {
                    *last = counted(seen_by_all - 1 + j * V::LANES);
                }
                for (r, scores) in tile.iter_mut().enumerate() {
                    let key = V::splat((at + key + r) as f32);
                    for (score, last) in scores.iter_mut().zip(&last) {
                        *score = key.where_greater(*last, V::splat(f32::NEG_INFINITY), *score);
                    }
                }
            }
            let mut largest = block.read::<V>(block.largest::<V>());
            for (r, scores) in tile.iter().enumerate() {
                for (largest, score) in largest.iter_mut().zip(scores) {
                    *largest = largest.max(*score);
                }
                block.write(block.scores::<V>(key + r), *scores);
            }
            block.write(block.largest::<V>(), largest);
        }
    }
}

/// `first`, `first + 1`, …, a lane after the other.
#[inline(always)]
fn counted<V: Vector>(first: usize) -> V {
    let mut lanes = [0.0; MAX_LANES];
    for (i, lane) in lanes.iter_mut().enumerate() {
        *lane = (first + i) as f32;
    }
    V::load(&lanes)
}

/// `M` numbers from `c` on of what the queries get, and what the `keys` keys from `at` on add to them.
struct Values<'a, const M: usize, const N: usize> {
    block: &'a Block<'a, N>,
    at: usize,
    keys: usize,
    c: usize,
}

impl<const M: usize, const N: usize> Kernel for Values<'_, M, N> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Values { block, at, keys, c } = self;
        let Sample { shape, v, .. } = block.sample;
        // SAFETY: a block promises that the values and all rows of its scratch memory are there.
        unsafe {
            let factor = block.read::<V>(block.factor::<V>());
            let mut tile = [[V::splat(0.0); N]; M];
            for (r, sums) in tile.iter_mut().enumerate() {
                *sums = block.read::<V>(block.sums::<V>(c + r));
                for (sum, factor) in sums.iter_mut().zip(&factor) {
                    *sum = *sum * *factor;
                }
            }
            let (values, width) = (v.as_ptr().add(block.at(at, c)), shape.width());
            let weights = |key| block.scores::<V>(key).cast_const();
            tile::outer(&mut tile, keys, values, 1, |key| key * width, weights);
            for (r, sums) in tile.iter().enumerate() {
                block.write(block.sums::<V>(c + r), *sums);
            }
        }
    }
}
