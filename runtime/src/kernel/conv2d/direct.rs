//! Convolution without a matrix of windows, forward and to the input: both are sweeps of taps over a [`Spread`] image.

use super::Conv2d;
use super::spread::Spread;
use super::sweep::{Out, SLACK, Sweep, Tap, Taps};
use crate::kernel::parallel::{Shared, scratch, tasks};

/// `y = weight ⋆ x + bias` for `n` samples; without a bias, added to `y`.
pub(super) fn forward(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    y: &mut [f32],
) {
    let (bias, add) = (bias.unwrap_or_default(), bias.is_none());
    let (spread, [kh, kw]) = (Spread::input(shape), shape.kernel);
    let per_group = shape.in_channels / shape.groups;
    let sweep = Sweep {
        groups: shape.groups,
        outs: shape.out_channels / shape.groups,
        ins: per_group,
        out_stride: per_group * kh * kw,
        in_stride: kh * kw,
        group_stride: shape.weight_len() / shape.groups,
        taps: spread.taps(shape),
        channel: spread.channel(),
        pitch: spread.pitch,
        rows: shape.out_height,
        cols: shape.out_width,
    };
    let out = Out {
        plane: shape.out_height * shape.out_width,
        start: 0,
        row: shape.out_width,
        col: 1,
        add,
    };
    // A small image is copied, too, to have something behind it.
    let spread = (!spread.is_plain() || sweep.positions() < SLACK).then_some(spread);
    each_sample(shape, n, sweep.outs, (y, shape.y_len()), |sample, outs, y| {
        let x = &x[sample * shape.x_len()..][..shape.x_len()];
        match &spread {
            None => sweep.run(x, weight, bias, outs, &out, y),
            Some(spread) => spread_over(spread, x, shape.height * shape.width, |image| {
                sweep.run(image, weight, bias, outs, &out, y);
            }),
        }
    });
}

/// `dx += weightᵀ ⋆ dy` for `n` samples.
pub(super) fn backward_input(shape: &Conv2d, n: usize, dy: &[f32], weight: &[f32], dx: &mut [f32]) {
    let (outs, ins) = (shape.out_channels / shape.groups, shape.in_channels / shape.groups);
    // Numbers of the input that are a stride apart meet the same taps: each such phase is a convolution of its own.
    for phase in 0..shape.stride[0] * shape.stride[1] {
        let phase = [phase / shape.stride[1], phase % shape.stride[1]];
        let [(top, rows), (left, cols)] =
            [shape.phase(0, phase[0], shape.height), shape.phase(1, phase[1], shape.width)];
        let spread = Spread::gradient(shape, [top, left], [rows, cols]);
        let taps = shape.taps_of(phase, spread.pitch);
        if rows * cols * taps.len() == 0 {
            continue;
        }
        let sweep = Sweep {
            groups: shape.groups,
            outs: ins,
            ins: outs,
            out_stride: shape.kernel[0] * shape.kernel[1],
            in_stride: shape.weight_len() / shape.out_channels,
            group_stride: shape.weight_len() / shape.groups,
            taps,
            channel: spread.channel(),
            pitch: spread.pitch,
            rows,
            cols,
        };
        let y = top * shape.stride[0] + phase[0] - shape.padding[0];
        let x = left * shape.stride[1] + phase[1] - shape.padding[1];
        let out = Out {
            plane: shape.height * shape.width,
            start: y * shape.width + x,
            row: shape.stride[0] * shape.width,
            col: shape.stride[1],
            add: true,
        };
        each_sample(shape, n, ins, (&mut *dx, shape.x_len()), |sample, outs, dx| {
            let dy = &dy[sample * shape.y_len()..][..shape.y_len()];
            spread_over(&spread, dy, shape.out_height * shape.out_width, |image| {
                sweep.run(image, weight, &[], outs, &out, dx);
            });
        });
    }
}

impl Conv2d {
    /// Along `axis`, the numbers of a phase of the padded input that lie within the input: the first, and how many.
    fn phase(&self, axis: usize, phase: usize, size: usize) -> (usize, usize) {
        let (step, padding) = (self.stride[axis], self.padding[axis]);
        let first = padding.saturating_sub(phase).div_ceil(step);
        let end = (size + padding).saturating_sub(phase).div_ceil(step);
        (first, end.saturating_sub(first))
    }

    /// The taps that meet a phase of the padded input, and where its first number finds their output's gradient.
    fn taps_of(&self, phase: [usize; 2], pitch: usize) -> Taps {
        let mut taps = Taps::default();
        let back = |axis: usize, tap: usize| {
            let (offset, step) = (tap * self.dilation[axis], self.stride[axis]);
            let farthest = self.reach(axis) / step;
            (offset % step == phase[axis]).then(|| farthest - offset / step)
        };
        for i in 0..self.kernel[0] {
            for j in 0..self.kernel[1] {
                if let (Some(up), Some(left)) = (back(0, i), back(1, j)) {
                    taps.push(Tap::new(i * self.kernel[1] + j, up * pitch + left));
                }
            }
        }
        taps
    }
}

/// Calls `work(sample, channels, out)` for each sample, with its `len` numbers of `out`; where there are few samples,
/// for several parts of the `outs` channels of each. What is left out of `channels` is another call's.
fn each_sample(
    shape: &Conv2d,
    n: usize,
    outs: usize,
    (out, len): (&mut [f32], usize),
    work: impl Fn(usize, core::ops::Range<usize>, &OutPlanes) + Sync,
) {
    const ENOUGH: usize = 8;
    let parts = if shape.groups > 1 || n >= ENOUGH {
        1
    } else {
        ENOUGH.div_ceil(n.max(1)).min(outs.div_ceil(8))
    };
    let size = outs.div_ceil(parts).next_multiple_of(8);
    let parts = outs.div_ceil(size);
    let flops = 2 * n * shape.y_len() * (shape.weight_len() / shape.out_channels);
    let out = Shared::of(out);
    tasks(flops, n * parts, |task| {
        let (sample, part) = (task / parts, task % parts);
        let channels = part * size..outs.min((part + 1) * size);
        work(sample, channels, &OutPlanes { start: out.at(sample * len), len });
    });
}

/// Where a sample's output is written, some of its channels by each task.
pub(super) struct OutPlanes {
    pub(super) start: *mut f32,
    pub(super) len: usize,
}

/// Lays out an image of planes of `len` numbers and lends it to `work`.
fn spread_over(spread: &Spread, x: &[f32], len: usize, work: impl FnOnce(&[f32])) {
    scratch(x.len() / len * spread.channel() + SLACK, |image| {
        lay_out(spread, x, len, image);
        work(image);
    });
}

/// Lays out an image of planes of `len` numbers, and [`SLACK`] zeros behind it.
pub(super) fn lay_out(spread: &Spread, x: &[f32], len: usize, image: &mut [f32]) {
    let mut channels = image.chunks_exact_mut(spread.channel());
    for (x, channel) in x.chunks_exact(len).zip(&mut channels) {
        spread.lay_out(x, channel);
    }
    let end = image.len() - SLACK;
    image[end..].fill(0.0);
}
