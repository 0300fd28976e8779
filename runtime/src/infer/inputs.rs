//! What comes into a layer at one place of a network, and who gives it.

use super::{Inferred, MAX_INPUTS};
use crate::generic::{Size, with_names};
use crate::shape::Shape;
use crate::text::{Message, same};

/// What comes into a layer at one place of a network.
#[derive(Clone, Copy)]
pub struct Inputs {
    layer: &'static str,
    kind: &'static str,
    shapes: [Shape; MAX_INPUTS],
    sources: [Source; MAX_INPUTS],
    count: usize,
    doubt: Doubt,
    /// The parameters of the network, which a message has names for.
    sizes: &'static [Size],
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
    pub(super) const fn or(self, other: Self) -> Self {
        if (self as usize) > other as usize { self } else { other }
    }
}

impl Inputs {
    /// Nothing yet, into the layer that is called `layer` and written as `kind`.
    pub const fn of(layer: &'static str, kind: &'static str) -> Self {
        let (shapes, sources) = ([Shape::of(&[]); MAX_INPUTS], [Source::Layer(""); MAX_INPUTS]);
        Inputs { layer, kind, shapes, sources, count: 0, doubt: Doubt::None, sizes: &[] }
    }

    /// Into a layer of a network with the parameters `sizes`.
    pub const fn of_sizes(mut self, sizes: &'static [Size]) -> Self {
        self.sizes = sizes;
        self
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

    /// Whether input `i` is one of the network.
    pub const fn is_of_network(&self, i: usize) -> bool {
        matches!(self.sources[i], Source::Input(_))
    }

    /// What is not known for certain about the inputs.
    pub(super) const fn doubt(&self) -> Doubt {
        self.doubt
    }

    /// `says`, as a message of a network with parameters puts it.
    pub(super) const fn with_names(&self, says: &Message) -> Message {
        with_names(says, self.sizes)
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
