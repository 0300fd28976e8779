//! What a layer's shape rule is given and what it says; all of it is worked out by the compiler.

use crate::layer::Kind;
use crate::shape::{MOST, Shape};
use crate::text::{Message, same};

/// Inputs that one layer may have.
pub const MAX_INPUTS: usize = 8;
/// Const arguments that the type of a layer may have.
pub const MAX_DIMS: usize = 6;

/// What comes into a layer at one place of a network.
#[derive(Clone, Copy)]
pub struct Inputs {
    layer: &'static str,
    kind: &'static str,
    shapes: [Shape; MAX_INPUTS],
    sources: [Source; MAX_INPUTS],
    count: usize,
    doubt: Doubt,
}

/// What gives an input.
#[derive(Clone, Copy)]
enum Source {
    /// An input of the network, as a message calls it: "the input", or "`x`".
    Input(&'static str),
    /// A layer, by its name or its keyword.
    Layer(&'static str),
}

/// What is not known for certain about a shape, because of a mistake that has been reported: nothing more is said about that.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It is known.
    None,
    /// The sizes are a guess; the number of axes is known.
    Sizes,
    /// All of it is a guess.
    Rank,
}

impl Doubt {
    /// The greater of two doubts.
    const fn or(self, other: Self) -> Self {
        if (self as usize) > other as usize { self } else { other }
    }
}

impl Inputs {
    /// Nothing yet, into the layer that is called `layer` and written as `kind`.
    pub const fn of(layer: &'static str, kind: &'static str) -> Self {
        let (shapes, sources) = ([Shape::of(&[]); MAX_INPUTS], [Source::Layer(""); MAX_INPUTS]);
        Inputs { layer, kind, shapes, sources, count: 0, doubt: Doubt::None }
    }

    /// With an input of the network, which a message calls `name`, as the next input.
    pub const fn with(self, name: &'static str, shape: Shape) -> Self {
        // Of an input that no memory can hold `Shape::verify` complains.
        match shape.is_too_large() {
            true => self.and(Source::Input(name), shape.ones(), Doubt::Rank),
            false => self.and(Source::Input(name), shape, Doubt::None),
        }
    }

    /// With what another layer gives as the next input.
    pub const fn after<A: Copy>(self, layer: &Inferred<A>) -> Self {
        self.and(Source::Layer(layer.inputs.layer), layer.node.output, layer.doubt())
    }

    const fn and(mut self, source: Source, shape: Shape, doubt: Doubt) -> Self {
        if self.count < MAX_INPUTS {
            self.shapes[self.count] = shape;
            self.sources[self.count] = source;
            self.doubt = self.doubt.or(doubt);
        }
        self.count += 1;
        self
    }

    /// How many inputs there are; more than [`MAX_INPUTS`] is a mistake that [`Inferred`] reports.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// How many of the inputs can be asked about: all, unless there are too many.
    pub const fn given(&self) -> usize {
        if self.count < MAX_INPUTS { self.count } else { MAX_INPUTS }
    }

    /// The shape of input `i`.
    pub const fn shape(&self, i: usize) -> Shape {
        self.shapes[i]
    }

    /// What the layer is called: its name, or its keyword if it has none.
    pub const fn layer(&self) -> &'static str {
        self.layer
    }

    /// The layer's keyword.
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// The beginning of a message about this layer: ``layer `fc1`: `Linear` ``.
    pub const fn says(&self) -> Message {
        let text = Message::new();
        if same(self.layer, self.kind) {
            return text.str("`").str(self.kind).str("` ");
        }
        text.str("layer `").str(self.layer).str("`: `").str(self.kind).str("` ")
    }

    /// `says` with ``, but `conv2` gives [32, 1, 1]`` at the end, or `, but the input is [784]`.
    pub const fn but_gives(&self, says: Message, i: usize) -> Message {
        self.gives(says.str(", but "), i)
    }

