//! What a layer's shape rule is given and what it says; all of it is worked out by the compiler.

mod endings;
mod ids;
mod inputs;
mod int8;
mod rules;
mod verify;

pub use endings::{Endings, EndsIn};
pub use ids::{Element, Number, holds_ids, verify_ids};
pub use inputs::{Doubt, Inputs};
pub use int8::Int8;

use crate::layer::Kind;
use crate::shape::{MOST, Shape};
use crate::text::Message;

/// Inputs that one layer may have.
pub const MAX_INPUTS: usize = 8;
/// Const arguments that the type of a layer may have.
pub const MAX_DIMS: usize = 6;

/// What a layer's shape rule says about the layer at one place of a network.
#[derive(Clone, Copy)]
pub struct Inferred<A> {
    /// What the layer needs to know while it runs.
    pub node: Node<A>,
    /// The const arguments of the layer's type, in order.
    pub dims: [usize; MAX_DIMS],
    /// What comes in.
    pub inputs: Inputs,
    /// Numbers that are trained.
    pub parameters: usize,
    /// Numbers that the layer holds beside, which are not trained.
    pub buffers: usize,
    /// Multiplications with a parameter for one sample.
    pub macs: usize,
    /// Numbers that backward needs beside inputs and output, for each sample.
    pub kept: usize,
    /// Numbers that backward needs, once for a batch.
    pub kept_batch: usize,
    /// Numbers that a call needs while it runs, for each sample: in use, forward in training, and backward.
    pub scratch: [usize; 3],
    /// Numbers that the layer carries from step to step where a sequence comes in pieces.
    pub state: usize,
    /// Whether a step of the output depends on no later step of the input.
    pub streams: bool,
    /// Whether the layer takes sequences that are not all as long.
    pub any_length: bool,
    /// The inputs that are ids instead of numbers: bit `i` for input `i`.
    pub ids: u8,
    /// Whether backward reads the inputs.
    pub needs_x: bool,
    /// Whether backward reads the output.
    pub needs_y: bool,
    /// Whether the output may overwrite the input, which has the same size.
    pub in_place: bool,
    /// Whether the output is the input by another name.
    pub view: bool,
    /// Whether the output is the input by another name once training is over.
    pub identity_in_use: bool,
    /// What the layer does, if it is no more than what a layer before it may do to its own output.
    pub ending: Endings,
    /// What the layer does to its output, when asked.
    pub ends: EndsIn,
    /// Whether backward multiplies with the slope of a `ReLU` before the layer, when asked.
    pub rectifies: bool,
    /// What the layer needs to know in a network in bytes.
    pub int8: Int8,
    /// What is wrong, if anything: the first thing found.
    pub fault: Option<Message>,
    doubt: Doubt,
    /// Whether it has more numbers in one place than memory can hold.
    too_large: bool,
    /// Whether the shape of the output differs from the one that is stated in passing.
    misstated: bool,
}

/// What the shape rule of a keyword's layer says.
pub type InferredOf<K> = Inferred<<K as Kind>::Args>;

/// What a layer needs to know while it runs: its arguments and the shapes around it.
#[derive(Clone, Copy)]
pub struct Node<A> {
    /// The arguments, as written.
    pub args: A,
    /// The shape of the first input.
    pub input: Shape,
    /// The shape of the output.
    pub output: Shape,
}

impl<A: Copy> Inferred<A> {
    /// A layer of `args` that makes an `output` from `inputs`, has no parameters and keeps nothing for backward.
    pub const fn new(args: A, inputs: Inputs, output: Shape) -> Self {
        let inferred = Inferred {
            node: Node { args, input: inputs.shape(0), output },
            too_large: false,
            dims: [0; MAX_DIMS],
            inputs,
            parameters: 0,
            buffers: 0,
            macs: 0,
            kept: 0,
            kept_batch: 0,
            scratch: [0; 3],
            state: 0,
            streams: false,
            any_length: false,
            ids: 0,
            needs_x: false,
            needs_y: false,
            in_place: false,
            view: false,
            identity_in_use: false,
            ending: Endings::NONE,
            ends: EndsIn::Nothing,
            rectifies: false,
            int8: Int8 { sizes: [0; 2], scratch: [0; 2], state: 0, pad: [0; 4], fault: None },
            fault: None,
            doubt: inputs.doubt(),
            misstated: false,
        };
        let says = inputs.says();
        inferred
            .argument(inputs.count() > 0, says.str("is given no input"))
            .argument(inputs.count() <= MAX_INPUTS, says.str("takes at most 8 inputs"))
            .output(output)
    }

