//! Scaled dot-product attention, `softmax(Q Kᵀ / √d) V` in each head, and its gradients.
//!
//! Some queries at a time are compared with all keys, so that their scores stay in the cache from one step to the next.

use super::dispatch::{Kernel, dispatch};
use super::parallel::{Shared, tasks};
use super::{Formula, Matrix, Vector, dot, each, exp, gemm, sqrt, sum};

/// Queries whose scores are there at a time.
const ROWS: usize = 32;

/// The shape of an attention over a batch of sequences. A step has `heads · size` numbers, head after head.
#[derive(Clone, Copy, Debug)]
pub struct Attention {
    /// Samples.
    pub n: usize,
    /// How many heads there are.
    pub heads: usize,
    /// Numbers of a step in each head.
    pub size: usize,
    /// The most queries that a sample has.
    pub queries: usize,
    /// The most keys that a sample has.
    pub keys: usize,
    /// Whether a query sees no key that comes later: the last query sees all, the one before it one less, and so on.
    pub causal: bool,
}

/// What was looked at: for backward the attention weights of each sample are kept, `[heads][queries][keys]`.
#[derive(Debug)]
pub struct Weights<'a> {
    /// Room for [`weights_len`](Attention::weights_len) numbers for each sample. With `dropout` it holds, before, what each weight is to be
    /// multiplied by: 0 or a positive factor. A weight that is left out is kept with a minus.
    pub kept: &'a mut [f32],
    /// The positive factor of a weight that is not left out; 0 where none is left out.
    pub dropout: f32,
}

impl Attention {
    /// Numbers of scratch memory that each sample needs.
    pub const fn scratch_len(&self) -> usize {
        let rows = if self.queries < ROWS { self.queries } else { ROWS };
        rows * self.keys
    }

    /// Attention weights that each sample has.
    pub const fn weights_len(&self) -> usize {
        self.heads * self.queries * self.keys
    }

    const fn width(&self) -> usize {
        self.heads * self.size
    }
}

/// Writes `y` for the queries `q` of each sample, the keys `k` and the values `v`. `steps` says how many queries and keys a sample has; all
/// slices hold the steps of one sample after those of the other.
///
/// # Panics
/// When a slice is too short.
pub fn attention(
    shape: Attention,
    steps: impl Fn(usize) -> [usize; 2] + Sync,
    [q, k, v]: [&[f32]; 3],
    weights: Option<Weights<'_>>,
    scratch: &mut [f32],
    y: &mut [f32],
) {
    let (y, scratch) = (Shared::of(y), Shared::of(scratch));
    let dropout = weights.as_ref().map_or(0.0, |weights| weights.dropout);
    let kept = weights.map(|weights| Shared::of(weights.kept));
    tasks(4 * shape.n * shape.weights_len() * shape.size, shape.n, |i| {
        let Place { queries, keys, first_query, first_key } = Place::of(&shape, &steps, i);
        let (first_query, first_key) = (first_query * shape.width(), first_key * shape.width());
        let sample = Sample {
            shape,
            queries,
            keys,
            q: &q[first_query..][..queries * shape.width()],
            k: &k[first_key..][..keys * shape.width()],
            v: &v[first_key..][..keys * shape.width()],
        };
        // SAFETY: the steps of sample `i`, and its part of the other memory, are used by this task alone.
        let (y, scratch, kept) = unsafe {
            let len = shape.weights_len();
            (
                y.range(first_query, queries * shape.width()),
                scratch.range(i * shape.scratch_len(), shape.scratch_len()),
                kept.as_ref().map(|kept| kept.range(i * len, len)),
            )
        };
        sample.forward(kept, dropout, scratch, y);
    });
}

