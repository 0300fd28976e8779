//! Max pooling.

use super::Pool2d;

/// The largest number of each window; NaN where a window holds one.
///
/// # Panics
/// When a slice's length is not that of `planes` planes.
pub fn max_pool2d(shape: &Pool2d, planes: usize, x: &[f32], y: &mut [f32]) {
    shape.check(planes, x.len(), y.len());
    each_window(shape, x, |at, place, x| y[at] = x[place]);
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
    each_window(shape, x, |at, place, x| {
        y[at] = x[place];
        indices[at] = place as u32;
    });
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

/// Adds the gradient of the input to `dx`, from the recorded indices.
///
/// # Panics
/// When a slice's length is not that of `planes` planes, or an index lies outside its plane.
pub fn max_pool2d_with_indices_backward(
    shape: &Pool2d,
    planes: usize,
    indices: &[u32],
    dy: &[f32],
    dx: &mut [f32],
) {
    shape.check(planes, dx.len(), dy.len());
    assert_eq!(indices.len(), dy.len());
    let (plane, out) = (shape.height * shape.width, shape.out_height * shape.out_width);
    let dy = dy.chunks_exact(out.max(1)).zip(indices.chunks_exact(out.max(1)));
    for (dx, (dy, indices)) in dx.chunks_exact_mut(plane.max(1)).zip(dy) {
        for (dy, &index) in dy.iter().zip(indices) {
            dx[index as usize] += dy;
        }
    }
}

/// `found(y, place, plane)` for each window: its number over all planes, and where in its plane the maximum is.
fn each_window(shape: &Pool2d, x: &[f32], mut found: impl FnMut(usize, usize, &[f32])) {
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
