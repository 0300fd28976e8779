//! Convolution with the channels that come out in the lanes of vectors: each number of the image is multiplied with a row of weights. So windows
//! may be any distance apart, and no lane is lost at the end of a line; but the weights have to be turned first, and the outputs at the end.

use core::ops::Range;

use super::direct::lay_out;
use super::ending::{read, scaled, write};
use super::lanes::side_by_side;
use super::spread::Spread;
use super::sweep::Taps;
use super::{Conv2d, Output, outer};
use crate::kernel::Vector;
use crate::kernel::dispatch::{Kernel, apart, dispatch};
use crate::kernel::parallel::{Shared, are_worth_threads, estimate, scratch, tasks};
use crate::kernel::vector::MAX_LANES;

/// Outputs of a channel that are worked out before they are turned, so that they are still in the nearest cache.
const BLOCK: usize = 96;
/// Room for the tile that begins at the last of them.
const ROOM: usize = BLOCK + 8;

/// Whether it is worth the while: where windows are further apart than one number, so that images would have to be taken apart, and where there
/// are outputs enough for the weights to be turned, unless they are `packed`.
pub(super) const fn fits(shape: &Conv2d, packed: bool) -> bool {
    let enough = packed || shape.out_height * shape.out_width >= 64;
    enough && shape.stride[0] * shape.stride[1] > 1 && shape.is_swept() && outer::fits(shape)
}

/// Numbers of turned weights.
pub(super) const fn packed_len(shape: &Conv2d) -> usize {
    shape.weight_len() / shape.out_channels * padded(shape)
}

/// The channels that come out, and as many behind them as fill the widest vector.
const fn padded(shape: &Conv2d) -> usize {
    shape.out_channels.next_multiple_of(MAX_LANES)
}

/// Turns the weights: for each tap of each channel that comes in, one of each that comes out.
pub(super) fn pack(shape: &Conv2d, weight: &[f32], to: &mut [f32]) {
    dispatch(Turn { shape, weight, to });
}

struct Turn<'a> {
    shape: &'a Conv2d,
    weight: &'a [f32],
    to: &'a mut [f32],
}

impl Kernel for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let (outs, weights) =
            (self.shape.out_channels, self.weight.len() / self.shape.out_channels);
        for o in (0..outs).step_by(V::LANES) {
            let (from, channels) = (&self.weight[o * weights..], V::LANES.min(outs - o));
            side_by_side::<V>(
                from,
                weights,
                channels,
                weights,
                &mut self.to[o..],
                padded(self.shape),
            );
        }
    }
}

/// `y = weight ⋆ x`, as `output` says, for `n` samples, with turned weights.
pub(super) fn convolve(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    weights: &[f32],
    output: &Output,
    y: &mut [f32],
) {
    let spread = Spread::whole(shape);
    let taps = spread.taps(shape);
    let plane = shape.out_height * shape.out_width;
    let blocks = plane.div_ceil(BLOCK);
    let flops = estimate([2, plane, n, shape.weight_len()]);
    // Outputs know nothing of each other, so the threads may decide how many are a task.
    let threads = if are_worth_threads(flops) { rayon::current_num_threads() } else { 1 };
    let stretch = (n * blocks).div_ceil(threads).max(1);
    let panel_len = ROOM * padded(shape) + MAX_LANES * MAX_LANES;
    let image_len = if spread.is_plain() { 0 } else { shape.in_channels * spread.channel() };
    let y = Shared::of(y);
    tasks(flops, (n * blocks).div_ceil(stretch), |task| {
        scratch(panel_len + image_len, |buffer| {
            let (panel, image) = buffer.split_at_mut(panel_len);
            let mut laid_out = None;
            for block in task * stretch..(n * blocks).min((task + 1) * stretch) {
                let (sample, from) = (block / blocks, block % blocks * BLOCK);
                let mut x = &x[sample * shape.x_len()..][..shape.x_len()];
                if image_len > 0 {
                    if laid_out.replace(sample) != Some(sample) {
                        lay_out(&spread, x, shape.height * shape.width, image);
                    }
                    x = image;
                }
                let positions = from..plane.min(from + BLOCK);
                let y = y.at(0);
                let panel = &mut *panel;
                let (spread, taps) = (&spread, &taps);
                // No other task writes these outputs.
                dispatch(Block {
                    shape,
                    spread,
                    taps,
                    sample,
                    positions,
                    x,
                    weights,
                    panel,
                    output,
                    y,
                });
            }
        });
    });
}

