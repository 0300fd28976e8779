//! Resampling of planes to another size, as PyTorch's `interpolate`, and its gradient.

use super::parallel::chunks;

/// Resampling of one plane: `x: [H, W]` → `y: [OH, OW]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Upsample2d {
    /// `[H, W]`.
    pub size: [usize; 2],
    /// `[OH, OW]`.
    pub out: [usize; 2],
    /// How far apart two neighbours of the output lie in the input.
    pub step: [f32; 2],
    /// How the numbers between those of the input are found.
    pub mode: Mode,
}

/// How the numbers between those of the input are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `y[o]` is `x[⌊o · step⌋]`.
    Nearest,
    /// `y[o]` lies between two neighbours, at `(o + ½) · step − ½`.
    Linear,
    /// The same at `o · step`, so that the corners of both planes meet.
    LinearCorners,
}

/// Planes in a task.
const PLANES: usize = 8;
/// Columns of which it is worked out once where they lie.
const COLS: usize = 64;

/// Writes `y` for `planes` planes.
///
/// # Panics
/// When a slice's length is not that of `planes` planes.
pub fn upsample2d(shape: &Upsample2d, planes: usize, x: &[f32], y: &mut [f32]) {
    let (plane, out) = shape.check(planes, x.len(), y.len());
    let [width, out_width] = [shape.size[1].max(1), shape.out[1].max(1)];
    let nearest = shape.mode == Mode::Nearest;
    chunks(4 * y.len(), y, PLANES * out, |block, y| {
        let x = &x[block * PLANES * plane..];
        shape.each_columns(|first, cols| {
            for (x, y) in x.chunks_exact(plane).zip(y.chunks_exact_mut(out)) {
                for (row, y) in y.chunks_exact_mut(out_width).enumerate() {
                    let Between { at, next, part } = shape.between(0, row);
                    let (upper, lower) = (&x[at * width..][..width], &x[next * width..][..width]);
                    let places = y[first..].iter_mut().zip(cols);
                    if nearest {
                        places.for_each(|(y, col)| *y = upper[col.at]);
                        continue;
                    }
                    for (y, col) in places {
                        let (above, below) = (col.of(upper), col.of(lower));
                        *y = above + part * (below - above);
                    }
                }
            }
        });
    });
}

/// Adds the gradient of the input to `dx`.
///
/// # Panics
/// When a slice's length is not that of `planes` planes.
pub fn upsample2d_backward(shape: &Upsample2d, planes: usize, dy: &[f32], dx: &mut [f32]) {
    let (plane, out) = shape.check(planes, dx.len(), dy.len());
    let [width, out_width] = [shape.size[1].max(1), shape.out[1].max(1)];
    let nearest = shape.mode == Mode::Nearest;
    chunks(4 * dy.len(), dx, PLANES * plane, |block, dx| {
        let dy = &dy[block * PLANES * out..];
        shape.each_columns(|first, cols| {
            for (dx, dy) in dx.chunks_exact_mut(plane).zip(dy.chunks_exact(out)) {
                for (row, dy) in dy.chunks_exact(out_width).enumerate() {
                    let Between { at, next, part } = shape.between(0, row);
                    let places = dy[first..].iter().zip(cols);
                    let upper = &mut dx[at * width..][..width];
                    if nearest {
                        places.for_each(|(dy, col)| upper[col.at] += dy);
                        continue;
                    }
                    places.clone().for_each(|(dy, col)| col.add(upper, dy * (1.0 - part)));
                    if part > 0.0 {
                        let lower = &mut dx[next * width..][..width];
                        places.for_each(|(dy, col)| col.add(lower, dy * part));
                    }
                }
            }
        });
    });
}

/// A place between two neighbours along an axis: how far it is from the first to the next.
#[derive(Clone, Copy)]
struct Between {
    at: usize,
    next: usize,
    part: f32,
}

impl Between {
    #[inline(always)]
    fn of(&self, x: &[f32]) -> f32 {
        x[self.at] + self.part * (x[self.next] - x[self.at])
    }

    #[inline(always)]
    fn add(&self, dx: &mut [f32], dy: f32) {
        dx[self.at] += dy * (1.0 - self.part);
        dx[self.next] += dy * self.part;
    }
}

impl Upsample2d {
    /// Numbers in a plane of the input and of the output.
    fn check(&self, planes: usize, x: usize, y: usize) -> (usize, usize) {
        let (plane, out) = (self.size[0] * self.size[1], self.out[0] * self.out[1]);
        assert!(x == planes * plane, "resampling: the input has another length");
        assert!(y == planes * out, "resampling: the output has another length");
        (plane.max(1), out.max(1))
    }

    /// `work(first, places)` for the columns of the output, some at a time: where each lies in the input.
    fn each_columns(&self, mut work: impl FnMut(usize, &[Between])) {
        let mut places = [Between { at: 0, next: 0, part: 0.0 }; COLS];
        for first in (0..self.out[1]).step_by(COLS) {
            let places = &mut places[..COLS.min(self.out[1] - first)];
            for (col, place) in places.iter_mut().enumerate() {
                *place = self.between(1, first + col);
            }
            work(first, places);
        }
    }

    /// Where output `o` along `axis` lies in the input.
    #[inline(always)]
    fn between(&self, axis: usize, o: usize) -> Between {
        let (last, step) = (self.size[axis] - 1, self.step[axis]);
        let place = match self.mode {
            Mode::Nearest => {
                // `as` rounds towards zero.
                let at = ((o as f32 * step) as usize).min(last);
                return Between { at, next: at, part: 0.0 };
            }
            Mode::Linear => ((o as f32 + 0.5) * step - 0.5).max(0.0),
            Mode::LinearCorners => o as f32 * step,
        };
        let at = (place as usize).min(last);
        Between { at, next: (at + 1).min(last), part: (place - at as f32).clamp(0.0, 1.0) }
    }
}