/// Writes the gradients by `q`, `k` and `v` from that by `y`, and changes the weights that were kept.
///
/// # Panics
/// When a slice is too short.
pub fn attention_backward(
    shape: Attention,
    steps: impl Fn(usize) -> [usize; 2] + Sync,
    [q, k, v]: [&[f32]; 3],
    weights: Weights<'_>,
    dy: &[f32],
    scratch: &mut [f32],
    [dq, dk, dv]: [&mut [f32]; 3],
) {
    let [dq, dk, dv] = [dq, dk, dv].map(Shared::of);
    let (kept, scratch) = (Shared::of(weights.kept), Shared::of(scratch));
    tasks(8 * shape.n * shape.weights_len() * shape.size, shape.n, |i| {
        let Place { queries, keys, first_query, first_key } = Place::of(&shape, &steps, i);
        let (first_query, first_key) = (first_query * shape.width(), first_key * shape.width());
        let (query_len, key_len) = (queries * shape.width(), keys * shape.width());
        let sample = Sample {
            shape,
            queries,
            keys,
            q: &q[first_query..][..query_len],
            k: &k[first_key..][..key_len],
            v: &v[first_key..][..key_len],
        };
        let dy = &dy[first_query..][..query_len];
        // SAFETY: the steps of sample `i`, and its part of the other memory, are used by this task alone.
        unsafe {
            let kept = kept.range(i * shape.weights_len(), shape.weights_len());
            let scratch = scratch.range(i * shape.scratch_len(), shape.scratch_len());
            let to = [
                dq.range(first_query, query_len),
                dk.range(first_key, key_len),
                dv.range(first_key, key_len),
            ];
            sample.backward(kept, weights.dropout, dy, scratch, to);
        }
    });
}

/// Where the steps of a sample are.
struct Place {
    queries: usize,
    keys: usize,
    first_query: usize,
    first_key: usize,
}

impl Place {
    fn of(shape: &Attention, steps: &impl Fn(usize) -> [usize; 2], i: usize) -> Place {
        let (mut first_query, mut first_key) = (0, 0);
        for before in 0..i {
            let [queries, keys] = steps(before);
            (first_query, first_key) = (first_query + queries, first_key + keys);
        }
        let [queries, keys] = steps(i);
        assert!(queries <= shape.queries && keys <= shape.keys, "attention: too many steps");
        assert!(!shape.causal || queries <= keys, "attention: a query sees at least its own key");
        Place { queries, keys, first_query, first_key }
    }
}

/// One sample's queries, keys and values.
struct Sample<'a> {
    shape: Attention,
    queries: usize,
    keys: usize,
    q: &'a [f32],
    k: &'a [f32],
    v: &'a [f32],
}

/// Some queries of a head.
#[derive(Clone, Copy)]
struct Rows {
    head: usize,
    first: usize,
    count: usize,
    /// Keys that any of them sees.
    seen: usize,
}

impl<'a> Sample<'a> {
    fn forward(
        &self,
        mut kept: Option<&mut [f32]>,
        dropout: f32,
        scratch: &mut [f32],
        y: &mut [f32],
    ) {
        let (width, scale) = (self.shape.width(), self.scale());
        for rows in self.rows() {
            let seen = rows.seen;
            let scores = &mut scratch[..rows.count * seen];
            let (q, k) = (self.of_queries(self.q, rows), self.of_keys(self.k, rows));
            gemm(q, k.t(), 0.0, scores, seen);
            for (r, scores) in scores.chunks_exact_mut(seen.max(1)).enumerate() {
                let (scores, hidden) = scores.split_at_mut(self.sees(rows.first + r));
                softmax_scaled(scale, scores);
                hidden.fill(0.0);
            }
            if let Some(kept) = &mut kept {
                for (r, scores) in scores.chunks_exact_mut(seen.max(1)).enumerate() {
                    let kept = &mut kept[self.weights_at(rows, r)..][..self.keys];
                    let (kept, hidden) = kept.split_at_mut(seen);
                    match dropout {
                        0.0 => kept.copy_from_slice(scores),
                        _ => each([kept, scores], [], &Drop),
                    }
                    hidden.fill(0.0);
                }
            }
            let scores = Matrix::new(scores, rows.count, seen);
            let y = &mut y[rows.first * width + rows.head * self.shape.size..];
            gemm(scores, self.of_keys(self.v, rows), 0.0, y, width);
        }
    }

