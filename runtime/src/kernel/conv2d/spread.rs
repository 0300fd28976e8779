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
        };
        let rows = axis(0, shape.height, shape.out_height);
        let cols = axis(1, shape.width, shape.out_width);
        Spread { rows, cols, pitch: cols.pitch().max(shape.out_width) }
    }

    /// Of the output's gradient, to be read by `rows` and `cols` of one phase of the padded input, the first of which
    /// is number `first` of the phase.
    pub(super) fn gradient(shape: &Conv2d, first: [usize; 2], [rows, cols]: [usize; 2]) -> Self {
        let axis = |axis: usize, size: usize, count: usize| {
            let taps = shape.reach(axis) / shape.stride[axis];
            let lead = taps as isize - first[axis] as isize;
            Axis { step: 1, lead, size, reach: count + taps }
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
        let phases = channel.chunks_exact_mut(self.phase());
        for (i, phase) in phases.enumerate() {
            let (top, lines, row) = self.rows.phase(i / self.cols.step);
            let (left, count, col) = self.cols.phase(i % self.cols.step);
            // One line of zeros and numbers reaches from the first number of a line to that of the next.
            let (above, rest) = phase.split_at_mut(top * self.pitch + left.min(self.pitch));
            above.fill(0.0);
            if count == 0 || lines == 0 {
                rest.fill(0.0);
                continue;
            }
            let x = x[row * self.cols.size..].chunks(self.cols.size).step_by(self.rows.step);
            let mut to = rest.chunks_mut(self.pitch);
            for (x, to) in x.zip((&mut to).take(lines)) {
                let count = count.min(to.len());
                let (real, gap) = to.split_at_mut(count);
                match self.cols.step {
                    1 => copy(&x[col..col + count], real),
                    2 => every_second(&x[col..], real),
                    step => {
                        let x = x[col..].iter().step_by(step);
                        real.iter_mut().zip(x).for_each(|(to, x)| *to = *x);
                    }
                }
                gap.fill(0.0);
            }
            to.for_each(|below| below.fill(0.0));
        }
    }
}

/// A short line is copied faster by a loop than by a call of the system's `memcpy`.
pub(super) fn copy(from: &[f32], to: &mut [f32]) {
    let (mut from, mut to) = (from.chunks_exact(8), to.chunks_exact_mut(8));
    for (from, to) in (&mut from).zip(&mut to) {
        to.copy_from_slice(from);
    }
    to.into_remainder().iter_mut().zip(from.remainder()).for_each(|(to, from)| *to = *from);
}

/// As `step_by(2)`, in a form that the compiler makes vectors of.
fn every_second(from: &[f32], to: &mut [f32]) {
    let mut pairs = from.chunks_exact(2);
    let mut to = to.iter_mut();
    for (pair, to) in (&mut pairs).zip(&mut to) {
        *to = pair[0];
    }
    if let (Some(to), [last]) = (to.next(), pairs.remainder()) {
        *to = *last;
    }
}
