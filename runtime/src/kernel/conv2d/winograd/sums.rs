//! The products at each place, summed over channels.

use super::super::Conv2d;
use super::tiles::{Band, PLACES, TOGETHER, padded};
use crate::kernel::dispatch::{Kernel, apart};
use crate::kernel::{Vector, tile};

/// The sums over all inputs, of the tiles of a band.
pub(super) struct Sums<'a> {
    pub(super) shape: &'a Conv2d,
    pub(super) band: &'a Band,
    /// The weights: for each place, input after input, their outputs.
    pub(super) factors: &'a [f32],
    /// The tiles.
    pub(super) inputs: &'a [f32],
    pub(super) to: &'a mut [f32],
}

impl Kernel for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let Conv2d { in_channels: ins, out_channels: outs, .. } = *self.shape;
        assert!(self.factors.len() >= PLACES * ins * padded(outs));
        assert!(self.inputs.len() >= self.band.padded() * self.band.tile(ins));
        assert!(self.to.len() >= self.band.padded() * self.band.tile(outs));
        let vectors = outs.div_ceil(V::LANES);
        // With so many rows of sums as here, one vector more than usual fits in where there are many registers.
        let columns = vectors.div_ceil(if V::REGISTERS >= 32 { 4 } else { 2 });
        for place in 0..PLACES {
            for i in 0..columns {
                let (first, next) = (i * vectors / columns, (i + 1) * vectors / columns);
                for tile in (0..self.band.padded()).step_by(TOGETHER) {
                    let here = Place { sums: &mut self, place, tile, o: first * V::LANES };
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
}

/// The sums at a place of the outputs from `o` on, of the tiles from `tile` on.
struct Place<'a, 'b> {
    sums: &'a mut Sums<'b>,
    place: usize,
    tile: usize,
    o: usize,
}

/// As many tiles as are worked out together, of `N` vectors of outputs.
struct Tile<'a, 'b, const N: usize>(Place<'a, 'b>);

impl<const N: usize> Kernel for Tile<'_, '_, N> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Place { sums: s, place, tile, o } = self.0;
        let Conv2d { in_channels: ins, out_channels: outs, .. } = *s.shape;
        let (from_tile, to_tile) = (s.band.tile(ins), s.band.tile(outs));
        let mut sums = [[V::splat(0.0); N]; TOGETHER];
        // SAFETY: tiles and channels that there is room for; `Sums::run` checked the lengths.
        unsafe {
            let inputs = s.inputs.as_ptr().add(tile * from_tile + place * padded(ins));
            let factors = s.factors.as_ptr().add(place * ins * padded(outs) + o);
            let row = |c: usize| factors.add(c * padded(outs));
            tile::outer(&mut sums, ins, inputs, from_tile, |c| c, row);
            let to = s.to.as_mut_ptr().add(tile * to_tile + place * padded(outs) + o);
            for (i, sums) in sums.into_iter().enumerate() {
                for (j, sum) in sums.into_iter().enumerate() {
                    sum.write(to.add(i * to_tile + j * V::LANES));
                }
            }
        }
    }
}
