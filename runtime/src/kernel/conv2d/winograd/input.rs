//! The inputs of tiles, with channels in the lanes, transformed.

use super::super::Conv2d;
use super::super::lanes::side_by_side;
use super::tiles::{Band, EDGE, READ, padded};
use super::transform::{Input, transform};
use crate::kernel::Vector;
use crate::kernel::dispatch::Kernel;

/// `Bᵀ d B` of the tiles of a band, of all channels of the images `x` that come into `shape`.
pub(super) struct Inputs<'a> {
    pub(super) shape: &'a Conv2d,
    pub(super) band: &'a Band,
    pub(super) x: &'a [f32],
    /// Room for [`Band::lines`].
    pub(super) lines: &'a mut [f32],
    pub(super) to: &'a mut [f32],
}

impl Kernel for Inputs<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let (channels, tile) = (self.shape.in_channels, self.band.tile(self.shape.in_channels));
        assert!(self.to.len() >= self.band.padded() * tile);
        assert!(self.lines.len() >= self.band.lines());
        // Between the lines of the image there stay zeros.
        self.lines.fill(0.0);
        for c in (0..channels).step_by(V::LANES) {
            for row in 0..self.band.rows {
                self.read::<V>(c, row);
                for col in 0..self.band.cols {
                    let at = (row * self.band.cols + col) * tile + c;
                    // SAFETY: a tile of the band, and a vector of channels that there is room for.
                    unsafe {
                        let to = self.to.as_mut_ptr().add(at);
                        self.put::<V>(col, to);
                    }
                }
            }
        }
    }
}

impl Inputs<'_> {
    /// What a row of tiles reads of a vector of channels from `c` on: line after line, column after column.
    #[inline(always)]
    fn read<V: Vector>(&mut self, c: usize, row: usize) {
        let Conv2d { in_channels, height, width, padding: [top, left], .. } = *self.shape;
        let (image, row) = self.band.row(row);
        let (pitch, channels) = (self.band.read(), V::LANES.min(in_channels - c));
        let len = width.min(pitch.saturating_sub(left));
        for i in 0..READ {
            let line = &mut self.lines[i * pitch * V::LANES..][..pitch * V::LANES];
            let at = EDGE * row + i;
            if at < top || at - top >= height {
                line.fill(0.0);
                continue;
            }
            let from = ((image * in_channels + c) * height + at - top) * width;
            let to = &mut line[left * V::LANES..];
            side_by_side::<V>(&self.x[from..], height * width, channels, len, to, V::LANES);
        }
    }

    /// Transforms the tile at `col` of the row that was read, and writes its places.
    ///
    /// # Safety
    /// `to` is valid for a vector at each of them.
    #[inline(always)]
    unsafe fn put<V: Vector>(&self, col: usize, to: *mut f32) {
        let mut tile = [[V::splat(0.0); READ]; READ];
        for (i, line) in tile.iter_mut().enumerate() {
            for (j, number) in line.iter_mut().enumerate() {
                let at = (i * self.band.read() + EDGE * col + j) * V::LANES;
                // SAFETY: within the lines that were read, for which `run` has checked that there is room.
                *number = unsafe { V::read(self.lines.as_ptr().add(at)) };
            }
        }
        let place = padded(self.shape.in_channels);
        let transformed = transform::<Input, V, READ, READ>(&tile);
        for (i, number) in transformed.as_flattened().iter().enumerate() {
            // SAFETY: the caller's promise.
            unsafe { number.write(to.add(i * place)) };
        }
    }
}
