//! What a layer is to a network in bytes: to the compiler ([`Quantize`], [`Role`]) and to the program ([`Layer`]).

use crate::infer::{MAX_INPUTS, Node};
use crate::int8::Scale;
use crate::layer::{FromBytes, Kind, Tensor};

#[cfg(feature = "std")]
use crate::int8::fill::{After, At};
#[cfg(feature = "std")]
use crate::network::Part;

/// A keyword whose layer has an int8 form.
pub trait Quantize: Kind {
    /// The layer in bytes, with the sizes that its shape rule says ([`Inferred::int8`](crate::infer::Inferred::int8)).
    type Int8<const A: usize, const B: usize>: Layer<Args = Self::Args>;
}

/// A layer in bytes: a struct that holds what its kernel needs, and nothing else, as arrays of `i8` and `i32`.
///
/// It is `#[repr(C)]`, its fields are in the order of [`TENSORS`](Layer::TENSORS), it derives [`FromBytes`], and its size is a multiple of
/// four. Values are bytes with their [`Scale`]; images have their channels last.
pub trait Layer: FromBytes + Send + Sync + 'static {
    /// The arguments, as written in the declaration.
    type Args: Copy;

    /// What it does to its input, as the plan sees it.
    const ROLE: Role;
    /// What its fields are called, shaped and made of, in memory order. Those of a layer that never runs are empty.
    const TENSORS: &'static [Tensor] = &[];

    /// The bytes of tensor `i` of [`TENSORS`](Layer::TENSORS).
    fn tensor(&self, i: usize) -> &[u8] {
        let _ = i;
        &[]
    }
    /// As [`tensor`](Layer::tensor), to write to.
    fn tensor_mut(&mut self, i: usize) -> &mut [u8] {
        let _ = i;
        &mut []
    }

    /// Writes `y`.
    fn forward(&self, node: &Node<Self::Args>, call: Call<'_>);

    /// Takes over the parameters of the layer in `f32`.
    #[cfg(feature = "std")]
    fn fill(&mut self, node: &Node<Self::Args>, float: &dyn Part, at: &At<'_>) {
        let _ = (node, float, at);
    }

    /// Adds what the layer does to what is done to the output of the kernel that it is merged into. What comes behind it is there
    /// already.
    #[cfg(feature = "std")]
    fn merge(node: &Node<Self::Args>, float: &dyn Part, after: &mut After) {
        let _ = (node, float, after);
    }
}

/// One call of a layer.
pub struct Call<'a> {
    /// The inputs, in the order written. Empty when `in_place`.
    pub x: [&'a [i8]; MAX_INPUTS],
    /// The output, to be written in full.
    pub y: &'a mut [i8],
    /// Room for this call, whatever it holds: as much as the shape rule asks for.
    pub scratch: &'a mut [i8],
    /// What the layer carries from step to step where a sequence comes step by step: zeros at first. Empty otherwise: then the sequence
    /// begins with zeros.
    pub state: &'a mut [i8],
    /// `y` holds the input, and is to be overwritten with the output. Only where the shape rule allows it.
    pub in_place: bool,
    /// Zeros around the image beside the layer's own, from a layer before it: to the left, to the right, above and below.
    pub pad: [usize; 4],
}

/// What a layer does to its input, and so what it can be merged with.
#[derive(Clone, Copy)]
pub enum Role {
    /// It calls a kernel, and so makes a value of its own.
    Kernel(Kernel),
    /// Nothing: the output is the input, maybe in another shape.
    View,
    /// Nothing in bytes, as `LogSoftmax`, and so it may only be the last layer.
    Last,
    /// It keeps numbers within bounds, as `ReLU` does. Behind a kernel that can do that itself, it costs nothing.
    Clamp,
    /// It multiplies each channel by a factor and adds to it, as `BatchNorm2d` does. It goes into the weights of the kernel before it.
    Affine,
    /// It puts zeros around an image, which the kernel behind it then takes to be there.
    Pad,
}

/// What a kernel can do beside its work, and what is known of the scale of its output.
#[derive(Clone, Copy)]
pub struct Kernel {
    pub(super) clamps: bool,
    pub(super) folds: bool,
    pub(super) pads: bool,
    pub(super) order: Order,
    pub(super) scale: ScaleOf,
}

/// What a kernel makes of the order of numbers: those of an image lie with their channels last, also where they are flattened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// It takes numbers in the order of the declaration.
    Declared,
    /// It treats every number alike, and gives them in the order in which they come.
    Kept,
    /// Its weights are put in the order in which numbers come.
    Any,
}

/// Where the scale of a kernel's output comes from.
#[derive(Clone, Copy)]
pub(super) enum ScaleOf {
    /// From the numbers that come out.
    Output,
    /// It is that of the input.
    Input,
    /// All inputs and the output have one.
    All,
    /// It is always this one.
    Fixed(Scale),
}

impl Role {
    /// A kernel whose output has a scale of its own.
    pub const KERNEL: Kernel = Kernel {
        clamps: false,
        folds: false,
        pads: false,
        order: Order::Declared,
        scale: ScaleOf::Output,
    };
}

impl Kernel {
    /// It keeps its output within the bounds of what is behind it.
    pub const fn clamps(mut self) -> Self {
        self.clamps = true;
        self
    }
    /// It has weights for each channel of its output, which take a factor.
    pub const fn folds(mut self) -> Self {
        self.folds = true;
        self
    }
    /// It takes zeros around its input to be there; see [`Call::pad`].
    pub const fn pads(mut self) -> Self {
        self.pads = true;
        self
    }
    /// It treats every number alike.
    pub const fn keeps_order(mut self) -> Self {
        self.order = Order::Kept;
        self
    }
    /// Its weights are put in the order in which numbers come; see [`At::order`].
    pub const fn any_order(mut self) -> Self {
        self.order = Order::Any;
        self
    }
    /// Its output has the scale of its input.
    pub const fn scale_of_input(mut self) -> Self {
        self.scale = ScaleOf::Input;
        self
    }
    /// All its inputs and its output have one scale.
    pub const fn one_scale(mut self) -> Self {
        self.scale = ScaleOf::All;
        self
    }
    /// Its output has this scale, whatever comes.
    pub const fn fixed(mut self, scale: Scale) -> Self {
        self.scale = ScaleOf::Fixed(scale);
        self
    }
}
