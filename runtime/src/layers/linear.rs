//! `Linear`: `y = W x + b`.

use rand_core::Rng;

use crate::infer::{EndsIn, Inferred, Inputs, Node};
use crate::init;
use crate::kernel::int8::{dense_scratch, pack};
use crate::kernel::{
    Formula, Matrix, Order, Vector, affine, each, gemm, gemm_bias, gemm_packed, sum_rows,
};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::positional;
use crate::shape::Shape;
#[cfg(feature = "std")]
use crate::{
    kernel::{pack_panels, packed_len, row_packed},
    pack::Pack,
};

/// `x: [I]` → `y: [O]`, or `[T, I]` → `[T, O]` row by row, `y = W x + b`. PyTorch's `nn.Linear`; `B` is `O`, or 0 without a bias.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Linear<const I: usize = 0, const O: usize = 0, const B: usize = 0> {
    /// `W`.
    pub weight: [[f32; I]; O],
    /// `b`.
    pub bias: [f32; B],
}

/// `Linear(out_features, bias = true)`, or `Linear(in_features -> out_features)`. `bias` needs its name.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    in_features: Option<usize>,
    out_features: usize,
    bias: bool,
}

impl Linear {
    /// `Linear`, with its arguments to follow.
    pub const fn args() -> Args {
        Args { in_features: None, out_features: 0, bias: true }
    }
}

positional!(Args, before_arrow = in_features: usize, first = out_features: usize);

impl Args {
    /// Numbers that come out.
    pub const fn out_features(mut self, out_features: usize) -> Self {
        self.out_features = out_features;
        self
    }
    /// Whether `b` is added; yes unless said otherwise.
    pub const fn bias(mut self, bias: bool) -> Self {
        self.bias = bias;
        self
    }

    /// States what comes in, to be checked.
    pub const fn in_features(mut self, in_features: usize) -> Self {
        self.in_features = Some(in_features);
        self
    }

    /// `[I]` → `[O]`, `[T, I]` → `[T, O]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (shape, o) = (x.shape(0), self.out_features);
        let b = if self.bias { o } else { 0 };
        let inferred = match shape.rank() {
            // How many rows there are follows from what comes in.
            2 => Inferred::new(self, x, shape.with(1, o)).one_input().along(1).stated(
                self.in_features,
                "features",
                shape.dim(1),
            ),
            _ => Inferred::new(self, x, Shape::of(&[o]))
                .one_input()
                .rank(1, "put `Flatten` before it")
                .step_by_step()
                .stated(self.in_features, "features", shape.len())
                .certain()
                .ends(if cfg!(feature = "std") { EndsIn::Map } else { EndsIn::Nothing }),
        };
        let (rows, i) = match shape.rank() {
            2 => (shape.dim(0), shape.dim(1)),
            _ => (1, shape.len()),
        };
        inferred
            .required("out_features", o)
            .dims(&[i, o, b])
            .parameters(i.saturating_mul(o).saturating_add(b))
            .macs(rows.saturating_mul(i).saturating_mul(o))
            .needs_x()
            .int8([pack::rows(o, i), o], dense_scratch(i))
    }
}

impl Kind for Linear {
    type Args = Args;
    type Layer<
        const I: usize,
        const O: usize,
        const B: usize,
        const D: usize,
        const E: usize,
        const F: usize,
    > = Linear<I, O, B>;
}

impl<const I: usize, const O: usize, const B: usize> Layer for Linear<I, O, B> {
    type Args = Args;
    const TENSORS: &'static [Tensor] = match B {
        0 => &[Tensor::parameter("weight", &[O, I])],
        _ => &[Tensor::parameter("weight", &[O, I]), Tensor::parameter("bias", &[O])],
    };
    const WRITES_DX: bool = true;
    const WRITES_GRAD: bool = true;

    fn tensor(&self, i: usize) -> &[f32] {
        if i == 0 { self.weight.as_flattened() } else { &self.bias }
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
        if i == 0 { self.weight.as_flattened_mut() } else { &mut self.bias }
    }

    fn init(&mut self, _: &Node<Args>, rng: &mut dyn Rng) {
        init::fan_in_uniform(self.weight.as_flattened_mut(), I, rng);
        init::fan_in_uniform(&mut self.bias, I, rng);
    }

    /// `Y = X Wᵀ + b`, a row for each sample or each of its steps.
    #[inline(always)]
    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        if let Some(call) = self.one_row(node, call, &AsItIs) {
            self.rows(node, call);
        }
    }

    #[inline(always)]
    fn forward_before<M: Layer>(&self, node: &Node<Args>, call: Forward<'_>, next: &Node<M::Args>) {
        if let Some(call) = self.one_row(node, call, &Map::<M>(next)) {
            self.rows_before::<M>(node, call, next);
        }
    }

    #[cfg(feature = "std")]
    fn pack(&self, _: &Node<Args>) -> Pack {
        self.pack_for_rows()
    }

    fn forward_training(&mut self, _: &Node<Args>, call: Forward<'_>) {
        self.apply(Order::Free, call.x[0], call.y);
    }

    /// `dX += dY W`, `dW += dYᵀ X`, `db += Σ dY`.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        self.gradients(call.x[0], call.dy, call.adds, grad);
        self.backward_to_input(node, call, grad);
    }

    fn backward_to_input(&self, _: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        if let [Some(dx), ..] = call.dx {
            self.input_gradient(call.dy, if call.writing.is_first() { 0.0 } else { 1.0 }, dx);
        }
    }
}

