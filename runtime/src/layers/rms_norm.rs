//! `RMSNorm`: the numbers of each step brought to a mean square of 1.

use rand_core::Rng;

use crate::cast::{self, Dims};
use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::io::safetensors::Dtype;
use crate::kernel::{self, Groups};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::layers::layer_norm::{Row, shape, sizes};
use crate::positional;

/// `x: […, F]` → `y` of the same shape, `y = weight · x / √(mean(x²) + eps)` with the mean of each row of `F` numbers (Zhang and
/// Sennrich 2019). PyTorch's `nn.RMSNorm`.
///
/// `W` counts the numbers of the weight, and may be 0; `N0` to `N3` are the sizes of the axes that a row has, 0 for those that it has not.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct RMSNorm<
    const W: usize = 0,
    const N0: usize = 0,
    const N1: usize = 0,
    const N2: usize = 0,
    const N3: usize = 0,
> {
    /// What each place of a row is multiplied by; 1 at first.
    pub weight: [f32; W],
}

/// `RMSNorm(normalized_shape, eps = 1.1920929e-7, elementwise_affine = true)`; `normalized_shape` is the last axis if left out.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    row: Row,
    eps: f32,
    elementwise_affine: bool,
}

impl RMSNorm {
    /// `RMSNorm`.
    pub const fn args() -> Args {
        Args { row: Row(None), eps: f32::EPSILON, elementwise_affine: true }
    }
}

positional!(
    Args,
    first = normalized_shape: impl Dims,
    second = eps: f32,
    third = elementwise_affine: bool,
);

impl Args {
    /// The sizes of the last axes, which are normalised together: `64` or `[8, 64]`. The last axis unless said otherwise.
    pub const fn normalized_shape<D: Dims>(mut self, normalized_shape: D) -> Self {
        self.row = Row(Some(cast::dims(normalized_shape)));
        self
    }
    /// What is added to the mean square, so that it is never zero; [`f32::EPSILON`] unless said otherwise.
    pub const fn eps(mut self, eps: f32) -> Self {
        self.eps = eps;
        self
    }
    /// Whether there is a weight; yes unless said otherwise.
    pub const fn elementwise_affine(mut self, elementwise_affine: bool) -> Self {
        self.elementwise_affine = elementwise_affine;
        self
    }

    /// The output has the shape of the input.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let row = self.row.of(x.shape(0));
        let w = if self.elementwise_affine { row.len() } else { 0 };
        let positive = x.says().str("is given an eps that is not above 0");
        let [n0, n1, n2, n3] = sizes(row, w);
        self.row
            .check(Inferred::new(self, x, x.shape(0)).one_input())
            .argument(self.eps > 0.0, positive)
            .dims(&[w, n0, n1, n2, n3])
            .parameters(w)
            .macs(if w > 0 { x.shape(0).len() } else { 0 })
            .needs_x()
            .in_place()
    }
}

impl Kind for RMSNorm {
    type Args = Args;
    type Layer<
        const W: usize,
        const N0: usize,
        const N1: usize,
        const N2: usize,
        const N3: usize,
        const X: usize,
    > = RMSNorm<W, N0, N1, N2, N3>;
}

impl<const W: usize, const N0: usize, const N1: usize, const N2: usize, const N3: usize> Layer
    for RMSNorm<W, N0, N1, N2, N3>
{
    type Args = Args;
    const TENSORS: &'static [Tensor] = match W {
        0 => &[],
        _ => &[Tensor {
            name: "weight",
            shape: shape([N0, N1, N2, N3]),
            trained: true,
            dtype: Dtype::F32,
        }],
    };

    fn tensor(&self, _: usize) -> &[f32] {
        &self.weight
    }
    fn tensor_mut(&mut self, _: usize) -> &mut [f32] {
        &mut self.weight
    }

    fn init(&mut self, _: &Node<Args>, _: &mut dyn Rng) {
        init::ones(&mut self.weight);
    }

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let x = (!call.in_place).then_some(call.x[0]);
        kernel::normalise(groups(node), x, &self.weight, &[], call.y);
    }

    /// With `r = 1 / √(mean(x²) + eps)`, `x̂ = x · r`, `g = weight · dy` and means over a row:
    /// `dx += r (g − x̂ · mean(g · x̂))`, `dweight += Σ dy · x̂`.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        let (groups, [dx, ..], x) = (groups(node), call.dx, call.x[0]);
        let dy = dx.as_deref().filter(|_| call.in_place).unwrap_or(call.dy);
        if W > 0 {
            kernel::normalise_backward_weight(groups, x, dy, &mut grad.weight, &mut []);
        }
        if let Some(dx) = dx {
            let dy = (!call.in_place).then_some(call.dy);
            kernel::normalise_backward(groups, &self.weight, x, dy, dx);
        }
    }
}

fn groups(node: &Node<Args>) -> Groups {
    let channels = node.args.row.of(node.input).len();
    Groups { groups: 1, channels, plane: 1, eps: node.args.eps, centred: false }
}
