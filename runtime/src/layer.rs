//! What a layer is: to the compiler ([`Kind`]) and to the program ([`Layer`]).

use rand_core::Rng;

use crate::bits;
pub use crate::bits::FromBytes;
use crate::infer::{MAX_INPUTS, Node};
use crate::io::safetensors::Dtype;
use crate::kernel::{Ending, Vector, Writing};
use crate::length::Lengths;
#[cfg(feature = "std")]
use crate::pack::Pack;
use crate::pack::PackRef;
use crate::shape::Shape;

/// What a keyword of `network!` stands for: how its layer's type follows from what the shape rule says.
///
/// The keyword is the layer's own type with its const arguments left out, as `Linear` for `Linear<0, 0, 0>`. Beside this
/// trait it has an associated `const fn args()` that gives [`Args`](Kind::Args), all at their defaults, which in turn has a `const fn`
/// for each argument and the shape rule `const fn infer(self, inputs: Inputs) -> Inferred<Self>`. Which arguments may stand without
/// their name, [`positional!`](macro@crate::positional) says.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    note = "a layer implements `firmnet::layer::Kind`; the layers of firmnet come with `use firmnet::prelude::*;`"
)]
pub trait Kind {
    /// The arguments, as written in the declaration.
    type Args: Copy;
    /// The layer with the const arguments that its shape rule found.
    type Layer<
        const A: usize,
        const B: usize,
        const C: usize,
        const D: usize,
        const E: usize,
        const F: usize,
    >: Layer<Args = Self::Args>;
}

/// A layer to the program: a struct that holds its parameters, and nothing else, as arrays of `f32`.
///
/// It is `#[repr(C)]`, its fields are in the order of [`TENSORS`](Layer::TENSORS), and it derives [`FromBytes`].
pub trait Layer: FromBytes + Send + Sync + 'static {
    /// The arguments, as written in the declaration.
    type Args: Copy + Sync;

    /// All parameters zero.
    const ZERO: Self = bits::zero();
    /// What the parameters are called and how they are shaped, in memory order.
    const TENSORS: &'static [Tensor] = &[];
    /// Whether [`backward`](Layer::backward) heeds [`Backward::writing`]: a gradient that is written needs not be cleared before, nor read.
    const WRITES_DX: bool = false;
    /// Whether [`backward`](Layer::backward) heeds [`Backward::adds`]: the same of the gradients of the parameters.
    const WRITES_GRAD: bool = false;

    /// The numbers of tensor `i` of [`TENSORS`](Layer::TENSORS).
    fn tensor(&self, i: usize) -> &[f32] {
        let _ = i;
        &[]
    }
    /// As [`tensor`](Layer::tensor), to write to.
    fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
        let _ = i;
        &mut []
    }

    /// Sets every parameter as PyTorch does when it makes the layer.
    fn init(&mut self, node: &Node<Self::Args>, rng: &mut dyn Rng) {
        let _ = (node, rng);
    }

    /// Writes `y` for a batch, as in use after training.
    fn forward(&self, node: &Node<Self::Args>, call: Forward<'_>);

    /// The parameters in the order in which [`forward`](Layer::forward) reads them, where it has one of its own.
    #[cfg(feature = "std")]
    fn pack(&self, node: &Node<Self::Args>) -> Pack {
        let _ = node;
        Pack::default()
    }

    /// Where the shape rule says so ([`Inferred::factors`](crate::infer::Inferred::factors)): shows `see` the numbers by which this layer, in use,
    /// multiplies each channel, and those that it adds.
    fn factors<T>(&self, node: &Node<Self::Args>, see: impl FnOnce([&[f32]; 2]) -> T) -> T {
        let _ = node;
        see([&[]; 2])
    }

    /// Where the shape rule says so ([`Inferred::maps`](crate::infer::Inferred::maps)): what comes out for the numbers `x`.
    #[inline(always)]
    fn map<V: Vector>(node: &Node<Self::Args>, x: V) -> V {
        let _ = node;
        x
    }

    /// As [`forward`](Layer::forward), and then the function of each number that `M` is at `next` ([`map`](Layer::map)). A layer that says that it
    /// ends in one ([`EndsIn::Map`](crate::infer::EndsIn::Map)) saves a pass over `y`.
    #[inline(always)]
    fn forward_before<M: Layer>(
        &self,
        node: &Node<Self::Args>,
        call: Forward<'_>,
        next: &Node<M::Args>,
    ) {
        let _ = next;
        self.forward(node, call);
    }

    /// Writes `y` for a batch, as in training, and what [`backward`](Layer::backward) will need beside `x` and `y`.
    fn forward_training(&mut self, node: &Node<Self::Args>, call: Forward<'_>) {
        self.forward(node, call);
    }

    /// Adds to `dx` and to `grad` what follows from `dy`.
    fn backward(&self, node: &Node<Self::Args>, call: Backward<'_>, grad: &mut Self);

    /// Adds to `dx` alone. A layer that cannot do one without the other adds to `grad`, too, where nobody looks.
    fn backward_to_input(&self, node: &Node<Self::Args>, call: Backward<'_>, grad: &mut Self) {
        self.backward(node, call, grad);
    }
}

/// One named tensor of a layer or a network.
#[derive(Clone, Copy, Debug)]
pub struct Tensor<Name = &'static str> {
    /// PyTorch's name: `weight` in a layer, `conv1.weight` in a network.
    pub name: Name,
    /// PyTorch's shape.
    pub shape: Shape,
    /// Whether it is trained (a parameter), or only kept (a buffer, like a running mean).
    pub trained: bool,
    /// What its numbers are.
    pub dtype: Dtype,
}

