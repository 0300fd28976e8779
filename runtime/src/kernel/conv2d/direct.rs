//! Convolution without a matrix of windows: vectors run along the pixels of an image that is laid out so that every tap reads
//! consecutive numbers.
//!
//! A *spread* image is the padded image, its planes one after the other, each split into `S × S` planes of every S-th row and column.
//! The output is worked out at every position of a spread plane, in one long row; the few at the end of each line that are no output are
//! dropped. A tile of several output channels by three vectors of positions stays in registers while all taps of all input channels go by.

use core::ops::Range;

use super::Conv2d;
use crate::kernel::Vector;
use crate::kernel::dispatch::{Kernel, dispatch};
use crate::kernel::parallel::{chunks, scratch};

/// Vectors of positions in a tile.
const ACROSS: usize = 3;
/// Numbers that may be read, and are not used, behind a spread image.
const SLACK: usize = 16 * ACROSS;

/// `y = weight ⋆ x + bias` for `n` samples.
pub(super) fn forward(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    y: &mut [f32],
) {
    let (spread, taps) = (Spread::of_input(shape), shape.kernel[0] * shape.kernel[1]);
    let (out, per_group) = (shape.out_height * shape.out_width, shape.in_channels / shape.groups);
    let offsets = |t: usize| spread.tap(shape, t);
    let plan = Tiles {
        groups: shape.groups,
        outs: shape.out_channels / shape.groups,
        ins: per_group,
        taps,
        rows: shape.out_height,
        cols: shape.out_width,
        spread,
    };
    scratch(plan.packed_len(), |packed| {
        plan.pack(packed, |o, i, t| weight[(o * per_group + i) * taps + t]);
        let flops = 2 * n * shape.y_len() * per_group * taps;
        chunks(flops, y, shape.y_len(), |sample, y| {
            let x = &x[sample * shape.x_len()..][..shape.x_len()];
            for (o, y) in y.chunks_exact_mut(out).enumerate() {
                y.fill(bias.get(o).copied().unwrap_or(0.0));
            }
            scratch(spread.len(shape.in_channels), |image| {
                spread.input(shape, x, image);
                plan.run(packed, image, &offsets, y);
            });
        });
    });
}

/// `dx += weightᵀ ⋆ dy` for `n` samples.
pub(super) fn backward_input(shape: &Conv2d, n: usize, dy: &[f32], weight: &[f32], dx: &mut [f32]) {
    let [kh, kw] = shape.kernel;
    let (taps, per_group) = (kh * kw, shape.in_channels / shape.groups);
    let outs = shape.out_channels / shape.groups;
    // A gradient is a convolution of `dy`, zeros put between and around its numbers, with the kernel turned by half a turn.
    let reach = [shape.dilation[0] * (kh - 1), shape.dilation[1] * (kw - 1)];
    let spread =
        Spread { planes: 1, height: shape.height + reach[0], width: shape.width + reach[1] };
    let offsets = |t: usize| {
        let (ky, kx) = (kh - 1 - t / kw, kw - 1 - t % kw);
        ky * shape.dilation[0] * spread.width + kx * shape.dilation[1]
    };
    let plan = Tiles {
        groups: shape.groups,
        outs: per_group,
        ins: outs,
        taps,
        rows: shape.height,
        cols: shape.width,
        spread,
    };
    scratch(plan.packed_len(), |packed| {
        plan.pack(packed, |o, i, t| {
            let (group, channel) = (o / per_group, o % per_group);
            weight[((group * outs + i) * per_group + channel) * taps + t]
        });
        let flops = 2 * n * shape.y_len() * per_group * taps;
        chunks(flops, dx, shape.x_len(), |sample, dx| {
            let dy = &dy[sample * shape.y_len()..][..shape.y_len()];
            scratch(spread.len(shape.out_channels), |image| {
                spread.gradient(shape, reach, dy, image);
                plan.run(packed, image, &offsets, dx);
            });
        });
    });
}

/// The spread layout of an image: for each channel `planes` planes of `height × width`.
#[derive(Clone, Copy)]
pub(super) struct Spread {
    planes: usize,
    height: usize,
    pub(super) width: usize,
}

impl Spread {
    /// Of the input of `shape`.
    pub(super) fn of_input(shape: &Conv2d) -> Self {
        let size = |axis: usize, out: usize| {
            out + shape.dilation[axis] * (shape.kernel[axis] - 1) / shape.stride[axis]
        };
        let planes = shape.stride[0] * shape.stride[1];
        Spread { planes, height: size(0, shape.out_height), width: size(1, shape.out_width) }
    }

