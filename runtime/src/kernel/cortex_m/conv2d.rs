//! Convolution, forward: what a window sees is gathered, and is then what goes into a dense layer whose outputs are the channels.

use super::rows;
use crate::kernel::Conv2d;

/// Numbers that are gathered at a time. They are on the stack.
const ROOM: usize = 144;

/// Whether gathering pays: a line of the kernel has to find room, and several channels have to use what was gathered.
pub(in crate::kernel) fn fits(shape: &Conv2d) -> bool {
    let outs = shape.out_channels / shape.groups.max(1);
    (1..=ROOM).contains(&shape.kernel[1]) && outs >= 4
}

/// Adds the convolution of one sample to `y`.
pub(in crate::kernel) fn add(shape: &Conv2d, x: &[f32], weight: &[f32], y: &mut [f32]) {
    let groups = shape.groups.max(1);
    let (ins, outs) = (shape.in_channels / groups, shape.out_channels / groups);
    let plane = shape.out_height * shape.out_width;
    let taps = ins * shape.kernel[0] * shape.kernel[1];
    let x_len = (ins * shape.height * shape.width).max(1);
    let parts = x.chunks_exact(x_len).zip(weight.chunks_exact((outs * taps).max(1)));
    let mut numbers = [0.0; ROOM];
    for ((x, weight), y) in parts.zip(y.chunks_exact_mut((outs * plane).max(1))) {
        for row in 0..shape.out_height {
            for col in 0..shape.out_width {
                let at = row * shape.out_width + col;
                window(shape, [row, col], x, &mut numbers, |from, numbers| {
                    let mut places = y.iter_mut().skip(at).step_by(plane.max(1));
                    let put = |sum| {
                        if let Some(y) = places.next() {
                            *y += sum;
                        }
                    };
                    let Some(weight) = weight.get(from..) else { return };
                    // SAFETY: each of the `outs` rows of `weight` has `taps` numbers, of which those from `from` on, as many as are given,
                    // are read.
                    unsafe { rows(outs, weight.as_ptr(), taps, numbers, put) };
                });
            }
        }
    }
}

/// Gathers what the output at `row` and `col` sees of the channels of `x`, in the order of the weights: calls `next(from, numbers)`, with the
/// number of taps before these, until all are through.
#[inline(always)]
fn window(
    shape: &Conv2d,
    [row, col]: [usize; 2],
    x: &[f32],
    numbers: &mut [f32; ROOM],
    mut next: impl FnMut(usize, &[f32]),
) {
    let Conv2d { kernel: [kh, kw], stride, padding, dilation, height, width, .. } = *shape;
    let (mut from, mut len) = (0, 0);
    // Before the first line, or column, this is beyond the last.
    let top = (row * stride[0]).wrapping_sub(padding[0]);
    let left = (col * stride[1]).wrapping_sub(padding[1]);
    let whole = dilation[1] == 1 && left < width && width - left >= kw;
    for channel in x.chunks_exact((height * width).max(1)) {
        let mut y = top;
        for _ in 0..kh {
            if len + kw > ROOM {
                next(from, numbers.get(..len).unwrap_or_default());
                (from, len) = (from + len, 0);
            }
            let to = numbers.get_mut(len..len + kw).unwrap_or_default();
            let line = if y < height { y * width } else { channel.len() };
            match channel.get(line.wrapping_add(left)..line.wrapping_add(left).wrapping_add(kw)) {
                Some(line) if whole => copy(line, to),
                _ => {
                    let line = channel.get(line..line + width).unwrap_or_default();
                    for (j, to) in to.iter_mut().enumerate() {
                        let x = left.wrapping_add(j * dilation[1]);
                        *to = line.get(x).copied().unwrap_or(0.0);
                    }
                }
            }
            len += kw;
            y = y.wrapping_add(dilation[0]);
        }
    }
    next(from, numbers.get(..len).unwrap_or_default());
}

/// Copies a line of the kernel: so few numbers that calling a function would take longer.
#[inline(always)]
fn copy(from: &[f32], to: &mut [f32]) {
    match (from, to) {
        ([a], [x]) => *x = *a,
        ([a, b, c], [x, y, z]) => (*x, *y, *z) = (*a, *b, *c),
        ([a, b, c, d, e], [v, w, x, y, z]) => (*v, *w, *x, *y, *z) = (*a, *b, *c, *d, *e),
        (from, to) => to.iter_mut().zip(from).for_each(|(to, x)| *to = *x),
    }
}
