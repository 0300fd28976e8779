//! `LayerNorm`: the numbers of each step brought to mean 0 and variance 1.

use rand_core::Rng;

use crate::cast::{self, Dims};
use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::io::safetensors::Dtype;
use crate::kernel::{self, Groups};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::positional;
use crate::shape::Shape;

/// `x: […, F]` → `y` of the same shape, `y = weight · (x − mean) / √(var + eps) + bias` with mean and variance of each row of `F`
/// numbers (Ba, Kiros and Hinton 2016). PyTorch's `nn.LayerNorm`.
///
/// `W` and `B` count the numbers of weight and bias, and may be 0; `N0` to `N3` are the sizes of the axes that a row has, 0 for those that
/// it has not.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct LayerNorm<
    const W: usize = 0,
    const B: usize = 0,
    const N0: usize = 0,
    const N1: usize = 0,
    const N2: usize = 0,
    const N3: usize = 0,
> {
    /// What each place of a row is multiplied by; 1 at first.
    pub weight: [f32; W],
    /// What is added to each place of a row; 0 at first.
    pub bias: [f32; B],
}

/// `LayerNorm(normalized_shape, eps = 1e-5, elementwise_affine = true, bias = true)`; `normalized_shape` is the last axis if left out.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    row: Row,
    eps: f32,
    elementwise_affine: bool,
    bias: bool,
}

impl LayerNorm {
    /// `LayerNorm`.
    pub const fn args() -> Args {
        Args { row: Row(None), eps: 1e-5, elementwise_affine: true, bias: true }
    }
}

positional!(
    Args,
    first = normalized_shape: impl Dims,
    second = eps: f32,
    third = elementwise_affine: bool,
    fourth = bias: bool,
);

impl Args {
    /// The sizes of the last axes, which are normalised together: `64` or `[8, 64]`. The last axis unless said otherwise.
    pub const fn normalized_shape<D: Dims>(mut self, normalized_shape: D) -> Self {
        self.row = Row(Some(cast::dims(normalized_shape)));
        self
    }
    /// What is added to the variance, so that it is never zero; 1e-5 unless said otherwise.
    pub const fn eps(mut self, eps: f32) -> Self {
        self.eps = eps;
        self
    }
    /// Whether there are a weight and a bias; yes unless said otherwise.
    pub const fn elementwise_affine(mut self, elementwise_affine: bool) -> Self {
        self.elementwise_affine = elementwise_affine;
        self
    }
    /// Whether there is a bias beside the weight; yes unless said otherwise.
    pub const fn bias(mut self, bias: bool) -> Self {
        self.bias = bias;
        self
    }

    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let row = self.row.of(x.shape(0));
        let w = if self.elementwise_affine { row.len() } else { 0 };
        let b = if self.bias { w } else { 0 };
        let positive = x.says().str("is given an eps that is not above 0");
        let [n0, n1, n2, n3] = sizes(row, w);
        self.row
            .check(Inferred::new(self, x, x.shape(0)).one_input())
            .argument(self.eps > 0.0, positive)
            .dims(&[w, b, n0, n1, n2, n3])
            .parameters(w + b)
            .macs(if w > 0 { x.shape(0).len() } else { 0 })
            .needs_x()
            .in_place()
    }
}

impl Kind for LayerNorm {
    type Args = Args;
    type Layer<
        const W: usize,
        const B: usize,
        const N0: usize,
        const N1: usize,
        const N2: usize,
        const N3: usize,
    > = LayerNorm<W, B, N0, N1, N2, N3>;
}

impl<
    const W: usize,
    const B: usize,
    const N0: usize,
    const N1: usize,
    const N2: usize,
    const N3: usize,
> Layer for LayerNorm<W, B, N0, N1, N2, N3>
{
    type Args = Args;
    const TENSORS: &'static [Tensor] = match (W, B) {
        (0, _) => &[],
        (_, 0) => &[Tensor {
            name: "weight",
            shape: shape([N0, N1, N2, N3]),
            trained: true,
            dtype: Dtype::F32,
        }],
        (_, _) => &[
            Tensor {
                name: "weight",
                shape: shape([N0, N1, N2, N3]),
                trained: true,
                dtype: Dtype::F32,
            },
            Tensor {
                name: "bias",
                shape: shape([N0, N1, N2, N3]),
                trained: true,
                dtype: Dtype::F32,
            },
        ],
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
        let x = (!call.in_place).then_some(call.x[0]);
        kernel::normalise(groups(node), x, &self.weight, &self.bias, call.y);
    }

    /// With `x̂ = (x − mean) / √(var + eps)`, `g = weight · dy` and means over a row:
    /// `dx += (g − mean(g) − x̂ · mean(g · x̂)) / √(var + eps)`, `dweight += Σ dy · x̂`, `dbias += Σ dy`.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        let (groups, [dx, ..], x) = (groups(node), call.dx, call.x[0]);
        let dy = dx.as_deref().filter(|_| call.in_place).unwrap_or(call.dy);
        if W > 0 {
            kernel::normalise_backward_weight(groups, x, dy, &mut grad.weight, &mut grad.bias);
        }
        if let Some(dx) = dx {
            let dy = (!call.in_place).then_some(call.dy);
            kernel::normalise_backward(groups, &self.weight, x, dy, dx);
        }
    }
}

fn groups(node: &Node<Args>) -> Groups {
    let channels = node.args.row.of(node.input).len();
    Groups { groups: 1, channels, plane: 1, eps: node.args.eps, centred: true }
}

/// The last axes, which are normalised together, as they are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row(pub Option<Shape>);

impl Row {
    /// What is normalised together of an input of this shape.
    pub(super) const fn of(self, x: Shape) -> Shape {
        match self.0 {
            Some(row) => row,
            None if x.rank() == 0 => x,
            None => Shape::of(&[x.dim(x.rank() - 1)]),
        }
    }

    /// Faults `inferred` unless these are its input's last axes.
    pub(super) const fn check<A: Copy>(self, inferred: Inferred<A>) -> Inferred<A> {
        let (x, shape) = (inferred.inputs, inferred.inputs.shape(0));
        let inferred = inferred
            .check(shape.rank() > 0, x.but_gives(x.says().str("takes an input with an axis"), 0));
        let inferred = inferred.along(shape.rank().saturating_sub(self.of(shape).rank()));
        let Some(row) = self.0 else { return inferred };
        let (mut fits, mut i) = (row.rank() <= shape.rank(), 0);
        while fits && i < row.rank() {
            fits = row.dim(i) == shape.dim(shape.rank() - row.rank() + i);
            i += 1;
        }
        let says = x.says().str("is said to normalise over ").shape(&row);
        let says = x.but_gives(says, 0).str("; write its last sizes, or leave it out");
        inferred.check(fits, says)
    }
}

/// The sizes of a row as const arguments, all 0 where there is no weight: nothing of the layer's type depends on them then.
pub(super) const fn sizes(row: Shape, weights: usize) -> [usize; 4] {
    let (mut sizes, mut i) = ([0; 4], 0);
    while weights > 0 && i < row.rank() {
        sizes[i] = row.dim(i);
        i += 1;
    }
    sizes
}

/// The shape that was [`sizes`] before.
pub(super) const fn shape(sizes: [usize; 4]) -> Shape {
    let mut rank = 0;
    while rank < 4 && sizes[rank] > 0 {
        rank += 1;
    }
    Shape::of(sizes.split_at(rank).0)
}