    /// With the weights `A`, of which `B` are left after dropout: `dV = Bᵀ dY`, `dA = dY Vᵀ` where a weight is left, and
    /// `dS = A (dA − Σ A dA) / √d`, `dQ = dS K`, `dK = dSᵀ Q`.
    fn backward(
        &self,
        kept: &mut [f32],
        dropout: f32,
        dy: &[f32],
        scratch: &mut [f32],
        [dq, dk, dv]: [&mut [f32]; 3],
    ) {
        let (width, scale) = (self.shape.width(), self.scale());
        dk.fill(0.0);
        dv.fill(0.0);
        for rows in self.rows() {
            let (seen, head) = (rows.seen, rows.head * self.shape.size);
            let scratch = &mut scratch[..rows.count * seen];
            let (dy, v) = (self.of_queries(dy, rows), self.of_keys(self.v, rows));
            let at = self.weights_at(rows, 0);
            let kept = &mut kept[at..at + rows.count * self.keys];
            let left = if dropout > 0.0 {
                for (left, kept) in scratch.chunks_exact_mut(seen).zip(kept.chunks_exact(self.keys))
                {
                    each([left], [&kept[..seen]], &Left(dropout));
                }
                Matrix::new(scratch, rows.count, seen)
            } else {
                Matrix::strided(kept, rows.count, seen, self.keys, 1)
            };
            gemm(left.t(), dy, 1.0, &mut dv[head..], width);
            gemm(dy, v.t(), 0.0, scratch, seen);
            let gradients = scratch.chunks_exact_mut(seen);
            for (gradient, kept) in gradients.zip(kept.chunks_exact_mut(self.keys)) {
                let kept = &mut kept[..seen];
                if dropout > 0.0 {
                    each([gradient], [&*kept], &WhereLeft(dropout));
                }
                let mean = dot(kept, gradient);
                each([kept], [&*gradient], &OfScore { mean, scale });
            }
            let ds = Matrix::strided(kept, rows.count, seen, self.keys, 1);
            let dq = &mut dq[rows.first * width + head..];
            gemm(ds, self.of_keys(self.k, rows), 0.0, dq, width);
            gemm(ds.t(), self.of_queries(self.q, rows), 1.0, &mut dk[head..], width);
        }
    }

    fn scale(&self) -> f32 {
        1.0 / sqrt(self.shape.size as f32)
    }

    /// Keys that a query sees.
    fn sees(&self, query: usize) -> usize {
        if self.shape.causal { self.keys - self.queries + query + 1 } else { self.keys }
    }

    fn rows(&self) -> impl Iterator<Item = Rows> {
        let blocks = self.queries.div_ceil(ROWS);
        (0..self.shape.heads * blocks).map(move |i| {
            let (head, first) = (i / blocks, i % blocks * ROWS);
            let count = ROWS.min(self.queries - first);
            Rows { head, first, count, seen: self.sees(first + count - 1) }
        })
    }

    fn weights_at(&self, rows: Rows, r: usize) -> usize {
        (rows.head * self.queries + rows.first + r) * self.keys
    }

    /// These rows of something that is shaped like the queries.
    fn of_queries<'b>(&self, x: &'b [f32], rows: Rows) -> Matrix<'b> {
        let (width, size) = (self.shape.width(), self.shape.size);
        Matrix::strided(&x[rows.first * width + rows.head * size..], rows.count, size, width, 1)
    }

    /// What is seen of keys or values.
    fn of_keys<'b>(&self, x: &'b [f32], rows: Rows) -> Matrix<'b> {
        let (width, size) = (self.shape.width(), self.shape.size);
        Matrix::strided(&x[rows.head * size..], rows.seen, size, width, 1)
    }
}

/// `x ← e^(scale · x) / Σ e^(scale · x)`.
fn softmax_scaled(scale: f32, x: &mut [f32]) {
    let largest = dispatch(Largest { x });
    each([&mut *x], [], &ExpScaled { largest, scale });
    let total = sum(x);
    each([x], [], &Divide(total));
}

struct Largest<'a> {
    x: &'a [f32],
}

