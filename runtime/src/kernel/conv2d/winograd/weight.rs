//! The gradient of the weight: at each place the product of two matrices, of which tiles are the inner side.

use super::super::Conv2d;
use super::fits;
use super::input::Inputs;
use super::tiles::{Band, Bands, EDGE, PLACES, READ, padded};
use super::transform::{WeightGradient, transform};
use crate::kernel::dispatch::{Kernel, apart, dispatch};
use crate::kernel::parallel::{Shared, chunks, estimate, scratch, tasks};
use crate::kernel::vector::MAX_LANES;
use crate::kernel::{Vector, axpy, tile};

/// Parts of the bands that have sums of their own, if there are as many.
const STRETCHES: usize = 16;
/// Numbers that the sums of different parts may take together.
const PARTIAL: usize = 1 << 22;
/// The fewest tiles for which it is worth the while to transform their sums.
const TILES: usize = 128;
/// Sums that a thread adds up at a time.
const PART: usize = 4096;

/// `dw += Σ dy ⋆ x`, `db += Σ dy` over `n` samples; whether it was worth the while, else nothing is done.
///
/// Bands are split into stretches with sums of their own, which are added up in order at the end: neither the stretches nor the order depend on the
/// threads.
pub(in super::super) fn backward_weight(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    dy: &[f32],
    dw: &mut [f32],
    db: &mut [f32],
) -> bool {
    let (ins, outs) = (shape.in_channels, shape.out_channels);
    let tiles = n * shape.out_height.div_ceil(EDGE) * shape.out_width.div_ceil(EDGE);
    if !fits(shape, true) || tiles < TILES {
        return false;
    }
    let flops = estimate([5, n, shape.y_len(), ins]);
    // As for one thread, whoever there is: sums are taken over bands.
    let bands = Bands::of(shape, n, 0);
    let sums_len = PLACES * ins * padded(outs) + padded(outs);
    let stretches = STRETCHES.min(PARTIAL.div_ceil(sums_len));
    let stretch = bands.count().div_ceil(stretches);
    let stretches = bands.count().div_ceil(stretch);
    scratch(stretches * sums_len, |sums| {
        sums.fill(0.0);
        let all = Shared::of(&mut *sums);
        tasks(flops, stretches, |task| {
            // SAFETY: these sums are this task's alone.
            let sums = unsafe { all.range(task * sums_len, sums_len) };
            let (sums, totals) = sums.split_at_mut(sums_len - padded(outs));
            for band in task * stretch..bands.count().min((task + 1) * stretch) {
                let band = &bands.band(band);
                let [x_len, dy_len] =
                    [ins, outs].map(|channels| band.padded() * band.tile(channels));
                scratch(x_len + dy_len + band.lines(), |buffer| {
                    let (inputs, rest) = buffer.split_at_mut(x_len);
                    let (gradients, lines) = rest.split_at_mut(dy_len);
                    dispatch(Inputs::of(shape, band, x, &mut *lines, &mut *inputs));
                    let (to, totals) = (&mut *gradients, &mut *totals);
                    dispatch(Inputs::of_gradients(shape, band, dy, lines, to, totals));
                    dispatch(Products { shape, band, inputs, gradients, sums: &mut *sums });
                });
            }
        });
        let (total, others) = sums.split_at_mut(sums_len);
        chunks(stretches * sums_len, total, PART, |i, total| {
            for sums in others.chunks_exact(sums_len) {
                axpy(1.0, &sums[i * PART..][..total.len()], total);
            }
        });
        let (total, totals) = total.split_at(sums_len - padded(outs));
        dispatch(Back { shape, sums: total, dw });
        db.iter_mut().zip(totals).for_each(|(db, total)| *db += total);
    });
    true
}

/// Adds the products at each place, of the tiles of a band, to the sums: for each place, input after input, their outputs.
struct Products<'a> {
    shape: &'a Conv2d,
    band: &'a Band,
    /// The tiles of what comes in, and of the gradients of what comes out.
    inputs: &'a [f32],
    gradients: &'a [f32],
    sums: &'a mut [f32],
}

