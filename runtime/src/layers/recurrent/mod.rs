//! What `LSTM`, `GRU`, `RNN` and their cells have in common: arguments and shape rule here, parameters and passes beside.

mod backward;
mod forward;
mod sizes;
mod stacked;
mod steps;
mod tensors;

pub(super) use backward::backward;
pub(super) use forward::{forward, in_use};
#[cfg(feature = "std")]
pub(super) use stacked::pack;
pub(super) use stacked::{Stacked, Step, is_small, one_step, passes, stacked, step};
pub(super) use tensors::{MAX_LAYERS, names, tensors};

use crate::infer::{Inferred, Inputs};
use crate::kernel::Cell;
use crate::shape::Shape;
use crate::text::same;

use sizes::Sizes;

/// The arguments of every recurrent layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stack {
    pub(super) cell: Cell,
    /// What was written for an `RNN`.
    pub(super) nonlinearity: &'static str,
    /// What is stated to come in.
    pub(super) input_size: Option<usize>,
    pub(super) hidden_size: usize,
    pub(super) num_layers: usize,
    pub(super) bias: bool,
    pub(super) dropout: f32,
    pub(super) bidirectional: bool,
    /// Only the last state comes out, not that of every step.
    pub(super) last: bool,
    /// The layer is one step: what comes in has no axis of steps.
    pub(super) one_step: bool,
}

impl Stack {
    pub(super) const fn new(cell: Cell) -> Self {
        Stack {
            cell,
            nonlinearity: "tanh",
            input_size: None,
            hidden_size: 0,
            num_layers: 1,
            bias: true,
            dropout: 0.0,
            bidirectional: false,
            last: false,
            one_step: false,
        }
    }

    /// One step of `cell`.
    pub(super) const fn one_step(cell: Cell) -> Self {
        Stack { last: true, one_step: true, ..Stack::new(cell) }
    }

    pub(super) const fn directions(&self) -> usize {
        if self.bidirectional { 2 } else { 1 }
    }

    /// The layers that there are, whatever is asked for.
    pub(super) const fn layers(&self) -> usize {
        match self.num_layers {
            0 => 1,
            layers if layers > MAX_LAYERS => MAX_LAYERS,
            layers => layers,
        }
    }

    /// Layers, each direction counted.
    pub(super) const fn all(&self) -> usize {
        self.layers() * self.directions()
    }

    /// Numbers of a step of what comes in, `x`.
    const fn features(&self, x: &Shape) -> usize {
        if self.one_step { x.dim(0) } else { x.dim(1) }
    }

    /// Numbers of the state beside one another where a cell takes and gives both `h` and `c`.
    const fn states(&self) -> usize {
        if self.cell.has_c() { 2 } else { 1 }
    }

    /// With the nonlinearity of an `RNN` by name.
    pub(super) const fn nonlinearity(mut self, name: &'static str) -> Self {
        self.nonlinearity = name;
        self.cell = if same(name, "relu") { Cell::Relu } else { Cell::Tanh };
        self
    }

    /// Parameters of a layer that sees `inputs` numbers a step.
    const fn parameters(&self, inputs: usize) -> usize {
        let (h, biases) = (self.hidden_size, if self.bias { 2 } else { 0 });
        self.cell.gates() * h * (inputs + h + biases)
    }

    /// Multiplications of a layer that sees `inputs` numbers a step.
    const fn macs(&self, inputs: usize) -> usize {
        self.cell.gates() * self.hidden_size * (inputs + self.hidden_size)
    }

