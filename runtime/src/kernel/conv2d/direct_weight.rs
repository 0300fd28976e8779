//! The gradient of a convolution's weight over spread images (see `direct`): for each weight a long dot product of a line of `dy`
//! with the line of the input that its tap reads.
//!
//! The work is split by output channels, so that each sum is made by one thread, sample after sample.

use super::Conv2d;
use super::direct::Spread;
use crate::kernel::Vector;
use crate::kernel::dispatch::{Kernel, dispatch};
use crate::kernel::parallel::{chunks, scratch};

/// Output channels that are worked on together.
const DOWN: usize = 8;
/// Taps that are worked on together.
const ACROSS: usize = 3;
/// The most lanes of a vector.
const LANES: usize = 16;

/// `dw += Σ dy ⋆ x`, `db += Σ dy` over `n` samples.
pub(super) fn backward_weight(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    dy: &[f32],
    dw: &mut [f32],
    db: &mut [f32],
) {
    let (spread, out) = (Spread::of_input(shape), shape.out_height * shape.out_width);
    let taps = shape.kernel[0] * shape.kernel[1];
    let (outs, ins) = (shape.out_channels / shape.groups, shape.in_channels / shape.groups);
    let positions =
        ((shape.out_height - 1) * spread.width + shape.out_width).next_multiple_of(LANES);
    let (image_len, down) = (spread.len(shape.in_channels), DOWN.min(outs));
    let flops = 2 * n * shape.y_len() * ins * taps;
    if !db.is_empty() {
        chunks(n * shape.y_len(), db, down, |block, db| {
            for sample in dy.chunks_exact(shape.y_len()) {
                for (db, dy) in db.iter_mut().zip(sample[block * down * out..].chunks_exact(out)) {
                    *db += dispatch(Sum(dy));
                }
            }
        });
    }
    scratch(n * image_len, |images| {
        chunks(flops, images, image_len, |sample, image| {
            spread.input(shape, &x[sample * shape.x_len()..][..shape.x_len()], image);
        });
        // Blocks of output channels do not reach over the end of a group.
        let (block_len, per_group) = (down * ins * taps, outs.div_ceil(down));
        let groups = dw.chunks_mut(outs * ins * taps).enumerate();
        for (group, dw) in groups {
            let images = &*images;
            chunks(flops / shape.groups, dw, block_len, |block, dw| {
                let (first, count) = (group * outs + block * down, dw.len() / (ins * taps));
                debug_assert!(block < per_group);
                let sums_len = dw.len() * LANES;
                scratch(sums_len + count * positions, |scratch| {
                    let (sums, lines) = scratch.split_at_mut(sums_len);
                    sums.fill(0.0);
                    lines.fill(0.0);
                    for sample in 0..n {
                        let dy = &dy[sample * shape.y_len() + first * out..][..count * out];
                        for (dy, line) in
                            dy.chunks_exact(out).zip(lines.chunks_exact_mut(positions))
                        {
                            let rows =
                                dy.chunks_exact(shape.out_width).zip(line.chunks_mut(spread.width));
                            rows.for_each(|(dy, line)| line[..dy.len()].copy_from_slice(dy));
                        }
                        let image = &images[sample * image_len..][..image_len];
                        let image = &image[group * ins * spread.channel()..];
                        dispatch(Lines { shape, spread, ins, taps, positions, image, lines, sums });
                    }
                    dispatch(Collect { sums, dw });
                });
            });
        }
    });
}

struct Sum<'a>(&'a [f32]);

impl Kernel for Sum<'_> {
    type Output = f32;
    #[inline(always)]
    fn run<V: Vector>(self) -> f32 {
        let whole = self.0.chunks_exact(V::LANES);
        let rest = V::load_part(whole.remainder());
        whole.map(V::load).fold(rest, |sum, x| sum + x).sum()
    }
}

/// Adds each vector of `sums` up into one number of `dw`.
struct Collect<'a> {
    sums: &'a [f32],
    dw: &'a mut [f32],
}

impl Kernel for Collect<'_> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector>(self) {
        for (sums, dw) in self.sums.chunks_exact(LANES).zip(self.dw) {
            *dw += V::load(sums).sum();
        }
    }
}

/// Adds the products of one sample to `sums`, a vector for each weight.
struct Lines<'a> {
    shape: &'a Conv2d,
    spread: Spread,
    ins: usize,
    taps: usize,
    positions: usize,
    image: &'a [f32],
    lines: &'a [f32],
    sums: &'a mut [f32],
}

impl Kernel for Lines<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let count = self.lines.len() / self.positions;
        let down = if V::LANES >= 16 { 8 } else { 4 };
        for first in (0..count).step_by(down) {
            match (down, count - first) {
                (8, 8..) => self.block::<V, 8>(first),
                (_, 4..) => {
                    self.block::<V, 4>(first);
                    for o in first + 4..count.min(first + down) {
                        self.block::<V, 1>(o);
                    }
                }
                _ => {
                    for o in first..count {
                        self.block::<V, 1>(o);
                    }
                }
            }
        }
    }
}

impl Lines<'_> {
    #[inline(always)]
    fn block<V: Vector, const D: usize>(&mut self, first: usize) {
        for channel in 0..self.ins {
            for tap in (0..self.taps).step_by(ACROSS) {
                match self.taps - tap {
                    1 => self.products::<V, D, 1>(first, channel, tap),
                    2 => self.products::<V, D, 2>(first, channel, tap),
                    _ => self.products::<V, D, ACROSS>(first, channel, tap),
                }
            }
        }
    }

    #[inline(always)]
    fn products<V: Vector, const D: usize, const A: usize>(
        &mut self,
        first: usize,
        channel: usize,
        tap: usize,
    ) {
        let (mut lines, mut inputs) = ([core::ptr::null(); D], [core::ptr::null(); A]);
        for (o, line) in lines.iter_mut().enumerate() {
            *line = self.lines[(first + o) * self.positions..][..self.positions].as_ptr();
        }
        for (a, input) in inputs.iter_mut().enumerate() {
            let from = channel * self.spread.channel() + self.spread.tap(self.shape, tap + a);
            *input = self.image[from..][..self.positions].as_ptr();
        }
        let at =
            |o: usize, a: usize| (((first + o) * self.ins + channel) * self.taps + tap + a) * LANES;
        let mut sums = [[V::splat(0.0); A]; D];
        for (o, sums) in sums.iter_mut().enumerate() {
            for (a, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(&self.sums[at(o, a)..]);
            }
        }
        for i in (0..self.positions).step_by(V::LANES) {
            // SAFETY: each pointer begins a slice of `positions` numbers, a multiple of the lanes.
            unsafe {
                let mut x = [V::splat(0.0); A];
                for (x, input) in x.iter_mut().zip(inputs) {
                    *x = V::read(input.add(i));
                }
                for (line, sums) in lines.iter().zip(&mut sums) {
                    let dy = V::read(line.add(i));
                    for (sum, x) in sums.iter_mut().zip(x) {
                        *sum = dy.mul_add(x, *sum);
                    }
                }
            }
        }
        for (o, sums) in sums.iter().enumerate() {
            for (a, sum) in sums.iter().enumerate() {
                sum.store(&mut self.sums[at(o, a)..]);
            }
        }
    }
}