    /// Numbers in one channel.
    pub(super) fn channel(&self) -> usize {
        self.planes * self.height * self.width
    }

    /// Numbers in `channels`, and those that may be read behind them.
    pub(super) fn len(&self, channels: usize) -> usize {
        channels * self.channel() + SLACK
    }

    /// Where tap `t` of the first output reads in a channel.
    pub(super) fn tap(&self, shape: &Conv2d, t: usize) -> usize {
        let (y, x) =
            (t / shape.kernel[1] * shape.dilation[0], t % shape.kernel[1] * shape.dilation[1]);
        let [sy, sx] = shape.stride;
        let plane = y % sy * sx + x % sx;
        (plane * self.height + y / sy) * self.width + x / sx
    }

    /// Lays out an input.
    pub(super) fn input(&self, shape: &Conv2d, x: &[f32], image: &mut [f32]) {
        let ([sy, sx], [top, left]) = (shape.stride, shape.padding);
        let slack = image.len() - SLACK;
        image[slack..].fill(0.0);
        let channels = image[..slack].chunks_exact_mut(self.channel());
        for (x, channel) in x.chunks_exact(shape.height * shape.width).zip(channels) {
            for (p, plane) in channel.chunks_exact_mut(self.height * self.width).enumerate() {
                let (py, px) = (p / sx, p % sx);
                for (row, line) in plane.chunks_exact_mut(self.width).enumerate() {
                    let y = row * sy + py;
                    if y < top || y >= top + shape.height {
                        line.fill(0.0);
                        continue;
                    }
                    let from = &x[(y - top) * shape.width..][..shape.width];
                    // Columns col with left ≤ col · sx + px < left + width.
                    let first = left.saturating_sub(px).div_ceil(sx).min(line.len());
                    let end = (left + shape.width)
                        .saturating_sub(px)
                        .div_ceil(sx)
                        .clamp(first, line.len());
                    line[..first].fill(0.0);
                    line[end..].fill(0.0);
                    if first < end {
                        let from = from[first * sx + px - left..].iter().step_by(sx);
                        line[first..end].iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                    }
                }
            }
        }
    }

    /// Lays out the gradient of an output, `stride` apart, so that a window of `reach + 1` ends on the input's first number.
    fn gradient(&self, shape: &Conv2d, reach: [usize; 2], dy: &[f32], image: &mut [f32]) {
        image.fill(0.0);
        let channels = image.chunks_exact_mut(self.channel());
        for (dy, channel) in dy.chunks_exact(shape.out_height * shape.out_width).zip(channels) {
            for (row, dy) in dy.chunks_exact(shape.out_width).enumerate() {
                let Some(y) = (row * shape.stride[0] + reach[0]).checked_sub(shape.padding[0])
                else {
                    continue;
                };
                if y >= self.height {
                    continue;
                }
                let line = &mut channel[y * self.width..][..self.width];
                for (col, dy) in dy.iter().enumerate() {
                    let x = (col * shape.stride[1] + reach[1]).checked_sub(shape.padding[1]);
                    if let Some(to) = x.and_then(|x| line.get_mut(x)) {
                        *to = *dy;
                    }
                }
            }
        }
    }
}

/// A convolution of a spread image, group by group: `outs` output channels of each group see its `ins` input channels.
struct Tiles {
    groups: usize,
    outs: usize,
    ins: usize,
    taps: usize,
    /// Lines of the output, and its numbers in a line.
    rows: usize,
    cols: usize,
    spread: Spread,
}

/// Output channels in a tile of vectors of `lanes`: what the registers hold.
const fn down(lanes: usize) -> usize {
    if lanes >= 16 { 8 } else { 4 }
}

/// The largest of [`down`], by which weights are packed.
const PACKED: usize = 8;

impl Tiles {
    fn blocks(&self) -> usize {
        self.outs.div_ceil(PACKED)
    }

    fn packed_len(&self) -> usize {
        self.groups * self.blocks() * self.ins * self.taps * PACKED
    }

    /// Weights as they are read: for each block of output channels, input channel and tap those of the block side by side.
    fn pack(&self, packed: &mut [f32], weight: impl Fn(usize, usize, usize) -> f32) {
        let blocks = packed.chunks_exact_mut(self.ins * self.taps * PACKED);
        for (b, block) in blocks.enumerate() {
            let (group, first) = (b / self.blocks(), b % self.blocks() * PACKED);
            for (at, weights) in block.chunks_exact_mut(PACKED).enumerate() {
                for (o, w) in weights.iter_mut().enumerate() {
                    let inside = first + o < self.outs;
                    let channel = group * self.outs + first + o;
                    *w = if inside { weight(channel, at / self.taps, at % self.taps) } else { 0.0 };
                }
            }
        }
    }

