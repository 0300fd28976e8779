//! The transforms of tiles and of weights.

use super::super::Conv2d;
use super::tiles::Band;
use crate::kernel::Vector;
use crate::kernel::dispatch::Kernel;
use crate::kernel::vector::MAX_LANES;

/// Numbers in a transformed tile.
pub(super) const PLACES: usize = 16;

/// A transform of the lines of a tile, and then of the columns, from `I` numbers to four.
trait Transform<const I: usize> {
    /// Of one line.
    fn line<V: Vector>(line: [V; I]) -> [V; 4];
}

/// `Bᵀ d`.
struct Input;
impl Transform<4> for Input {
    #[inline(always)]
    fn line<V: Vector>([a, b, c, d]: [V; 4]) -> [V; 4] {
        [a - c, b + c, c - b, b - d]
    }
}

/// `G g`.
struct Weight;
impl Transform<3> for Weight {
    #[inline(always)]
    fn line<V: Vector>([a, b, c]: [V; 3]) -> [V; 4] {
        let half = V::splat(0.5);
        [a, half * (a + c + b), half * (a + c - b), c]
    }
}

/// Transforms the tiles of a band of all channels of the image `x` that comes into `shape`.
pub(super) struct Tiles<'a> {
    pub(super) shape: &'a Conv2d,
    pub(super) band: &'a Band,
    pub(super) x: &'a [f32],
    pub(super) to: &'a mut [f32],
}

impl Kernel for Tiles<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Conv2d { in_channels, height, width, padding: [top, left], .. } = *self.shape;
        let Band { first, rows, cols, .. } = *self.band;
        let (plane, place) = (height * width, self.band.place(in_channels));
        assert!(in_channels * plane <= self.x.len() && PLACES * place <= self.to.len());
        for channel in 0..in_channels {
            for row in 0..rows {
                for col in (0..cols).step_by(V::LANES) {
                    let mut tile = [[V::splat(0.0); 4]; 4];
                    for j in 0..2 {
                        // Of the numbers of so many columns those that there are.
                        let [first_half, next_half] = [0, V::LANES]
                            .map(|next| Lanes::of(2 * (col + j) + next, V::LANES, left, width));
                        for (i, line) in tile.iter_mut().enumerate() {
                            let at = 2 * (first + row) + i;
                            if at < top || at - top >= height {
                                continue;
                            }
                            // SAFETY: lanes are within a line, and lines within a channel.
                            let (even, odd) = unsafe {
                                let line = channel * plane + (at - top) * width;
                                let line = self.x.as_ptr().add(line);
                                first_half.read::<V>(line).unzip(next_half.read(line))
                            };
                            (line[2 * j], line[2 * j + 1]) = (even, odd);
                        }
                    }
                    // SAFETY: `to` has the places of all channels; what is beyond the end of a row is in the next one, which is yet to be
                    // written, or in the gap.
                    unsafe {
                        let at = channel * self.band.row() + row * cols + col;
                        put::<Input, V, 4>(tile, self.to.as_mut_ptr().add(at), place);
                    }
                }
            }
        }
    }
}

/// The lanes of a vector that are numbers of a line, not zeros beside it.
#[derive(Clone, Copy)]
struct Lanes {
    /// Where in the line the first is.
    from: usize,
    lane: usize,
    len: usize,
}

impl Lanes {
    /// Of `lanes` columns from `col` on, of a line of `width` numbers with `left` zeros before.
    #[inline(always)]
    fn of(col: usize, lanes: usize, left: usize, width: usize) -> Self {
        let lane = left.saturating_sub(col).min(lanes);
        let from = (col + lane - left.min(col + lane)).min(width);
        Lanes { from, lane, len: (lanes - lane).min(width - from) }
    }

    /// # Safety
    /// They are valid for reading in the line that begins at `line`.
    #[inline(always)]
    unsafe fn read<V: Vector>(&self, line: *const f32) -> V {
        // SAFETY: the caller's promise.
        unsafe {
            match self.len == V::LANES {
                true => V::read(line.add(self.from)),
                false => V::read_lanes(line.add(self.from), self.lane, self.len),
            }
        }
    }
}

/// Transforms the lines and columns of a tile, and writes its places.
///
/// # Safety
/// `to` is valid for a vector at each of them.
#[inline(always)]
unsafe fn put<T: Transform<I>, V: Vector, const I: usize>(
    tile: [[V; I]; I],
    to: *mut f32,
    place: usize,
) {
    let mut lines = [[V::splat(0.0); 4]; I];
    for (line, tile) in lines.iter_mut().zip(tile) {
        *line = T::line(tile);
    }
    for j in 0..4 {
        let mut column = [V::splat(0.0); I];
        for (number, line) in column.iter_mut().zip(&lines) {
            *number = line[j];
        }
        for (i, number) in T::line(column).into_iter().enumerate() {
            // SAFETY: the caller's promise.
            unsafe { number.write(to.add((4 * i + j) * place)) };
        }
    }
}

/// `G g Gᵀ` of `count` pairs of channels, `g` being `weight(pair, tap)`: for each place, pair after pair.
pub(super) struct Weights<'a, F> {
    pub(super) count: usize,
    pub(super) weight: F,
    pub(super) to: &'a mut [f32],
}

impl<F: Fn(usize, usize) -> f32> Kernel for Weights<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        assert!(PLACES * self.count <= self.to.len() && self.count >= V::LANES);
        for at in (0..self.count).step_by(V::LANES) {
            // The last vector ends with the last pair.
            let at = at.min(self.count - V::LANES);
            let mut tile = [[V::splat(0.0); 3]; 3];
            for (tap, numbers) in tile.as_flattened_mut().iter_mut().enumerate() {
                let mut taps = [0.0; MAX_LANES];
                for (i, number) in taps[..V::LANES].iter_mut().enumerate() {
                    *number = (self.weight)(at + i, tap);
                }
                *numbers = V::load(&taps);
            }
            // SAFETY: a vector from `at` on is within a place.
            unsafe { put::<Weight, V, 3>(tile, self.to.as_mut_ptr().add(at), self.count) };
        }
    }
}
