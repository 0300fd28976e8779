//! Max pooling.

use super::{Pool2d, pairs};
use crate::kernel::Writing;
use crate::kernel::parallel::{chunks, chunks2, estimate};

/// Planes in a task.
const PLANES: usize = 16;

/// The largest number of each window; NaN where a window holds one.
///
/// # Panics
/// When a slice's length is not that of `planes` planes.
pub fn max_pool2d(shape: &Pool2d, planes: usize, x: &[f32], y: &mut [f32]) {
    shape.check(planes, x.len(), y.len());
    let (plane, out) = (shape.height * shape.width, shape.out_height * shape.out_width);
    chunks(cost(shape, y.len()), y, PLANES * out, |block, y| {
        let x = &x[block * PLANES * plane..];
        if pairs::fits(shape) {
            pairs::max(shape, x, y, &mut []);
        } else {
            each_window(shape, &x[..y.len() / out * plane], |at, place, x| y[at] = x[place]);
        }
    });
}

/// As [`max_pool2d`], and where in its plane each number was found (the first of equals).
///
/// # Panics
/// When a slice's length is not that of `planes` planes.
pub fn max_pool2d_with_indices(
    shape: &Pool2d,
    planes: usize,
    x: &[f32],
    y: &mut [f32],
    indices: &mut [u32],
) {
    shape.check(planes, x.len(), y.len());
    assert_eq!(indices.len(), y.len());
    let (plane, out) = (shape.height * shape.width, shape.out_height * shape.out_width);
    let flops = cost(shape, y.len());
    chunks2(flops, (y, PLANES * out), (indices, PLANES * out), |block, y, indices| {
        let x = &x[block * PLANES * plane..];
        if pairs::fits(shape) {
            return pairs::max(shape, x, y, indices);
        }
        each_window(shape, &x[..y.len() / out * plane], |at, place, x| {
            y[at] = x[place];
            indices[at] = place as u32;
        });
    });
}

/// What it costs to find `windows` maxima, as so many floating-point operations.
fn cost(shape: &Pool2d, windows: usize) -> usize {
    estimate([windows, shape.kernel[0], shape.kernel[1]])
}

/// Adds the gradient of the input to `dx`; where each maximum was is worked out from `x` again.
///
/// # Panics
/// When a slice's length is not that of `planes` planes.
pub fn max_pool2d_backward(shape: &Pool2d, planes: usize, x: &[f32], dy: &[f32], dx: &mut [f32]) {
    shape.check(planes, x.len(), dy.len());
    assert_eq!(dx.len(), x.len());
    let (plane, out) = (shape.height * shape.width, shape.out_height * shape.out_width);
    each_window(shape, x, |at, place, _| dx[at / out * plane + place] += dy[at]);
}

/// Adds the gradient of the input to `dx`, from the recorded indices; or writes it there, as `writing` says.
///
/// # Panics
/// When a slice's length is not that of `planes` planes, or an index lies outside its plane.
pub fn max_pool2d_with_indices_backward(
    shape: &Pool2d,
    planes: usize,
    indices: &[u32],
    dy: &[f32],
    writing: Writing<'_>,
    dx: &mut [f32],
) {
    shape.check(planes, dx.len(), dy.len());
    assert_eq!(indices.len(), dy.len());
    let (plane, out) = (shape.height * shape.width, shape.out_height * shape.out_width);
    chunks(4 * dx.len(), dx, PLANES * plane, |block, dx| {
        let from = block * PLANES * out..;
        let read = dy[from.clone()].chunks_exact(out).zip(indices[from].chunks_exact(out));
        for (dx, (dy, indices)) in dx.chunks_exact_mut(plane).zip(read) {
            if writing.is_first() {
                dx.fill(0.0);
            }
            for (dy, &index) in dy.iter().zip(indices) {
                dx[index as usize] += dy;
            }
        }
        writing.rectify(block * PLANES * plane, dx);
    });
}

/// `found(y, place, plane)` for each window: its number over all planes, and where in its plane the maximum is.
fn each_window(shape: &Pool2d, x: &[f32], mut found: impl FnMut(usize, usize, &[f32])) {
    if shape.padding == [0, 0] && shape.dilation == [1, 1] && shape.fits() {
        match (shape.kernel, shape.stride) {
            ([2, 2], [2, 2]) => return each_square(shape, x, found),
            ([1, 2], [1, 2]) => return each_pair(shape, x, found),
            _ => {}
        }
    }
    let mut at = 0;
    for x in x.chunks_exact((shape.height * shape.width).max(1)) {
        for oy in 0..shape.out_height {
            for ox in 0..shape.out_width {
                let mut best: Option<usize> = None;
                for iy in shape.taps(0, oy) {
                    for ix in shape.taps(1, ox) {
                        let place = iy * shape.width + ix;
                        if best.is_none_or(|best| x[place] > x[best] || x[place].is_nan()) {
                            best = Some(place);
                        }
                    }
                }
                if let Some(best) = best {
                    found(at, best, x);
                }
                at += 1;
            }
        }
    }
}

/// As [`each_window`], for windows of two by two, one beside the other, all of them within the plane.
fn each_square(shape: &Pool2d, x: &[f32], mut found: impl FnMut(usize, usize, &[f32])) {
    let (width, mut at) = (shape.width, 0);
    for x in x.chunks_exact(shape.height * width) {
        for oy in 0..shape.out_height {
            let (upper, lower) =
                (&x[2 * oy * width..][..width], &x[(2 * oy + 1) * width..][..width]);
            for ox in 0..shape.out_width {
                let row = 2 * oy * width + 2 * ox;
                let (mut best, mut place) = (upper[2 * ox], row);
                let rest = [
                    (upper[2 * ox + 1], row + 1),
                    (lower[2 * ox], row + width),
                    (lower[2 * ox + 1], row + width + 1),
                ];
                for (value, at) in rest {
                    let larger = value > best || value.is_nan();
                    (best, place) = if larger { (value, at) } else { (best, place) };
                }
                found(at, place, x);
                at += 1;
            }
        }
    }
}

/// As [`each_window`], for two neighbours in a row, one window beside the other, all of them within the plane.
fn each_pair(shape: &Pool2d, x: &[f32], mut found: impl FnMut(usize, usize, &[f32])) {
    let (plane, width) = (shape.height * shape.width, shape.width);
    for (p, x) in x.chunks_exact(plane).enumerate() {
        for (row, line) in x.chunks_exact(width).enumerate() {
            let at = (p * shape.out_height + row) * shape.out_width;
            for (col, pair) in line.chunks_exact(2).take(shape.out_width).enumerate() {
                let second = pair[1] > pair[0] || pair[1].is_nan();
                found(at + col, row * width + 2 * col + usize::from(second), x);
            }
        }
    }
}