impl Tensor {
    /// A parameter.
    pub const fn parameter(name: &'static str, shape: &[usize]) -> Self {
        Tensor { name, shape: Shape::of(shape), trained: true, dtype: Dtype::F32 }
    }
    /// A tensor that belongs to the layer, but is not trained.
    pub const fn buffer(name: &'static str, shape: &[usize]) -> Self {
        Tensor { name, shape: Shape::of(shape), trained: false, dtype: Dtype::F32 }
    }
    /// With numbers of another kind.
    pub const fn of(mut self, dtype: Dtype) -> Self {
        self.dtype = dtype;
        self
    }
}

impl<Name> Tensor<Name> {
    /// How many bytes it takes.
    pub const fn bytes(&self) -> usize {
        self.shape.len() * self.dtype.bits() / 8
    }
}

/// One call of a layer forward. Every slice holds the batch, sample after sample.
///
/// Of sequences, it holds the steps that are brought and no others: `x` and `y` are then shorter than `n` samples of the shape, and
/// `kept` and `scratch` are not.
pub struct Forward<'a> {
    /// Samples in the batch.
    pub n: usize,
    /// The inputs, in the order written. The one that `y` holds, when `in_place`, is empty.
    pub x: [&'a [f32]; MAX_INPUTS],
    /// The output, to be written in full.
    pub y: &'a mut [f32],
    /// Room for what backward needs of each sample; empty outside training.
    pub kept: &'a mut [f32],
    /// Room for what backward needs of the batch; empty outside training.
    pub kept_batch: &'a mut [f32],
    /// Room for this call, whatever it holds: as much for each sample as the shape rule asks for.
    pub scratch: &'a mut [f32],
    /// What the layer carries from step to step where one sequence comes in pieces: zeros at first, to be read and written. Empty
    /// otherwise: then every sequence begins with zeros.
    pub state: &'a mut [f32],
    /// How many steps each sample has.
    pub lengths: Lengths<'a>,
    /// What [`pack`](Layer::pack) has made of the parameters, where the network is [`Prepared`](crate::prepared::Prepared).
    pub packed: PackRef<'a>,
    /// Where random numbers of this call start.
    pub seed: u64,
    /// `y` holds the input, of several the first or the second, and is to be overwritten with the output. Only where the shape rule allows it.
    pub in_place: bool,
    /// What becomes of the output before it is written, in place of the layers that come next. Only where the shape rule allows it.
    pub ending: Ending<'a>,
}

/// One call of a layer backward. Every slice holds the batch, sample after sample.
pub struct Backward<'a> {
    /// Samples in the batch.
    pub n: usize,
    /// The inputs; empty unless the shape rule says that backward needs them.
    pub x: [&'a [f32]; MAX_INPUTS],
    /// The output; empty unless the shape rule says that backward needs it.
    pub y: &'a [f32],
    /// The loss by the output. Empty when `in_place`.
    pub dy: &'a [f32],
    /// The loss by each input, to be added to; `None` where nobody asks.
    pub dx: [Option<&'a mut [f32]>; MAX_INPUTS],
    /// What forward wrote for each sample; nobody reads it again.
    pub kept: &'a mut [f32],
    /// What forward wrote for the batch.
    pub kept_batch: &'a mut [f32],
    /// Room for this call, whatever it holds: as much for each sample as the shape rule asks for.
    pub scratch: &'a mut [f32],
    /// How many steps each sample has.
    pub lengths: Lengths<'a>,
    /// `dx[0]` holds `dy`, and is to be overwritten with `dx`. Only where the shape rule allows it.
    pub in_place: bool,
    /// Whether `dx[0]` is to be added to. It is, unless the layer [writes](Layer::WRITES_DX) it.
    pub writing: Writing<'a>,
    /// Whether `grad` is to be added to. It is, unless the layer [writes](Layer::WRITES_GRAD) it.
    pub adds: bool,
}

impl Forward<'_> {
    /// Steps of `sample` in the first input: for a fixed shape, the size of its first axis.
    pub fn steps(&self, sample: usize) -> usize {
        self.lengths.input(0, sample)
    }
}

impl Backward<'_> {
    /// Steps of `sample` in the first input: for a fixed shape, the size of its first axis.
    pub fn steps(&self, sample: usize) -> usize {
        self.lengths.input(0, sample)
    }
}
