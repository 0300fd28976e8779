//! Two-dimensional convolution (cross-correlation, as PyTorch's `conv2d`) and its two gradients.

#[cfg(feature = "std")]
mod direct;
#[cfg(feature = "std")]
mod direct_weight;
mod reflect;
mod scalar;

pub use reflect::{conv2d_reflect, conv2d_reflect_backward_input, conv2d_reflect_backward_weight};

/// The sizes of a convolution of one sample; the batch comes with each call.
///
/// `x: [C, H, W]`, `weight: [OC, C / groups, KH, KW]`, `bias: [OC]` → `y: [OC, OH, OW]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2d {
    /// `C`.
    pub in_channels: usize,
    /// `H`.
    pub height: usize,
    /// `W`.
    pub width: usize,
    /// `OC`.
    pub out_channels: usize,
    /// `OH`; the caller works it out, here it is believed.
    pub out_height: usize,
    /// `OW`.
    pub out_width: usize,
    /// `[KH, KW]`.
    pub kernel: [usize; 2],
    /// Steps between windows, down and right.
    pub stride: [usize; 2],
    /// Rows of zeros above, columns of zeros to the left (below and to the right there are as many as the windows reach).
    pub padding: [usize; 2],
    /// Distance of taps, down and right.
    pub dilation: [usize; 2],
    /// Groups of channels that do not see one another; divides `C` and `OC`.
    pub groups: usize,
}

/// `y[o] = bias[o] + Σ over c, i, j: weight[o][c][i][j] · x[c][S·row + D·i − P][S·col + D·j − P]` for `n` samples;
/// without `bias` (an empty slice) it counts as zero.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn conv2d(shape: &Conv2d, n: usize, x: &[f32], weight: &[f32], bias: &[f32], y: &mut [f32]) {
    shape.check(n, x, weight, bias, y);
    forward(shape, n, x, weight, Some(bias), y);
}

/// As [`conv2d`], added to what `y` holds; without a bias.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn conv2d_add(shape: &Conv2d, n: usize, x: &[f32], weight: &[f32], y: &mut [f32]) {
    shape.check(n, x, weight, &[], y);
    forward(shape, n, x, weight, None, y);
}

/// Writes `y`, which begins with `bias`, or adds to it.
fn forward(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    y: &mut [f32],
) {
    #[cfg(feature = "std")]
    if shape.has_work() {
        return direct::forward(shape, n, x, weight, bias, y);
    }
    for (x, y) in shape.samples(x, y).take(n) {
        scalar::forward(shape, x, weight, bias, y);
    }
}

/// Adds the gradient of the input, from that of the output, to `dx`: the transposed convolution of `dy`, as PyTorch's
/// `conv_transpose2d` (its `output_padding` is in the height and width of `dx`).
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn conv2d_backward_input(shape: &Conv2d, n: usize, dy: &[f32], weight: &[f32], dx: &mut [f32]) {
    shape.check(n, dx, weight, &[], dy);
    #[cfg(feature = "std")]
    if shape.has_work() {
        return direct::backward_input(shape, n, dy, weight, dx);
    }
    let (x_len, y_len) = (shape.x_len().max(1), shape.y_len().max(1));
    for (dy, dx) in dy.chunks_exact(y_len).zip(dx.chunks_exact_mut(x_len)) {
        scalar::backward_input(shape, dy, weight, dx);
    }
}

/// Adds the gradients of weight and bias, summed over the `n` samples, to `dw` and `db` (which may be empty).
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn conv2d_backward_weight(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    dy: &[f32],
    dw: &mut [f32],
    db: &mut [f32],
) {
    shape.check(n, x, dw, db, dy);
    #[cfg(feature = "std")]
    if shape.has_work() {
        return direct_weight::backward_weight(shape, n, x, dy, dw, db);
    }
    let (x_len, y_len) = (shape.x_len().max(1), shape.y_len().max(1));
    for (x, dy) in x.chunks_exact(x_len).zip(dy.chunks_exact(y_len)) {
        scalar::backward_weight(shape, x, dy, dw, db);
    }
}

impl Conv2d {
    /// Numbers in one input.
    pub const fn x_len(&self) -> usize {
        self.in_channels * self.height * self.width
    }

    /// Numbers in one output.
    pub const fn y_len(&self) -> usize {
        self.out_channels * self.out_height * self.out_width
    }

    /// Numbers in the weight.
    pub const fn weight_len(&self) -> usize {
        self.out_channels * (self.in_channels / self.groups) * self.kernel[0] * self.kernel[1]
    }

    /// Whether there is anything to do.
    #[cfg(feature = "std")]
    fn has_work(&self) -> bool {
        self.y_len() * self.weight_len() * self.x_len() > 0
    }

