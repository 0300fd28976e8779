//! Images laid out so that every tap of a convolution reads consecutive numbers.
//!
//! With stride 1, the output at row `r` and column `c` meets the tap at `(i, j)` at row `r + i` and column `c + j` of the padded
//! image. So where lines of the image are `pitch` apart, all outputs, `r · pitch + c`, meet that tap the same distance on: vectors
//! may run along the whole image, over the ends of lines (what is worked out between the lines is dropped). With stride `S`,
//! the same holds for the `S × S` *phases* of the padded image, each of every S-th row and column.
//!
//! Zeros to the right of one line serve as those to the left of the next.

use super::Conv2d;
use super::sweep::{Tap, Taps};
use crate::kernel::Vector;
use crate::kernel::dispatch::{Kernel, dispatch};

/// One axis of a spread image.
#[derive(Clone, Copy)]
struct Axis {
    /// Phases.
    step: usize,
    /// Zeros before the first number, before the phases are taken apart; or, if negative, numbers that are left out.
    lead: isize,
    /// Numbers in the image.
    size: usize,
    /// Places in a phase that some output reads.
    reach: usize,
    /// Phases that a tap reads: the first ones.
    read: usize,
}

impl Axis {
    /// Where phase `phase` begins to be real: its first places that are zero, how many are real, and the first real one in
    /// the image.
    fn phase(&self, phase: usize) -> (usize, usize, usize) {
        let (step, lead) = (self.step as isize, self.lead);
        // Place p of the phase is number p · step + phase − lead of the image.
        let first = (lead - phase as isize).max(0).unsigned_abs().div_ceil(self.step);
        let start = (first as isize * step + phase as isize - lead).unsigned_abs();
        let real = self.size.saturating_sub(start).div_ceil(self.step);
        let first = first.min(self.reach);
        (first, real.min(self.reach - first), start)
    }

    /// Places from one line to the next, so that neither zeros before nor behind a line are missing.
    fn pitch(&self) -> usize {
        let phase = |phase| {
            let (before, real, _) = self.phase(phase);
            real + before.max(self.reach - before - real)
        };
        (0..self.step).map(phase).max().unwrap_or(0)
    }
}

/// The layout of a spread image: channels of phases of lines.
#[derive(Clone, Copy)]
pub(super) struct Spread {
    rows: Axis,
    cols: Axis,
    /// Numbers from one line to the next.
    pub(super) pitch: usize,
}

impl Spread {
    /// Of the input of `shape`, to be read by the windows of the output.
    pub(super) fn input(shape: &Conv2d) -> Self {
        let axis = |axis: usize, size, out: usize| Axis {
            step: shape.stride[axis],
            lead: shape.padding[axis] as isize,
            size,
            reach: out + shape.reach(axis) / shape.stride[axis],
            read: shape.stride[axis].min(shape.reach(axis) + 1),
        };
        let rows = axis(0, shape.height, shape.out_height);
        let cols = axis(1, shape.width, shape.out_width);
        Spread { rows, cols, pitch: cols.pitch().max(shape.out_width) }
    }

    /// Of the input of `shape`, in one phase whatever its stride. What no window reads is there, too, so that an image without zeros around it has this
    /// layout as it is.
    pub(super) fn whole(shape: &Conv2d) -> Self {
        let axis = |axis: usize, size: usize, out: usize| {
            let lead = shape.padding[axis];
            let reach = (out - 1) * shape.stride[axis] + shape.reach(axis) + 1;
            Axis { step: 1, lead: lead as isize, size, reach: reach.max(lead + size), read: 1 }
        };
        let rows = axis(0, shape.height, shape.out_height);
        let cols = axis(1, shape.width, shape.out_width);
        Spread { rows, cols, pitch: cols.pitch() }
    }

    /// Of the output's gradient, to be read by `rows` and `cols` of one phase of the padded input, the first of which
    /// is number `first` of the phase.
    pub(super) fn gradient(shape: &Conv2d, first: [usize; 2], [rows, cols]: [usize; 2]) -> Self {
        let axis = |axis: usize, size: usize, count: usize| {
            let taps = shape.reach(axis) / shape.stride[axis];
            let lead = taps as isize - first[axis] as isize;
            Axis { step: 1, lead, size, reach: count + taps, read: 1 }
        };
        let pitch = cols;
        let (rows, cols) = (axis(0, shape.out_height, rows), axis(1, shape.out_width, cols));
        Spread { rows, cols, pitch: cols.pitch().max(pitch) }
    }