    /// With `output` as the shape of what comes out.
    pub const fn output(mut self, output: Shape) -> Self {
        self.node.output = output;
        let says = self.inputs.says().str("would give ").shape(&output);
        self.fits_memory(output.len(), says.str(", which no memory can hold"))
    }

    /// Says `says` of a layer with more `numbers` in one place than memory can hold, and takes it to be small.
    const fn fits_memory(mut self, numbers: usize, says: Message) -> Self {
        if numbers <= MOST {
            return self;
        }
        self = self.check(false, says);
        (self.too_large, self.doubt, self.parameters) = (true, Doubt::Rank, 0);
        self.node.output = self.node.output.ones();
        let dims = self.dims;
        self.dims(&dims)
    }

    /// With `dims` as the const arguments of the layer's type.
    pub const fn dims(mut self, dims: &[usize]) -> Self {
        let mut i = 0;
        while i < dims.len() {
            self.dims[i] = if self.too_large && dims[i] > 1 { 1 } else { dims[i] };
            i += 1;
        }
        self
    }

    /// With this many numbers that are trained.
    pub const fn parameters(mut self, count: usize) -> Self {
        self.parameters = count;
        self.fits_memory(
            count,
            self.inputs.says().str("has more parameters than any memory can hold"),
        )
    }

    /// With this many numbers that the layer holds beside, which are not trained.
    pub const fn buffers(mut self, count: usize) -> Self {
        self.buffers = count;
        self
    }

    /// What the layer holds is not trained.
    pub const fn frozen(mut self) -> Self {
        let says = self.inputs.says().str("has no parameters; leave `#[frozen]` out");
        self = self.check(self.parameters + self.buffers > 0, says);
        (self.parameters, self.buffers) = (0, self.parameters + self.buffers);
        self
    }

    /// With this many multiplications with a parameter for one sample.
    pub const fn macs(mut self, count: usize) -> Self {
        self.macs = count;
        self
    }

    /// Backward reads the inputs.
    pub const fn needs_x(mut self) -> Self {
        self.needs_x = true;
        self
    }

    /// Backward reads the output.
    pub const fn needs_y(mut self) -> Self {
        self.needs_y = true;
        self
    }

    /// Backward heeds [`Writing::Rectified`](crate::kernel::Writing::Rectified), if there is `std`: in flash it would take more than it saves.
    pub const fn rectifies(mut self) -> Self {
        self.rectifies = cfg!(feature = "std");
        self
    }

    /// Backward needs this many numbers of its own for each sample.
    pub const fn kept(mut self, numbers: usize) -> Self {
        self.kept = numbers;
        self
    }

    /// Backward needs this many numbers of its own, once for a batch.
    pub const fn kept_batch(mut self, numbers: usize) -> Self {
        self.kept_batch = numbers;
        self
    }

    /// Every call needs this many numbers of its own for each sample while it runs.
    pub const fn scratch(self, numbers: usize) -> Self {
        self.scratches([numbers; 3])
    }

    /// A call needs so many numbers of its own for each sample while it runs: in use, forward in training, and backward.
    pub const fn scratches(mut self, numbers: [usize; 3]) -> Self {
        self.scratch = numbers;
        self
    }

    /// Each step of the output follows from the same step of the input alone: the layer takes any number of them, in memory one
    /// after the other, and does not care which belong to which sample.
    pub const fn step_by_step(mut self) -> Self {
        (self.any_length, self.streams) = (true, true);
        let mut i = 1;
        while i < self.inputs.given() {
            self = self.as_long_as(i, 0);
            i += 1;
        }
        self
    }

    /// Input `i` brings as many steps as input `other`, if either is a sequence.
    pub const fn as_long_as(self, i: usize, other: usize) -> Self {
        let (length, of_other) = (self.inputs.shape(i).length(), self.inputs.shape(other).length());
        let says = self.inputs.says().str("takes sequences that are as long as each other, but ");
        let says = self.inputs.gives(self.inputs.gives(says, other).str(" and "), i);
        let says = says.str(", and one may be longer; an input `y: [..x]` is as long as `x`");
        let fixed = length.is_fixed() && of_other.is_fixed();
        self.check(fixed || length.same(&of_other), says)
    }

