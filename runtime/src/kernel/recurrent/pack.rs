//! Packing a weight for [`Weight::add_products`](super::product::Weight::add_products).

use super::super::Vector;
use super::super::dispatch::{Isa, Kernel, dispatch};
use super::super::tile::reversed;
use super::super::vector::MAX_LANES;
use super::product::{Weight, group};
use super::step::{row, sides};
use super::{PLACES, Recurrence, Weights};

impl<'a> Recurrence<'a> {
    /// Numbers that [`pack`](Recurrence::pack) writes.
    pub fn packed_len(&self) -> usize {
        self.packed_lens().into_iter().sum()
    }

    /// Writes the weights in the order in which they are read: `W`, the parts of `W′`, and the columns of `W′`.
    ///
    /// # Panics
    /// When the weights, or `to`, have another length.
    pub fn pack(&self, to: &mut [f32]) {
        self.check();
        let (mut to, lens) = (to, self.packed_lens());
        for (weight, len) in self.weights().each.into_iter().zip(lens).filter(|(_, len)| *len > 0) {
            let (here, rest) = to.split_at_mut(len);
            dispatch(Pack { weight, to: here });
            to = rest;
        }
        if !to.is_empty() {
            self.pack_blocks(to);
        }
    }

    /// See `Weights::columns`.
    fn pack_blocks(&self, to: &mut [f32]) {
        let (hidden, mut to) = (self.hidden, to.chunks_exact_mut(PLACES));
        let gates = || (0..self.cell.width()).filter(|&gate| sides(self, gate)[1]);
        for start in (0..hidden).step_by(PLACES) {
            for column in 0..hidden {
                for (gate, to) in gates().zip(&mut to) {
                    for (i, to) in to.iter_mut().enumerate() {
                        *to = self.weight_hh[(row(self, gate) + start + i) * hidden + column];
                    }
                }
            }
        }
    }

    /// The weights as they have been packed; those of the state of one sample that is `alone` are its columns.
    pub(super) fn packed(&self, alone: bool) -> Option<Weights<'a>> {
        let (lens, mut rest) = (self.packed_lens(), self.packed);
        if rest.is_empty() || rest.len() != self.packed_len() {
            return None;
        }
        let mut weights = self.weights();
        for (weight, len) in weights.each.iter_mut().zip(lens) {
            let (packed, behind) = rest.split_at(len);
            weight.packed = (len > 0).then_some(packed);
            rest = behind;
        }
        weights.columns = if alone { rest } else { &[] };
        Some(weights)
    }

    /// Numbers of `W`, the parts of `W′`, and the columns of `W′`, where they are worth packing. A single column is not.
    fn packed_lens(&self) -> [usize; 4] {
        if Isa::current() == Isa::Scalar {
            return [0; 4];
        }
        let [w, first, second] = self.weights().each.map(|weight| packed_len(&weight));
        let columns = if self.hidden.is_multiple_of(PLACES) { self.weight_hh.len() } else { 0 };
        [if self.inputs > 1 { w } else { 0 }, first, second, columns]
    }
}

/// Packs `weight` into `to`: panels of two vectors of rows (or one, at the end); in each, group of lanes after group, the columns of
/// that group.
pub(super) struct Pack<'a> {
    pub(super) weight: Weight<'a>,
    pub(super) to: &'a mut [f32],
}

/// Numbers that a packed weight takes, on any instruction set.
pub(super) fn packed_len(weight: &Weight<'_>) -> usize {
    weight.rows.next_multiple_of(MAX_LANES) * weight.cols.next_multiple_of(MAX_LANES)
}

impl Kernel for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Weight { data, rows, cols, .. } = self.weight;
        assert!(data.len() == rows * cols && self.to.len() >= packed_len(&self.weight));
        let (depth, groups) = (cols.next_multiple_of(V::LANES), V::LANES / group::<V>());
        // The place of each lane's first column: the group that it is in comes before its number in the group.
        let mut places = [0; MAX_LANES];
        for (lane, place) in places.iter_mut().enumerate().take(V::LANES) {
            let (g, i) = (reversed(lane % groups, groups), reversed(lane / groups, group::<V>()));
            *place = g * (depth / V::LANES) * group::<V>() + i;
        }
        let mut squares = [0.0; SQUARES * MAX_LANES * MAX_LANES];
        for first in (0..rows).step_by(V::LANES) {
            // Panels of two vectors, and one alone if that is left over.
            let panel = first / (2 * V::LANES) * 2 * V::LANES;
            let (n, width) = match rows - panel > V::LANES {
                true => ((first - panel) / V::LANES, 2),
                false => (0, 1),
            };
            let to = &mut self.to[panel * depth..];
            for start in (0..cols).step_by(SQUARES * V::LANES) {
                let end = cols.min(start + SQUARES * V::LANES);
                // Several at a time: what has just been written in other pieces is slow to read.
                let each = || (start..end).step_by(V::LANES);
                for (j, square) in each().zip(squares.chunks_exact_mut(V::LANES * V::LANES)) {
                    transpose::<V>(self.weight, first, j, square);
                }
                for (j, square) in each().zip(squares.chunks_exact(V::LANES * V::LANES)) {
                    for (numbers, place) in square.chunks_exact(V::LANES).zip(places) {
                        let column = place + j / V::LANES * group::<V>();
                        V::load(numbers).store(&mut to[(column * width + n) * V::LANES..]);
                    }
                }
            }
        }
    }
}

/// Squares that are transposed one after the other.
const SQUARES: usize = 4;

/// `square[i][r] = w[row + r][column + i]`, zeros where the weight ends.
#[inline(always)]
fn transpose<V: Vector>(w: Weight<'_>, row: usize, column: usize, square: &mut [f32]) {
    let from = &w.data[row * w.cols + column..];
    assert!(square.len() == V::LANES * V::LANES);
    if w.rows - row >= V::LANES && w.cols - column >= V::LANES {
        assert!(from.len() >= (V::LANES - 1) * w.cols + V::LANES);
        // SAFETY: a whole square lies in the weight, checked just now, and another in `square`.
        return unsafe { V::transpose(from.as_ptr(), w.cols, square.as_mut_ptr(), V::LANES) };
    }
    square.fill(0.0);
    for r in 0..V::LANES.min(w.rows - row) {
        for i in 0..V::LANES.min(w.cols - column) {
            square[i * V::LANES + r] = from[r * w.cols + i];
        }
    }
}