    /// `says` with ``  `conv2` gives [32, 1, 1]`` at the end, or `the input is [784]`.
    pub const fn gives(&self, says: Message, i: usize) -> Message {
        let says = match self.sources[i] {
            Source::Input(name) => says.str(name).str(" is "),
            Source::Layer(name) => says.str("`").str(name).str("` gives "),
        };
        says.shape(&self.shapes[i])
    }
}

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
            fault: None,
            doubt: inputs.doubt,
            misstated: false,
        };
        let says = inputs.says();
        inferred
            .argument(inputs.count > 0, says.str("is given no input"))
            .argument(inputs.count <= MAX_INPUTS, says.str("takes at most 8 inputs"))
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
        let (first, mut i) = (self.inputs.shape(0).length(), 1);
        while i < self.inputs.given() {
            let other = self.inputs.shape(i).length();
            let says =
                self.inputs.says().str("takes sequences that are as long as each other, but ");
            let says = self.inputs.gives(self.inputs.gives(says, 0).str(" and "), i);
            let one_length = first.is_fixed() && other.is_fixed() || first.same(&other);
            self = self.check(one_length, says.str(", and one may be longer"));
            i += 1;
        }
        self
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
        let right = i >= self.inputs.given() || matches!(self.inputs.sources[i], Source::Input(_));
        self.check(right, self.inputs.but_gives(says, i))
    }

    /// The output may overwrite the input; see [`Forward::in_place`](crate::layer::Forward::in_place).
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

    /// The shape of the output follows from the arguments alone, whatever comes in. What is said about the arguments comes behind.
    pub const fn certain(mut self) -> Self {
        if !self.too_large {
            self.doubt = Doubt::None;
        }
        self
    }

    /// Says `message` unless `right`, which depends on the shapes that come in. The first message stays, and nothing is said about
    /// a shape that is only guessed at after another mistake.
    pub const fn check(mut self, right: bool, message: Message) -> Self {
        if !right && matches!(self.inputs.doubt, Doubt::None) {
            self.doubt = self.doubt.or(Doubt::Sizes);
            self = self.argument(right, message);
        }
        self
    }

    /// Says `message` unless `right`, which depends on the arguments alone. The first message stays.
    pub const fn argument(mut self, right: bool, message: Message) -> Self {
        if !right && self.fault.is_none() {
            self.doubt = self.doubt.or(Doubt::Sizes);
            self.fault = Some(message);
        }
        self
    }

    /// The layer takes exactly one input.
    pub const fn one_input(self) -> Self {
        let says = self.inputs.says().str("takes one input, but is given ");
        self.argument(self.inputs.count <= 1, says.num(self.inputs.count))
    }

    /// The layer takes inputs of `rank` axes; `mend` says what to do otherwise.
    pub const fn rank(mut self, rank: usize, mend: &str) -> Self {
        let right = self.inputs.shape(0).rank() == rank;
        if !right && !matches!(self.inputs.doubt, Doubt::Rank) {
            let says = self.inputs.says().str("takes a rank-").num(rank).str(" input");
            let says = self.inputs.but_gives(says, 0).str("; ").str(mend);
            self = self.argument(right, says);
            self.doubt = Doubt::Rank;
        }
        self
    }

    /// The layer takes an image.
    pub const fn image(self) -> Self {
        self.rank(3, "an image is [channels, height, width], and `Reshape([…])` makes one")
    }

    /// The layer takes a line of several channels, of any length.
    pub const fn line(self) -> Self {
        let mend = "it is [channels, length], and `Transpose(0, 1)` makes it of [length, channels]";
        let says = self.inputs.says().str("takes a fixed number of channels");
        let says = self.inputs.but_gives(says, 0).str("; ").str(mend);
        let turned = self.inputs.shape(0).is_bounded_at(0);
        self.rank(2, mend).check(!turned, says).any_length()
    }

    /// The argument `name`, which has no default, is given and not zero. Zero stands for one that is not given.
    pub const fn required(self, name: &str, value: usize) -> Self {
        let says = self.inputs.says().str("needs the argument ").str(name).str(", at least 1");
        self.argument(value > 0, says)
    }

    /// The argument `name` is not zero.
    pub const fn not_zero(self, name: &str, value: usize) -> Self {
        let says = self.inputs.says().str("is given ").str(name).str(" = 0; it must be at least 1");
        self.argument(value > 0, says)
    }

    /// The size `stated` in front of an arrow, if one is, is the one that comes in as `what`.
    pub const fn stated(self, stated: Option<usize>, what: &str, found: usize) -> Self {
        let Some(stated) = stated else { return self };
        let says = self.inputs.says().str("is said to take ").num(stated).str(" ").str(what);
        let says = self.inputs.but_gives(says, 0);
        let says = says.str("; write ").num(found).str(", or leave it out");
        self.check(stated == found, says)
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

    /// Stops the build when something is wrong.
    ///
    /// # Panics
    /// With a message that says where, what, and how to mend.
    #[track_caller]
    pub const fn verify(&self) {
        if let Some(message) = &self.fault {
            panic!("{}", message.as_str())
        }
        self.verify_length();
        let (output, says) = (self.node.output, self.inputs.says().str("would give "));
        if matches!(self.inputs.doubt, Doubt::None)
            && output.len() == 0
            && self.inputs.shape(0).len() > 0
        {
            panic!("{}", says.shape(&output).str(", which holds no number").as_str())
        }
    }

    /// Stops the build when an input is not as long in all samples, which the layer does not know of.
    #[track_caller]
    const fn verify_length(&self) {
        let mut i = 0;
        while i < self.inputs.given()
            && !self.any_length
            && matches!(self.inputs.doubt, Doubt::None)
        {
            if self.inputs.shape(i).bound().is_some() {
                let says = self.inputs.says().str("takes a fixed size");
                let says = self.inputs.but_gives(says, i);
                panic!("{}", says.str("; `Last`, `Mean` or `Max` make one of a sequence").as_str())
            }
            i += 1;
        }
    }

    /// As [`verify`](Self::verify) for a layer without a name, which has no place for parameters.
    #[track_caller]
    pub const fn verify_unnamed(&self) {
        self.verify();
        let says = Message::new().str("`").str(self.inputs.kind);
        let (numbers, what) = match self.parameters {
            0 => (self.buffers, " numbers that last"),
            1 => (1, " parameter"),
            parameters => (parameters, " parameters"),
        };
        let says = if numbers > 0 {
            says.str("` has ").num(numbers).str(what).str(", and needs a name for them, as in `")
        } else if self.is_sized() {
            // Where a layer without a name is called, its type has no const arguments.
            says.str("` is made for the size that comes in, and needs a name, as in `")
        } else {
            return;
        };
        panic!("{}", says.str("layer: ").str(self.inputs.kind).str("(…)`").as_str())
    }

    /// Whether the layer's type has const arguments.
    const fn is_sized(&self) -> bool {
        let mut i = 0;
        while i < MAX_DIMS {
            if self.dims[i] > 0 {
                return true;
            }
            i += 1;
        }
        false
    }

    /// Stops the build when a layer that is called again would need other parameters than the first time.
    #[track_caller]
    pub const fn verify_again(&self, first: &Self) {
        let mut i = 0;
        while i < MAX_DIMS {
            let known = matches!(self.inputs.doubt.or(first.inputs.doubt), Doubt::None);
            if self.dims[i] != first.dims[i] && known {
                let says = self.inputs.says().str("takes ").shape(&first.inputs.shape(0));
                let says = self.inputs.but_gives(says.str(" where it is called first"), 0);
                panic!("{}", says.str(" here; its parameters fit only one of them").as_str())
            }
            i += 1;
        }
    }

    /// Stops the build when the value `name`, of which a shape is stated in passing, has another.
    #[track_caller]
    pub const fn verify_said(&self, name: &str, stated: Shape) {
        if matches!(self.doubt, Doubt::None) && !self.node.output.looks_like(&stated) {
            let says = Message::new().str(name).str(" is said to be ").shape(&stated);
            let says = says.str(", but `").str(self.inputs.layer).str("` gives ");
            panic!("{}", says.shape(&self.node.output).as_str())
        }
    }

    /// Stops the build when the output `name` of the network is declared with another shape than it has.
    #[track_caller]
    pub const fn verify_output(&self, name: &str, declared: Shape) {
        if matches!(self.doubt(), Doubt::None) && !self.node.output.looks_like(&declared) {
            let says = Message::new().str(name).str(" is declared as ").shape(&declared);
            let says = says.str(", but `").str(self.inputs.layer).str("` gives ");
            panic!("{}", says.shape(&self.node.output).as_str())
        }
    }
}

/// What an input of a network is made of: `u32` where it holds ids, or `f32`.
pub type Number<const IDS: bool> = <Element<IDS> as sealed::Is>::Type;

/// See [`Number`].
pub enum Element<const IDS: bool> {}

mod sealed {
    pub trait Is {
        type Type;
    }
    impl Is for super::Element<false> {
        type Type = f32;
    }
    impl Is for super::Element<true> {
        type Type = u32;
    }
}

/// Whether an input of a network holds ids: `taken` says for each place where it goes in whether ids go in there.
pub const fn holds_ids(taken: &[bool]) -> bool {
    let mut i = 0;
    while i < taken.len() {
        if taken[i] {
            return true;
        }
        i += 1;
    }
    false
}

/// Stops the build when an input, which a message calls `name`, goes in as ids at one place and as numbers at another.
#[track_caller]
pub const fn verify_ids(name: &str, taken: &[bool]) {
    let mut i = 0;
    while i < taken.len() {
        if taken[i] != taken[0] {
            let says = Message::new().str(name).str(" goes in as ids here and as numbers there");
            panic!("{}", says.str("; make two inputs of it").as_str())
        }
        i += 1;
    }
}
