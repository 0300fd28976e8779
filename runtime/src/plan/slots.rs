//! What a plan says: where each node finds everything.

use crate::infer::{Endings, MAX_INPUTS};
use crate::kernel::Order;
use crate::length::Length;

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: it is not needed.
    Absent,
    /// Input `i` of the network, or, for a gradient, what the caller has made for that.
    Input(usize),
    /// The memory of the pass, from this number on (for one sample).
    At {
        /// Offset for one sample.
        offset: usize,
        /// Numbers for one sample.
        len: usize,
    },
}

/// Where one node finds everything, in a batch of one.
#[derive(Clone, Copy, Debug)]
pub struct Slots {
    /// Which node it is.
    pub number: usize,
    /// The inputs.
    pub x: [Place; MAX_INPUTS],
    /// The output.
    pub y: Place,
    /// The gradient of the output.
    pub dy: Place,
    /// The gradients of the inputs.
    pub dx: [Place; MAX_INPUTS],
    /// How many steps the inputs have.
    pub lengths: [Length; MAX_INPUTS],
    /// How many steps the output has.
    pub length: Length,
    /// Room for the call forward.
    pub scratch: Place,
    /// Room for the call backward.
    pub scratch_backward: Place,
    /// What the layer carries from step to step: offset and size.
    pub state: (usize, usize),
    /// The first input whose gradient is that of input `i`: `i` itself, unless one value comes in twice.
    pub twin: [usize; MAX_INPUTS],
    /// Whether the layers before input `i` have parameters, so that its gradient is always needed.
    pub trains: [bool; MAX_INPUTS],
    /// Whether nobody has written to the gradient of input `i` before, so that it must be cleared.
    pub first: [bool; MAX_INPUTS],
    /// Whether the layer has parameters that are trained.
    pub trained: bool,
    /// Whether no gradient reaches the node, because no output depends on it: nothing is to be done backward.
    pub idle: bool,
    /// What the layer keeps of each sample.
    pub kept: Place,
    /// What the layer keeps of a batch: offset and size behind everything that grows with the batch.
    pub kept_batch: (usize, usize),
    /// Which inputs backward reads.
    pub needs_x: bool,
    /// Whether backward reads the output.
    pub needs_y: bool,
    /// The output overwrites the input, of several the one that is at its place.
    pub in_place: bool,
    /// The gradient of the input overwrites that of the output.
    pub in_place_backward: bool,
    /// The output is the input by another name: nothing is to be done forward.
    pub view: bool,
    /// The gradient of the input is that of the output: nothing is to be done backward.
    pub view_backward: bool,
    /// The layer behind does what is to be done backward, unless somebody looks at each gradient.
    pub rectified: bool,
    /// The layer multiplies the gradient of its input with the slope of the `ReLU` that the input is of.
    pub rectifies: bool,
    /// The node before that does to its output what this one is for: nothing is to be done forward.
    pub done_by: Option<usize>,
    /// What the layer does to its output in place of those behind it.
    pub ending: Endings,
    /// Where that goes, where it is another value than `y`.
    pub ended: Place,
    /// What is added to it.
    pub added: Place,
}

/// How many steps an input of a network has to bring; for one of a fixed size all is 0.
#[derive(Clone, Copy, Debug)]
pub struct Brings {
    /// The least.
    pub least: usize,
    /// The most.
    pub most: usize,
    /// As many as this input: itself, unless it is declared to be as long as another.
    pub as_input: usize,
}

/// The memory of a pass through a network.
#[derive(Clone, Copy, Debug)]
pub struct Plan<S: ?Sized = [Slots]> {
    /// Numbers that each sample of a batch needs.
    pub per_sample: usize,
    /// Numbers that the batch needs beside.
    pub per_batch: usize,
    /// Numbers of the inputs that are sequences, which are packed when there are several samples, for each.
    pub packed: usize,
    /// Inputs up to the last that is a sequence; how long they are is written down.
    pub sequences: usize,
    /// The order of sums in products: that of one row where a sequence may also come step by step, of many where it can not.
    pub order: Order,
    /// What each input has to bring.
    pub brings: [Brings; MAX_INPUTS],
    /// Numbers that the layers carry from step to step.
    pub state: usize,
    /// The nodes, in forward order.
    pub nodes: S,
}

impl<S: ?Sized> Plan<S> {
    /// Numbers that a batch of `n` samples needs.
    pub const fn len(&self, n: usize) -> usize {
        self.pass_len(n) + self.inputs_len(n)
    }

    /// Those of them that the pass works in.
    pub(crate) const fn pass_len(&self, n: usize) -> usize {
        n * self.per_sample + self.per_batch
    }

    /// Those of them that hold the inputs. One sequence is packed as it comes.
    const fn inputs_len(&self, n: usize) -> usize {
        n * self.sequences + if n > 1 { n * self.packed } else { 0 }
    }

    /// Whether nothing is needed, not even for a sample.
    pub const fn is_empty(&self) -> bool {
        self.len(1) == 0
    }
}
