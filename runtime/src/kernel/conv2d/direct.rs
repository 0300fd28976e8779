//! Convolution without a matrix of windows, forward and to the input: both are sweeps of taps over a [`Spread`] image.

use super::spread::Spread;
use super::sweep::{Out, SLACK, Sweep, Tap, Taps};
use super::{Conv2d, Ending, Output};
use crate::kernel::parallel::{Shared, are_worth_threads, estimate, scratch, tasks};

/// `y = weight ⋆ x`, as `output` says, for `n` samples.
pub(super) fn forward(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    weight: &[f32],
    output: &Output,
    y: &mut [f32],
) {
    let (bias, add) = (output.bias.unwrap_or_default(), output.bias.is_none());
    let spread = Spread::input(shape);
    let taps = spread.taps(shape);
    let sweep = Sweep {
        outs: shape.out_channels / shape.groups,
        ins: shape.in_channels / shape.groups,
        out_stride: shape.weight_len() / shape.out_channels,
        in_stride: taps.len(),
        taps: &taps,
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
    let images = Images { x, plane: shape.height * shape.width, spread, ending: &output.ending };
    images.sweep(&sweep, shape.groups, n, [weight, bias], &out, y);
}

/// `dx += weightᵀ ⋆ dy` for `n` samples.
pub(super) fn backward_input(shape: &Conv2d, n: usize, dy: &[f32], weight: &[f32], dx: &mut [f32]) {
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
            outs: shape.in_channels / shape.groups,
            ins: shape.out_channels / shape.groups,
            out_stride: shape.kernel[0] * shape.kernel[1],
            in_stride: shape.weight_len() / shape.out_channels,
            taps: &taps,
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
        let plane = shape.out_height * shape.out_width;
        let images = Images { x: dy, plane, spread: Some(spread), ending: &Ending::NONE };
        images.sweep(&sweep, shape.groups, n, [weight, &[]], &out, dx);
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
        let mut taps = Taps::EMPTY;
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

/// The images of a batch: planes of `plane` numbers, to be read as they are or laid out.
struct Images<'a> {
    x: &'a [f32],
    plane: usize,
    spread: Option<Spread>,
    /// What becomes of the outputs.
    ending: &'a Ending<'a>,
}

impl Images<'_> {
    /// Runs `sweep` over `n` samples of `groups` of channels that do not see one another; where these are few, several parts of the
    /// channels of each are tasks of their own.
    fn sweep(
        &self,
        sweep: &Sweep,
        groups: usize,
        n: usize,
        [weight, bias]: [&[f32]; 2],
        out: &Out,
        y: &mut [f32],
    ) {
        const ENOUGH: usize = 8;
        // From here on, each group of each sample is an image.
        let (n, x_len, y_len) = (n * groups, sweep.ins * self.plane, sweep.outs * out.plane);
        let flops =
            estimate([2, n, sweep.rows, sweep.cols, sweep.outs, sweep.ins, sweep.taps.len()]);
        let parts = if are_worth_threads(flops) { ENOUGH.div_ceil(n.max(1)) } else { 1 };
        let size = sweep.outs.div_ceil(parts).next_multiple_of(8);
        let parts = sweep.outs.div_ceil(size);
        let (weights, y) = (weight.len() / groups, Shared::of(y));
        let run = |image: usize, part: usize, x: &[f32]| {
            let (group, channels) =
                (image % groups, part * size..sweep.outs.min((part + 1) * size));
            let biases = if bias.is_empty() { 0 } else { sweep.outs };
            let (weight, bias) = (&weight[group * weights..], &bias[group * biases..][..biases]);
            let (first, at) = (group * sweep.outs, image * y_len);
            let ending =
                self.ending.of_channels(first..first + sweep.outs).of_outputs(at..at + y_len);
            let y = OutPlanes { start: y.at(at), len: y_len, ending };
            sweep.run(x, weight, bias, channels, out, &y);
        };
        let x = |image: usize| &self.x[image * x_len..][..x_len];
        match &self.spread {
            None => tasks(flops, n * parts, |i| run(i / parts, i % parts, x(i / parts))),
            Some(spread) if parts == 1 => tasks(flops, n, |i| {
                scratch(sweep.ins * spread.channel() + SLACK, |to| {
                    lay_out(spread, x(i), self.plane, to);
                    run(i, 0, to);
                });
            }),
            // Parts share an image that is laid out once.
            Some(spread) => {
                let len = sweep.ins * spread.channel();
                scratch(n * len + SLACK, |to| {
                    lay_out(spread, self.x, self.plane, to);
                    let x = |i| &to[i / parts * len..][..len + SLACK];
                    tasks(flops, n * parts, |i| run(i / parts, i % parts, x(i)));
                });
            }
        }
    }
}

/// Where an image's output is written, some of its channels by each task.
pub(super) struct OutPlanes<'a> {
    pub(super) start: *mut f32,
    pub(super) len: usize,
    /// What becomes of those that are not added to what is there.
    pub(super) ending: Ending<'a>,
}

/// Lays out images of planes of `len` numbers, one behind the other.
pub(super) fn lay_out(spread: &Spread, x: &[f32], len: usize, to: &mut [f32]) {
    for (x, channel) in x.chunks_exact(len).zip(to.chunks_exact_mut(spread.channel())) {
        spread.lay_out(x, channel);
    }
}
