//! `BatchNorm1d` and `BatchNorm2d`: each channel brought to mean 0 and variance 1 over a batch.

use rand_core::Rng;

use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::kernel::{self, Channels};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::layers::runs::{Run, runs};
use crate::length::Lengths;
use crate::positional;

/// `x: [C]` or `[C, L]` → `y` of the same shape. PyTorch's `nn.BatchNorm1d`; see [`BatchNorm`].
///
/// Of sequences that are not all as long, `[C, ..L]`, only the steps that were brought count, as with PyTorch's layer on the data of a
/// `PackedSequence`.
pub type BatchNorm1d<const C: usize = 0, const A: usize = 0, const T: usize = 0> =
    BatchNorm<1, C, A, T>;

/// `x: [C, H, W]` → `y: [C, H, W]`. PyTorch's `nn.BatchNorm2d`; see [`BatchNorm`].
pub type BatchNorm2d<const C: usize = 0, const A: usize = 0, const T: usize = 0> =
    BatchNorm<2, C, A, T>;

/// `y = weight · (x − mean) / √(var + eps) + bias`, channel by channel, after Ioffe and Szegedy (2015).
///
/// In training, `mean` and `var` are those of the batch, over all its samples and positions, and the running ones move towards
/// them (the variance without bias, as in PyTorch). In use they are the running ones, if those are tracked.
///
/// A batch with a single value for each channel has no variance. PyTorch refuses it in training; here nothing stops: `y` is
/// `bias`, no gradient comes back to `x`, and the running variance stays as it is.
///
/// `D` counts the axes behind the channels; `A` is `C`, or 0 without `affine`; `T` is `C`, or 0 without running statistics.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct BatchNorm<const D: usize, const C: usize = 0, const A: usize = 0, const T: usize = 0> {
    /// What each channel is multiplied by; 1 at first.
    pub weight: [f32; A],
    /// What is added to each channel; 0 at first.
    pub bias: [f32; A],
    /// The mean of each channel in the batches so far; 0 at first. Not trained.
    pub running_mean: [f32; T],
    /// The variance of each channel in the batches so far; 1 at first. Not trained.
    pub running_var: [f32; T],
}

/// `BatchNorm2d(num_features, eps = 1e-5, momentum = 0.1, affine = true, track_running_stats = true)`; `num_features` may be left
/// out.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    num_features: Option<usize>,
    pub(super) eps: f32,
    momentum: f32,
    pub(super) affine: bool,
    track_running_stats: bool,
    /// Axes behind the channels.
    axes: usize,
}

impl<const D: usize> BatchNorm<D> {
    /// `BatchNorm2d`.
    pub const fn args() -> Args {
        Args {
            num_features: None,
            eps: 1e-5,
            momentum: 0.1,
            affine: true,
            track_running_stats: true,
            axes: D,
        }
    }
}

positional!(
    Args,
    first = num_features: usize,
    second = eps: f32,
    third = momentum: f32,
    fourth = affine: bool,
    fifth = track_running_stats: bool,
);

impl Args {
    /// States how many channels come in, to be checked.
    pub const fn num_features(mut self, num_features: usize) -> Self {
        self.num_features = Some(num_features);
        self
    }
    /// What is added to the variance, so that it is never zero; 1e-5 unless said otherwise.
    pub const fn eps(mut self, eps: f32) -> Self {
        self.eps = eps;
        self
    }
    /// How far the running statistics move towards those of a batch; 0.1 unless said otherwise.
    pub const fn momentum(mut self, momentum: f32) -> Self {
        self.momentum = momentum;
        self
    }
    /// Whether there are a weight and a bias; yes unless said otherwise.
    pub const fn affine(mut self, affine: bool) -> Self {
        self.affine = affine;
        self
    }
    /// Whether running statistics are kept, for use after training; yes unless said otherwise. Without, a batch in use is
    /// normalised by its own.
    pub const fn track_running_stats(mut self, track_running_stats: bool) -> Self {
        self.track_running_stats = track_running_stats;
        self
    }

    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (shape, c) = (x.shape(0), x.shape(0).dim(0));
        let (a, t) =
            (if self.affine { c } else { 0 }, if self.track_running_stats { c } else { 0 });
        let positive = x.says().str("is given an eps that is not above 0");
        let part = x.says().str("is given a momentum that is not between 0 and 1");
        let line = x.says().str("takes a rank-1 or rank-2 input");
        let line = x.but_gives(line, 0).str("; it is [channels] or [channels, length]");
        let inferred = Inferred::new(self, x, shape).one_input();
        let inferred = match self.axes {
            1 => inferred.check(shape.rank() == 1 || shape.rank() == 2, line).channels_first(),
            _ => inferred.image(),
        };
        // With running statistics, in use no step knows of another.
        let inferred =
            if self.track_running_stats { inferred.state(0).factors() } else { inferred };
        inferred
            .stated(self.num_features, "channels", c)
            .argument(self.eps > 0.0, positive)
            .argument(self.momentum >= 0.0 && self.momentum <= 1.0, part)
            .dims(&[c, a, t])
            .parameters(2 * a)
            .buffers(2 * t)
            .macs(if self.affine { shape.len() } else { 0 })
            .kept_batch(2 * c)
            .int8_if(
                self.track_running_stats,
                "normalises each batch by its own statistics, which no weights can hold",
            )
            .needs_x()
            .in_place()
    }
}