/// The outputs at some positions of a sample.
struct Block<'a> {
    shape: &'a Conv2d,
    spread: &'a Spread,
    taps: &'a Taps,
    sample: usize,
    positions: Range<usize>,
    /// The spread image.
    x: &'a [f32],
    weights: &'a [f32],
    /// Room for the outputs, all channels of one position after the other, and for a square of them turned.
    panel: &'a mut [f32],
    output: &'a Output<'a>,
    /// The outputs of all samples, valid for writing.
    y: *mut f32,
}

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let Conv2d { in_channels, out_channels: outs, out_height, out_width, .. } = *self.shape;
        let (plane, positions) = (out_height * out_width, self.positions.clone());
        let farthest = self.taps.iter().map(|tap| tap.at()).max().unwrap_or(0);
        let last = (in_channels - 1) * self.channel() + self.start(plane - 1);
        assert!(last + farthest < self.x.len());
        assert!(self.weights.len() == packed_len(self.shape));
        assert!(positions.len() <= BLOCK && positions.end <= plane);
        assert!(self.panel.len() >= ROOM * padded(self.shape) + V::LANES * V::LANES);
        let vectors = outs.div_ceil(V::LANES);
        let columns = vectors.div_ceil(if V::REGISTERS >= 32 { 4 } else { 2 });
        for i in 0..columns {
            let (first, next) = (i * vectors / columns, (i + 1) * vectors / columns);
            let mut at = positions.start;
            while at < positions.end {
                let here = Place { block: &mut self, at, o: first * V::LANES };
                at += match next - first {
                    4 => apart::<V, _>(Tile::<6, 4>(here)),
                    3 => apart::<V, _>(Tile::<6, 3>(here)),
                    2 => apart::<V, _>(Tile::<6, 2>(here)),
                    _ => apart::<V, _>(Tile::<8, 1>(here)),
                };
            }
        }
        for o in (0..outs).step_by(V::LANES) {
            for at in positions.clone().step_by(V::LANES) {
                self.put::<V>(o, at);
            }
        }
    }
}

impl Block<'_> {
    /// Numbers of a channel of the image.
    #[inline(always)]
    fn channel(&self) -> usize {
        self.x.len() / self.shape.in_channels
    }

    /// Where in a channel the window of an output begins.
    #[inline(always)]
    fn start(&self, position: usize) -> usize {
        let Conv2d { out_width, stride: [down, right], .. } = *self.shape;
        position / out_width * down * self.spread.pitch + position % out_width * right
    }

    /// A vector of outputs from `at` on, of a vector of channels from `o` on, to where they belong.
    #[inline(always)]
    fn put<V: Vector>(&mut self, o: usize, at: usize) {
        let (outs, padded) = (self.shape.out_channels, padded(self.shape));
        let plane = self.shape.out_height * self.shape.out_width;
        let (sums, square) = self.panel.split_at_mut(self.panel.len() - V::LANES * V::LANES);
        let from = (at - self.positions.start) * padded + o;
        assert!(from + (V::LANES - 1) * padded + V::LANES <= sums.len());
        // SAFETY: a square of sums, just checked, and room for one.
        unsafe { V::transpose(sums[from..].as_ptr(), padded, square.as_mut_ptr(), V::LANES) };
        let len = V::LANES.min(self.positions.end - at);
        let Output { bias, ending, .. } = self.output;
        for (o, sums) in (o..outs).zip(square.chunks_exact(V::LANES)) {
            let to = (self.sample * outs + o) * plane + at;
            // SAFETY: `len` outputs of a channel; what is added to them is as long as all.
            unsafe {
                let y = V::load(sums);
                let Some(bias) = bias else {
                    let to = self.y.add(to);
                    write(read::<V>(to, 0, len) + y, 0, len, to);
                    continue;
                };
                let bias = V::splat(bias.get(o).copied().unwrap_or(0.0));
                ending.put(scaled(y + bias, ending.of_channel(o)), 0, len, self.y, to);
            }
        }
    }
}

/// The positions from `at` on, and the channels from `o` on.
struct Place<'a, 'b> {
    block: &'a mut Block<'b>,
    at: usize,
    o: usize,
}

/// `M` positions of `N` vectors of channels; gives `M`.
struct Tile<'a, 'b, const M: usize, const N: usize>(Place<'a, 'b>);

impl<const M: usize, const N: usize> Kernel for Tile<'_, '_, M, N> {
    type Output = usize;

    #[inline(always)]
    fn run<V: Vector>(self) -> usize {
        let Place { block, at, o } = self.0;
        let (outs, channel) = (padded(block.shape), block.channel());
        let mut inputs = [core::ptr::null(); M];
        for (i, input) in inputs.iter_mut().enumerate() {
            // Behind the last position there is room for some that are of no use.
            let position = (at + i).min(block.positions.end - 1);
            *input = block.x[block.start(position)..].as_ptr();
        }
        let mut sums = [[V::splat(0.0); N]; M];
        // SAFETY: numbers of the image, weights, and sums that there is room for; `Block::run` checked the farthest.
        unsafe {
            let mut weights = block.weights.as_ptr().add(o);
            for c in 0..block.shape.in_channels {
                for tap in block.taps.iter() {
                    let from = c * channel + tap.at();
                    let mut row = [V::splat(0.0); N];
                    for (j, row) in row.iter_mut().enumerate() {
                        *row = V::read(weights.add(j * V::LANES));
                    }
                    for (sums, input) in sums.iter_mut().zip(inputs) {
                        let x = V::splat(*input.add(from));
                        for (sum, weights) in sums.iter_mut().zip(row) {
                            *sum = x.mul_add(weights, *sum);
                        }
                    }
                    weights = weights.wrapping_add(outs);
                }
            }
            let to = block.panel.as_mut_ptr().add((at - block.positions.start) * outs + o);
            for (i, sums) in sums.into_iter().enumerate() {
                for (j, sum) in sums.into_iter().enumerate() {
                    sum.write(to.add(i * outs + j * V::LANES));
                }
            }
        }
        M
    }
}
