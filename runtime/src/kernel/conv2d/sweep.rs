//! The loop over all outputs of a convolution of a spread image.

use core::ops::Range;

use super::direct::OutPlanes;
use super::ending::{read, scaled, write};
use super::list::List;
use crate::kernel::dispatch::{Kernel, apart, dispatch};
use crate::kernel::parallel::scratch;
use crate::kernel::{Vector, tile};

/// Numbers behind an image, whatever they are, for the last vectors of a tile.
pub(super) const SLACK: usize = 16 * 3;
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

/// The taps of a kernel.
pub(super) type Taps = List<Tap, MAX_TAPS>;

/// What is added up where.
pub(super) struct Sweep<'a> {
    /// Channels out, and in.
    pub outs: usize,
    pub ins: usize,
    /// Weights from one output channel to the next, and from one input channel to the next.
    pub out_stride: usize,
    pub in_stride: usize,
    pub taps: &'a [Tap],
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

impl Sweep<'_> {
    /// From the first output to the last, those between the lines counted.
    pub(super) fn positions(&self) -> usize {
        (self.rows - 1) * self.pitch + self.cols
    }

    /// The channels `outs`, to `y`.
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
        assert!((self.ins - 1) * self.channel + read <= image.len());
        let last = self.taps.iter().map(|tap| tap.weight()).max().unwrap_or(0);
        let last = (self.outs - 1) * self.out_stride + (self.ins - 1) * self.in_stride + last;
        assert!(last < weight.len());
        let end = out.start + (self.rows - 1) * out.row + (self.cols - 1) * out.col;
        assert!(end < out.plane && self.outs * out.plane <= y.len);
        assert!(y.ending.add.is_none_or(|add| add.len() >= y.len));
        assert!(outs.end <= self.outs && (bias.is_empty() || bias.len() == self.outs));
        let run = Run { sweep: self, positions, image, weight, bias, outs, out, y };
        if self.ins * self.outs == 1 {
            scratch(positions + SLACK, |sums| dispatch(Single { run, sums }));
        } else {
            dispatch(run);
        }
    }
}

/// What [`Sweep::run`] has checked holds for it.
struct Run<'a> {
    sweep: &'a Sweep<'a>,
    positions: usize,
    image: &'a [f32],
    weight: &'a [f32],
    bias: &'a [f32],
    outs: Range<usize>,
    out: &'a Out,
    y: &'a OutPlanes<'a>,
}

impl Kernel for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let vectors = self.positions.div_ceil(V::LANES);
        // As equal as can be: a narrow one has few sums to work on while others wait.
        let columns = vectors.div_ceil(tile::width::<V>());
        for i in 0..columns {
            let (first, next) = (i * vectors / columns, (i + 1) * vectors / columns);
            match next - first {
                1 => self.column::<V, 1>(first * V::LANES),
                2 => self.column::<V, 2>(first * V::LANES),
                _ => self.column::<V, 3>(first * V::LANES),
            }
        }
    }
}

