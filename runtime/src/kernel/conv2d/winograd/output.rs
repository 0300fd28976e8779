//! Sums transformed back, and put where they belong.

use super::super::ending::{read, scaled, write};
use super::super::{Conv2d, Output};
use super::tiles::{Band, EDGE, READ, padded};
use super::transform::{self, transform};
use crate::kernel::Vector;
use crate::kernel::dispatch::Kernel;

/// `Aᵀ … A` of the sums of a band: its outputs, as `output` says.
pub(super) struct Outputs<'a> {
    pub(super) shape: &'a Conv2d,
    pub(super) band: &'a Band,
    pub(super) sums: &'a [f32],
    pub(super) output: &'a Output<'a>,
    /// Room for [`Band::lines`].
    pub(super) lines: &'a mut [f32],
    /// The outputs of all images, valid for writing.
    pub(super) y: *mut f32,
}

impl Kernel for Outputs<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let outs = self.shape.out_channels;
        assert!(self.sums.len() >= self.band.padded() * self.band.tile(outs));
        assert!(self.lines.len() >= self.band.lines());
        for o in (0..outs).step_by(V::LANES) {
            let channels = V::LANES.min(outs - o);
            let bias = self.output.bias.and_then(|bias| bias.get(o..o + channels));
            let bias = bias.map_or(V::splat(0.0), V::load_part);
            let factors = match self.output.ending.factors {
                Some([scale, shift]) => {
                    let [scale, shift] = [&scale[o..o + channels], &shift[o..o + channels]];
                    Some([V::load_part(scale), V::load_part(shift)])
                }
                None => None,
            };
            for row in 0..self.band.rows {
                for col in 0..self.band.cols {
                    self.transform(o, row, col, bias, factors);
                }
                self.put::<V>(o, row);
            }
        }
    }
}

impl Outputs<'_> {
    /// The outputs of a tile, or the largest of each two by two of them, to the lines.
    #[inline(always)]
    fn transform<V: Vector>(
        &mut self,
        o: usize,
        row: usize,
        col: usize,
        bias: V,
        factors: Option<[V; 2]>,
    ) {
        let outs = self.shape.out_channels;
        let from = (row * self.band.cols + col) * self.band.tile(outs) + o;
        let mut tile = [[V::splat(0.0); READ]; READ];
        for (i, number) in tile.as_flattened_mut().iter_mut().enumerate() {
            // SAFETY: a tile of the band, and channels that there is room for; `run` checked the length.
            *number = unsafe { V::read(self.sums.as_ptr().add(from + i * padded(outs))) };
        }
        let mut tile = transform::<transform::Output, V, READ, EDGE>(&tile);
        for y in tile.as_flattened_mut() {
            *y = scaled(*y + bias, factors);
        }
        let pitch = self.band.written();
        if !self.output.ending.pool {
            for (i, line) in tile.iter().enumerate() {
                for (j, y) in line.iter().enumerate() {
                    y.store(&mut self.lines[(i * pitch + EDGE * col + j) * V::LANES..]);
                }
            }
            return;
        }
        for i in 0..EDGE / 2 {
            for j in 0..EDGE / 2 {
                let mut largest = tile[2 * i][2 * j];
                for (i, j) in [(2 * i, 2 * j + 1), (2 * i + 1, 2 * j), (2 * i + 1, 2 * j + 1)] {
                    let y = tile[i][j];
                    largest = y.where_nan(y, y.where_greater(largest, y, largest));
                }
                largest.store(&mut self.lines[(i * pitch + EDGE / 2 * col + j) * V::LANES..]);
            }
        }
    }

    /// Of the lines of a row of tiles those that there are, from the channel `o` on, to where they belong.
    #[inline(always)]
    fn put<V: Vector>(&mut self, o: usize, row: usize) {
        let (pitch, written) = (self.band.written(), self.output.ending.written(self.shape));
        let Conv2d { out_channels: outs, out_height: height, out_width: width, .. } = written;
        let (image, row) = self.band.row(row);
        let edge = if self.output.ending.pool { EDGE / 2 } else { EDGE };
        let (lines, by_channel) = self.lines.split_at_mut(EDGE * pitch * V::LANES);
        for i in 0..edge.min(height.saturating_sub(edge * row)) {
            let line = &lines[i * pitch * V::LANES..];
            for col in (0..width).step_by(V::LANES) {
                assert!((col + V::LANES) * V::LANES <= line.len() && col + V::LANES <= pitch);
                assert!(V::LANES * pitch <= by_channel.len());
                // SAFETY: a vector of columns, and as much room; just checked.
                unsafe {
                    let from = line.as_ptr().add(col * V::LANES);
                    V::transpose(from, V::LANES, by_channel.as_mut_ptr().add(col), pitch);
                }
            }
            for (channel, line) in by_channel.chunks(pitch).enumerate().take(V::LANES.min(outs - o))
            {
                let at = ((image * outs + o + channel) * height + edge * row + i) * width;
                for col in (0..width).step_by(V::LANES) {
                    let (mut y, len) = (V::load(&line[col..]), V::LANES.min(width - col));
                    let at = at + col;
                    // SAFETY: `len` places to the end of a line of an image; what it is compared with, or added to it, is as long.
                    unsafe {
                        if let Some(relu) = self.output.relu {
                            let x = read::<V>(relu.as_ptr().add(at), 0, len);
                            y = x.where_greater(V::splat(0.0), y, V::splat(0.0));
                        }
                        if self.output.bias.is_some() {
                            self.output.ending.put(y, 0, len, self.y, at);
                        } else {
                            let to = self.y.add(at);
                            write(read::<V>(to, 0, len) + y, 0, len, to);
                        }
                    }
                }
            }
        }
    }
}
