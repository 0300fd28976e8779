//! `GroupNorm`: groups of channels of each sample brought to mean 0 and variance 1.

use rand_core::Rng;

use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::kernel::Groups;
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::layers::group_wise;
use crate::layers::runs::Run;
use crate::positional;

/// `x: [C, …]` → `y` of the same shape, `y = weight · (x − mean) / √(var + eps) + bias` with mean and variance of each of
/// `num_groups` groups of channels in each sample, and a weight and a bias for each channel (Wu and He 2018). PyTorch's `nn.GroupNorm`.
///
/// `A` is `C`, or 0 without `affine`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct GroupNorm<const A: usize = 0> {
    /// What each channel is multiplied by; 1 at first.
    pub weight: [f32; A],
    /// What is added to each channel; 0 at first.
    pub bias: [f32; A],
}

/// `GroupNorm(num_groups, num_channels, eps = 1e-5, affine = true)`; `num_channels` may be left out.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    num_groups: usize,
    num_channels: Option<usize>,
    eps: f32,
    affine: bool,
}

impl GroupNorm {
    /// `GroupNorm`, with its arguments to follow.
    pub const fn args() -> Args {
        Args { num_groups: 0, num_channels: None, eps: 1e-5, affine: true }
    }
}

positional!(
    Args,
    first = num_groups: usize,
    second = num_channels: usize,
    third = eps: f32,
    fourth = affine: bool,
);

impl Args {
    /// How many groups the channels are divided into.
    pub const fn num_groups(mut self, num_groups: usize) -> Self {
        self.num_groups = num_groups;
        self
    }
    /// States how many channels come in, to be checked.
    pub const fn num_channels(mut self, num_channels: usize) -> Self {
        self.num_channels = Some(num_channels);
        self
    }
    /// What is added to the variance, so that it is never zero; 1e-5 unless said otherwise.
    pub const fn eps(mut self, eps: f32) -> Self {
        self.eps = eps;
        self
    }
    /// Whether there are a weight and a bias; yes unless said otherwise.
    pub const fn affine(mut self, affine: bool) -> Self {
        self.affine = affine;
        self
    }

    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (shape, groups) = (x.shape(0), self.num_groups);
        let c = shape.dim(0);
        let a = if self.affine { c } else { 0 };
        let axis = x.but_gives(x.says().str("takes an input with channels"), 0);
        let divides = x.says().str("is given num_groups = ").num(groups);
        let divides = x.but_gives(divides, 0).str("; it has to divide the channels, ").num(c);
        let positive = x.says().str("is given an eps that is not above 0");
        Inferred::new(self, x, shape)
            .one_input()
            .check(shape.rank() > 0, axis)
            .channels_first()
            .required("num_groups", groups)
            .stated(self.num_channels, "channels", c)
            .check(groups == 0 || c.is_multiple_of(groups), divides)
            .argument(self.eps > 0.0, positive)
            .dims(&[a])
            .parameters(2 * a)
            .macs(if self.affine { shape.len() } else { 0 })
            .needs_x()
            .in_place()
    }
}

impl Kind for GroupNorm {
    type Args = Args;
    type Layer<
        const A: usize,
        const B: usize,
        const C: usize,
        const D: usize,
        const E: usize,
        const F: usize,
    > = GroupNorm<A>;
}

impl<const A: usize> Layer for GroupNorm<A> {
    type Args = Args;
    const TENSORS: &'static [Tensor] = match A {
        0 => &[],
        _ => &[Tensor::parameter("weight", &[A]), Tensor::parameter("bias", &[A])],
    };

    fn tensor(&self, i: usize) -> &[f32] {
        if i == 0 { &self.weight } else { &self.bias }
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
        if i == 0 { &mut self.weight } else { &mut self.bias }
    }

    fn init(&mut self, _: &Node<Args>, _: &mut dyn Rng) {
        init::ones(&mut self.weight);
        init::zeros(&mut self.bias);
    }

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        group_wise::forward(node, call, groups, &self.weight, &self.bias);
    }

    /// As for [`LayerNorm`](super::LayerNorm), with means over a group.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        let grads = [&mut grad.weight[..], &mut grad.bias];
        group_wise::backward(node, call, groups, &self.weight, grads);
    }
}

fn groups(node: &Node<Args>, run: &Run) -> Groups {
    let (x, groups) = (run.input, node.args.num_groups);
    let (channels, plane) = (x.dim(0) / groups.max(1), x.product(1, x.rank()));
    Groups { groups, channels, plane, eps: node.args.eps, centred: true }
}
