//! The loop over all outputs of a convolution of a spread image.

use core::mem::MaybeUninit;
use core::ops::Range;

use super::direct::OutPlanes;
use crate::kernel::dispatch::{Kernel, apart, dispatch};
use crate::kernel::{Vector, tile};

/// Vectors of positions in a tile.
const ACROSS: usize = 3;
/// Zeros behind an image, for the last vectors.
pub(super) const SLACK: usize = 16 * ACROSS;
/// The most taps of a kernel that are dealt with here.
pub(super) const MAX_TAPS: usize = 512;

/// One weight of each pair of channels.
#[derive(Clone, Copy)]
pub(super) struct Tap {
    /// Where it is among the weights of a pair.
    weight: u32,
    /// Where in a channel the first output meets it.
    at: u32,
}

impl Tap {
    /// # Panics
    /// When a place is beyond what 32 bits count.
    pub(super) fn new(weight: usize, at: usize) -> Self {
        let narrow = |place| u32::try_from(place).expect("conv2d: an image is too large");
        Tap { weight: narrow(weight), at: narrow(at) }
    }

    /// Where it is among the weights of a pair.
    pub(super) fn weight(self) -> usize {
        self.weight as usize
    }

    /// Where in a channel the first output meets it.
    pub(super) fn at(self) -> usize {
        self.at as usize
    }
}

/// Up to [`MAX_TAPS`] taps; most kernels have few, so that only those that are there are written.
pub(super) struct Taps {
    list: [MaybeUninit<Tap>; MAX_TAPS],
    len: usize,
}

impl Default for Taps {
    fn default() -> Self {
        Taps { list: [const { MaybeUninit::uninit() }; MAX_TAPS], len: 0 }
    }
}

impl Taps {
    pub(super) fn push(&mut self, tap: Tap) {
        self.list[self.len].write(tap);
        self.len += 1;
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }
}

impl core::ops::Deref for Taps {
    type Target = [Tap];
    fn deref(&self) -> &[Tap] {
        // SAFETY: the first `len` have been written, by `push`.
        unsafe { core::slice::from_raw_parts(self.list.as_ptr().cast(), self.len) }
    }
}

/// What is added up where.
pub(super) struct Sweep {
    pub groups: usize,
    /// Channels out of each group, and into it.
    pub outs: usize,
    pub ins: usize,
    /// Weights from one output channel to the next, one input channel to the next, one group to the next.
    pub out_stride: usize,
    pub in_stride: usize,
    pub group_stride: usize,
    pub taps: Taps,
    /// Numbers of the image in a channel, and from line to line.
    pub channel: usize,
    pub pitch: usize,
    /// Lines of outputs, and outputs in a line.
    pub rows: usize,
    pub cols: usize,
}

/// How outputs lie in memory: `start + r · row + c · col` in planes that follow one another.
pub(super) struct Out {
    pub plane: usize,
    pub start: usize,
    pub row: usize,
    pub col: usize,
    /// Whether they are added to what is there.
    pub add: bool,
}

impl Sweep {
    /// From the first output to the last, those between the lines counted.
    pub(super) fn positions(&self) -> usize {
        (self.rows - 1) * self.pitch + self.cols
    }

    /// The channels `outs` of each group, to `y`.
    pub(super) fn run(
        &self,
        image: &[f32],
        weight: &[f32],
        bias: &[f32],
        outs: Range<usize>,
        out: &Out,
        y: &OutPlanes,
    ) {
        let positions = self.positions();
        let farthest = self.taps.iter().map(|tap| tap.at()).max().unwrap_or(0);
        // Short images are read in whole vectors, which end in the slack.
        let read = farthest + positions.max(if positions < SLACK { SLACK } else { 0 });
        let channels = self.groups * self.ins;
        assert!((channels - 1) * self.channel + read <= image.len());
        let last = self.taps.iter().map(|tap| tap.weight()).max().unwrap_or(0);
        let weights = (self.groups - 1) * self.group_stride
            + (self.outs - 1) * self.out_stride
            + (self.ins - 1) * self.in_stride
            + last;
        assert!(weights < weight.len());
        let end = out.start + (self.rows - 1) * out.row + (self.cols - 1) * out.col;
        assert!(end < out.plane && self.groups * self.outs * out.plane <= y.len);
        assert!(
            outs.end <= self.outs && (bias.is_empty() || bias.len() == self.groups * self.outs)
        );
        dispatch(Run { sweep: self, positions, image, weight, bias, outs, out, y });
    }
}

/// What [`Sweep::run`] has checked holds for it.
struct Run<'a> {
    sweep: &'a Sweep,
    positions: usize,
    image: &'a [f32],
    weight: &'a [f32],
    bias: &'a [f32],
    outs: Range<usize>,
    out: &'a Out,
    y: &'a OutPlanes,
}

impl Kernel for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        for group in 0..self.sweep.groups {
            let mut at = 0;
            while at < self.positions {
                at += match (self.positions - at).div_ceil(V::LANES) {
                    1 => self.column::<V, 1>(group, at),
                    2 => self.column::<V, 2>(group, at),
                    _ => self.column::<V, ACROSS>(group, at),
                };
            }
        }
    }
}

