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

/// `y = weight ⋆ x + bias` for `n` samples; without a bias, added to `y`.
pub(super) fn forward(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
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
        lines: Lines { plane: out, start: 0, down: shape.out_width, right: 1 },
    };
    scratch(plan.packed_len(), |packed| {
        plan.pack(packed, |o, i, t| weight[(o * per_group + i) * taps + t]);
        let flops = 2 * n * shape.y_len() * per_group * taps;
        chunks(flops, y, shape.y_len(), |sample, y| {
            let x = &x[sample * shape.x_len()..][..shape.x_len()];
            if let Some(bias) = bias {
                for (o, y) in y.chunks_exact_mut(out).enumerate() {
                    y.fill(bias.get(o).copied().unwrap_or(0.0));
                }
            }
            scratch(spread.len(shape.in_channels), |image| {
                spread.input(shape, x, image);
                plan.run(packed, image, &offsets, y);
            });
        });
    });
}

/// `dx += weightᵀ ⋆ dy` for `n` samples.
///
/// Every S-th row and column of the input sees the same taps: these numbers, a phase, are a convolution of `dy` with stride 1.
pub(super) fn backward_input(shape: &Conv2d, n: usize, dy: &[f32], weight: &[f32], dx: &mut [f32]) {
    let [kh, kw] = shape.kernel;
    let (per_group, outs) = (shape.in_channels / shape.groups, shape.out_channels / shape.groups);
    let spread = Spread::of_gradient(shape);
    scratch(Phase::all(shape).map(|phase| phase.tiles.packed_len()).sum(), |packed| {
        let mut rest = &mut packed[..];
        for Phase { tiles, down, right } in Phase::all(shape) {
            let (here, behind) = rest.split_at_mut(tiles.packed_len());
            tiles.pack(here, |o, i, t| {
                let (ky, kx) = (down.tap(t / right.count), right.tap(t % right.count));
                let (group, channel) = (o / per_group, o % per_group);
                weight[(((group * outs + i) * per_group + channel) * kh + ky) * kw + kx]
            });
            rest = behind;
        }
        let flops = 2 * n * shape.y_len() * per_group * kh * kw;
        chunks(flops, dx, shape.x_len(), |sample, dx| {
            let dy = &dy[sample * shape.y_len()..][..shape.y_len()];
            scratch(spread.len(shape.out_channels), |image| {
                spread.gradient(shape, dy, image);
                let mut rest = &packed[..];
                for Phase { tiles, down, right } in Phase::all(shape) {
                    let (here, behind) = rest.split_at(tiles.packed_len());
                    let offsets = |t: usize| {
                        down.row(t / right.count) * spread.width + right.row(t % right.count)
                    };
                    tiles.run(here, image, &offsets, dx);
                    rest = behind;
                }
            });
        });
    });
}

/// The numbers of the input that begin at one of its first `S × S`, and lie a stride apart.
struct Phase {
    tiles: Tiles,
    down: Taps,
    right: Taps,
}

impl Phase {
    /// All phases that see a tap.
    fn all(shape: &Conv2d) -> impl Iterator<Item = Phase> {
        let shape = *shape;
        let [sy, sx] = shape.stride;
        (0..sy * sx).filter_map(move |phase| {
            let (y, x) = (phase / sx, phase % sx);
            if y >= shape.height || x >= shape.width {
                return None;
            }
            let (down, right) = (Taps::of(&shape, 0, y)?, Taps::of(&shape, 1, x)?);
            let tiles = Tiles {
                groups: shape.groups,
                outs: shape.in_channels / shape.groups,
                ins: shape.out_channels / shape.groups,
                taps: down.count * right.count,
                rows: (shape.height - y).div_ceil(sy),
                cols: (shape.width - x).div_ceil(sx),
                spread: Spread::of_gradient(&shape),
                lines: Lines {
                    plane: shape.height * shape.width,
                    start: y * shape.width + x,
                    down: sy * shape.width,
                    right: sx,
                },
            };
            Some(Phase { tiles, down, right })
        })
    }
}

