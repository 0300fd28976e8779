//! Packing a weight for [`Weight::add_products`](super::product::Weight::add_products).

use super::super::Vector;
use super::super::dispatch::Kernel;
use super::super::vector::MAX_LANES;
use super::product::{Weight, group, reversed};

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
        let mut square = [0.0; MAX_LANES * MAX_LANES];
        for first in (0..rows).step_by(V::LANES) {
            // Panels of two vectors, and one alone if that is left over.
            let panel = first / (2 * V::LANES) * 2 * V::LANES;
            let (n, width) = match rows - panel > V::LANES {
                true => ((first - panel) / V::LANES, 2),
                false => (0, 1),
            };
            let to = &mut self.to[panel * depth..];
            for j in (0..cols).step_by(V::LANES) {
                // `square[lane][row]`, zeros where the weight ends.
                if rows - first >= V::LANES && cols - j >= V::LANES {
                    let from = &data[first * cols + j..];
                    assert!(from.len() >= (V::LANES - 1) * cols + V::LANES);
                    // SAFETY: a whole square lies in the weight, checked just now, and another in `square`.
                    unsafe {
                        V::transpose(from.as_ptr(), cols, square.as_mut_ptr(), V::LANES);
                    }
                } else {
                    square.fill(0.0);
                    for row in first..rows.min(first + V::LANES) {
                        for column in j..cols.min(j + V::LANES) {
                            square[(column - j) * V::LANES + row - first] =
                                data[row * cols + column];
                        }
                    }
                }
                for (lane, numbers) in square.chunks_exact(V::LANES).take(V::LANES).enumerate() {
                    // The group that the lane is in comes before its number in the group.
                    let (g, i) =
                        (reversed(lane % groups, groups), reversed(lane / groups, group::<V>()));
                    let column = (g * depth / V::LANES + j / V::LANES) * group::<V>() + i;
                    V::load(numbers).store(&mut to[(column * width + n) * V::LANES..]);
                }
            }
        }
    }
}