impl Run<'_> {
    /// All channels at the `N` vectors of positions from `at` on, or at the last ones.
    #[inline(always)]
    fn column<V: Vector, const N: usize>(&self, at: usize) {
        let whole = N * V::LANES;
        // The last tile ends where the positions end; those before `at` are worked out again, and dropped.
        let from = at.min(self.positions.saturating_sub(whole));
        let end = self.positions.min(at + whole);
        let mut pieces = Pieces { all: List::EMPTY, ends: [0; N] };
        pieces.find(self.sweep, self.out, V::LANES, from, at..end);
        let mut o = self.outs.start;
        while o < self.outs.end {
            let tile = Place { run: self, o, from, pieces: &pieces };
            o += match tile::rows::<V>(self.outs.end - o) {
                8 if const { tile::height::<V>() >= 8 } => apart::<V, _>(Tile::<8, N>(tile)),
                6 if const { tile::height::<V>() >= 6 } => apart::<V, _>(Tile::<6, N>(tile)),
                4 => apart::<V, _>(Tile::<4, N>(tile)),
                2 => apart::<V, _>(Tile::<2, N>(tile)),
                _ => apart::<V, _>(Tile::<1, N>(tile)),
            };
        }
    }

    /// Some lanes of the sums of `M` channels from `o` on, to where they belong.
    ///
    /// # Safety
    /// The channels are there, and the piece is within their planes.
    #[inline(always)]
    unsafe fn put<V: Vector, const M: usize>(&self, sums: &[V; M], o: usize, piece: &Piece) {
        let &Piece { lane, len, to } = piece;
        let (from, plane, ending) = (o * self.out.plane + to, self.out.plane, &self.y.ending);
        // SAFETY: the caller's promise; what is added is as long as `y`, as `Sweep::run` has checked.
        unsafe {
            let to = self.y.start.add(from);
            if self.out.col != 1 {
                let mut numbers = [0.0; 16];
                for (i, sum) in sums.iter().enumerate() {
                    sum.store(&mut numbers);
                    for (j, sum) in numbers[lane..lane + len].iter().enumerate() {
                        let to = to.add(i * plane + j * self.out.col);
                        *to = if self.out.add { *to + sum } else { *sum };
                    }
                }
            } else if self.out.add {
                for (i, sum) in sums.iter().enumerate() {
                    let to = to.add(i * plane);
                    write(read::<V>(to, lane, len) + *sum, lane, len, to);
                }
            } else if let Some(add) = ending.add {
                let add = add.as_ptr().add(from);
                for (i, sum) in sums.iter().enumerate() {
                    let sum = *sum + read(add.add(i * plane), lane, len);
                    write(ending.bounded(sum), lane, len, to.add(i * plane));
                }
            } else {
                for (i, sum) in sums.iter().enumerate() {
                    write(ending.bounded(*sum), lane, len, to.add(i * plane));
                }
            }
        }
    }
}

/// Channels from `o` on, at the positions from `from` on. Those that a tile takes are there.
struct Place<'a, const N: usize> {
    run: &'a Run<'a>,
    o: usize,
    from: usize,
    pieces: &'a Pieces<N>,
}

/// `M` channels at `N` vectors of positions; gives `M`.
struct Tile<'a, const M: usize, const N: usize>(Place<'a, N>);

impl<const M: usize, const N: usize> Kernel for Tile<'_, M, N> {
    type Output = usize;

    #[inline(always)]
    fn run<V: Vector>(self) -> usize {
        let Place { run, o, from, .. } = self.0;
        let s = run.sweep;
        let mut tile = [[V::splat(0.0); N]; M];
        if !run.bias.is_empty() {
            for (i, tile) in tile.iter_mut().enumerate() {
                *tile = [V::splat(run.bias[o + i]); N];
            }
        }
        let taps = s.taps;
        // SAFETY: `Sweep::run` checked the farthest of each.
        unsafe {
            let mut weight = run.weight.as_ptr().add(o * s.out_stride);
            let mut image = run.image.as_ptr().add(from);
            for _ in 0..s.ins {
                let column = |t: usize| taps.get_unchecked(t).weight();
                let row = |t: usize| image.add(taps.get_unchecked(t).at());
                tile::outer(&mut tile, taps.len(), weight, s.out_stride, column, row);
                (weight, image) = (weight.wrapping_add(s.in_stride), image.wrapping_add(s.channel));
            }
        }
        let ending = &run.y.ending.of_channels(o..o + M);
        // A copy in memory, so that the sums themselves never leave the registers.
        let mut sums = [[V::splat(0.0); N]; M];
        for (i, (sums, tile)) in sums.iter_mut().zip(tile).enumerate() {
            let factors = ending.of_channel(i);
            for (sum, tile) in sums.iter_mut().zip(tile) {
                *sum = scaled(tile, factors);
            }
        }
        for j in 0..N {
            let mut column = [V::splat(0.0); M];
            for (sum, sums) in column.iter_mut().zip(&sums) {
                *sum = sums[j];
            }
            for piece in self.0.pieces.of(j) {
                // SAFETY: pieces lie within the plane, and planes within `y`, as `Sweep::run` has checked.
                unsafe { run.put(&column, o, piece) };
            }
        }
        M
    }
}

