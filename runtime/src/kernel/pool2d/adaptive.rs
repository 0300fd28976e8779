//! Average pooling to a given size: windows of nearly equal lengths that cover the plane.

use core::ops::Range;

use crate::check::check;

/// `x: planes × [H, W]` → `y: planes × [OH, OW]`: output `o` of `O` along an axis of `I` is the mean over
/// `⌊o·I/O⌋ .. ⌈(o+1)·I/O⌉`, as PyTorch's `adaptive_avg_pool2d`.
///
/// # Panics
/// When a slice's length is not that of `planes` planes.
pub fn adaptive_avg_pool2d(
    planes: usize,
    size: [usize; 2],
    out: [usize; 2],
    x: &[f32],
    y: &mut [f32],
) {
    check(planes, size, out, x.len(), y.len());
    let planes = x.chunks_exact((size[0] * size[1]).max(1));
    for (x, y) in planes.zip(y.chunks_exact_mut((out[0] * out[1]).max(1))) {
        for (oy, y) in y.chunks_exact_mut(out[1].max(1)).enumerate() {
            let rows = window(size[0], out[0], oy);
            for (ox, y) in y.iter_mut().enumerate() {
                let cols = window(size[1], out[1], ox);
                let seen = x.chunks_exact(size[1].max(1)).skip(rows.start).take(rows.len());
                let sum: f32 = seen.filter_map(|row| row.get(cols.clone())).flatten().sum();
                *y = sum / (rows.len() * cols.len()) as f32;
            }
        }
    }
}

/// Adds the gradient of the input to `dx`.
///
/// # Panics
/// When a slice's length is not that of `planes` planes.
pub fn adaptive_avg_pool2d_backward(
    planes: usize,
    size: [usize; 2],
    out: [usize; 2],
    dy: &[f32],
    dx: &mut [f32],
) {
    check(planes, size, out, dx.len(), dy.len());
    let planes = dx.chunks_exact_mut((size[0] * size[1]).max(1));
    for (dx, dy) in planes.zip(dy.chunks_exact((out[0] * out[1]).max(1))) {
        for oy in 0..out[0] {
            let rows = window(size[0], out[0], oy);
            for ox in 0..out[1] {
                let cols = window(size[1], out[1], ox);
                let share = dy[oy * out[1] + ox] / (rows.len() * cols.len()) as f32;
                for iy in rows.clone() {
                    for dx in &mut dx[iy * size[1]..][cols.clone()] {
                        *dx += share;
                    }
                }
            }
        }
    }
}

fn check(planes: usize, size: [usize; 2], out: [usize; 2], x: usize, y: usize) {
    check!(x == planes * size[0] * size[1], "pooling: the input has another length");
    check!(y == planes * out[0] * out[1], "pooling: the output has another length");
}

fn window(size: usize, out: usize, o: usize) -> Range<usize> {
    let out = out.max(1);
    o * size / out..((o + 1) * size).div_ceil(out)
}