impl Kernel for Largest<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<V: Vector>(self) -> f32 {
        let mut largest = f32::NEG_INFINITY;
        let mut chunks = self.x.chunks_exact(V::LANES);
        if self.x.len() >= V::LANES {
            let mut lanes = V::splat(f32::NEG_INFINITY);
            for x in &mut chunks {
                lanes = V::load(x).max(lanes);
            }
            let mut each = [0.0; super::vector::MAX_LANES];
            lanes.store(&mut each);
            largest = each[..V::LANES].iter().copied().fold(largest, f32::max);
        }
        chunks.remainder().iter().copied().fold(largest, f32::max)
    }
}

/// `e^(scale · (x − largest))`.
struct ExpScaled {
    largest: f32,
    scale: f32,
}

impl Formula<1, 0> for ExpScaled {
    #[inline(always)]
    fn at<V: Vector>(&self, [x]: [V; 1], _: [V; 0]) -> [V; 1] {
        [exp((x - V::splat(self.largest)) * V::splat(self.scale))]
    }
}

struct Divide(f32);

impl Formula<1, 0> for Divide {
    #[inline(always)]
    fn at<V: Vector>(&self, [x]: [V; 1], _: [V; 0]) -> [V; 1] {
        [x / V::splat(self.0)]
    }
}

/// The factor and the weight become what is kept, and the weight that is left.
struct Drop;

impl Formula<2, 0> for Drop {
    #[inline(always)]
    fn at<V: Vector>(&self, [factor, weight]: [V; 2], _: [V; 0]) -> [V; 2] {
        [factor.where_greater(V::splat(0.0), weight, -weight), weight * factor]
    }
}

/// The weight that was left, from what is kept.
struct Left(f32);

impl Formula<1, 1> for Left {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 1], [kept]: [V; 1]) -> [V; 1] {
        [V::splat(0.0).max(kept) * V::splat(self.0)]
    }
}

/// The gradient by a weight, from that by what was left of it.
struct WhereLeft(f32);

impl Formula<1, 1> for WhereLeft {
    #[inline(always)]
    fn at<V: Vector>(&self, [gradient]: [V; 1], [kept]: [V; 1]) -> [V; 1] {
        let zero = V::splat(0.0);
        [kept.where_greater(zero, gradient * V::splat(self.0), zero)]
    }
}

/// The gradient by a score, from the weight and the gradient by it.
struct OfScore {
    mean: f32,
    scale: f32,
}

