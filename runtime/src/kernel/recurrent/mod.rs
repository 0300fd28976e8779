//! One layer of a recurrent network in one direction, over sequences that need not be as long as one another.

mod backward;
mod cell;
#[cfg(feature = "std")]
mod columns;
mod forward;
#[cfg(feature = "std")]
mod pack;
mod product;
mod small;
mod step;
#[cfg(all(test, feature = "std"))]
mod tests;
mod transposed;

pub use backward::{RecurrentBackward, RecurrentGradients, recurrent_backward};
pub use cell::Cell;
pub use forward::{RecurrentForward, block, recurrent};
pub use small::recurrent_step_small;
pub use step::recurrent_step;

use super::Vector;
use super::blas::add_multiple;
use super::parallel::Shared;
use product::Weight;

/// Samples that one thread takes through all their steps together.
const CHUNK: usize = 8;

/// One layer in one direction: its sizes and parameters, in PyTorch's order.
#[derive(Clone, Copy)]
pub struct Recurrence<'a> {
    /// What its gates do.
    pub cell: Cell,
    /// Numbers of a step that come in.
    pub inputs: usize,
    /// Numbers of a step that come out.
    pub hidden: usize,
    /// Whether it runs from the last step to the first.
    pub reverse: bool,
    /// `W: [gates · hidden][inputs]`.
    pub weight_ih: &'a [f32],
    /// `W′: [gates · hidden][hidden]`.
    pub weight_hh: &'a [f32],
    /// `b: [gates · hidden]`, or empty.
    pub bias_ih: &'a [f32],
    /// `b′: [gates · hidden]`, or empty.
    pub bias_hh: &'a [f32],
    /// What [`pack`](Recurrence::pack) has written, or empty.
    pub packed: &'a [f32],
}

/// Places of each gate that are worked out together where [`Weights::columns`] are there: as many as sums fit into registers.
const PLACES: usize = super::vector::MAX_LANES;

/// The weights of a layer, packed or not.
#[derive(Clone, Copy)]
struct Weights<'a> {
    /// `W`, and the [parts](Recurrence::recurrent_parts) of `W′`.
    each: [Weight<'a>; 3],
    /// `W′` once more, for one sample alone, or empty: for each [`PLACES`] of places the columns of its gates, one after the other. So the weights,
    /// which come from a cache that is slower than the arithmetic, are read from first to last.
    columns: &'a [f32],
}

/// How many steps each sample has; they lie one after the other, those of sample 0 first.
#[derive(Clone, Copy)]
pub struct Steps<'a> {
    /// Samples.
    pub n: usize,
    /// The steps of a sample.
    pub of: &'a (dyn Fn(usize) -> usize + Sync),
}

/// `hidden` numbers for each step or each sample, `stride` apart.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// Where they are.
    pub data: &'a [f32],
    /// From one row to the next.
    pub stride: usize,
    /// Where row 0 starts.
    pub offset: usize,
}

/// As [`Rows`], to write to.
pub struct RowsMut<'a> {
    /// Where they are.
    pub data: &'a mut [f32],
    /// From one row to the next.
    pub stride: usize,
    /// Where row 0 starts.
    pub offset: usize,
}

impl<'a> Recurrence<'a> {
    /// Rows of the weights.
    fn gates(&self) -> usize {
        self.cell.gates() * self.hidden
    }

    /// Numbers that are written for each step.
    fn width(&self) -> usize {
        self.cell.width() * self.hidden
    }

    /// Whether all parameters have the lengths that follow from the sizes.
    fn fits(&self) -> bool {
        let rows = self.gates();
        self.weight_ih.len() == rows * self.inputs
            && self.weight_hh.len() == rows * self.hidden
            && [self.bias_ih, self.bias_hh].iter().all(|b| b.is_empty() || b.len() == rows)
    }

    #[inline]
    fn check(&self) {
        let rows = self.gates();
        assert!(self.weight_ih.len() == rows * self.inputs, "recurrent: `W` has another length");
        assert!(self.weight_hh.len() == rows * self.hidden, "recurrent: `W′` has another length");
        for bias in [self.bias_ih, self.bias_hh] {
            assert!(bias.is_empty() || bias.len() == rows, "recurrent: a bias has another length");
        }
    }

