//! The gradient of a convolution's weight where many channels come out. With these in the lanes of vectors, it is a sum over positions of
//! products of what each tap reads there in the [`Spread`] input, a number, with `dy`.

use core::ops::Range;

use super::Conv2d;
use super::direct::lay_out;
use super::lanes::side_by_side;
use super::spread::Spread;
use super::sweep::Taps;
use crate::kernel::dispatch::{Kernel, apart, dispatch};
use crate::kernel::parallel::{Shared, estimate, scratch, tasks};
use crate::kernel::vector::MAX_LANES;
use crate::kernel::{Vector, axpy};

/// Parts of the positions that have sums of their own, if there are as many.
const STRETCHES: usize = 16;
/// Numbers of `dy` that are put side by side at a time: they stay in the nearest cache.
const PANEL: usize = 6144;
/// Numbers that the sums of different parts may take together.
const PARTIAL: usize = 1 << 22;
/// Weights of a channel whose sums are in registers together.
const TOGETHER: usize = 6;

/// Whether there are more than a vector of channels, so that sums need not wait for themselves, and few lanes would be left over.
pub(super) const fn fits(shape: &Conv2d) -> bool {
    let outs = shape.out_channels;
    let few_left = 4 * outs.next_multiple_of(MAX_LANES) <= 5 * outs;
    shape.groups == 1 && outs > MAX_LANES && few_left
}

/// `dw += Σ dy ⋆ x`, `db += Σ dy` over `n` samples.
///
/// The positions of all samples are split into stretches with sums of their own, which are added up in order at the end: neither the
/// stretches nor the order depend on the threads.
pub(super) fn backward_weight(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    dy: &[f32],
    dw: &mut [f32],
    db: &mut [f32],
) {
    let (outs, weights) = (shape.out_channels, dw.len() / shape.out_channels);
    let sizes = Sizes {
        outs: outs.next_multiple_of(MAX_LANES),
        weights: weights.next_multiple_of(TOGETHER),
    };
    let spread = Spread::input(shape);
    let taps = spread.taps(shape);
    let lines = (PANEL / (sizes.outs * shape.out_width)).clamp(1, shape.out_height);
    let blocks = shape.out_height.div_ceil(lines);
    let stretches = STRETCHES.min(PARTIAL.div_ceil(sizes.sums()));
    let stretch = (n * blocks).div_ceil(stretches).max(1);
    let stretches = (n * blocks).div_ceil(stretch);
    let image = if spread.is_plain() { 0 } else { shape.in_channels * spread.channel() };
    scratch(stretches * sizes.sums(), |sums| {
        sums.fill(0.0);
        let all = Shared::of(&mut *sums);
        tasks(estimate([2, n, shape.y_len(), weights]), stretches, |task| {
            // SAFETY: these sums are this task's alone.
            let sums = unsafe { all.range(task * sizes.sums(), sizes.sums()) };
            scratch(lines * shape.out_width * sizes.outs + image, |buffer| {
                let (panel, image) = buffer.split_at_mut(lines * shape.out_width * sizes.outs);
                let mut laid_out = None;
                for block in task * stretch..(n * blocks).min((task + 1) * stretch) {
                    let (sample, line) = (block / blocks, block % blocks * lines);
                    let mut x = &x[sample * shape.x_len()..][..shape.x_len()];
                    if !image.is_empty() {
                        if laid_out.replace(sample) != Some(sample) {
                            lay_out(&spread, x, shape.height * shape.width, image);
                        }
                        x = image;
                    }
                    dispatch(Block {
                        shape,
                        sizes: &sizes,
                        spread: &spread,
                        taps: &taps,
                        lines: line..shape.out_height.min(line + lines),
                        x,
                        dy: &dy[sample * shape.y_len()..][..shape.y_len()],
                        panel: &mut *panel,
                        sums: &mut *sums,
                    });
                }
            });
        });
        let mut stretches = sums.chunks_exact_mut(sizes.sums());
        let Some(total) = stretches.next() else { return };
        stretches.for_each(|sums| axpy(1.0, sums, total));
        let mut rows = total.chunks_exact(sizes.outs);
        for (at, row) in rows.by_ref().take(weights).enumerate() {
            for (o, sum) in row[..outs].iter().enumerate() {
                dw[o * weights + at] += sum;
            }
        }
        let biases = rows.next_back().unwrap_or_default();
        db.iter_mut().zip(biases).for_each(|(db, sum)| *db += sum);
    });
}

/// Sums: a row of outputs for each weight of a channel, and one for the bias.
struct Sizes {
    /// Channels that come out, and as many behind them as fill the widest vector.
    outs: usize,
    /// Weights of one of them, and as many behind them as fill a tile.
    weights: usize,
}