    fn check(&self, n: usize, x: &[f32], weight: &[f32], bias: &[f32], y: &[f32]) {
        assert!(x.len() == n * self.x_len(), "conv2d: the input has another length");
        assert!(y.len() == n * self.y_len(), "conv2d: the output has another length");
        assert!(weight.len() == self.weight_len(), "conv2d: the weight has another length");
        let bias_fits = bias.is_empty() || bias.len() == self.out_channels;
        assert!(bias_fits, "conv2d: the bias has another length");
    }

    fn samples<'a>(
        &self,
        x: &'a [f32],
        y: &'a mut [f32],
    ) -> impl Iterator<Item = (&'a [f32], &'a mut [f32])> {
        x.chunks_exact(self.x_len().max(1)).zip(y.chunks_exact_mut(self.y_len().max(1)))
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::kernel::dispatch::forced;
    use std::vec::Vec;

    /// Numbers that look random and are the same each time.
    fn numbers(len: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let draw = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        (0..len).map(draw).collect()
    }

    fn check(
        c: [usize; 3],
        oc: usize,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 2],
        dilation: [usize; 2],
        groups: usize,
    ) {
        let out = |i: usize| {
            (c[i + 1] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i] + 1
        };
        let shape = Conv2d {
            in_channels: c[0],
            height: c[1],
            width: c[2],
            out_channels: oc,
            out_height: out(0),
            out_width: out(1),
            kernel,
            stride,
            padding,
            dilation,
            groups,
        };
        let n = 3;
        let (x, w, b) =
            (numbers(n * shape.x_len(), 1), numbers(shape.weight_len(), 2), numbers(oc, 3));
        let dy = numbers(n * shape.y_len(), 4);
        let (mut y, mut dx, mut dw, mut db) = (dy.clone(), x.clone(), w.clone(), b.clone());
        for i in 0..n {
            let (x, dy) = (
                &x[i * shape.x_len()..][..shape.x_len()],
                &dy[i * shape.y_len()..][..shape.y_len()],
            );
            scalar::forward(&shape, x, &w, Some(&b), &mut y[i * shape.y_len()..][..shape.y_len()]);
            scalar::backward_input(&shape, dy, &w, &mut dx[i * shape.x_len()..][..shape.x_len()]);
            scalar::backward_weight(&shape, x, dy, &mut dw, &mut db);
        }
        forced::on_each(|| {
            let (mut fy, mut fdx, mut fdw, mut fdb) = (dy.clone(), x.clone(), w.clone(), b.clone());
            conv2d(&shape, n, &x, &w, &b, &mut fy);
            conv2d_backward_input(&shape, n, &dy, &w, &mut fdx);
            conv2d_backward_weight(&shape, n, &x, &dy, &mut fdw, &mut fdb);
            for (name, fast, plain) in
                [("y", &fy, &y), ("dx", &fdx, &dx), ("dw", &fdw, &dw), ("db", &fdb, &db)]
            {
                let scale = plain.iter().fold(1.0_f32, |scale, v| scale.max(v.abs()));
                for (i, (fast, plain)) in fast.iter().zip(plain).enumerate() {
                    assert!(
                        (fast - plain).abs() <= 2e-6 * scale,
                        "{name}[{i}]: {fast} for {plain}, {shape:?}"
                    );
                }
            }
        });
    }

    #[test]
    fn fast_convolutions_equal_the_definition() {
        check([1, 28, 28], 32, [3, 3], [1, 1], [0, 0], [1, 1], 1);
        check([32, 26, 26], 12, [3, 3], [1, 1], [0, 0], [1, 1], 1);
        check([5, 9, 7], 3, [3, 3], [1, 1], [1, 1], [1, 1], 1);
        check([4, 9, 11], 9, [3, 2], [2, 2], [1, 0], [1, 1], 1);
        check([6, 13, 12], 8, [3, 3], [2, 1], [2, 3], [2, 3], 2);
        check([6, 8, 8], 6, [3, 3], [1, 1], [1, 1], [1, 1], 6);
        check([6, 8, 8], 12, [5, 5], [3, 2], [2, 2], [1, 1], 3);
        check([7, 5, 5], 17, [1, 1], [1, 1], [0, 0], [1, 1], 1);
        check([7, 5, 5], 4, [1, 1], [2, 2], [0, 0], [1, 1], 1);
        check([2, 1, 40], 3, [1, 7], [1, 4], [0, 3], [1, 1], 1);
        check([2, 4, 4], 3, [4, 4], [1, 1], [3, 3], [1, 1], 1);
        check([2, 3, 3], 3, [1, 1], [1, 1], [2, 2], [1, 1], 1);
        check([2, 3, 3], 3, [2, 2], [3, 4], [1, 0], [1, 1], 1);
        check([8, 14, 15], 5, [4, 4], [2, 2], [1, 1], [1, 1], 1);
        check([3, 13, 17], 4, [3, 4], [4, 6], [0, 5], [6, 4], 1);
        check([3, 9, 2], 4, [2, 2], [3, 1], [7, 0], [1, 1], 1);
    }
}