impl<const D: usize> Kind for BatchNorm<D> {
    type Args = Args;
    type Layer<
        const C: usize,
        const A: usize,
        const T: usize,
        const X: usize,
        const E: usize,
        const F: usize,
    > = BatchNorm<D, C, A, T>;
}

impl<const D: usize, const C: usize, const A: usize, const T: usize> Layer
    for BatchNorm<D, C, A, T>
{
    type Args = Args;
    const TENSORS: &'static [Tensor] = match (A, T) {
        (0, 0) => &[],
        (0, _) => Self::ALL.split_at(2).1,
        (_, 0) => Self::ALL.split_at(2).0,
        (_, _) => Self::ALL,
    };

    fn tensor(&self, i: usize) -> &[f32] {
        match (i, A) {
            (0, 1..) => &self.weight,
            (1, 1..) => &self.bias,
            (0, 0) | (2, _) => &self.running_mean,
            _ => &self.running_var,
        }
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
        match (i, A) {
            (0, 1..) => &mut self.weight,
            (1, 1..) => &mut self.bias,
            (0, 0) | (2, _) => &mut self.running_mean,
            _ => &mut self.running_var,
        }
    }

    fn init(&mut self, _: &Node<Args>, _: &mut dyn Rng) {
        init::ones(&mut self.weight);
        init::zeros(&mut self.bias);
        init::zeros(&mut self.running_mean);
        init::ones(&mut self.running_var);
    }

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        if T > 0 {
            return self.factors(node, |factors| normalise(node, factors, call));
        }
        let (mut mean, mut var) = ([0.0; C], [0.0; C]);
        let x = if call.in_place { &*call.y } else { call.x[0] };
        moments(node, call.n, call.lengths, x, &mut mean, &mut var);
        let inverse = inverse(var, node.args.eps);
        let (scale, shift) = self.scale_shift(&mean, &inverse);
        normalise(node, [&scale, &shift], call);
    }

    fn factors<R>(&self, node: &Node<Args>, see: impl FnOnce([&[f32]; 2]) -> R) -> R {
        let (mut mean, mut var) = ([0.0; C], [0.0; C]);
        mean[..T].copy_from_slice(&self.running_mean);
        var[..T].copy_from_slice(&self.running_var);
        let (scale, shift) = self.scale_shift(&mean, &inverse(var, node.args.eps));
        see([&scale, &shift])
    }

    /// Keeps the mean, and `1 / √(var + eps)`, of each channel.
    fn forward_training(&mut self, node: &Node<Args>, call: Forward<'_>) {
        let args = &node.args;
        let (mut mean, mut var) = ([0.0; C], [0.0; C]);
        let x = if call.in_place { &*call.y } else { call.x[0] };
        let count = moments(node, call.n, call.lengths, x, &mut mean, &mut var);
        if count == 0.0 {
            return call.kept_batch.fill(0.0);
        }
        for (running, mean) in self.running_mean.iter_mut().zip(&mean) {
            *running += args.momentum * (mean - *running);
        }
        if count > 1.0 {
            for (running, var) in self.running_var.iter_mut().zip(&var) {
                *running += args.momentum * (var * count / (count - 1.0) - *running);
            }
        }
        let inverse = inverse(var, args.eps);
        let (kept_mean, kept_inverse) = call.kept_batch.split_at_mut(C);
        kept_mean.copy_from_slice(&mean);
        kept_inverse[..C].copy_from_slice(&inverse);
        let (scale, shift) = self.scale_shift(&mean, &inverse);
        normalise(node, [&scale, &shift], call);
    }

    /// With `x̂ = (x − mean) / √(var + eps)` and means over the batch:
    /// `dx += weight / √(var + eps) · (dy − mean(dy) − x̂ · mean(dy · x̂))`, `dweight += Σ dy · x̂`, `dbias += Σ dy`.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        let [dx, ..] = call.dx;
        let (mean, inverse) = (&call.kept_batch[..C], &call.kept_batch[C..2 * C]);
        let (mut sum, mut dot, mut count) = ([0.0; C], [0.0; C], 0);
        let dy = match &dx {
            Some(dx) if call.in_place => dx,
            _ => call.dy,
        };
        for run in runs(node, call.n, call.lengths) {
            let (shape, at) = (shape(&run), run.x);
            count += shape.n * shape.plane;
            let (x, dy) = (&call.x[0][at.clone()], &dy[at]);
            kernel::centred_sums(shape, x, mean, dy, &mut sum, &mut dot);
        }
        for (c, (dweight, dbias)) in grad.weight.iter_mut().zip(&mut grad.bias).enumerate() {
            *dweight += dot[c] * inverse[c];
            *dbias += sum[c];
        }
        if let Some(dx) = dx {
            // dx = a dy + b (x − mean) + shift
            let (mut a, count) = ([0.0; C], count as f32);
            let (mut b, mut shift) = (dot, sum);
            for c in 0..C {
                a[c] = self.weight.get(c).unwrap_or(&1.0) * inverse[c];
                b[c] *= -a[c] * inverse[c] * inverse[c] / count;
                shift[c] *= -a[c] / count;
            }
            for run in runs(node, call.n, call.lengths) {
                let (shape, at, of) = (shape(&run), run.x, [&a, &b, mean, &shift[..]]);
                let (x, dy) = (&call.x[0][at.clone()], &call.dy);
                let dy = (!call.in_place).then(|| &dy[at.clone()]);
                kernel::add_centred(shape, of, x, dy, &mut dx[at]);
            }
        }
    }
}

