//! `PReLU`: a ReLU whose slope below zero is trained.

use rand_core::Rng;

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel::{Formula, Vector, each};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::positional;

/// `x: [C, …]` → `y: [C, …]`, `y = x` where `x > 0`, else `a x`, with one `a` for all (`N = 1`) or one for each channel
/// (He et al. 2015). PyTorch's `nn.PReLU`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct PReLU<const N: usize = 0> {
    /// `a`.
    pub weight: [f32; N],
}

/// `PReLU(num_parameters = 1, init = 0.25)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    num_parameters: usize,
    init: f32,
}

impl PReLU {
    /// `PReLU`.
    pub const fn args() -> Args {
        Args { num_parameters: 1, init: 0.25 }
    }
}

positional!(Args, first = num_parameters: usize, second = init: f32);

impl Args {
    /// 1, which it is unless said otherwise, or the number of channels.
    pub const fn num_parameters(mut self, num_parameters: usize) -> Self {
        self.num_parameters = num_parameters;
        self
    }
    /// The first value of `a`; 0.25 unless said otherwise.
    pub const fn init(mut self, init: f32) -> Self {
        self.init = init;
        self
    }

    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (n, channels) = (self.num_parameters, x.shape(0).dim(0));
        let says = x.says().str("is given num_parameters = ").num(n);
        Inferred::new(self, x, x.shape(0))
            .one_input()
            .check(
                n == 1 || n == channels,
                x.but_gives(says, 0).str("; it takes 1, or the number of channels, ").num(channels),
            )
            .dims(&[n])
            .parameters(n)
            .needs_x()
    }
}

impl Kind for PReLU {
    type Args = Args;
    type Layer<
        const N: usize,
        const B: usize,
        const C: usize,
        const D: usize,
        const E: usize,
        const F: usize,
    > = PReLU<N>;
}

impl<const N: usize> Layer for PReLU<N> {
    type Args = Args;
    const TENSORS: &'static [Tensor] = &[Tensor::parameter("weight", &[N])];

    fn tensor(&self, _: usize) -> &[f32] {
        &self.weight
    }
    fn tensor_mut(&mut self, _: usize) -> &mut [f32] {
        &mut self.weight
    }

    fn init(&mut self, node: &Node<Args>, _: &mut dyn Rng) {
        self.weight.fill(node.args.init);
    }

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let plane = plane::<N>(node);
        let planes = call.x[0].chunks_exact(plane).zip(call.y.chunks_exact_mut(plane));
        for (i, (x, y)) in planes.enumerate() {
            each([y], [x], &Value(self.weight[i % N]));
        }
    }

    /// `dx += dy` where `x > 0`, else `a dy`; `da += Σ x dy` over `x ≤ 0`.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        let (plane, [mut dx, ..]) = (plane::<N>(node), call.dx);
        let planes = call.x[0].chunks_exact(plane).zip(call.dy.chunks_exact(plane));
        for (i, (x, dy)) in planes.enumerate() {
            let below = x.iter().zip(dy).filter(|(x, _)| **x <= 0.0);
            grad.weight[i % N] += below.map(|(x, dy)| x * dy).sum::<f32>();
            if let Some(dx) = &mut dx {
                each([&mut dx[i * plane..][..plane]], [x, dy], &Slope(self.weight[i % N]));
            }
        }
    }
}

/// Numbers that share a parameter.
fn plane<const N: usize>(node: &Node<Args>) -> usize {
    node.input.len() / N
}

struct Value(f32);

impl Formula<1, 1> for Value {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 1], [x]: [V; 1]) -> [V; 1] {
        [x.where_greater(V::splat(0.0), x, V::splat(self.0) * x)]
    }
}

struct Slope(f32);

impl Formula<1, 2> for Slope {
    #[inline(always)]
    fn at<V: Vector>(&self, [dx]: [V; 1], [x, dy]: [V; 2]) -> [V; 1] {
        let slope = x.where_greater(V::splat(0.0), V::splat(1.0), V::splat(self.0));
        [slope.mul_add(dy, dx)]
    }
}
