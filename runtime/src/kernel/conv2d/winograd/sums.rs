//! The products at each place, summed over channels, and back to outputs.

use super::super::ending::{read, scaled, write};
use super::super::{Conv2d, Output};
use super::tiles::Band;
use super::transform::PLACES;
use crate::kernel::dispatch::{Kernel, apart};
use crate::kernel::{Vector, tile};

/// The most channels whose sums are there at a time.
pub(super) const CHANNELS: usize = 8;

/// `Aᵀ … A` of the sums over all inputs of a band: its outputs, as `output` says.
pub(super) struct Sums<'a> {
    pub(super) shape: &'a Conv2d,
    pub(super) band: &'a Band,
    /// The weights: for each place, those of each output.
    pub(super) factors: &'a [f32],
    /// The tiles.
    pub(super) inputs: &'a [f32],
    /// Room for [`CHANNELS`] channels of the band.
    pub(super) sums: &'a mut [f32],
    pub(super) output: &'a Output<'a>,
    /// The image that the outputs are of, valid for writing.
    pub(super) y: *mut f32,
}

impl Kernel for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let Conv2d { in_channels: ins, out_channels: outs, .. } = *self.shape;
        assert!(self.factors.len() >= PLACES * outs * ins);
        assert!(self.inputs.len() >= PLACES * self.band.place(ins));
        assert!(self.sums.len() >= PLACES * self.band.place(CHANNELS));
        let mut o = 0;
        while o < outs {
            o += match (outs - o).min(tile::height::<V>()) {
                8 => self.channels::<V, 8>(o),
                6.. => self.channels::<V, 6>(o),
                4.. => self.channels::<V, 4>(o),
                2.. => self.channels::<V, 2>(o),
                _ => self.channels::<V, 1>(o),
            };
        }
    }
}