    /// The layer works along `axis`: on sequences [step by step](Self::step_by_step), unless their steps lie along that axis.
    pub const fn along(self, axis: usize) -> Self {
        match self.inputs.shape(0).bound() {
            Some(bound) if bound.axis > 0 || axis == 0 => self,
            _ if axis == 0 => self,
            _ => self.step_by_step(),
        }
    }

    /// The layer takes sequences that are not all as long, and goes by [`Lengths`](crate::length::Lengths).
    pub const fn any_length(mut self) -> Self {
        self.any_length = true;
        self
    }

    /// A step of the output depends on no later step of the input, and what it takes from earlier ones is in this many numbers: the
    /// layer can be given a sequence in pieces. They are zero before the first; see [`Forward::state`](crate::layer::Forward::state).
    pub const fn state(mut self, numbers: usize) -> Self {
        (self.state, self.streams) = (numbers, true);
        self
    }

    /// Whether the layer can be given sequences in pieces: what is of a fixed size comes whole in any case.
    pub const fn streams(&self) -> bool {
        self.streams || !self.takes_sequences()
    }

    /// What the layer carries from piece to piece: nothing where no sequence comes in.
    pub const fn carries(&self) -> usize {
        if self.takes_sequences() { self.state } else { 0 }
    }

    const fn takes_sequences(&self) -> bool {
        let mut i = 0;
        while i < self.inputs.given() {
            if self.inputs.shape(i).bound().is_some() {
                return true;
            }
            i += 1;
        }
        false
    }

    /// Whether input `i` holds ids.
    pub const fn ids(&self, i: usize) -> bool {
        self.ids >> i & 1 == 1
    }

    /// Input `i` holds ids, whole numbers from 0. In memory each is the `f32` of the same bits: `x.to_bits()`.
    pub const fn takes_ids(mut self, i: usize) -> Self {
        self.ids |= 1 << i;
        let says = self.inputs.says().str("takes ids, which only an input of the network brings");
        let right = i >= self.inputs.given() || self.inputs.is_of_network(i);
        self.check(right, self.inputs.but_gives(says, i))
    }

    /// The output may overwrite the input, of several the first or the second; see [`Forward::in_place`](crate::layer::Forward::in_place).
    pub const fn in_place(mut self) -> Self {
        self.in_place = true;
        self
    }

    /// The output is the input by another name.
    pub const fn view(mut self) -> Self {
        self.view = true;
        self
    }

    /// The output is the input by another name once training is over.
    pub const fn identity_in_use(mut self) -> Self {
        self.identity_in_use = true;
        self
    }

    /// In use, the layer does no more than to multiply each channel by a number and to add one: [`Layer::factors`](crate::layer::Layer::factors)
    /// has them.
    pub const fn factors(mut self) -> Self {
        self.ending.factors = true;
        self
    }

    /// The layer does no more than to add its inputs.
    pub const fn adds(mut self) -> Self {
        self.ending.add = true;
        self
    }

    /// The layer does no more than to keep numbers within `bounds`, if there are any.
    pub const fn bounds(mut self, bounds: Option<[f32; 2]>) -> Self {
        self.ending.bounds = bounds;
        self
    }

    /// The layer does no more than to take the largest of each two by two.
    pub const fn pools(mut self) -> Self {
        self.ending.pool = true;
        self
    }

    /// The layer does no more than to work out a function of each number; see [`Layer::map`](crate::layer::Layer::map).
    pub const fn maps(mut self) -> Self {
        self.ending.map = true;
        self
    }

    /// The layer can do so much to its output; see [`Forward::ending`](crate::layer::Forward::ending) and
    /// [`Layer::forward_before`](crate::layer::Layer::forward_before).
    pub const fn ends(mut self, ends: EndsIn) -> Self {
        self.ends = ends;
        self
    }

    /// The shape of the output is stated in passing. [`verify_said`](Self::verify_said) reports where it differs, and what
    /// follows is not judged.
    pub const fn said(mut self, declared: Shape) -> Self {
        self.misstated |= !self.node.output.looks_like(&declared);
        self
    }

    /// What is not known for certain about the output.
    pub const fn doubt(&self) -> Doubt {
        if self.misstated { Doubt::Rank } else { self.doubt }
    }
}