    /// Adds the convolution to `y`.
    fn run(&self, packed: &[f32], image: &[f32], offsets: &impl Fn(usize) -> usize, y: &mut [f32]) {
        dispatch(Run { tiles: self, packed, image, offsets, y });
    }
}

struct Run<'a, F> {
    tiles: &'a Tiles,
    packed: &'a [f32],
    image: &'a [f32],
    offsets: &'a F,
    y: &'a mut [f32],
}

impl<F: Fn(usize) -> usize> Kernel for Run<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        match down(V::LANES) {
            8 => self.tiles::<V, 8>(),
            _ => self.tiles::<V, 4>(),
        }
    }
}

impl<F: Fn(usize) -> usize> Run<'_, F> {
    #[inline(always)]
    fn tiles<V: Vector, const DOWN: usize>(self) {
        let (t, channel) = (self.tiles, self.tiles.spread.channel());
        let positions = (t.rows - 1) * t.spread.width + t.cols;
        let block_len = t.ins * t.taps * PACKED;
        let mut tile = [[0.0_f32; 16 * ACROSS]; DOWN];
        for group in 0..t.groups {
            let image = &self.image[group * t.ins * channel..];
            for at in (0..positions).step_by(ACROSS * V::LANES) {
                for first in (0..t.outs).step_by(DOWN) {
                    let block = group * t.blocks() + first / PACKED;
                    let weights = &self.packed[block * block_len..][..block_len];
                    let weights = &weights[first % PACKED..];
                    let count = DOWN.min(t.outs - first);
                    self.tile::<V, DOWN>(image, channel, weights, at, &mut tile);
                    for (o, tile) in tile[..count].iter().enumerate() {
                        let out = (group * t.outs + first + o) * t.rows * t.cols;
                        let y = &mut self.y[out..][..t.rows * t.cols];
                        add_lines(t, &tile[..ACROSS * V::LANES], at, y);
                    }
                }
            }
        }
    }

    /// The outputs of `DOWN` channels at the positions from `at` on.
    #[inline(always)]
    fn tile<V: Vector, const DOWN: usize>(
        &self,
        image: &[f32],
        channel: usize,
        weights: &[f32],
        at: usize,
        tile: &mut [[f32; 16 * ACROSS]; DOWN],
    ) {
        let (taps, ins) = (self.tiles.taps, self.tiles.ins);
        // The furthest read of the last channel stays in the slack behind the image.
        let furthest = (0..taps).map(self.offsets).max().unwrap_or(0) + at + ACROSS * V::LANES;
        assert!((ins - 1) * channel + furthest <= image.len() && furthest <= channel + SLACK);
        assert!(weights.len() + PACKED > ins * taps * PACKED);
        let mut sums = [[V::splat(0.0); ACROSS]; DOWN];
        for t in 0..taps {
            let (mut from, mut w) =
                (image[(self.offsets)(t) + at..].as_ptr(), weights[t * PACKED..].as_ptr());
            for _ in 0..ins {
                // SAFETY: checked above for the last channel and tap; all others lie before.
                unsafe {
                    let mut x = [V::splat(0.0); ACROSS];
                    for (v, x) in x.iter_mut().enumerate() {
                        *x = V::read(from.add(v * V::LANES));
                    }
                    for (o, sums) in sums.iter_mut().enumerate() {
                        let w = V::splat(*w.add(o));
                        for (sum, x) in sums.iter_mut().zip(x) {
                            *sum = w.mul_add(x, *sum);
                        }
                    }
                }
                (from, w) = (from.wrapping_add(channel), w.wrapping_add(taps * PACKED));
            }
        }
        for (sums, tile) in sums.iter().zip(tile) {
            for (v, sum) in sums.iter().enumerate() {
                sum.store(&mut tile[v * V::LANES..]);
            }
        }
    }
}

/// Adds those of `tile`, which begins at position `at`, that are outputs.
#[inline(always)]
fn add_lines(t: &Tiles, tile: &[f32], at: usize, y: &mut [f32]) {
    let (mut row, mut col, mut i) = (at / t.spread.width, at % t.spread.width, 0);
    while i < tile.len() && row < t.rows {
        let taken: Range<usize> = i..(i + t.cols.saturating_sub(col)).min(tile.len());
        let y = &mut y[row * t.cols + col.min(t.cols)..][..taken.len()];
        y.iter_mut().zip(&tile[taken]).for_each(|(y, sum)| *y += sum);
        i += t.spread.width - col;
        (row, col) = (row + 1, 0);
    }
}
