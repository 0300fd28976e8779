//! Scaled dot-product attention, `softmax(Q Kᵀ / √d) V` in each head, and its gradients.
//!
//! In training some queries at a time are compared with all keys, so that their scores stay in the cache from one step to the next.

mod formulas;
mod online;
#[cfg(all(test, feature = "std"))]
mod tests;

use formulas::{Drop, Left, OfScore, WhereLeft, softmax_scaled};

use super::parallel::{Shared, estimate, tasks};
use super::{Matrix, dot, each, gemm, sqrt};

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
    /// Numbers of scratch memory that each sample needs in use.
    pub const fn scratch_len(&self) -> usize {
        online::scratch_len(self)
    }

    /// Numbers of scratch memory that each sample needs in training.
    pub const fn scratch_len_kept(&self) -> usize {
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
/// slices hold the steps of one sample after those of the other. What a query gets does not depend, to the last bit, on the other queries.
///
/// # Panics
/// When a slice is too short.
pub fn attention(
    shape: Attention,
    steps: impl Fn(usize) -> [usize; 2] + Sync,
    read: [&[f32]; 3],
    scratch: &mut [f32],
    y: &mut [f32],
) {
    let (y, scratch) = (Shared::of(y), Shared::of(scratch));
    tasks(estimate([4, shape.n, shape.weights_len(), shape.size]), shape.n, |i| {
        let (sample, first, len) = Sample::of(shape, &steps, read, i);
        // SAFETY: the steps of sample `i`, and its part of the other memory, are used by this task alone.
        let (y, scratch) = unsafe {
            let scratch = scratch.range(i * shape.scratch_len(), shape.scratch_len());
            (y.range(first, len), scratch)
        };
        online::attend(&sample, scratch, y);
    });
}

/// The same in training, which keeps the weights.
///
/// # Panics
/// When a slice is too short.
pub fn attention_kept(
    shape: Attention,
    steps: impl Fn(usize) -> [usize; 2] + Sync,
    read: [&[f32]; 3],
    weights: Weights<'_>,
    scratch: &mut [f32],
    y: &mut [f32],
) {
    let (y, scratch, kept) = (Shared::of(y), Shared::of(scratch), Shared::of(weights.kept));
    tasks(estimate([4, shape.n, shape.weights_len(), shape.size]), shape.n, |i| {
        let (sample, first, len) = Sample::of(shape, &steps, read, i);
        // SAFETY: the steps of sample `i`, and its part of the other memory, are used by this task alone.
        let (y, scratch, kept) = unsafe {
            let scratch = scratch.range(i * shape.scratch_len_kept(), shape.scratch_len_kept());
            let kept = kept.range(i * shape.weights_len(), shape.weights_len());
            (y.range(first, len), scratch, kept)
        };
        sample.forward(kept, weights.dropout, scratch, y);
    });
}

/// Writes the gradients by `q`, `k` and `v` from that by `y`, and changes the weights that were kept.
///
/// # Panics
/// When a slice is too short.
pub fn attention_backward(
    shape: Attention,
    steps: impl Fn(usize) -> [usize; 2] + Sync,
    read: [&[f32]; 3],
    weights: Weights<'_>,
    dy: &[f32],
    scratch: &mut [f32],
    [dq, dk, dv]: [&mut [f32]; 3],
) {
    let [dq, dk, dv] = [dq, dk, dv].map(Shared::of);
    let (kept, scratch) = (Shared::of(weights.kept), Shared::of(scratch));
    tasks(estimate([8, shape.n, shape.weights_len(), shape.size]), shape.n, |i| {
        let (sample, first, len) = Sample::of(shape, &steps, read, i);
        let (first_key, key_len) = (sample.first_key * shape.width(), sample.k.len());
        let dy = &dy[first..][..len];
        // SAFETY: the steps of sample `i`, and its part of the other memory, are used by this task alone.
        unsafe {
            let kept = kept.range(i * shape.weights_len(), shape.weights_len());
            let scratch = scratch.range(i * shape.scratch_len_kept(), shape.scratch_len_kept());
            let to =
                [dq.range(first, len), dk.range(first_key, key_len), dv.range(first_key, key_len)];
            sample.backward(kept, weights.dropout, dy, scratch, to);
        }
    });
}

/// One sample's queries, keys and values.
struct Sample<'a> {
    shape: Attention,
    queries: usize,
    keys: usize,
    /// Keys of the samples before.
    first_key: usize,
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
    /// Sample `i`, and where its queries begin and how many numbers they have.
    fn of(
        shape: Attention,
        steps: &impl Fn(usize) -> [usize; 2],
        [q, k, v]: [&'a [f32]; 3],
        i: usize,
    ) -> (Self, usize, usize) {
        let (mut first_query, mut first_key) = (0, 0);
        for before in 0..i {
            let [queries, keys] = steps(before);
            (first_query, first_key) = (first_query + queries, first_key + keys);
        }
        let [queries, keys] = steps(i);
        assert!(queries <= shape.queries && keys <= shape.keys, "attention: too many steps");
        assert!(!shape.causal || queries <= keys, "attention: a query sees at least its own key");
        let (first, len) = (first_query * shape.width(), queries * shape.width());
        let [k, v] = [k, v].map(|x| &x[first_key * shape.width()..][..keys * shape.width()]);
        (Sample { shape, queries, keys, first_key, q: &q[first..][..len], k, v }, first, len)
    }

    fn forward(&self, kept: &mut [f32], dropout: f32, scratch: &mut [f32], y: &mut [f32]) {
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
            for (r, scores) in scores.chunks_exact_mut(seen.max(1)).enumerate() {
                let kept = &mut kept[self.weights_at(rows, r)..][..self.keys];
                let (kept, hidden) = kept.split_at_mut(seen);
                match dropout {
                    0.0 => kept.copy_from_slice(scores),
                    _ => each([kept, scores], [], &Drop),
                }
                hidden.fill(0.0);
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
