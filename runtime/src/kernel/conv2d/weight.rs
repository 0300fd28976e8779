//! The gradient of a convolution's weight: for each weight a long inner product, over samples and positions, of `dy` with
//! what its tap reads in the [`Spread`] input.

use core::ops::Range;

use super::Conv2d;
use super::direct::lay_out;
use super::spread::{Spread, put_apart};
use super::sweep::{SLACK, Taps};
use crate::kernel::dispatch::{Kernel, apart, dispatch};
use crate::kernel::parallel::{Shared, chunks, estimate, scratch, tasks};
use crate::kernel::{Vector, axpy, sum, tile};

/// Output channels of a task.
const CHANNELS: usize = 32;
/// Tasks that the work is split into, if there are samples and channels enough.
const TASKS: usize = 16;
/// Positions that a product should at least run over before it is summed up, so that this costs little: as many as the lines of `dy` of a
/// tile may have to stay in the nearest cache.
const POSITIONS: usize = 512;
/// Numbers that the sums of different samples may take together.
const PARTIAL: usize = 1 << 22;

/// `dw += Σ dy ⋆ x`, `db += Σ dy` over `n` samples.
///
/// Samples are split into stretches with sums of their own, which are added up in order at the end: neither the
/// stretches nor the order depend on the threads.
pub(super) fn backward_weight(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    dy: &[f32],
    dw: &mut [f32],
    db: &mut [f32],
) {
    let blocks = shape.out_channels.div_ceil(CHANNELS);
    let stretches = TASKS.div_ceil(blocks).min(PARTIAL.div_ceil(dw.len())).min(n);
    let stretch = n.div_ceil(stretches.max(1));
    let (stretches, per_channel) = (n.div_ceil(stretch.max(1)), dw.len() / shape.out_channels);
    let flops = estimate([2, n, shape.y_len(), per_channel]);
    let gradient = |dw: &mut [f32], db: &mut [f32]| {
        let (dw_len, db_len) = (dw.len() / stretches, db.len() / stretches);
        let (dw, db) = (Shared::of(dw), Shared::of(db));
        tasks(flops, stretches * blocks, |task| {
            let (s, block) = (task / blocks, task % blocks);
            let samples = s * stretch..n.min((s + 1) * stretch);
            let channels = block * CHANNELS..shape.out_channels.min((block + 1) * CHANNELS);
            let (from, len) = (channels.start * per_channel, channels.len() * per_channel);
            // SAFETY: these channels of these sums are this task's alone.
            let (dw, db) = unsafe {
                let db = match db_len {
                    0 => &mut [],
                    _ => db.range(s * db_len + channels.start, channels.len()),
                };
                (dw.range(s * dw_len + from, len), db)
            };
            Task { shape, channels, x, dy }.run(samples, dw, db);
        });
    };
    match stretches {
        0 => {}
        1 => gradient(dw, db),
        _ => scratch(stretches * (dw.len() + db.len()), |sums| {
            sums.fill(0.0);
            let (dw_sums, db_sums) = sums.split_at_mut(stretches * dw.len());
            gradient(dw_sums, db_sums);
            for (total, sums) in [(dw, &*dw_sums), (db, &*db_sums)] {
                let len = total.len();
                chunks(stretches * len, total, 4096, |i, total| {
                    for sums in sums.chunks_exact(len) {
                        axpy(1.0, &sums[i * 4096..][..total.len()], total);
                    }
                });
            }
        }),
    }
}

/// The gradients of some output channels.
struct Task<'a> {
    shape: &'a Conv2d,
    channels: Range<usize>,
    x: &'a [f32],
    dy: &'a [f32],
}

impl Task<'_> {
    /// Adds those of `samples`.
    fn run(&self, samples: Range<usize>, dw: &mut [f32], db: &mut [f32]) {
        let shape = self.shape;
        let (plane, image) = (shape.out_height * shape.out_width, shape.height * shape.width);
        for sample in samples.clone() {
            let dy = &self.dy[sample * shape.y_len() + self.channels.start * plane..];
            for (db, dy) in db.iter_mut().zip(dy.chunks_exact(plane)) {
                *db += sum(dy);
            }
        }
        let spread = Spread::input(shape);
        let taps = spread.taps(shape);
        let positions = (shape.out_height - 1) * spread.pitch + shape.out_width;
        // Where lines of the output are as far apart as those of the spread input, `dy` is read as it is.
        let (lines, x_copied) = (spread.pitch > shape.out_width, !spread.is_plain());
        let line_len = if lines { positions.next_multiple_of(16) } else { plane };
        let image_len = if x_copied { spread.channel() } else { image };
        let at_a_time = POSITIONS.div_ceil(positions).min(samples.len());
        let lines_len = if lines { self.channels.len() * line_len } else { 0 };
        let x_len = if x_copied { shape.in_channels * image_len + SLACK } else { 0 };
        scratch(at_a_time * (lines_len + x_len), |buffer| {
            let (dy_lines, images) = buffer.split_at_mut(at_a_time * lines_len);
            dy_lines.fill(0.0);
            for start in samples.clone().step_by(at_a_time) {
                let count = at_a_time.min(samples.end - start);
                let x = &self.x[start * shape.x_len()..][..count * shape.x_len()];
                let dy = &self.dy[start * shape.y_len()..][..count * shape.y_len()];
                if lines {
                    let samples = dy.chunks_exact(shape.y_len());
                    for (dy, lines) in samples.zip(dy_lines.chunks_exact_mut(lines_len)) {
                        let dy = dy[self.channels.start * plane..].chunks_exact(plane);
                        for (dy, line) in dy.zip(lines.chunks_exact_mut(line_len)) {
                            put_apart(dy, shape.out_width, line, spread.pitch);
                        }
                    }
                }
                if x_copied {
                    let samples = x.chunks_exact(shape.x_len());
                    for (x, image) in samples.zip(images.chunks_exact_mut(x_len)) {
                        lay_out(&spread, x, shape.height * shape.width, image);
                    }
                }
                dispatch(Products {
                    shape,
                    taps: &taps,
                    channels: self.channels.clone(),
                    count,
                    positions,
                    dy: if lines {
                        Planes { data: dy_lines, sample: lines_len, plane: line_len }
                    } else {
                        let data = &dy[self.channels.start * plane..];
                        Planes { data, sample: shape.y_len(), plane }
                    },
                    x: if x_copied {
                        Planes { data: images, sample: x_len, plane: image_len }
                    } else {
                        Planes { data: x, sample: shape.x_len(), plane: image_len }
                    },
                    dw,
                });
            }
        });
    }
}