    /// What goes into the gates of a step before its products: the biases.
    #[inline(always)]
    fn biases<V: Vector>(&self, gates: &mut [f32]) {
        gates.fill(0.0);
        if !self.bias_ih.is_empty() {
            let one = V::splat(1.0);
            add_multiple(one, self.bias_ih, &mut gates[..self.gates()]);
            for (rows, to) in self.recurrent_parts() {
                add_multiple(one, &self.bias_hh[rows.clone()], &mut gates[to..][..rows.len()]);
            }
        }
    }

    fn weights(&self) -> Weights<'a> {
        let [first, second] = self.recurrent_parts().map(|(rows, _)| Weight {
            data: &self.weight_hh[rows.start * self.hidden..rows.end * self.hidden],
            rows: rows.len(),
            cols: self.hidden,
            packed: None,
        });
        let (rows, cols) = (self.gates(), self.inputs);
        let data = self.weight_ih;
        let each = [Weight { data, rows, cols, packed: None }, first, second];
        Weights { each, columns: &[] }
    }

    /// Where the step that is taken at `time` lies in a sequence of `len`.
    #[inline(always)]
    fn position(&self, time: usize, len: usize) -> usize {
        if self.reverse { len - 1 - time } else { time }
    }

    /// The rows of `W′` and where their products go among the gates: of a GRU, the last third stays apart.
    fn recurrent_parts(&self) -> [(core::ops::Range<usize>, usize); 2] {
        let h = self.hidden;
        match self.cell {
            Cell::Gru => [(0..2 * h, 0), (2 * h..3 * h, 3 * h)],
            _ => [(0..self.gates(), 0), (0..0, 0)],
        }
    }
}

impl Steps<'_> {
    /// The steps of all samples together.
    pub fn total(&self) -> usize {
        (0..self.n).map(|i| (self.of)(i)).sum()
    }

    /// The samples of chunk `i`: the first, how many, and their steps.
    fn chunk(&self, i: usize) -> ChunkSteps {
        let sample = i * CHUNK;
        let n = CHUNK.min(self.n - sample);
        let mut chunk = ChunkSteps { sample, n, first: [0; CHUNK], len: [0; CHUNK], step: 0 };
        chunk.step = (0..sample).map(|i| (self.of)(i)).sum();
        let mut first = 0;
        for i in 0..n {
            (chunk.first[i], chunk.len[i]) = (first, (self.of)(sample + i));
            first += chunk.len[i];
        }
        chunk
    }
}

/// The samples that one thread takes, and where their steps are.
struct ChunkSteps {
    /// The first sample.
    sample: usize,
    n: usize,
    /// The first step of all.
    step: usize,
    /// The first step of each, counted from `step`.
    first: [usize; CHUNK],
    /// The steps of each.
    len: [usize; CHUNK],
}

impl ChunkSteps {
    /// Steps of the longest.
    fn most(&self) -> usize {
        self.len[..self.n].iter().copied().max().unwrap_or(0)
    }

    /// Steps of all.
    fn total(&self) -> usize {
        self.len[..self.n].iter().sum()
    }
}

impl<'a> Rows<'a> {
    #[inline(always)]
    fn row(&self, i: usize, len: usize) -> &'a [f32] {
        &self.data[i * self.stride + self.offset..][..len]
    }

    /// `count` rows from `first`.
    fn part(&self, first: usize, count: usize) -> Rows<'a> {
        let end = self.data.len().min((first + count) * self.stride);
        Rows { data: &self.data[(first * self.stride).min(end)..end], ..*self }
    }
}

impl RowsMut<'_> {
    #[inline(always)]
    fn row(&mut self, i: usize, len: usize) -> &mut [f32] {
        &mut self.data[i * self.stride + self.offset..][..len]
    }

    fn shared(&mut self) -> SharedRows {
        SharedRows { data: Shared::of(self.data), stride: self.stride, offset: self.offset }
    }
}

/// Rows of which several threads write different ones.
struct SharedRows {
    data: Shared<f32>,
    stride: usize,
    offset: usize,
}

impl SharedRows {
    /// `count` rows from `first`.
    ///
    /// # Safety
    /// What this was made of is borrowed for as long as the part is used, and nobody else has one of these rows.
    unsafe fn part<'a>(&self, first: usize, count: usize) -> RowsMut<'a> {
        // SAFETY: the caller's promise.
        let data = unsafe { self.data.range(first * self.stride, count * self.stride) };
        RowsMut { data, stride: self.stride, offset: self.offset }
    }
}