    /// Numbers in one phase of one channel; the last line has no next one to borrow zeros from.
    fn phase(&self) -> usize {
        self.rows.reach * self.pitch + self.cols.reach.saturating_sub(self.pitch)
    }

    /// Numbers in one channel.
    pub(super) fn channel(&self) -> usize {
        self.rows.step * self.cols.step * self.phase()
    }

    /// Whether an image as it is has this layout.
    pub(super) fn is_plain(&self) -> bool {
        let plain = |axis: &Axis| axis.step == 1 && axis.lead == 0;
        let lines = self.cols.size == self.pitch && self.rows.size == self.rows.reach;
        plain(&self.rows) && plain(&self.cols) && lines
    }

    /// The taps of the kernel of `shape`, and where in a channel of its input the first output meets them.
    pub(super) fn taps(&self, shape: &Conv2d) -> Taps {
        let mut taps = Taps::EMPTY;
        let [rows, cols] = shape.kernel;
        for weight in 0..rows * cols {
            let y = weight / cols * shape.dilation[0];
            let x = weight % cols * shape.dilation[1];
            let phase = y % self.rows.step * self.cols.step + x % self.cols.step;
            let at = phase * self.phase() + y / self.rows.step * self.pitch + x / self.cols.step;
            taps.push(Tap::new(weight, at));
        }
        taps
    }

    /// Lays out one channel.
    pub(super) fn lay_out(&self, x: &[f32], channel: &mut [f32]) {
        // All zeros at once: there are few between the lines, and a call for each pair of lines would take longer.
        channel.fill(0.0);
        for (i, phase) in channel.chunks_exact_mut(self.phase()).enumerate() {
            let (down, across) = (i / self.cols.step, i % self.cols.step);
            let ((top, count, row), (left, width, col)) =
                (self.rows.phase(down), self.cols.phase(across));
            if down < self.rows.read && across < self.cols.read && count * width > 0 {
                dispatch(Lines {
                    count,
                    width,
                    from: &x[row * self.cols.size + col..],
                    from_pitch: self.rows.step * self.cols.size,
                    from_step: self.cols.step,
                    to: &mut phase[top * self.pitch + left..],
                    to_pitch: self.pitch,
                });
            }
        }
    }
}

/// Puts lines of `width` numbers into lines that begin `pitch` apart.
pub(super) fn put_apart(lines: &[f32], width: usize, to: &mut [f32], pitch: usize) {
    let count = lines.len() / width;
    dispatch(Lines {
        count,
        width,
        from: lines,
        from_pitch: width,
        from_step: 1,
        to,
        to_pitch: pitch,
    });
}

/// Copies `count` lines of `width` numbers, of which every `from_step`-th is taken.
struct Lines<'a> {
    count: usize,
    width: usize,
    from: &'a [f32],
    from_pitch: usize,
    from_step: usize,
    to: &'a mut [f32],
    to_pitch: usize,
}

impl Kernel for Lines<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        for line in 0..self.count {
            let from = &self.from[line * self.from_pitch..];
            let to = &mut self.to[line * self.to_pitch..][..self.width];
            match self.from_step {
                1 => copy::<V>(&from[..self.width], to),
                2 => every_second::<V>(from, to),
                step => to.iter_mut().zip(from.iter().step_by(step)).for_each(|(to, x)| *to = *x),
            }
        }
    }
}

/// For lines that are shorter than what the system's `memcpy` is made for.
#[inline(always)]
fn copy<V: Vector>(from: &[f32], to: &mut [f32]) {
    let (mut from, mut to) = (from.chunks_exact(V::LANES), to.chunks_exact_mut(V::LANES));
    for (from, to) in (&mut from).zip(&mut to) {
        V::load(from).store(to);
    }
    if !from.remainder().is_empty() {
        V::load_part(from.remainder()).store_part(to.into_remainder());
    }
}

/// As `step_by(2)`.
#[inline(always)]
fn every_second<V: Vector>(from: &[f32], to: &mut [f32]) {
    for (to, from) in to.chunks_mut(V::LANES).zip(from.chunks(2 * V::LANES)) {
        let (even, _) = V::load_pairs(&from[..from.len().min(2 * to.len())]);
        match to.len() == V::LANES {
            true => even.store(to),
            false => even.store_part(to),
        }
    }
}
