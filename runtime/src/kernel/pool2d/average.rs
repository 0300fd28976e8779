//! Average pooling.

use super::Pool2d;

/// What the sum of a window is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divisor {
    /// The size of the window: padding counts as zeros. PyTorch's default.
    Padded,
    /// How much of the window lies within the plane.
    Within,
    /// This number.
    Always(usize),
}

impl Divisor {
    fn of(self, rows: (usize, usize), cols: (usize, usize)) -> usize {
        match self {
            Divisor::Padded => rows.1 * cols.1,
            Divisor::Within => rows.0 * cols.0,
            Divisor::Always(divisor) => divisor,
        }
    }
}

/// The sum of each window, divided by `divisor`: its mean. `dilation` must be 1.
///
/// # Panics
/// When a slice's length is not that of `planes` planes.
pub fn avg_pool2d(shape: &Pool2d, planes: usize, divisor: Divisor, x: &[f32], y: &mut [f32]) {
    shape.check(planes, x.len(), y.len());
    let (plane, out) = (shape.height * shape.width, shape.out_height * shape.out_width);
    for (x, y) in x.chunks_exact(plane.max(1)).zip(y.chunks_exact_mut(out.max(1))) {
        for oy in 0..shape.out_height {
            let (rows, padded_rows) = shape.window(0, oy);
            for ox in 0..shape.out_width {
                let (cols, padded_cols) = shape.window(1, ox);
                let count = divisor.of((rows.len(), padded_rows), (cols.len(), padded_cols));
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
    divisor: Divisor,
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
                let count = divisor.of((rows.len(), padded_rows), (cols.len(), padded_cols));
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
