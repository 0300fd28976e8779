//! A convolution of lines that go on beyond their ends as in a mirror: what it reads there, beside what it reads of the line itself.
//!
//! [`conv2d`](super::conv2d) and its gradients take what is beyond an end for zero. What a mirror adds to them is worked out
//! here, for the few outputs near an end, so that no line need be copied to be made longer.

use super::Conv2d;

/// Adds to `y` what the kernel reads beyond the ends of each line (`H` is 1): `x[−i]` is `x[i]`, and `x[W − 1 + i]` is
/// `x[W − 1 − i]`, as PyTorch's `padding_mode="reflect"`. A reflection that is longer than the line goes back again.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn conv2d_reflect(shape: &Conv2d, n: usize, x: &[f32], weight: &[f32], y: &mut [f32]) {
    if !shape.fits(n, x, weight, &[], y) {
        return;
    }
    for (x, y) in shape.samples(x, y) {
        each(shape, |w, x_at, y_at| y[y_at] += weight[w] * x[x_at]);
    }
}

/// Adds to `dx` the gradient that comes back through what the kernel reads beyond the ends.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn conv2d_reflect_backward_input(
    shape: &Conv2d,
    n: usize,
    dy: &[f32],
    weight: &[f32],
    dx: &mut [f32],
) {
    if !shape.fits(n, dx, weight, &[], dy) {
        return;
    }
    let (x_len, y_len) = (shape.x_len().max(1), shape.y_len().max(1));
    for (dy, dx) in dy.chunks_exact(y_len).zip(dx.chunks_exact_mut(x_len)) {
        each(shape, |w, x_at, y_at| dx[x_at] += weight[w] * dy[y_at]);
    }
}

/// Adds to `dw` the gradient by what the kernel reads beyond the ends.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn conv2d_reflect_backward_weight(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    dy: &[f32],
    dw: &mut [f32],
) {
    if !shape.fits(n, x, dw, &[], dy) {
        return;
    }
    let (x_len, y_len) = (shape.x_len().max(1), shape.y_len().max(1));
    for (x, dy) in x.chunks_exact(x_len).zip(dy.chunks_exact(y_len)) {
        each(shape, |w, x_at, y_at| dw[w] += dy[y_at] * x[x_at]);
    }
}

/// `product(weight, x, y)` for each weight beyond an end: which it is, which number it sees in the mirror, and for which output.
#[inline(always)]
fn each(shape: &Conv2d, mut product: impl FnMut(usize, usize, usize)) {
    let (ins, outs) = (shape.in_channels / shape.groups, shape.out_channels / shape.groups);
    let taps = shape.kernel[1];
    for Beyond { tap, y, x } in Beyond::all(shape) {
        for o in 0..shape.out_channels {
            let first = o / outs * ins;
            for c in 0..ins {
                let weight = (o * ins + c) * taps + tap;
                product(weight, (first + c) * shape.width + x, o * shape.out_width + y);
            }
        }
    }
}

/// A tap beyond an end: which it is, for which output, and the number of the line that it sees in the mirror.
struct Beyond {
    tap: usize,
    y: usize,
    x: usize,
}

impl Beyond {
    /// All of one line.
    fn all(shape: &Conv2d) -> impl Iterator<Item = Beyond> {
        let &Conv2d { width, out_width, .. } = shape;
        let (stride, dilation, padding) = (shape.stride[1], shape.dilation[1], shape.padding[1]);
        (0..shape.kernel[1]).flat_map(move |tap| {
            let offset = tap * dilation;
            // In front of the line, and behind it.
            let front = padding.saturating_sub(offset).div_ceil(stride).min(out_width);
            let back = (width + padding).saturating_sub(offset).div_ceil(stride);
            let outputs = (0..front).chain(back.clamp(front, out_width)..out_width);
            outputs.map(move |y| {
                let at = (y * stride + offset) as isize - padding as isize;
                Beyond { tap, y, x: mirrored(at, width) }
            })
        })
    }
}

/// The number of a line of `size` that is seen at `at`.
fn mirrored(at: isize, size: usize) -> usize {
    let there_and_back = (2 * (size - 1)).max(1);
    let at = at.rem_euclid(there_and_back as isize) as usize;
    at.min(there_and_back - at).min(size - 1)
}

#[cfg(test)]
mod tests {
    use super::mirrored;

    #[test]
    fn a_mirror_at_each_end() {
        let seen = |size| core::array::from_fn(|i| mirrored(i as isize - 4, size));
        assert_eq!(seen(4), [2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0]);
        assert_eq!(seen(2), [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
        assert_eq!(seen(1), [0; 11]);
    }
}
