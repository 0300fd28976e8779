//! The products at each place, summed over channels.

use super::super::Conv2d;
use super::tiles::{Band, PLACES, padded};
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
        let (tiles, together) = (self.band.padded(), self.band.together());
        for place in 0..PLACES {
            for i in 0..columns {
                let (first, next) = (i * vectors / columns, (i + 1) * vectors / columns);
                let here = Place { sums: &mut self, place, o: first * V::LANES };
                match (next - first, together) {
                    (4, 6) => apart::<V, _>(Tiles::<6, 4>(here)),
                    (4, _) => apart::<V, _>(Tiles::<4, 4>(here)),
                    (3, 6) => apart::<V, _>(Tiles::<6, 3>(here)),
                    (3, _) => apart::<V, _>(Tiles::<4, 3>(here)),
                    (2, 6) => apart::<V, _>(Tiles::<6, 2>(here)),
                    (2, _) => apart::<V, _>(Tiles::<4, 2>(here)),
                    // Of one vector more, so that sums do not wait for themselves.
                    _ if tiles.is_multiple_of(12) => apart::<V, _>(Tiles::<12, 1>(here)),
                    _ if tiles.is_multiple_of(8) => apart::<V, _>(Tiles::<8, 1>(here)),
                    (_, 6) => apart::<V, _>(Tiles::<6, 1>(here)),
                    _ => apart::<V, _>(Tiles::<4, 1>(here)),
                }
            }
        }
    }
}

/// The sums at a place of the outputs from `o` on.
struct Place<'a, 'b> {
    sums: &'a mut Sums<'b>,
    place: usize,
    o: usize,
}

/// `N` vectors of outputs of all tiles, `M` at a time.
struct Tiles<'a, 'b, const M: usize, const N: usize>(Place<'a, 'b>);

impl<const M: usize, const N: usize> Kernel for Tiles<'_, '_, M, N> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Place { sums: s, place, o } = self.0;
        let Conv2d { in_channels: ins, out_channels: outs, .. } = *s.shape;
        let (from_tile, to_tile) = (s.band.tile(ins), s.band.tile(outs));
        for tile in (0..s.band.padded()).step_by(M) {
            let mut sums = [[V::splat(0.0); N]; M];
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
}