    /// The shape rule.
    pub(super) const fn infer<A: Copy>(self, args: A, x: Inputs) -> Inferred<A> {
        let (shape, h, d) = (x.shape(0), self.hidden_size, self.directions());
        let features = self.features(&shape);
        let output = match (self.one_step, self.last) {
            (true, _) if self.cell.has_c() => Shape::of(&[2, h]),
            (_, true) => Shape::of(&[d * h]),
            (_, false) => shape.with(1, d * h),
        };
        let inferred = Inferred::new(args, x, output);
        let inferred = if self.one_step {
            inferred.rank(1, "a step is [features]")
        } else {
            inferred.rank(2, "a sequence is [steps, features]")
        };
        let inferred = self
            .initial(inferred.stated(self.input_size, "features", features))
            .required("hidden_size", h)
            .not_zero("num_layers", self.num_layers);
        let inferred = self.check(inferred);
        let sizes = Sizes::of(&self, &shape);
        let (rest, layers) = (self.all() - d, self.layers());
        let steps = if self.one_step { 1 } else { shape.dim(0) };
        let inferred = inferred
            .dims(&[features, h, d, rest, self.all(), if self.bias { h } else { 0 }])
            .parameters(d * (self.parameters(features) + (layers - 1) * self.parameters(d * h)))
            .macs(steps * d * (self.macs(features) + (layers - 1) * self.macs(d * h)))
            .kept(sizes.kept())
            .scratches(sizes.scratches())
            .needs_x();
        let inferred = if self.last { inferred } else { inferred.needs_y() };
        if self.one_step {
            return inferred;
        }
        let inferred = inferred.any_length();
        if self.bidirectional || x.count() > 1 {
            return inferred;
        }
        inferred.state(layers * h * self.states())
    }

    /// What only a recurrent layer can have wrong.
    const fn check<A: Copy>(&self, inferred: Inferred<A>) -> Inferred<A> {
        let (x, says) = (inferred.inputs, inferred.inputs.says());
        let many = says.str("is given num_layers = ").num(self.num_layers);
        let many = many.str("; it has at most 8, and another one behind it has more");
        let probability = says.str("is given a dropout that is not between 0 and 1");
        let one = says.str(
            "is given dropout, which is between layers, but has only one; put `Dropout` behind it",
        );
        let known = same(self.nonlinearity, "tanh") || same(self.nonlinearity, "relu");
        let unknown = says.str("is given nonlinearity = \"").str(self.nonlinearity);
        let unknown = unknown.str("\"; it knows \"tanh\" and \"relu\"");
        let axis = says.str("goes from step to step along the first axis");
        let first = match x.shape(0).bound() {
            Some(bound) => bound.axis == 0,
            None => true,
        };
        inferred
            .argument(known, unknown)
            .argument(self.num_layers <= MAX_LAYERS, many)
            .argument(self.dropout >= 0.0 && self.dropout <= 1.0, probability)
            .argument(self.dropout == 0.0 || self.num_layers > 1, one)
            .check(first, x.but_gives(axis, 0).str("; put `Transpose(0, 1)` before it"))
    }

    /// What is given beside `x`: nothing, or the state before the first step.
    const fn initial<A: Copy>(&self, inferred: Inferred<A>) -> Inferred<A> {
        let (x, has_c, h) = (inferred.inputs, self.cell.has_c(), self.hidden_size);
        let says = x.says();
        let says = match (has_c, self.one_step) {
            (true, false) => says.str("takes a sequence, or a sequence, h and c"),
            (false, false) => says.str("takes a sequence, or a sequence and h"),
            (true, true) => says.str("takes a step, a step and the state, or a step, h and c"),
            (false, true) => says.str("takes a step, or a step and h"),
        };
        let count = says.str(", but is given ").num(x.count()).str(" inputs");
        let right = match x.count() {
            0 | 1 => true,
            2 => !has_c || self.one_step,
            3 => has_c,
            _ => false,
        };
        let mut inferred = inferred.argument(right, count);
        let both = self.one_step && has_c && x.count() == 2;
        let wanted = match (self.one_step, both) {
            (_, true) => Shape::of(&[2, h]),
            (true, _) => Shape::of(&[h]),
            (false, _) => Shape::of(&[self.all(), h]),
        };
        let mut i = 1;
        while i < x.given() && i < 3 {
            let what = match (both, i) {
                (true, _) => "h and c as ",
                (_, 1) => "h as ",
                _ => "c as ",
            };
            let says = x.but_gives(x.says().str("takes ").str(what).shape(&wanted), i);
            inferred = inferred.check(x.shape(i).same(&wanted), says);
            i += 1;
        }
        inferred
    }
}