/// Lanes of a vector of a tile that are outputs of one line.
#[derive(Clone, Copy)]
struct Piece {
    lane: usize,
    len: usize,
    /// Where in the plane the first belongs.
    to: usize,
}

/// The pieces of each of `N` vectors.
struct Pieces<const N: usize> {
    all: List<Piece, SLACK>,
    /// Where those of each vector end.
    ends: [usize; N],
}

impl<const N: usize> Pieces<N> {
    /// Finds those of the outputs at the positions `wanted`, in a tile that begins at `from`: at most one a position.
    #[inline(always)]
    fn find(&mut self, s: &Sweep, out: &Out, lanes: usize, from: usize, wanted: Range<usize>) {
        let (mut at, mut row, mut col) =
            (wanted.start, wanted.start / s.pitch, wanted.start % s.pitch);
        while at < wanted.end {
            let (vector, lane) = ((at - from) / lanes, (at - from) % lanes);
            let len = (lanes - lane).min(wanted.end - at).min(s.pitch - col);
            if col < s.cols {
                let to = out.start + row * out.row + col * out.col;
                self.all.push(Piece { lane, len: len.min(s.cols - col), to });
            }
            self.ends[vector..].fill(self.all.len());
            (at, col) = (at + len, col + len);
            if col == s.pitch {
                (row, col) = (row + 1, 0);
            }
        }
    }

    #[inline(always)]
    fn of(&self, vector: usize) -> &[Piece] {
        let start = if vector > 0 { self.ends[vector - 1] } else { 0 };
        &self.all[start..self.ends[vector]]
    }
}

/// As [`Run`], from one channel to one: all outputs are worked out in one stretch, between the lines too, and then put where they belong.
struct Single<'a> {
    run: Run<'a>,
    sums: &'a mut [f32],
}

impl Kernel for Single<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let Run { sweep: s, out, positions, .. } = self.run;
        let mut at = 0;
        while at < positions {
            at += match (positions - at) / V::LANES {
                6.. => self.stretch::<V, 6>(at),
                3.. => self.stretch::<V, 3>(at),
                _ => self.stretch::<V, 1>(at),
            };
        }
        for row in 0..s.rows {
            let line = &self.sums[row * s.pitch..];
            for at in (0..s.cols).step_by(V::LANES) {
                let to = out.start + row * out.row + at * out.col;
                let piece = Piece { lane: 0, len: V::LANES.min(s.cols - at), to };
                // SAFETY: lines lie within the plane, and that within `y`, as `Sweep::run` has checked.
                unsafe { self.run.put(&[V::load(&line[at..])], 0, &piece) };
            }
        }
    }
}

impl Single<'_> {
    /// The outputs at `N` vectors of positions from `at` on, or at the last ones; gives how many are new.
    #[inline(always)]
    fn stretch<V: Vector, const N: usize>(&mut self, at: usize) -> usize {
        let Run { sweep: s, positions, image, weight, bias, y, .. } = self.run;
        let from = at.min(positions.saturating_sub(N * V::LANES));
        let mut tile = [[V::splat(bias.first().copied().unwrap_or(0.0)); N]];
        let (taps, image) = (s.taps, image[from..].as_ptr());
        // SAFETY: `Sweep::run` checked the farthest of each.
        unsafe {
            let column = |t: usize| taps.get_unchecked(t).weight();
            let row = |t: usize| image.add(taps.get_unchecked(t).at());
            tile::outer(&mut tile, taps.len(), weight.as_ptr(), 0, column, row);
        }
        let factors = y.ending.of_channel(0);
        for (sum, to) in tile[0].iter().zip(self.sums[from..].chunks_exact_mut(V::LANES)) {
            scaled(*sum, factors).store(to);
        }
        positions.min(from + N * V::LANES) - at
    }
}
