//! What tiles read, with channels in the lanes, transformed.

use core::marker::PhantomData;

use super::super::Conv2d;
use super::super::lanes::side_by_side;
use super::tiles::{Band, EDGE, READ, padded};
use super::transform::{Gradient, Input, Transform, transform};
use crate::kernel::Vector;
use crate::kernel::dispatch::Kernel;

/// Images that tiles are read from.
pub(super) struct Planes<'a> {
    /// Of all samples, channel after channel.
    data: &'a [f32],
    channels: usize,
    height: usize,
    width: usize,
    /// Rows of zeros above, and columns of them to the left.
    padding: [usize; 2],
}

/// The transform `T` of the tiles of a band, of all channels: for each tile `I` by `I` numbers are read.
pub(super) struct Inputs<'a, T, const I: usize> {
    band: &'a Band,
    from: Planes<'a>,
    /// Room for [`Band::lines`].
    lines: &'a mut [f32],
    to: &'a mut [f32],
    /// To these all numbers of each channel are added, if there is room for that.
    totals: &'a mut [f32],
    transform: PhantomData<T>,
}

impl<'a> Inputs<'a, Input, READ> {
    /// `Bᵀ d B` of the images `x` that come into `shape`.
    pub(super) fn of(
        shape: &Conv2d,
        band: &'a Band,
        x: &'a [f32],
        lines: &'a mut [f32],
        to: &'a mut [f32],
    ) -> Self {
        let Conv2d { in_channels, height, width, padding, .. } = *shape;
        let from = Planes { data: x, channels: in_channels, height, width, padding };
        Inputs { band, from, lines, to, totals: &mut [], transform: PhantomData }
    }
}

impl<'a> Inputs<'a, Gradient, EDGE> {
    /// `A dy Aᵀ` of the gradients of what comes out of `shape`, which are added to `totals` as they are.
    pub(super) fn of_gradients(
        shape: &Conv2d,
        band: &'a Band,
        dy: &'a [f32],
        lines: &'a mut [f32],
        to: &'a mut [f32],
        totals: &'a mut [f32],
    ) -> Self {
        let (height, width) = (shape.out_height, shape.out_width);
        let channels = shape.out_channels;
        let from = Planes { data: dy, channels, height, width, padding: [0; 2] };
        Inputs { band, from, lines, to, totals, transform: PhantomData }
    }
}

impl<T: Transform<I, READ>, const I: usize> Kernel for Inputs<'_, T, I> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let (channels, tile) = (self.from.channels, self.band.tile(self.from.channels));
        assert!(self.to.len() >= self.band.padded() * tile);
        assert!(self.lines.len() >= self.band.lines());
        assert!(self.totals.is_empty() || self.totals.len() >= padded(channels));
        // Between the lines of the image there stay zeros.
        self.lines.fill(0.0);
        for c in (0..channels).step_by(V::LANES) {
            let mut total = V::splat(0.0);
            for row in 0..self.band.rows {
                self.read::<V>(c, row);
                for col in 0..self.band.cols {
                    let at = (row * self.band.cols + col) * tile + c;
                    // SAFETY: a tile of the band, and a vector of channels that there is room for.
                    unsafe {
                        let to = self.to.as_mut_ptr().add(at);
                        total = total + self.put::<V>(col, to);
                    }
                }
            }
            if let Some(totals) = self.totals.get_mut(c..c + V::LANES) {
                (V::load(totals) + total).store(totals);
            }
        }
    }
}

impl<T: Transform<I, READ>, const I: usize> Inputs<'_, T, I> {
    /// Columns of what a row of tiles reads.
    #[inline(always)]
    fn pitch(&self) -> usize {
        self.band.cols * EDGE + I - EDGE
    }

    /// What a row of tiles reads of a vector of channels from `c` on: line after line, column after column.
    #[inline(always)]
    fn read<V: Vector>(&mut self, c: usize, row: usize) {
        let Planes { data, channels: all, height, width, padding: [top, left] } = self.from;
        let (image, row) = self.band.row(row);
        let (pitch, channels) = (self.pitch(), V::LANES.min(all - c));
        let len = width.min(pitch.saturating_sub(left));
        for i in 0..I {
            let line = &mut self.lines[i * pitch * V::LANES..][..pitch * V::LANES];
            let at = EDGE * row + i;
            if at < top || at - top >= height {
                line.fill(0.0);
                continue;
            }
            let from = ((image * all + c) * height + at - top) * width;
            let to = &mut line[left * V::LANES..];
            side_by_side::<V>(&data[from..], height * width, channels, len, to, V::LANES);
        }
    }

    /// Transforms the tile at `col` of the row that was read, and writes its places. Gives the sum of what it reads, if anybody wants that.
    ///
    /// # Safety
    /// `to` is valid for a vector at each of them.
    #[inline(always)]
    unsafe fn put<V: Vector>(&self, col: usize, to: *mut f32) -> V {
        let (mut tile, pitch) = ([[V::splat(0.0); I]; I], self.pitch());
        for (i, line) in tile.iter_mut().enumerate() {
            for (j, number) in line.iter_mut().enumerate() {
                let at = (i * pitch + EDGE * col + j) * V::LANES;
                // SAFETY: within the lines that were read, for which `run` has checked that there is room.
                *number = unsafe { V::read(self.lines.as_ptr().add(at)) };
            }
        }
        let place = padded(self.from.channels);
        let transformed = transform::<T, V, I, READ>(&tile);
        for (i, number) in transformed.as_flattened().iter().enumerate() {
            // SAFETY: the caller's promise.
            unsafe { number.write(to.add(i * place)) };
        }
        let mut total = V::splat(0.0);
        if !self.totals.is_empty() {
            for line in tile {
                total = total + line.into_iter().fold(V::splat(0.0), |sum, number| sum + number);
            }
        }
        total
    }
}