impl Sizes {
    fn sums(&self) -> usize {
        (self.weights + 1) * self.outs
    }
}

/// Adds to the sums what follows from some lines of a sample.
struct Block<'a> {
    shape: &'a Conv2d,
    sizes: &'a Sizes,
    spread: &'a Spread,
    taps: &'a Taps,
    lines: Range<usize>,
    /// The spread image.
    x: &'a [f32],
    dy: &'a [f32],
    panel: &'a mut [f32],
    sums: &'a mut [f32],
}

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let Conv2d { in_channels, out_channels, out_height, out_width, .. } = *self.shape;
        let (outs, plane) = (self.sizes.outs, out_height * out_width);
        let (from, len) = (self.lines.start * out_width, self.lines.len() * out_width);
        assert!(len * outs <= self.panel.len() && self.sums.len() == self.sizes.sums());
        let farthest = self.taps.iter().map(|tap| tap.at()).max().unwrap_or(0);
        let last = (self.lines.end - 1) * self.spread.pitch + out_width - 1 + farthest;
        assert!((in_channels - 1) * self.channel() + last < self.x.len());
        for o in (0..out_channels).step_by(V::LANES) {
            let channels = V::LANES.min(out_channels - o);
            let dy = &self.dy[o * plane + from..];
            side_by_side::<V>(dy, plane, channels, len, &mut self.panel[o..], outs);
            let mut sum = V::splat(0.0);
            for dy in self.panel[..len * outs].chunks_exact(outs) {
                sum = sum + V::load(&dy[o..]);
            }
            let bias = &mut self.sums[self.sizes.weights * outs + o..];
            (V::load(bias) + sum).store(bias);
        }
        let vectors = out_channels.div_ceil(V::LANES);
        let columns = vectors.div_ceil(if V::REGISTERS >= 32 { 4 } else { 2 });
        for i in 0..columns {
            let (first, next) = (i * vectors / columns, (i + 1) * vectors / columns);
            for weight in (0..self.sizes.weights).step_by(TOGETHER) {
                let here = Place { block: &mut self, weight, o: first * V::LANES };
                match next - first {
                    4 => apart::<V, _>(Tile::<4>(here)),
                    3 => apart::<V, _>(Tile::<3>(here)),
                    2 => apart::<V, _>(Tile::<2>(here)),
                    _ => apart::<V, _>(Tile::<1>(here)),
                }
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
}

/// Of the outputs from `o` on, the weights from `weight` on.
struct Place<'a, 'b> {
    block: &'a mut Block<'b>,
    weight: usize,
    o: usize,
}

/// As many weights as are worked out together, of `N` vectors of outputs.
struct Tile<'a, 'b, const N: usize>(Place<'a, 'b>);

impl<const N: usize> Kernel for Tile<'_, '_, N> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Place { block, weight, o } = self.0;
        let (outs, width) = (block.sizes.outs, block.shape.out_width);
        let last = block.taps.len() * block.shape.in_channels - 1;
        let mut inputs = [core::ptr::null(); TOGETHER];
        for (i, input) in inputs.iter_mut().enumerate() {
            // Behind the last weight there is room for some that are of no use.
            let weight = (weight + i).min(last);
            let (channel, tap) = (weight / block.taps.len(), weight % block.taps.len());
            *input = block.x[channel * block.channel() + block.taps[tap].at()..].as_ptr();
        }
        let mut sums = [[V::splat(0.0); N]; TOGETHER];
        // SAFETY: positions of the image and of the panel, and sums that there is room for; `Block::run` checked the farthest.
        unsafe {
            let mut dy = block.panel.as_ptr().add(o);
            for line in block.lines.clone() {
                let from = line * block.spread.pitch;
                for at in from..from + width {
                    let mut row = [V::splat(0.0); N];
                    for (j, row) in row.iter_mut().enumerate() {
                        *row = V::read(dy.add(j * V::LANES));
                    }
                    for (sums, input) in sums.iter_mut().zip(inputs) {
                        let x = V::splat(*input.add(at));
                        for (sum, dy) in sums.iter_mut().zip(row) {
                            *sum = x.mul_add(dy, *sum);
                        }
                    }
                    dy = dy.add(outs);
                }
            }
            let to = block.sums.as_mut_ptr().add(weight * outs + o);
            for (i, sums) in sums.into_iter().enumerate() {
                for (j, sum) in sums.into_iter().enumerate() {
                    let to = to.add(i * outs + j * V::LANES);
                    (V::read(to) + sum).write(to);
                }
            }
        }
    }
}