impl<const D: usize, const C: usize, const A: usize, const T: usize> BatchNorm<D, C, A, T> {
    const ALL: &'static [Tensor] = &[
        Tensor::parameter("weight", &[C]),
        Tensor::parameter("bias", &[C]),
        Tensor::buffer("running_mean", &[C]),
        Tensor::buffer("running_var", &[C]),
    ];

    /// `weight · (x − mean) · inverse + bias` as `scale · x + shift`.
    fn scale_shift(&self, mean: &[f32; C], inverse: &[f32; C]) -> ([f32; C], [f32; C]) {
        let (mut scale, mut shift) = (*inverse, [0.0; C]);
        for c in 0..C {
            scale[c] *= self.weight.get(c).unwrap_or(&1.0);
            shift[c] = self.bias.get(c).unwrap_or(&0.0) - mean[c] * scale[c];
        }
        (scale, shift)
    }
}

/// `1 / √(var + eps)`.
fn inverse<const C: usize>(mut var: [f32; C], eps: f32) -> [f32; C] {
    var.iter_mut().for_each(|var| *var = 1.0 / kernel::sqrt(*var + eps));
    var
}

/// `y = scale · x + shift`.
fn normalise(node: &Node<Args>, [scale, shift]: [&[f32]; 2], call: Forward<'_>) {
    for run in runs(node, call.n, call.lengths) {
        let (shape, at) = (shape(&run), run.x);
        let x = (!call.in_place).then(|| &call.x[0][at.clone()]);
        kernel::scale_shift(shape, scale, shift, x, &mut call.y[at]);
    }
}

/// Mean and biased variance of each channel over a batch, run by run (Chan, Golub and LeVeque 1983). Gives how many numbers of each channel
/// there are.
fn moments<const C: usize>(
    node: &Node<Args>,
    n: usize,
    lengths: Lengths<'_>,
    x: &[f32],
    mean: &mut [f32; C],
    var: &mut [f32; C],
) -> f32 {
    let mut count = 0.0;
    for run in runs(node, n, lengths) {
        let shape = shape(&run);
        let (more, x) = ((shape.n * shape.plane) as f32, &x[run.x]);
        if count == 0.0 {
            kernel::moments(shape, x, mean, var);
        } else {
            let (mut of_run, mut var_of_run) = ([0.0; C], [0.0; C]);
            kernel::moments(shape, x, &mut of_run, &mut var_of_run);
            let part = more / (count + more);
            for c in 0..C {
                let apart = of_run[c] - mean[c];
                mean[c] += part * apart;
                var[c] += part * (var_of_run[c] - var[c] + (1.0 - part) * apart * apart);
            }
        }
        count += more;
    }
    count
}

fn shape(run: &Run) -> Channels {
    let x = run.input;
    Channels { n: run.samples, channels: x.dim(0), plane: x.product(1, x.rank()) }
}
