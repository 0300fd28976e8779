//! The definition of convolution, one sample at a time, in plain loops and with no memory of its own.

use super::{Conv2d, at_least_one};
use core::ops::Range;

/// Writes `y`, which begins with `bias`, or adds to it.
pub(super) fn forward(
    shape: &Conv2d,
    x: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    y: &mut [f32],
) {
    begin(shape, bias, y);
    for (o, y) in y.chunks_exact_mut(plane(shape)).enumerate() {
        for tap in taps(shape, o) {
            let Some(&w) = weight.get(tap.weight) else { continue };
            tap.rows(shape, |at_y, at_x, len, step| {
                let x = x.get(at_x..).unwrap_or_default().iter();
                let y = y.get_mut(at_y..at_y + len).unwrap_or_default().iter_mut();
                match step {
                    1 => y.zip(x).for_each(|(y, x)| *y += w * x),
                    _ => y.zip(x.step_by(step.max(1))).for_each(|(y, x)| *y += w * x),
                }
            });
        }
    }
}

/// Fills each channel of `y` with its bias, where it is not to be added to.
pub(super) fn begin(shape: &Conv2d, bias: Option<&[f32]>, y: &mut [f32]) {
    let Some(bias) = bias else { return };
    for (o, y) in y.chunks_exact_mut(plane(shape)).enumerate() {
        y.fill(bias.get(o).copied().unwrap_or(0.0));
    }
}

/// Numbers in a channel of the output.
fn plane(shape: &Conv2d) -> usize {
    at_least_one(shape.out_height * shape.out_width)
}

pub(super) fn backward_input(shape: &Conv2d, dy: &[f32], weight: &[f32], dx: &mut [f32]) {
    for (o, dy) in dy.chunks_exact(shape.out_height * shape.out_width).enumerate() {
        for tap in taps(shape, o) {
            let w = weight[tap.weight];
            tap.rows(shape, |at_y, at_x, len, step| {
                for i in 0..len {
                    dx[at_x + i * step] += w * dy[at_y + i];
                }
            });
        }
    }
}

pub(super) fn backward_weight(
    shape: &Conv2d,
    x: &[f32],
    dy: &[f32],
    dw: &mut [f32],
    db: &mut [f32],
) {
    for (o, dy) in dy.chunks_exact(shape.out_height * shape.out_width).enumerate() {
        if let Some(db) = db.get_mut(o) {
            *db += dy.iter().sum::<f32>();
        }
        for tap in taps(shape, o) {
            let mut sum = 0.0;
            tap.rows(shape, |at_y, at_x, len, step| {
                for i in 0..len {
                    sum += dy[at_y + i] * x[at_x + i * step];
                }
            });
            dw[tap.weight] += sum;
        }
    }
}

/// One weight, and the plane of the input that it multiplies.
struct Tap {
    weight: usize,
    /// Where the channel's plane starts in `x`.
    plane: usize,
    /// Row and column within the kernel.
    at: [usize; 2],
}

/// All taps of output channel `o`.
fn taps(shape: &Conv2d, o: usize) -> impl Iterator<Item = Tap> {
    let &Conv2d { in_channels, out_channels, groups, kernel: [kh, kw], .. } = shape;
    let (per_group, plane) = (in_channels / at_least_one(groups), shape.height * shape.width);
    let first = o / at_least_one(out_channels / at_least_one(groups)) * per_group;
    (0..per_group * kh * kw).map(move |i| Tap {
        weight: o * per_group * kh * kw + i,
        plane: (first + i / at_least_one(kh * kw)) * plane,
        at: [i / at_least_one(kw) % at_least_one(kh), i % at_least_one(kw)],
    })
}

impl Tap {
    /// For each row of the output on which this tap meets the image: `row(y, x, len, step)`, so that `y + i` in the
    /// output's plane meets `x + i · step` in the input for all `i` below `len`.
    fn rows(&self, shape: &Conv2d, mut row: impl FnMut(usize, usize, usize, usize)) {
        let along = |axis: usize, size, out| {
            let offset = self.at[axis] * shape.dilation[axis];
            meets(offset, shape.stride[axis], shape.padding[axis], size, out)
        };
        let down = along(0, shape.height, shape.out_height);
        let right = along(1, shape.width, shape.out_width);
        if right.is_empty() {
            return;
        }
        let [top, left] = [0, 1].map(|axis| self.at[axis] * shape.dilation[axis]);
        let left = right.start * shape.stride[1] + left - shape.padding[1];
        for oy in down {
            let iy = oy * shape.stride[0] + top - shape.padding[0];
            let x = self.plane + iy * shape.width + left;
            row(oy * shape.out_width + right.start, x, right.len(), shape.stride[1]);
        }
    }
}

/// The outputs `o` below `out` for which `o · stride + offset − padding` lies within `0 .. size`.
fn meets(offset: usize, stride: usize, padding: usize, size: usize, out: usize) -> Range<usize> {
    let stride = at_least_one(stride);
    let start = padding.saturating_sub(offset).div_ceil(stride);
    let end = (size + padding).saturating_sub(offset).div_ceil(stride).min(out);
    start.min(end)..end
}
