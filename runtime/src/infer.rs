//! What a layer's shape rule is given and what it says; all of it is worked out by the compiler.

use crate::shape::Shape;
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
    names: [&'static str; MAX_INPUTS],
    count: usize,
}

impl Inputs {
    /// Nothing yet, into the layer that is called `layer` and written as `kind`.
    pub const fn of(layer: &'static str, kind: &'static str) -> Self {
        let (shapes, names) = ([Shape::of(&[]); MAX_INPUTS], [""; MAX_INPUTS]);
        Inputs { layer, kind, shapes, names, count: 0 }
    }

    /// With what `name` gives as the next input.
    pub const fn with(mut self, name: &'static str, shape: Shape) -> Self {
        if self.count < MAX_INPUTS {
            self.shapes[self.count] = shape;
            self.names[self.count] = name;
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

    /// What gives input `i`, as a message says it: a name in backticks, or "the input".
    pub const fn name(&self, i: usize) -> &'static str {
        self.names[i]
    }

    /// The beginning of a message about this layer: ``layer `fc1`: `Linear` ``.
    pub const fn says(&self) -> Message {
        let text = Message::new();
        if same(self.layer, self.kind) {
            return text.str("`").str(self.kind).str("` ");
        }
        text.str("layer `").str(self.layer).str("`: `").str(self.kind).str("` ")
    }

    /// `says` with ``but `conv2` gives [32, 1, 1]`` at the end.
    pub const fn but_gives(&self, says: Message, i: usize) -> Message {
        says.str(", but ").str(self.name(i)).str(" gives ").shape(&self.shape(i))
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
}

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
            dims: [0; MAX_DIMS],
            inputs,
            parameters: 0,
            buffers: 0,
            macs: 0,
            kept: 0,
            kept_batch: 0,
            needs_x: false,
            needs_y: false,
            in_place: false,
            view: false,
            identity_in_use: false,
            fault: None,
        };
        let says = inputs.says();
        inferred
            .check(inputs.count > 0, says.str("is given no input"))
            .check(inputs.count <= MAX_INPUTS, says.str("takes at most 8 inputs"))
            .check(
                output.len() > 0 || inputs.shape(0).len() == 0,
                says.str("would give ").shape(&output).str(", which holds no number"),
            )
    }

    /// With `dims` as the const arguments of the layer's type.
    pub const fn dims(mut self, dims: &[usize]) -> Self {
        let mut i = 0;
        while i < dims.len() {
            self.dims[i] = dims[i];
            i += 1;
        }
        self
    }

    /// With this many numbers that are trained.
    pub const fn parameters(mut self, count: usize) -> Self {
        self.parameters = count;
        self
    }

    /// With this many numbers that the layer holds beside, which are not trained.
    pub const fn buffers(mut self, count: usize) -> Self {
        self.buffers = count;
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

    /// Says `message` unless `right`; the first message stays.
    pub const fn check(mut self, right: bool, message: Message) -> Self {
        if !right && self.fault.is_none() {
            self.fault = Some(message);
        }
        self
    }

    /// The layer takes exactly one input.
    pub const fn one_input(self) -> Self {
        let says = self.inputs.says().str("takes one input, but is given ");
        self.check(self.inputs.count <= 1, says.num(self.inputs.count))
    }

    /// The layer takes inputs of `rank` axes; `mend` says what to do otherwise.
    pub const fn rank(self, rank: usize, mend: &str) -> Self {
        let says = self.inputs.says().str("takes a rank-").num(rank).str(" input");
        let says = self.inputs.but_gives(says, 0).str("; ").str(mend);
        self.check(self.inputs.shape(0).rank() == rank, says)
    }

    /// The argument `name` is not zero.
    pub const fn not_zero(self, name: &str, value: usize) -> Self {
        let says = self.inputs.says().str("is given ").str(name).str(" = 0; it must be at least 1");
        self.check(value > 0, says)
    }

    /// The size `stated` in front of an arrow, if one is, is the one that comes in as `what`.
    pub const fn stated(self, stated: Option<usize>, what: &str, found: usize) -> Self {
        let Some(stated) = stated else { return self };
        let says = self.inputs.says().str("is said to take ").num(stated).str(" ").str(what);
        let says = self.inputs.but_gives(says, 0).str(": ").num(found);
        self.check(stated == found, says)
    }

    /// Stops the build when something is wrong.
    ///
    /// # Panics
    /// With a message that says where, what, and how to mend.
    #[track_caller]
    pub const fn verify(&self, named: bool) {
        if let Some(message) = &self.fault {
            panic!("{}", message.as_str())
        }
        let (numbers, what) = match self.parameters {
            0 => (self.buffers, " numbers that last"),
            parameters => (parameters, " parameters"),
        };
        if numbers > 0 && !named {
            let says = Message::new().str("`").str(self.inputs.kind).str("` has ").num(numbers);
            let says = says.str(what).str(": give it a name, as in `fc: ");
            panic!("{}", says.str(self.inputs.kind).str("(…)`").as_str())
        }
    }

    /// Stops the build when a layer that is called again would need other parameters than the first time.
    #[track_caller]
    pub const fn verify_again(&self, first: &Self) {
        let mut i = 0;
        while i < MAX_DIMS {
            if self.dims[i] != first.dims[i] {
                let says = self.inputs.says().str("is called with ").shape(&first.inputs.shape(0));
                let says = self.inputs.but_gives(says.str(" before"), 0);
                panic!("{}", says.str("; its parameters fit only one of them").as_str())
            }
            i += 1;
        }
    }
}

/// Stops the build when `name`, declared as one shape, is of another. Where the layers are not `sound`, what they give is a
/// guess, and nothing is said.
#[track_caller]
pub const fn declared_as(name: &str, declared: Shape, found: Shape, sound: bool) {
    if sound && !found.same(&declared) {
        let says = Message::new().str(name).str(" is declared as ").shape(&declared);
        panic!("{}", says.str(", but is ").shape(&found).as_str())
    }
}

/// Stops the build when the input `name` holds no number.
#[track_caller]
pub const fn not_empty(name: &str, declared: Shape) {
    if declared.len() == 0 {
        let says = Message::new().str(name).str(" is declared as ").shape(&declared);
        panic!("{}", says.str(", which holds no number; every size is at least 1").as_str())
    }
}
