//! Two-dimensional convolution (cross-correlation, as PyTorch's `conv2d`) and its two gradients.

mod scalar;

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
    for (x, y) in shape.samples(x, y) {
        scalar::forward(shape, x, weight, bias, y);
    }
}

/// Adds the gradient of the input, from that of the output, to `dx`: the transposed convolution of `dy`.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn conv2d_backward_input(shape: &Conv2d, n: usize, dy: &[f32], weight: &[f32], dx: &mut [f32]) {
    shape.check(n, dx, weight, &[], dy);
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
