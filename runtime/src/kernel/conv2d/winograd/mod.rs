//! Convolution by windows of three by three in fewer multiplications: F(4×4, 3×3) after Winograd (1980), with channels and images as Lavin
//! and Gray have it ("Fast algorithms for convolutional neural networks", 2016).
//!
//! A *tile* of four by four outputs follows from six by six inputs `d` and the weights `g` of a pair of channels as
//! `Aᵀ ((G g Gᵀ) ⊙ (Bᵀ d B)) A`: 36 multiplications where windows take 144. The sum over input channels may be taken before `Aᵀ … A`, so
//! that at each of the 36 *places* there is a product of two matrices, tiles with weights, which is where the time goes. In the lanes of
//! a vector there are channels: so a transform is the same few additions for all of them, wherever in the image a tile is.
//!
//! The gradient of the weight is the same read backward, `Gᵀ (Σ (A dy Aᵀ) ⊙ (Bᵀ d B)) G`, with the sum over all tiles of all samples.
//!
//! The transforms evaluate polynomials at the points 0, ±3/4, ±3/2 and infinity. With these, a few times as much is lost to rounding as in the
//! windows; with the usual 0, ±1 and ±2 it would be twice as much again.

mod input;
mod output;
mod sums;
mod tiles;
mod transform;
mod weight;

use super::{Conv2d, Ending, Output};
use crate::kernel::Writing;
use crate::kernel::dispatch::dispatch;
use crate::kernel::parallel::{Shared, estimate, scratch, tasks};
use input::Inputs;
use output::Outputs;
use sums::Sums;
use tiles::{Bands, PLACES, padded};
use transform::Weights;

pub(super) use weight::backward_weight;

/// Whether it is worth the while: where there are tiles enough for the weights to be transformed, or some if they are `packed`, and where few
/// outputs of the tiles are beyond the image.
pub(super) const fn fits(shape: &Conv2d, packed: bool) -> bool {
    let Conv2d { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], groups: 1, .. } = *shape else {
        return false;
    };
    let channels = shape.in_channels >= 16 && shape.out_channels >= 16;
    let tiles = shape.out_height.div_ceil(4) * shape.out_width.div_ceil(4);
    let enough = tiles >= if packed { 4 } else { 25 };
    let few_beyond = 8 * tiles <= shape.out_height * shape.out_width;
    channels && enough && few_beyond && shape.padding[0] <= 2 && shape.padding[1] <= 2
}

/// Numbers of transformed weights.
pub(super) const fn packed_len(shape: &Conv2d) -> usize {
    PLACES * shape.in_channels * padded(shape.out_channels)
}

/// Transforms the weights.
pub(super) fn pack(shape: &Conv2d, weight: &[f32], to: &mut [f32]) {
    let ins = shape.in_channels;
    let weight = |o, c, tap| weight[9 * (o * ins + c) + tap];
    dispatch(Weights { shape, weight, to });
}

/// `dx += weightᵀ ⋆ dy` for `n` samples, or `dx = …`, as `writing` says: a convolution with the windows turned.
pub(super) fn backward_input(
    shape: &Conv2d,
    n: usize,
    dy: &[f32],
    weight: &[f32],
    writing: Writing<'_>,
    dx: &mut [f32],
) {
    let (ins, outs) = (shape.in_channels, shape.out_channels);
    let turned = Conv2d {
        in_channels: outs,
        height: shape.out_height,
        width: shape.out_width,
        out_channels: ins,
        out_height: shape.height,
        out_width: shape.width,
        padding: shape.padding.map(|padding| 2 - padding),
        ..*shape
    };
    let weight = |o, c, tap| weight[9 * (c * ins + o) + 8 - tap];
    // With a bias, if an empty one, outputs are written and not added.
    let bias = writing.is_first().then_some(&[][..]);
    let relu = match writing {
        Writing::Rectified(y) => Some(&y[..dx.len()]),
        _ => None,
    };
    let output = &Output { bias, ending: Ending::NONE, relu };
    scratch(packed_len(&turned), |packed| {
        dispatch(Weights { shape: &turned, weight, to: &mut *packed });
        convolve(&turned, n, dy, packed, output, dx);
    });
}

/// `y = weight ⋆ x`, as `output` says, for `n` samples, with transformed weights.
pub(super) fn convolve(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    factors: &[f32],
    output: &Output,
    y: &mut [f32],
) {
    let (ins, outs) = (shape.in_channels, shape.out_channels);
    let flops = estimate([5, n, shape.y_len(), ins]);
    let bands = Bands::of(shape, n, flops);
    let y = Shared::of(y);
    tasks(flops, bands.count(), |task| {
        let band = &bands.band(task);
        let [inputs, sums] = [ins, outs].map(|channels| band.padded() * band.tile(channels));
        scratch(inputs + sums + band.lines(), |buffer| {
            let (inputs, rest) = buffer.split_at_mut(inputs);
            let (sums, lines) = rest.split_at_mut(sums);
            dispatch(Inputs::of(shape, band, x, &mut *lines, &mut *inputs));
            dispatch(Sums { shape, band, factors, inputs, to: &mut *sums });
            // No other task writes those of this band.
            dispatch(Outputs { shape, band, sums, output, lines, y: y.at(0) });
        });
    });
}