impl Kernel for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let Conv2d { in_channels: ins, out_channels: outs, .. } = *self.shape;
        assert!(self.sums.len() >= PLACES * ins * padded(outs));
        assert!(self.inputs.len() >= self.band.padded() * self.band.tile(ins));
        assert!(self.gradients.len() >= self.band.padded() * self.band.tile(outs));
        let (vectors, wide) = (outs.div_ceil(V::LANES), if V::REGISTERS >= 32 { 4 } else { 2 });
        for place in 0..PLACES {
            let mut first = 0;
            while first < vectors {
                let at = Place { products: &mut self, place, o: first * V::LANES };
                first += match (vectors - first).min(wide) {
                    4 => apart::<V, _>(Columns::<4>(at)),
                    3 => apart::<V, _>(Columns::<3>(at)),
                    2 => apart::<V, _>(Columns::<2>(at)),
                    _ => apart::<V, _>(Columns::<1>(at)),
                };
            }
        }
    }
}

/// The sums at a place of the outputs from `o` on.
struct Place<'a, 'b> {
    products: &'a mut Products<'b>,
    place: usize,
    o: usize,
}

/// `N` vectors of outputs, with all inputs; gives `N`.
struct Columns<'a, 'b, const N: usize>(Place<'a, 'b>);

impl<const N: usize> Kernel for Columns<'_, '_, N> {
    type Output = usize;

    #[inline(always)]
    fn run<V: Vector>(mut self) -> usize {
        let (ins, mut c) = (self.0.products.shape.in_channels, 0);
        while c < ins {
            // SAFETY: so many inputs are left.
            c += unsafe {
                match ins - c {
                    // Better four twice than six and two.
                    8 | 4 | 5 => self.0.add::<V, 4, N>(c),
                    6.. => self.0.add::<V, 6, N>(c),
                    2.. => self.0.add::<V, 2, N>(c),
                    _ => self.0.add::<V, 1, N>(c),
                }
            };
        }
        N
    }
}

impl Place<'_, '_> {
    /// Adds to the sums of `M` inputs from `c` on with `N` vectors of outputs; gives `M`.
    ///
    /// # Safety
    /// There are so many inputs, and so many outputs there is room for.
    #[inline(always)]
    unsafe fn add<V: Vector, const M: usize, const N: usize>(&mut self, c: usize) -> usize {
        let (p, place) = (&mut *self.products, self.place);
        let Conv2d { in_channels: ins, out_channels: outs, .. } = *p.shape;
        let (from_x, from_dy) = (p.band.tile(ins), p.band.tile(outs));
        let mut sums = [[V::splat(0.0); N]; M];
        // SAFETY: tiles that are there, and channels by the caller's promise; `Products::run` checked the lengths.
        unsafe {
            let inputs = p.inputs.as_ptr().add(place * padded(ins) + c);
            let gradients = p.gradients.as_ptr().add(place * padded(outs) + self.o);
            let row = |tile: usize| gradients.add(tile * from_dy);
            let tiles = p.band.rows * p.band.cols;
            tile::outer(&mut sums, tiles, inputs, 1, |tile| tile * from_x, row);
            for (i, sums) in sums.into_iter().enumerate() {
                let at = (place * ins + c + i) * padded(outs) + self.o;
                for (j, sum) in sums.into_iter().enumerate() {
                    let to = p.sums.as_mut_ptr().add(at + j * V::LANES);
                    (V::read(to) + sum).write(to);
                }
            }
        }
        M
    }
}

/// Adds `Gᵀ … G` of the sums to `dw`.
struct Back<'a> {
    shape: &'a Conv2d,
    sums: &'a [f32],
    dw: &'a mut [f32],
}

impl Kernel for Back<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Conv2d { in_channels: ins, out_channels: outs, .. } = *self.shape;
        for c in 0..ins {
            for o in (0..outs).step_by(V::LANES) {
                let mut tile = [[V::splat(0.0); READ]; READ];
                for (place, number) in tile.as_flattened_mut().iter_mut().enumerate() {
                    *number = V::load(&self.sums[(place * ins + c) * padded(outs) + o..]);
                }
                let taps = transform::<WeightGradient, V, READ, 3>(&tile);
                for (tap, numbers) in taps.as_flattened().iter().enumerate() {
                    let mut lanes = [0.0; MAX_LANES];
                    numbers.store(&mut lanes);
                    for (i, number) in lanes.iter().enumerate().take(V::LANES.min(outs - o)) {
                        self.dw[9 * ((o + i) * ins + c) + tap] += number;
                    }
                }
            }
        }
    }
}