/// Planes of samples, at regular distances.
struct Planes<'a> {
    data: &'a [f32],
    sample: usize,
    plane: usize,
}

/// Adds the products of `count` samples to `dw`.
struct Products<'a> {
    shape: &'a Conv2d,
    taps: &'a Taps,
    channels: Range<usize>,
    count: usize,
    positions: usize,
    /// Its first plane is that of the first of `channels`.
    dy: Planes<'a>,
    x: Planes<'a>,
    dw: &'a mut [f32],
}

impl Kernel for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let per_group = self.shape.out_channels / self.shape.groups;
        let mut o = self.channels.start;
        while o < self.channels.end {
            // Channels that are worked on together are of one group.
            let left = (self.channels.end - o).min(per_group - o % per_group);
            o += match tile::rows::<V>(left) {
                8 if const { tile::height::<V>() >= 8 } => self.channels::<V, 8>(o),
                6 if const { tile::height::<V>() >= 6 } => self.channels::<V, 6>(o),
                4 => self.channels::<V, 4>(o),
                2 => self.channels::<V, 2>(o),
                _ => self.channels::<V, 1>(o),
            };
        }
    }
}

impl Products<'_> {
    /// All weights of `M` output channels from `o` on.
    #[inline(always)]
    fn channels<V: Vector, const M: usize>(&mut self, o: usize) -> usize {
        let Conv2d { in_channels, out_channels, groups, .. } = *self.shape;
        let per_channel = self.shape.weight_len() / out_channels;
        let input = o / (out_channels / groups) * (in_channels / groups);
        let mut j = 0;
        while j < per_channel {
            let place = Place { products: self, o, per_channel, input, j };
            j += match (per_channel - j).min(tile::width::<V>()) {
                3 if const { tile::width::<V>() > 2 } => apart::<V, _>(Tile::<M, 3>(place)),
                2 => apart::<V, _>(Tile::<M, 2>(place)),
                _ => apart::<V, _>(Tile::<M, 1>(place)),
            };
        }
        M
    }
}

/// Of the output channels from `o` on, of `per_channel` weights each, those from number `j` on; the first reads the channel `input`.
struct Place<'a, 'b> {
    products: &'a mut Products<'b>,
    o: usize,
    per_channel: usize,
    input: usize,
    j: usize,
}

/// `N` weights of each of `M` output channels; gives `N`.
struct Tile<'a, 'b, const M: usize, const N: usize>(Place<'a, 'b>);

impl<const M: usize, const N: usize> Kernel for Tile<'_, '_, M, N> {
    type Output = usize;

    #[inline(always)]
    fn run<V: Vector>(self) -> usize {
        let Place { products: p, o, per_channel, input, j } = self.0;
        let (k, plane) = (p.positions, p.dy.plane);
        let (next_dy, next_x) = (p.dy.sample, p.x.sample);
        let mut inputs = [core::ptr::null(); N];
        let (mut channel, mut tap) = (input + j / p.taps.len(), j % p.taps.len());
        // The last sample's is the farthest.
        let farthest = (p.count - 1) * next_x + k;
        for input in &mut inputs {
            let from = channel * p.x.plane + p.taps[tap].at();
            assert!(from + farthest <= p.x.data.len());
            *input = p.x.data[from..].as_ptr();
            tap += 1;
            if tap == p.taps.len() {
                (channel, tap) = (channel + 1, 0);
            }
        }
        let from = (o - p.channels.start) * plane;
        assert!(from + (p.count - 1) * next_dy + (M - 1) * plane + k <= p.dy.data.len());
        let lines = p.dy.data[from..].as_ptr();

        let mut tile = [[V::splat(0.0); N]; M];
        for sample in 0..p.count {
            let (dy, ahead) = (lines.wrapping_add(sample * next_dy), sample * next_x);
            let (dy, x) =
                (|i| dy.wrapping_add(i * plane), |j: usize| inputs[j].wrapping_add(ahead));
            // SAFETY: checked above for the last sample and the last line.
            unsafe { tile::add_inner(&mut tile, k, dy, x) };
        }
        for sample in 0..p.count {
            let (dy, ahead) = (lines.wrapping_add(sample * next_dy), sample * next_x);
            let (dy, x) =
                (|i| dy.wrapping_add(i * plane), |j: usize| inputs[j].wrapping_add(ahead));
            // SAFETY: the same.
            unsafe { tile::add_inner_rest(&mut tile, k, dy, x) };
        }
        let dw = &mut p.dw[(o - p.channels.start) * per_channel + j..];
        for (i, sums) in tile::sums(tile).iter().enumerate() {
            for (dw, sum) in dw[i * per_channel..].iter_mut().zip(sums) {
                *dw += sum;
            }
        }
        N
    }
}