/// The taps of a kernel along one axis that a phase sees, and where the first number of the phase reads through them.
#[derive(Clone, Copy)]
struct Taps {
    first: usize,
    apart: usize,
    count: usize,
    /// What the first number reads through tap 0, in numbers of the input.
    from: usize,
    dilation: usize,
    stride: usize,
}

impl Taps {
    /// Of the phase that begins at `phase`: those through which an output a whole number of strides away is seen.
    fn of(shape: &Conv2d, axis: usize, phase: usize) -> Option<Self> {
        let (stride, dilation) = (shape.stride[axis], shape.dilation[axis]);
        let from = phase + shape.padding[axis] + lead(shape, axis) * stride;
        let sees = |tap: &usize| (from - tap * dilation).is_multiple_of(stride);
        let first = (0..shape.kernel[axis]).find(sees)?;
        // The next is one period on; a period is never longer than the stride.
        let apart = (1..=stride).find(|apart| (apart * dilation).is_multiple_of(stride))?;
        let count = (shape.kernel[axis] - first).div_ceil(apart);
        Some(Taps { first, apart, count, from, dilation, stride })
    }

    fn tap(&self, i: usize) -> usize {
        self.first + i * self.apart
    }

    /// The line of the spread gradient that the first number reads through the `i`-th.
    fn row(&self, i: usize) -> usize {
        (self.from - self.tap(i) * self.dilation) / self.stride
    }
}

/// Zeros in front of a gradient, so that no tap reads before it.
fn lead(shape: &Conv2d, axis: usize) -> usize {
    let reach = shape.dilation[axis] * (shape.kernel[axis] - 1);
    reach.saturating_sub(shape.padding[axis]).div_ceil(shape.stride[axis])
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

    /// Of the gradient of the output of `shape`, with as many zeros around it as its taps reach.
    fn of_gradient(shape: &Conv2d) -> Self {
        let size = |axis: usize, size: usize| {
            lead(shape, axis) + (size - 1 + shape.padding[axis]) / shape.stride[axis] + 1
        };
        Spread { planes: 1, height: size(0, shape.height), width: size(1, shape.width) }
    }

    /// Lays out the gradient of an output. What lies beyond the furthest tap is left out.
    fn gradient(&self, shape: &Conv2d, dy: &[f32], image: &mut [f32]) {
        image.fill(0.0);
        let (top, left) = (lead(shape, 0), lead(shape, 1));
        let cols = shape.out_width.min(self.width - left);
        let channels = image.chunks_exact_mut(self.channel());
        for (dy, channel) in dy.chunks_exact(shape.out_height * shape.out_width).zip(channels) {
            let lines = channel.chunks_exact_mut(self.width).skip(top);
            for (dy, line) in dy.chunks_exact(shape.out_width).zip(lines) {
                line[left..left + cols].copy_from_slice(&dy[..cols]);
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
    lines: Lines,
}

/// Where the numbers of an output stand: those of one channel in a plane, from `start` on, lines `down` and numbers `right` apart.
struct Lines {
    plane: usize,
    start: usize,
    down: usize,
    right: usize,
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
                        let out = (group * t.outs + first + o) * t.lines.plane;
                        let y = &mut self.y[out..][..t.lines.plane];
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
        if !taken.is_empty() {
            let y = &mut y[t.lines.start + row * t.lines.down + col * t.lines.right..];
            // The usual case apart, so that it is vectorised.
            if t.lines.right == 1 {
                y.iter_mut().zip(&tile[taken]).for_each(|(y, sum)| *y += sum);
            } else {
                y.iter_mut()
                    .step_by(t.lines.right)
                    .zip(&tile[taken])
                    .for_each(|(y, sum)| *y += sum);
            }
        }
        i += t.spread.width - col;
        (row, col) = (row + 1, 0);
    }
}