impl Formula<1, 1> for OfScore {
    #[inline(always)]
    fn at<V: Vector>(&self, [weight]: [V; 1], [gradient]: [V; 1]) -> [V; 1] {
        [weight.abs() * (gradient - V::splat(self.mean)) * V::splat(self.scale)]
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::kernel::dispatch::forced;
    use std::vec;
    use std::vec::Vec;

    fn numbers(len: usize, k: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * 37 + k * 11) % 101) as f32 / 40.0 - 1.25).collect()
    }

    /// Against plain loops in double precision: ragged batches, more queries than are compared at a time, and with some weights left
    /// out.
    #[test]
    fn ragged_batches() {
        let lengths: &[&[[usize; 2]]] =
            &[&[[1, 1]], &[[3, 5], [1, 2], [4, 4]], &[[40, 70], [33, 33], [2, 9]], &[[70, 3]]];
        forced::on_each(|| {
            for &lengths in lengths {
                for (heads, size) in [(1, 1), (2, 3), (3, 16)] {
                    for causal in [false, true] {
                        if causal && lengths.iter().any(|[queries, keys]| queries > keys) {
                            continue;
                        }
                        for dropout in [0.0, 1.25] {
                            check(lengths, heads, size, causal, dropout);
                        }
                    }
                }
            }
        });
    }

    fn check(lengths: &[[usize; 2]], heads: usize, size: usize, causal: bool, dropout: f32) {
        let [queries, keys] = [0, 1].map(|i| lengths.iter().map(|of| of[i]).max().unwrap());
        let n = lengths.len();
        let shape = Attention { n, heads, size, queries, keys, causal };
        let [rows, columns] = [0, 1].map(|i| lengths.iter().map(|of| of[i]).sum::<usize>());
        let width = heads * size;
        let (q, k, v) =
            (numbers(rows * width, 1), numbers(columns * width, 2), numbers(columns * width, 3));
        let factors: Vec<f32> = (0..n * shape.weights_len())
            .map(|i| if i * 7 % 5 == 0 { 0.0 } else { dropout.max(1.0) })
            .collect();
        let (mut y, mut scratch) = (vec![9.0; rows * width], vec![9.0; n * shape.scratch_len()]);
        let mut kept = factors.clone();
        let steps = |i: usize| lengths[i];
        if dropout == 0.0 {
            let mut used = vec![9.0; y.len()];
            attention(shape, steps, [&q, &k, &v], None, &mut scratch, &mut used);
            let weights = Weights { kept: &mut kept, dropout };
            attention(shape, steps, [&q, &k, &v], Some(weights), &mut scratch, &mut y);
            assert_eq!(y, used);
        } else {
            let weights = Weights { kept: &mut kept, dropout };
            attention(shape, steps, [&q, &k, &v], Some(weights), &mut scratch, &mut y);
        }
        let dy = numbers(y.len(), 4);
        let [mut dq, mut dk, mut dv] = [rows, columns, columns].map(|len| vec![9.0; len * width]);
        let weights = Weights { kept: &mut kept, dropout };
        let to = [&mut dq[..], &mut dk, &mut dv];
        attention_backward(shape, steps, [&q, &k, &v], weights, &dy, &mut scratch, to);

        let scale = 1.0 / (size as f64).sqrt();
        let (mut row, mut column) = (0, 0);
        let [mut ey, mut eq] = [0; 2].map(|_| vec![0.0; rows * width]);
        let [mut ek, mut ev] = [0; 2].map(|_| vec![0.0; columns * width]);
        let at = |x: &[f32], row: usize, c: usize| f64::from(x[row * width + c]);
        for (i, &[queries, keys]) in lengths.iter().enumerate() {
            for head in 0..heads {
                let of = |c: usize| head * size + c;
                for t in 0..queries {
                    let sees = if causal { keys - queries + t + 1 } else { keys };
                    let product = |x: &[f32], row: usize, y: &[f32], s: usize| -> f64 {
                        (0..size).map(|c| at(x, row, of(c)) * at(y, column + s, of(c))).sum()
                    };
                    let e: Vec<f64> =
                        (0..sees).map(|s| (scale * product(&q, row + t, &k, s)).exp()).collect();
                    let total: f64 = e.iter().sum();
                    let factor = |s: usize| {
                        let at = i * shape.weights_len() + (head * queries + t) * keys + s;
                        if dropout == 0.0 { 1.0 } else { f64::from(factors[at]) }
                    };
                    let da: Vec<f64> =
                        (0..sees).map(|s| factor(s) * product(&dy, row + t, &v, s)).collect();
                    let mean: f64 = (0..sees).map(|s| e[s] / total * da[s]).sum();
                    for s in 0..sees {
                        let a = e[s] / total;
                        let ds = a * (da[s] - mean) * scale;
                        for c in 0..size {
                            let (to, from) =
                                ((row + t) * width + of(c), (column + s) * width + of(c));
                            ey[to] += a * factor(s) * f64::from(v[from]);
                            ev[from] += a * factor(s) * f64::from(dy[to]);
                            eq[to] += ds * f64::from(k[from]);
                            ek[from] += ds * f64::from(q[to]);
                        }
                    }
                }
            }
            (row, column) = (row + queries, column + keys);
        }
        for (found, expected) in [(y, ey), (dq, eq), (dk, ek), (dv, ev)] {
            let size = expected.iter().fold(1.0_f64, |size, x| size.max(x.abs()));
            for (found, expected) in found.iter().zip(expected) {
                let near = (f64::from(*found) - expected).abs() <= 2e-6 * size;
                assert!(near, "{found} is not {expected}, {shape:?} {lengths:?} {dropout}");
            }
        }
    }
}
