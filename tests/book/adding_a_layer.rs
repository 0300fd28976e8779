//! A layer of one's own: root-mean-square normalisation, PyTorch's `nn.RMSNorm`.

// ANCHOR: use
use firmnet::infer::{Inferred, Inputs, Node};
use firmnet::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use firmnet::network::Rng;
use firmnet::prelude::*;
// ANCHOR_END: use
use rand::SeedableRng;

// ANCHOR: struct
/// `x: [N]` → `y: [N]`, `y = w · x / r` with `r = √(mean(x²) + ε)`.
#[derive(Clone, Copy, FromBytes)]
#[repr(C)]
pub struct RmsNorm<const N: usize = 0> {
    /// `w`, one factor for each number.
    pub weight: [f32; N],
}
// ANCHOR_END: struct

// ANCHOR: arguments
/// `RmsNorm`, or `RmsNorm(eps = 1e-5)`.
#[derive(Clone, Copy)]
pub struct Args {
    eps: f32,
}

impl RmsNorm {
    /// `RmsNorm`.
    pub const fn args() -> Args {
        Args { eps: f32::EPSILON }
    }
}

impl Args {
    /// What is added before the root is taken.
    pub const fn eps(self, eps: f32) -> Args {
        Args { eps }
    }
}

firmnet::positional!(Args, first = eps: f32);
// ANCHOR_END: arguments

// ANCHOR: infer
impl Args {
    /// `[N]` → `[N]`.
    pub const fn infer(self, x: Inputs) -> Inferred<Args> {
        let n = x.shape(0).len();
        Inferred::new(self, x, x.shape(0))
            .one_input()
            .rank(1, "put `Flatten` before it")
            .dims(&[n])
            .parameters(n)
            .macs(n)
            .needs_x()
            .kept(1)
    }
}
// ANCHOR_END: infer

// ANCHOR: kind
impl Kind for RmsNorm {
    type Args = Args;
    type Layer<
        const N: usize,
        const B: usize,
        const C: usize,
        const D: usize,
        const E: usize,
        const F: usize,
    > = RmsNorm<N>;
}
// ANCHOR_END: kind

// ANCHOR: parameters
impl<const N: usize> Layer for RmsNorm<N> {
    type Args = Args;
    const TENSORS: &'static [Tensor] = &[Tensor::parameter("weight", &[N])];

    fn tensor(&self, _: usize) -> &[f32] {
        &self.weight
    }
    fn tensor_mut(&mut self, _: usize) -> &mut [f32] {
        &mut self.weight
    }
    fn init(&mut self, _: &Node<Args>, _: &mut dyn Rng) {
        self.weight = [1.0; N];
    }
    // ANCHOR_END: parameters

    // ANCHOR: forward
    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        for (x, y) in call.x[0].chunks_exact(N).zip(call.y.chunks_exact_mut(N)) {
            self.normalise(1.0 / rms(x, node.args.eps), x, y);
        }
    }

    /// As in use, and keeps `1 / r` of each sample.
    fn forward_training(&mut self, node: &Node<Args>, call: Forward<'_>) {
        let samples = call.x[0].chunks_exact(N).zip(call.y.chunks_exact_mut(N));
        for ((x, y), kept) in samples.zip(call.kept) {
            *kept = 1.0 / rms(x, node.args.eps);
            self.normalise(*kept, x, y);
        }
    }
    // ANCHOR_END: forward

    // ANCHOR: backward
    /// With `s = 1 / r` and `x̂ = s x`: `dw += dy · x̂`, `dx += s (w · dy − x̂ mean(w · dy · x̂))`.
    fn backward(&self, _: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        let [mut dx, ..] = call.dx;
        for (i, &s) in call.kept.iter().enumerate() {
            let sample = i * N..(i + 1) * N;
            let (x, dy) = (&call.x[0][sample.clone()], &call.dy[sample.clone()]);
            let mut mean = 0.0;
            for j in 0..N {
                grad.weight[j] += dy[j] * s * x[j];
                mean += self.weight[j] * dy[j] * s * x[j] / N as f32;
            }
            if let Some(dx) = &mut dx {
                for (j, dx) in dx[sample].iter_mut().enumerate() {
                    *dx += s * (self.weight[j] * dy[j] - s * x[j] * mean);
                }
            }
        }
    }
}
// ANCHOR_END: backward

// ANCHOR: formula
impl<const N: usize> RmsNorm<N> {
    fn normalise(&self, s: f32, x: &[f32], y: &mut [f32]) {
        for ((y, x), w) in y.iter_mut().zip(x).zip(&self.weight) {
            *y = w * s * x;
        }
    }
}

fn rms(x: &[f32], eps: f32) -> f32 {
    let squares: f32 = x.iter().map(|x| x * x).sum();
    (squares / x.len() as f32 + eps).sqrt()
}
// ANCHOR_END: formula

// ANCHOR: network
network! {
    /// A network in which it stands like any other.
    struct Normed: [3] -> [2] {
        fc1: Linear(4), ReLU,
        norm: RmsNorm(eps = 1e-5),
        fc2: Linear(2),
    }
}

const _: () = assert!(Normed::PARAMETERS == (3 * 4 + 4) + 4 + (4 * 2 + 2));
// ANCHOR_END: network

// ANCHOR: differences
/// The gradient of every parameter is what the loss does when the parameter moves a little.
#[test]
fn its_gradient_is_the_slope() {
    let mut rng = rand::rngs::StdRng::seed_from_u64(2);
    let (mut net, mut memory) = (Normed::boxed(&mut rng), Workspace::new());
    let (x, target) = ([[0.3, -0.8, 0.5], [0.9, 0.1, -0.4]], [[1.0, 0.0], [0.0, 2.0]]);

    let mut grad = Normed::ZERO;
    let mut pass = net.forward_training(&x, &mut memory, &mut rng);
    pass.loss(&MseLoss::new(), &target);
    pass.backward(&net, &mut grad);

    let mut loss = |net: &Normed| {
        let y = net.forward_batch(&x, &mut memory);
        f64::from(MseLoss::new().value(y, &target))
    };
    for i in 0..Normed::TENSORS.len() {
        for j in 0..net.tensor(i).len() {
            let (p, h) = (net.tensor(i)[j], 2e-3);
            net.tensor_mut(i)[j] = p + h;
            let above = loss(&net);
            net.tensor_mut(i)[j] = p - h;
            let slope = (above - loss(&net)) / f64::from(2.0 * h);
            net.tensor_mut(i)[j] = p;
            let (name, grad) = (Normed::TENSORS[i].name, f64::from(grad.tensor(i)[j]));
            assert!((grad - slope).abs() < 1e-3, "{name}[{j}]: {grad} and {slope}");
        }
    }
}
// ANCHOR_END: differences

/// What PyTorch gives: `torch.nn.RMSNorm(3, eps=1e-5)(torch.tensor([1., 2., 3.]))`, with the weight set to 1, 1, 2.
#[test]
fn it_is_pytorchs() {
    network! { struct Alone: [3] -> [3] { norm: RmsNorm(eps = 1e-5) } }
    let mut net = Alone::ZERO;
    net.norm.weight = [1.0, 1.0, 2.0];
    let mut memory = Alone::workspace();
    let y = net.forward(&[1.0, 2.0, 3.0], &mut memory);
    for (y, expected) in y.iter().zip([0.462_909_55, 0.925_819_1, 2.777_457_2]) {
        assert!((y - expected).abs() < 1e-6);
    }
}