impl Run<'_> {
    /// All channels of a group at the `N` vectors of positions from `at` on, or at the last ones (at most `N` vectors
    /// are left, or at least that many); gives how many these are.
    #[inline(always)]
    fn column<V: Vector, const N: usize>(&self, group: usize, at: usize) -> usize {
        let whole = N * V::LANES;
        // The last tile ends where the positions end; those before `at` are worked out again, and dropped.
        let from = at.min(self.positions.saturating_sub(whole));
        let end = self.positions.min(from + whole);
        let pieces = Pieces::of(self.sweep, self.out, V::LANES, from, at..end);
        let mut o = self.outs.start;
        while o < self.outs.end {
            let tile = Place { run: self, group, o, from, pieces: &pieces };
            o += match self.outs.end - o {
                8.. if V::REGISTERS >= 32 => apart::<V, _>(Tile::<8, N>(tile)),
                4.. => apart::<V, _>(Tile::<4, N>(tile)),
                2.. => apart::<V, _>(Tile::<2, N>(tile)),
                _ => apart::<V, _>(Tile::<1, N>(tile)),
            };
        }
        end - at
    }

    /// Some lanes of a vector, to where they belong.
    ///
    /// # Safety
    /// `to` and the places that follow are valid for reading and writing.
    #[inline(always)]
    unsafe fn put<V: Vector>(&self, sum: V, piece: &Piece, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe {
            if self.out.col != 1 {
                let mut numbers = [0.0; 16];
                sum.store(&mut numbers);
                for i in 0..piece.len {
                    let to = to.add(i * self.out.col);
                    let sum = numbers[piece.lane + i];
                    *to = if self.out.add { *to + sum } else { sum };
                }
            } else if piece.len == V::LANES {
                let sum = if self.out.add { V::read(to) + sum } else { sum };
                sum.write(to);
            } else {
                let old = if self.out.add {
                    V::read_lanes(to, piece.lane, piece.len)
                } else {
                    V::splat(0.0)
                };
                (old + sum).write_lanes(to, piece.lane, piece.len);
            }
        }
    }
}

/// Channels of the group from `o` on, at the positions from `from` on. Those that a tile takes are there.
struct Place<'a> {
    run: &'a Run<'a>,
    group: usize,
    o: usize,
    from: usize,
    pieces: &'a Pieces,
}

/// `M` channels at `N` vectors of positions; gives `M`.
struct Tile<'a, const M: usize, const N: usize>(Place<'a>);

impl<const M: usize, const N: usize> Kernel for Tile<'_, M, N> {
    type Output = usize;

    #[inline(always)]
    fn run<V: Vector>(self) -> usize {
        let Place { run, group, o, from, pieces } = self.0;
        let s = run.sweep;
        let first = group * s.outs + o;
        let mut tile = [[V::splat(0.0); N]; M];
        if !run.bias.is_empty() {
            for (i, tile) in tile.iter_mut().enumerate() {
                *tile = [V::splat(run.bias[first + i]); N];
            }
        }
        let taps: &[Tap] = &s.taps;
        // SAFETY: `Sweep::run` checked the farthest of each.
        unsafe {
            let mut weight = run.weight.as_ptr().add(group * s.group_stride + o * s.out_stride);
            let mut image = run.image.as_ptr().add(group * s.ins * s.channel + from);
            for _ in 0..s.ins {
                let column = |t: usize| taps.get_unchecked(t).weight();
                let row = |t: usize| image.add(taps.get_unchecked(t).at());
                tile::outer(&mut tile, taps.len(), weight, s.out_stride, column, row);
                (weight, image) = (weight.wrapping_add(s.in_stride), image.wrapping_add(s.channel));
            }
        }
        // A copy in memory, so that the sums themselves never leave the registers.
        let mut sums = [[V::splat(0.0); N]; M];
        for (sums, tile) in sums.iter_mut().zip(tile) {
            for (sum, tile) in sums.iter_mut().zip(tile) {
                *sum = tile;
            }
        }
        for piece in &pieces.list[..pieces.len] {
            for (i, sums) in sums.iter().enumerate() {
                // SAFETY: pieces lie within the plane, and planes within `y`, as `Sweep::run` has checked.
                unsafe {
                    let to = run.y.start.add((first + i) * run.out.plane + piece.to);
                    run.put(sums[piece.vector], piece, to);
                }
            }
        }
        M
    }
}

/// Lanes of a vector of a tile that are outputs of one line.
#[derive(Clone, Copy)]
struct Piece {
    vector: usize,
    lane: usize,
    len: usize,
    /// Where in the plane the first belongs.
    to: usize,
}

/// All pieces of a tile: at most one a position.
struct Pieces {
    list: [Piece; SLACK],
    len: usize,
}

impl Pieces {
    /// Of the outputs at the positions `wanted`, in a tile that begins at `from`.
    #[inline(always)]
    fn of(s: &Sweep, out: &Out, lanes: usize, from: usize, wanted: Range<usize>) -> Pieces {
        let mut pieces =
            Pieces { list: [Piece { vector: 0, lane: 0, len: 0, to: 0 }; SLACK], len: 0 };
        let (mut at, mut row, mut col) =
            (wanted.start, wanted.start / s.pitch, wanted.start % s.pitch);
        while at < wanted.end {
            let (vector, lane) = ((at - from) / lanes, (at - from) % lanes);
            let len = (lanes - lane).min(wanted.end - at).min(s.pitch - col);
            if col < s.cols {
                let to = out.start + row * out.row + col * out.col;
                let len = len.min(s.cols - col);
                pieces.list[pieces.len] = Piece { vector, lane, len, to };
                pieces.len += 1;
            }
            (at, col) = (at + len, col + len);
            if col == s.pitch {
                (row, col) = (row + 1, 0);
            }
        }
        pieces
    }
}
