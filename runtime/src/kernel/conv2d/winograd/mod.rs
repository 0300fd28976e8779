//! Convolution by windows of three by three in fewer multiplications: F(2×2, 3×3) after Winograd (1980), with channels and images as Lavin
//! and Gray have it ("Fast algorithms for convolutional neural networks", 2016).
//!
//! A *tile* of two by two outputs follows from four by four inputs `d` and the weights `g` of a pair of channels as
//! `Aᵀ ((G g Gᵀ) ⊙ (Bᵀ d B)) A`: 16 multiplications where windows take 36. The sum over input channels may be taken before `Aᵀ … A`, so
//! that at each of the 16 *places* there is a product of two matrices, weights with tiles, which is where the time goes. The transforms
//! add, subtract and halve, so that hardly more is lost to rounding than in the windows. In the gradient of the weight, sums over thousands of
//! places, that would be five times as much; so there it is not done.

mod sums;
mod tiles;
mod transform;

use super::{Conv2d, Ending, Filters, Output};
use crate::kernel::dispatch::dispatch;
use crate::kernel::parallel::{Shared, scratch, tasks};
use sums::Sums;
use tiles::Bands;
use transform::{PLACES, Tiles, Weights};

/// Whether it is worth the while. With 16 channels the transforms of tiles take all that the products save, and with 64 tiles those of
/// weights do, if there is but one image; so measured, with AVX-512 and with AVX2.
pub(super) const fn fits(shape: &Conv2d) -> bool {
    let tiles = shape.out_height.div_ceil(2) * shape.out_width.div_ceil(2);
    fits_packed(shape) && tiles >= 100
}

/// As [`fits`], if the weights are transformed once for all images.
pub(super) const fn fits_packed(shape: &Conv2d) -> bool {
    let Conv2d { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], groups: 1, .. } = *shape else {
        return false;
    };
    let channels = shape.in_channels >= 32 && shape.out_channels >= 32;
    let tiles = shape.out_height.div_ceil(2) * shape.out_width.div_ceil(2);
    channels && tiles >= 16 && shape.padding[0] <= 2 && shape.padding[1] <= 2
}

/// Numbers of transformed weights.
pub(super) const fn packed_len(shape: &Conv2d) -> usize {
    PLACES * shape.in_channels * shape.out_channels
}

/// Transforms the weights.
pub(super) fn pack(shape: &Conv2d, weight: &[f32], to: &mut [f32]) {
    let count = shape.in_channels * shape.out_channels;
    dispatch(Weights { count, weight: |pair: usize, tap| weight[9 * pair + tap], to });
}

/// `y = weight ⋆ x`, as `output` says, for `n` samples.
pub(super) fn forward(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    filters: Filters<'_>,
    output: &Output,
    y: &mut [f32],
) {
    match filters.packed {
        Some(packed) => convolve(shape, n, x, packed, output, y),
        None => scratch(packed_len(shape), |packed| {
            pack(shape, filters.weight, packed);
            convolve(shape, n, x, packed, output, y);
        }),
    }
}

/// `dx += weightᵀ ⋆ dy` for `n` samples: a convolution with the windows turned.
pub(super) fn backward_input(shape: &Conv2d, n: usize, dy: &[f32], weight: &[f32], dx: &mut [f32]) {
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
    let weight = |pair, tap| weight[9 * (pair % outs * ins + pair / outs) + 8 - tap];
    let output = &Output { bias: None, ending: Ending::NONE };
    scratch(packed_len(shape), |factors| {
        dispatch(Weights { count: outs * ins, weight, to: &mut *factors });
        convolve(&turned, n, dy, factors, output, dx);
    });
}

/// As [`forward`], with transformed weights.
fn convolve(shape: &Conv2d, n: usize, x: &[f32], factors: &[f32], output: &Output, y: &mut [f32]) {
    let written = output.ending.written(shape);
    let (ins, bands) = (shape.in_channels, Bands::of(shape));
    let flops = 8 * n * shape.y_len() * ins;
    let y = Shared::of(y);
    tasks(flops, n * bands.count(), |task| {
        let (image, band) = (task / bands.count(), bands.band(task % bands.count()));
        let x = &x[image * shape.x_len()..][..shape.x_len()];
        let inputs = PLACES * band.place(ins);
        scratch(inputs + PLACES * band.place(sums::CHANNELS), |buffer| {
            let (inputs, sums) = buffer.split_at_mut(inputs);
            dispatch(Tiles { shape, band: &band, x, to: &mut *inputs });
            let outputs = image * written.y_len()..(image + 1) * written.y_len();
            // No other task writes those of this band.
            let y = y.at(outputs.start);
            let output = &Output { ending: output.ending.of_outputs(outputs), ..*output };
            dispatch(Sums { shape, band: &band, factors, inputs, sums, output, y });
        });
    });
}
