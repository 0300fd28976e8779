//! `InstanceNorm1d` and `InstanceNorm2d`: each channel of each sample brought to mean 0 and variance 1.

use rand_core::Rng;

use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::kernel::{self, Channels, Groups};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::layers::group_wise;
use crate::layers::runs::{Run, runs};
use crate::length::Lengths;
use crate::positional;
use crate::shape::Shape;

/// `x: [C, L]` → `y: [C, L]`. PyTorch's `nn.InstanceNorm1d`; see [`InstanceNorm`].
pub type InstanceNorm1d<const A: usize = 0, const T: usize = 0> = InstanceNorm<1, A, T>;

/// `x: [C, H, W]` → `y: [C, H, W]`. PyTorch's `nn.InstanceNorm2d`; see [`InstanceNorm`].
pub type InstanceNorm2d<const A: usize = 0, const T: usize = 0> = InstanceNorm<2, A, T>;

/// `y = weight · (x − mean) / √(var + eps) + bias` with mean and variance of each channel of each sample (Ulyanov, Vedaldi and Lempitsky
/// 2016).
///
/// With `track_running_stats` the means over a batch of those means and variances (the variance without bias) move the running
/// ones in training, and in use the running ones are taken.
///
/// `D` counts the axes behind the channels; `A` is `C`, or 0 without `affine`; `T` is `C`, or 0 without running statistics.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct InstanceNorm<const D: usize, const A: usize = 0, const T: usize = 0> {
    /// What each channel is multiplied by; 1 at first.
    pub weight: [f32; A],
    /// What is added to each channel; 0 at first.
    pub bias: [f32; A],
    /// The mean of each channel in the batches so far; 0 at first. Not trained.
    pub running_mean: [f32; T],
    /// The variance of each channel in the batches so far; 1 at first. Not trained.
    pub running_var: [f32; T],
}

/// `InstanceNorm2d(num_features, eps = 1e-5, momentum = 0.1, affine = false, track_running_stats = false)`; `num_features` may be left
/// out.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    num_features: Option<usize>,
    eps: f32,
    momentum: f32,
    affine: bool,
    track_running_stats: bool,
    /// Axes behind the channels.
    axes: usize,
}

impl<const D: usize> InstanceNorm<D> {
    /// `InstanceNorm2d`.
    pub const fn args() -> Args {
        Args {
            num_features: None,
            eps: 1e-5,
            momentum: 0.1,
            affine: false,
            track_running_stats: false,
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
    /// Whether there are a weight and a bias; no unless said otherwise.
    pub const fn affine(mut self, affine: bool) -> Self {
        self.affine = affine;
        self
    }
    /// Whether running statistics are kept, for use after training; no unless said otherwise.
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
        let several = x.says().str("needs several numbers in each channel");
        let several = x.but_gives(several, 0).str(": each would become 0");
        let inferred = Inferred::new(self, x, shape).one_input();
        let inferred = match self.axes {
            1 => inferred.line(),
            _ => inferred.image(),
        };
        // With running statistics, in use no step knows of another.
        let inferred = if self.track_running_stats { inferred.state(0) } else { inferred };
        inferred
            .stated(self.num_features, "channels", c)
            .check(shape.product(1, shape.rank()) != 1, several)
            .argument(self.eps > 0.0, positive)
            .argument(self.momentum >= 0.0 && self.momentum <= 1.0, part)
            .dims(&[a, t])
            .parameters(2 * a)
            .buffers(2 * t)
            .macs(if self.affine { shape.len() } else { 0 })
            .needs_x()
            .in_place()
    }
}

impl<const D: usize> Kind for InstanceNorm<D> {
    type Args = Args;
    type Layer<
        const A: usize,
        const T: usize,
        const W: usize,
        const X: usize,
        const Y: usize,
        const Z: usize,
    > = InstanceNorm<D, A, T>;
}

impl<const D: usize, const A: usize, const T: usize> Layer for InstanceNorm<D, A, T> {
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
        if T == 0 {
            return group_wise::forward(node, call, groups, &self.weight, &self.bias);
        }
        let (mut scale, mut shift) = ([0.0; T], [0.0; T]);
        for c in 0..T {
            let inverse = 1.0 / kernel::sqrt(self.running_var[c] + node.args.eps);
            scale[c] = self.weight.get(c).unwrap_or(&1.0) * inverse;
            shift[c] = self.bias.get(c).unwrap_or(&0.0) - self.running_mean[c] * scale[c];
        }
        for run in runs(node, call.n, call.lengths) {
            let (shape, at) = (shape(run.input, run.samples), run.x);
            let x = (!call.in_place).then(|| &call.x[0][at.clone()]);
            kernel::scale_shift(shape, &scale, &shift, x, &mut call.y[at]);
        }
    }

    fn forward_training(&mut self, node: &Node<Args>, call: Forward<'_>) {
        let x = if call.in_place { &*call.y } else { call.x[0] };
        if T > 0 && call.n > 0 {
            self.follow(node, call.n, call.lengths, x);
        }
        group_wise::forward(node, call, groups, &self.weight, &self.bias);
    }

    /// As for [`LayerNorm`](super::LayerNorm), with means over a channel of a sample.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        let grads = [&mut grad.weight[..], &mut grad.bias];
        group_wise::backward(node, call, groups, &self.weight, grads);
    }
}

impl<const D: usize, const A: usize, const T: usize> InstanceNorm<D, A, T> {
    const ALL: &'static [Tensor] = &[
        Tensor::parameter("weight", &[A]),
        Tensor::parameter("bias", &[A]),
        Tensor::buffer("running_mean", &[T]),
        Tensor::buffer("running_var", &[T]),
    ];

    /// Moves the running statistics towards the means of those of the samples. A single number has a mean and no variance.
    fn follow(&mut self, node: &Node<Args>, n: usize, lengths: Lengths<'_>, x: &[f32]) {
        let part = node.args.momentum / n as f32;
        self.running_mean.iter_mut().for_each(|mean| *mean -= node.args.momentum * *mean);
        self.running_var.iter_mut().for_each(|var| *var -= node.args.momentum * *var);
        for run in runs(node, n, lengths) {
            let shape = shape(run.input, 1);
            let count = shape.plane as f32;
            for x in x[run.x].chunks_exact(shape.channels * shape.plane) {
                let (mut mean, mut var) = ([0.0; T], [0.0; T]);
                kernel::moments(shape, x, &mut mean, &mut var);
                for c in 0..T {
                    self.running_mean[c] += part * mean[c];
                    self.running_var[c] += part * var[c] * count / (count - 1.0).max(1.0);
                }
            }
        }
    }
}

fn groups(node: &Node<Args>, run: &Run) -> Groups {
    let Channels { channels, plane, .. } = shape(run.input, 1);
    Groups { groups: channels, channels: 1, plane, eps: node.args.eps, centred: true }
}

fn shape(x: Shape, n: usize) -> Channels {
    Channels { n, channels: x.dim(0), plane: x.product(1, x.rank()) }
}
