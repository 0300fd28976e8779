//! What batch normalisation needs: statistics and linear maps per channel of `x: [n][channels][plane]`.

/// The shape `[n][channels][plane]`; a plane is `H·W` numbers, or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channels {
    /// Samples.
    pub n: usize,
    /// Channels in each.
    pub channels: usize,
    /// Numbers in each channel of a sample.
    pub plane: usize,
}

/// Mean and biased variance (divided by the count) of each channel, in two passes.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn moments(shape: Channels, x: &[f32], mean: &mut [f32], var: &mut [f32]) {
    shape.check(x);
    assert!(mean.len() == shape.channels && var.len() == shape.channels);
    let count = (shape.n * shape.plane) as f32;
    for c in 0..shape.channels {
        let sum: f32 = shape.of(c, x).flatten().sum();
        mean[c] = sum / count;
        let sum: f32 = shape.of(c, x).flatten().map(|x| (x - mean[c]) * (x - mean[c])).sum();
        var[c] = sum / count;
    }
}

/// `y = scale[c] · x + shift[c]`.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn scale_shift(shape: Channels, scale: &[f32], shift: &[f32], x: &[f32], y: &mut [f32]) {
    shape.check(x);
    shape.check(y);
    let planes = x.chunks_exact(shape.plane.max(1)).zip(y.chunks_exact_mut(shape.plane.max(1)));
    for (i, (x, y)) in planes.enumerate() {
        let (scale, shift) = (scale[i % shape.channels], shift[i % shape.channels]);
        for (x, y) in x.iter().zip(y) {
            *y = scale * x + shift;
        }
    }
}

/// Adds, for each channel, `Σ dy` to `sum` and `Σ dy · (x − mean)` to `dot`.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn centred_sums(
    shape: Channels,
    x: &[f32],
    mean: &[f32],
    dy: &[f32],
    sum: &mut [f32],
    dot: &mut [f32],
) {
    shape.check(x);
    shape.check(dy);
    for c in 0..shape.channels {
        let mean = mean[c];
        let pairs = || shape.of(c, x).flatten().zip(shape.of(c, dy).flatten());
        sum[c] += pairs().map(|(_, dy)| dy).sum::<f32>();
        dot[c] += pairs().map(|(x, dy)| dy * (x - mean)).sum::<f32>();
    }
}

/// Adds `a[c] · dy + b[c] · x + shift[c]` to `dx`: the gradient of a normalisation.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn add_combined(
    shape: Channels,
    [a, dy]: [&[f32]; 2],
    [b, x]: [&[f32]; 2],
    shift: &[f32],
    dx: &mut [f32],
) {
    shape.check(x);
    shape.check(dy);
    shape.check(dx);
    let plane = shape.plane.max(1);
    let read = dy.chunks_exact(plane).zip(x.chunks_exact(plane));
    for (i, ((dy, x), dx)) in read.zip(dx.chunks_exact_mut(plane)).enumerate() {
        let c = i % shape.channels;
        for ((dy, x), dx) in dy.iter().zip(x).zip(dx) {
            *dx += a[c] * dy + (b[c] * x + shift[c]);
        }
    }
}

impl Channels {
    fn check(&self, x: &[f32]) {
        let len = self.n * self.channels * self.plane;
        assert!(x.len() == len, "a slice is not [n][channels][plane]");
    }

    /// The planes of channel `c`, sample by sample.
    fn of<'a>(&self, c: usize, x: &'a [f32]) -> impl Iterator<Item = &'a [f32]> {
        x.chunks_exact(self.plane.max(1)).skip(c).step_by(self.channels.max(1))
    }
}