impl<const I: usize, const O: usize, const B: usize> Linear<I, O, B> {
    /// Whether one row has a kernel for its sizes: where calls and loops would take more time than the arithmetic. It takes flash, which
    /// a microcontroller has not.
    const IS_SMALL: bool = I <= 64 && I * O <= 4096 && crate::plan::ALIGN > 1;

    /// Forward, and `f` of each number, where a single row comes in; gives the call back where there is no kernel for one.
    #[inline(always)]
    fn one_row<'a>(
        &self,
        node: &Node<Args>,
        call: Forward<'a>,
        f: &impl Formula<1, 0>,
    ) -> Option<Forward<'a>> {
        let (x, order) = (call.x[0], call.lengths.order(&node.input));
        if order == Order::ManyRows || x.len() != I {
            return Some(call);
        }
        #[cfg(feature = "std")]
        if let (Order::Free, Some(packed)) = (order, call.packed.numbers()) {
            match (const { Self::IS_SMALL }, x.as_array::<I>(), call.y.as_mut_array::<O>()) {
                (true, Some(x), Some(y)) => row_packed(x, packed, &self.bias, y, f),
                _ => row_packed(x, packed, &self.bias, call.y, f),
            }
            return None;
        }
        match (const { Self::IS_SMALL }, x.as_array(), call.y.as_mut_array()) {
            (true, Some(x), Some(y)) => affine(&self.weight, &self.bias, x, y, f),
            _ => return Some(call),
        }
        None
    }

    /// Forward. Apart, so that a pass of single rows stays small; but in firmware, where the compiler knows all sizes, it is smaller as a part.
    #[cfg_attr(feature = "std", inline(never))]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn rows(&self, node: &Node<Args>, call: Forward<'_>) {
        let order = call.lengths.order(&node.input);
        self.apply_packed(call.packed.numbers(), order, call.x[0], call.y);
    }

    /// Forward, and then what `M` makes of each number.
    #[cfg_attr(feature = "std", inline(never))]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn rows_before<M: Layer>(&self, node: &Node<Args>, call: Forward<'_>, next: &Node<M::Args>) {
        let order = call.lengths.order(&node.input);
        self.apply_packed(call.packed.numbers(), order, call.x[0], call.y);
        each([call.y], [], &Map::<M>(next));
    }

    /// What is made of the rows of `x`.
    pub(super) fn apply(&self, order: Order, x: &[f32], y: &mut [f32]) {
        self.apply_packed(None, order, x, y);
    }

    /// The same, where the weight may be packed, as [`pack_for_rows`](Self::pack_for_rows) does it.
    pub(super) fn apply_packed(
        &self,
        packed: Option<&[f32]>,
        order: Order,
        x: &[f32],
        y: &mut [f32],
    ) {
        let x = Matrix::new(x, x.len() / I.max(1), I);
        match packed {
            Some(packed) if order != Order::OneRow => {
                gemm_packed(x, packed, [I, O], &self.bias, y);
            }
            _ => gemm_bias(order, x, self.weights(), &self.bias, y),
        }
    }

    /// Packs the weight for many rows.
    #[cfg(feature = "std")]
    pub(super) fn pack_for_rows(&self) -> Pack {
        Pack::new(packed_len(I, O), |to| pack_panels(self.weights(), to))
    }

    /// `Wᵀ`.
    fn weights(&self) -> Matrix<'_> {
        Matrix::new(self.weight.as_flattened(), O, I).t()
    }

    /// Adds to `dx` and to `grad` what follows from the rows of `dy`.
    pub(super) fn add_gradients(
        &self,
        x: &[f32],
        dy: &[f32],
        dx: Option<&mut [f32]>,
        grad: &mut Self,
    ) {
        if let Some(dx) = dx {
            self.input_gradient(dy, 1.0, dx);
        }
        self.gradients(x, dy, true, grad);
    }

    /// `dW ← dYᵀ X`, `db ← Σ dY`, or it `adds` that.
    fn gradients(&self, x: &[f32], dy: &[f32], adds: bool, grad: &mut Self) {
        let rows = x.len() / I.max(1);
        let (weight, beta) = (grad.weight.as_flattened_mut(), if adds { 1.0 } else { 0.0 });
        gemm(Matrix::new(dy, rows, O).t(), Matrix::new(x, rows, I), beta, weight, I);
        if B > 0 {
            if !adds {
                grad.bias.fill(0.0);
            }
            sum_rows(dy, &mut grad.bias);
        }
    }

    /// `dx ← beta · dx`, and what follows from the rows of `dy`.
    pub(super) fn input_gradient(&self, dy: &[f32], beta: f32, dx: &mut [f32]) {
        let weight = Matrix::new(self.weight.as_flattened(), O, I);
        gemm(Matrix::new(dy, dy.len() / O.max(1), O), weight, beta, dx, I);
    }
}

/// Numbers stay as they are.
struct AsItIs;

impl Formula<1, 0> for AsItIs {
    #[inline(always)]
    fn at<V: Vector>(&self, [x]: [V; 1], []: [V; 0]) -> [V; 1] {
        [x]
    }
}

/// What the layer `M` makes of each number.
struct Map<'a, M: Layer>(&'a Node<M::Args>);

impl<M: Layer> Formula<1, 0> for Map<'_, M> {
    #[inline(always)]
    fn at<V: Vector>(&self, [x]: [V; 1], []: [V; 0]) -> [V; 1] {
        [M::map(self.0, x)]
    }
}
