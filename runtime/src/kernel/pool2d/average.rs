//! Average pooling.

use super::Pool2d;

/// The mean of each window. With `count_include_pad`, padding counts as zeros (PyTorch's default), without, the mean
/// is over what lies within the plane. `dilation` must be 1.
///
/// # Panics
/// When a slice's length is not that of `planes` planes.
pub fn avg_pool2d(
    shape: &Pool2d,
    planes: usize,
    count_include_pad: bool,
    x: &[f32],
    y: &mut [f32],
) {
    shape.check(planes, x.len(), y.len());
    let (plane, out) = (shape.height * shape.width, shape.out_height * shape.out_width);
    for (x, y) in x.chunks_exact(plane.max(1)).zip(y.chunks_exact_mut(out.max(1))) {
        for oy in 0..shape.out_height {
            let (rows, padded_rows) = shape.window(0, oy);
            for ox in 0..shape.out_width {
                let (cols, padded_cols) = shape.window(1, ox);
                let count = match count_include_pad {
                    true => padded_rows * padded_cols,
                    false => rows.len() * cols.len(),
                };
                let row = |iy: usize| &x[iy * shape.width..][cols.clone()];
                let sum: f32 = rows.clone().flat_map(row).sum();
                y[oy * shape.out_width + ox] = if count == 0 { 0.0 } else { sum / count as f32 };
            }
        }
    }
}

/// Adds the gradient of the input to `dx`.
///
/// # Panics
/// When a slice's length is not that of `planes` planes.
pub fn avg_pool2d_backward(
    shape: &Pool2d,
    planes: usize,
    count_include_pad: bool,
    dy: &[f32],
    dx: &mut [f32],
) {
    shape.check(planes, dx.len(), dy.len());
    let (plane, out) = (shape.height * shape.width, shape.out_height * shape.out_width);
    for (dx, dy) in dx.chunks_exact_mut(plane.max(1)).zip(dy.chunks_exact(out.max(1))) {
        for oy in 0..shape.out_height {
            let (rows, padded_rows) = shape.window(0, oy);
            for ox in 0..shape.out_width {
                let (cols, padded_cols) = shape.window(1, ox);
                let count = match count_include_pad {
                    true => padded_rows * padded_cols,
                    false => rows.len() * cols.len(),
                };
                if count == 0 {
                    continue;
                }
                let share = dy[oy * shape.out_width + ox] / count as f32;
                for iy in rows.clone() {
                    for dx in &mut dx[iy * shape.width..][cols.clone()] {
                        *dx += share;
                    }
                }
            }
        }
    }
}