impl Sums<'_> {
    /// `M` outputs from `o` on; gives `M`.
    #[inline(always)]
    fn channels<V: Vector, const M: usize>(&mut self, o: usize) -> usize {
        for place in 0..PLACES {
            let mut at = 0;
            while at < self.band.row() {
                let here = Place { sums: self, place, o, at };
                at += match ((here.sums.band.len() - at).div_ceil(V::LANES)).min(tile::width::<V>())
                {
                    3 => apart::<V, _>(Tile::<M, 3>(here)),
                    2 => apart::<V, _>(Tile::<M, 2>(here)),
                    _ => apart::<V, _>(Tile::<M, 1>(here)),
                };
                if at >= self.band.len() {
                    break;
                }
            }
        }
        for i in 0..M {
            self.outputs::<V>(o + i, i);
        }
        M
    }

    /// The output `o`, from channel `i` of the sums.
    #[inline(always)]
    fn outputs<V: Vector>(&self, o: usize, i: usize) {
        let (band, place) = (self.band, self.band.place(CHANNELS));
        let bias = self.output.bias.and_then(|bias| bias.get(o)).copied().unwrap_or(0.0);
        let (bias, factors) = (V::splat(bias), self.output.ending.of_channel(o));
        for row in 0..band.rows {
            for col in (0..band.cols).step_by(V::LANES) {
                let from = i * band.row() + row * band.cols + col;
                let mut lines = [[V::splat(0.0); 2]; 4];
                for (i, line) in lines.iter_mut().enumerate() {
                    let mut numbers = [V::splat(0.0); 4];
                    for (j, number) in numbers.iter_mut().enumerate() {
                        // SAFETY: a tile of the band, whose last is followed by a gap.
                        *number =
                            unsafe { V::read(self.sums.as_ptr().add((4 * i + j) * place + from)) };
                    }
                    *line = back(numbers);
                }
                let [a, b, c, d] = lines;
                let left = back([a[0], b[0], c[0], d[0]]);
                let right = back([a[1], b[1], c[1], d[1]]);
                let mut tile = [[left[0], right[0]], [left[1], right[1]]];
                for sum in tile.as_flattened_mut() {
                    *sum = scaled(*sum + bias, factors);
                }
                if self.output.ending.pool {
                    self.put_largest(tile, o, band.first + row, col);
                    continue;
                }
                for (i, [left, right]) in tile.into_iter().enumerate() {
                    let line = 2 * (band.first + row) + i;
                    if line < self.shape.out_height {
                        self.put(left.zip(right), o, line, 2 * col);
                    }
                }
            }
        }
    }

    /// The largest of each tile that is whole, at `row` and from `col` on.
    #[inline(always)]
    fn put_largest<V: Vector>(
        &self,
        [[a, b], [c, d]]: [[V; 2]; 2],
        o: usize,
        row: usize,
        col: usize,
    ) {
        let (rows, cols) = (self.shape.out_height / 2, self.shape.out_width / 2);
        let len = cols.saturating_sub(col).min(V::LANES);
        if row < rows && len > 0 {
            let mut largest = a;
            for y in [b, c, d] {
                largest = y.where_nan(y, y.where_greater(largest, y, largest));
            }
            let y = self.output.ending.bounded(largest);
            let to = self.y.wrapping_add((o * rows + row) * cols + col);
            // SAFETY: `len` places to the end of a line of the pooled image.
            unsafe { y.write_lanes(to, 0, len) };
        }
    }

    /// Those of two vectors of outputs that there are in `line`, from `col` on.
    #[inline(always)]
    fn put<V: Vector>(&self, (first, next): (V, V), o: usize, line: usize, col: usize) {
        let Conv2d { out_height, out_width, .. } = *self.shape;
        let (at, left) = ((o * out_height + line) * out_width + col, out_width - col);
        for (i, y) in [first, next].into_iter().enumerate() {
            let (at, len) = (at + i * V::LANES, left.saturating_sub(i * V::LANES).min(V::LANES));
            if len == 0 {
                break;
            }
            let to = self.y.wrapping_add(at);
            // SAFETY: `len` places to the end of a line of the image; what is added to it is as long.
            unsafe {
                match self.output.bias {
                    Some(_) => self.output.ending.put(y, 0, len, self.y, at),
                    None => write(read::<V>(to, 0, len) + y, 0, len, to),
                }
            }
        }
    }
}

/// `Aᵀ m`.
#[inline(always)]
fn back<V: Vector>([a, b, c, d]: [V; 4]) -> [V; 2] {
    [a + b + c, b - c - d]
}

/// The sums at a place of the outputs from `o` on, of the tiles from `at` on.
struct Place<'a, 'b> {
    sums: &'a mut Sums<'b>,
    place: usize,
    o: usize,
    at: usize,
}

/// `M` outputs of `N` vectors of tiles; gives how many tiles these are.
struct Tile<'a, 'b, const M: usize, const N: usize>(Place<'a, 'b>);

impl<const M: usize, const N: usize> Kernel for Tile<'_, '_, M, N> {
    type Output = usize;

    #[inline(always)]
    fn run<V: Vector>(self) -> usize {
        let Place { sums: s, place, o, at } = self.0;
        let Conv2d { in_channels: ins, out_channels: outs, .. } = *s.shape;
        let row = s.band.row();
        let mut tile = [[V::splat(0.0); N]; M];
        // SAFETY: channels and tiles that are there; `Sums::run` checked the lengths, and rows are whole vectors.
        unsafe {
            let factors = s.factors.as_ptr().add((place * outs + o) * ins);
            let inputs = s.inputs.as_ptr().add(place * s.band.place(ins) + at);
            tile::outer(&mut tile, ins, factors, ins, |c| c, |c| inputs.add(c * row));
            let to = s.sums.as_mut_ptr().add(place * s.band.place(CHANNELS) + at);
            for (i, sums) in tile.into_iter().enumerate() {
                for (j, sum) in sums.into_iter().enumerate() {
                    sum.write(to.add(i * row + j * V::LANES));
                }
            }
        }
        N * V::LANES
    }
}
