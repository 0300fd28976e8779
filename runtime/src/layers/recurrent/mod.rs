//! What `LSTM`, `GRU`, `RNN` and their cells have in common: sizes and shape rule here, the passes beside.

mod backward;
mod forward;
mod sizes;
mod small;
mod tensors;

pub(super) use backward::backward;
pub(super) use forward::{forward, in_use};
pub(super) use tensors::{MAX_LAYERS, names, tensors};

use crate::infer::{Inferred, Inputs, Node};
#[cfg(feature = "std")]
use crate::kernel::recurrent_columns;
use crate::kernel::{Cell, Recurrence, RecurrentGradients, recurrent_step};
use crate::layer::Layer;
#[cfg(feature = "std")]
use crate::pack::Pack;
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

/// What the passes need of a recurrent layer, however many gates it has.
pub(super) trait Stacked: Layer {
    /// What was written in the declaration.
    fn stack(node: &Node<Self::Args>) -> Stack;
    /// The gradients of layer `i`, each direction counted, where `self` is a gradient.
    fn gradients(&mut self, i: usize) -> RecurrentGradients<'_>;
    /// Takes one step.
    const STEP: Step;
    /// Takes one step in little code: `recurrent_step_small` with its `h`, `c` and `gates`.
    const SMALL_STEP: Step;
    /// Takes one step with a layer that is packed in columns, as small ones are.
    #[cfg(feature = "std")]
    const COLUMNS: Option<Step>;
}

/// [`recurrent_step`] of a layer and its input, with `y`, `h` and `c`.
pub(super) type Step = fn(&Recurrence<'_>, &[f32], &mut [f32], &mut [f32], &mut [f32]);

/// The step of a layer of these sizes. Small ones are known to the compiler: loops and calls would take more time than the arithmetic.
pub(super) const fn step<const G: usize, const I: usize, const H: usize>() -> Step {
    if I <= 64 && H <= 32 { recurrent_step::<G, I, H> } else { recurrent_step::<G, 0, 0> }
}

/// The step of `all` layers of these sizes that are packed in columns.
#[cfg(feature = "std")]
pub(super) const fn columns<const G: usize, const I: usize, const H: usize>(
    all: usize,
) -> Option<Step> {
    if all == 1 && I <= 64 && H <= 32 { Some(recurrent_columns::<G, I, H>) } else { None }
}

/// Layer `i` of `layer`, each direction counted.
#[inline]
fn recurrence<'a, L: Stacked>(
    layer: &'a L,
    stack: &Stack,
    node: &Node<L::Args>,
    i: usize,
) -> Recurrence<'a> {
    let (all, d, h) = (stack.all(), stack.directions(), stack.hidden_size);
    let bias = |which: usize| if stack.bias { layer.tensor(which * all + i) } else { &[] };
    Recurrence {
        cell: stack.cell,
        inputs: if i < d { stack.features(&node.input) } else { d * h },
        hidden: h,
        reverse: i % d == 1,
        weight_ih: layer.tensor(i),
        weight_hh: layer.tensor(all + i),
        bias_ih: bias(2),
        bias_hh: bias(3),
        packed: &[],
    }
}

/// The weights of every layer, each direction counted.
#[cfg(feature = "std")]
pub(super) fn pack<L: Stacked>(layer: &L, node: &Node<L::Args>) -> Pack {
    let stack = L::stack(node);
    let of = |i| {
        let recurrence = recurrence(layer, &stack, node, i);
        match L::COLUMNS {
            Some(_) => Pack::new(recurrence.columns_len(), |to| recurrence.pack_columns(to)),
            None => Pack::new(recurrence.packed_len(), |to| recurrence.pack(to)),
        }
    };
    Pack::of((0..stack.all()).map(of).collect())
}

/// The parameters and passes of a recurrent layer of `$gates` gates, which has the fields of [`LSTM`](super::LSTM).
macro_rules! stacked {
    ($layer:ident, $gates:literal) => {
        impl Kind for $layer {
            type Args = Args;
            type Layer<
                const I: usize,
                const H: usize,
                const D: usize,
                const REST: usize,
                const LD: usize,
                const B: usize,
            > = $layer<I, H, D, REST, LD, B>;
        }

        impl<
            const I: usize,
            const H: usize,
            const D: usize,
            const REST: usize,
            const LD: usize,
            const B: usize,
        > $layer<I, H, D, REST, LD, B>
        {
            const ALL: &'static [Tensor; 8 * recurrent::MAX_LAYERS] =
                &recurrent::tensors(&recurrent::names(LD, D), [I, H, D], $gates);
        }

        impl<
            const I: usize,
            const H: usize,
            const D: usize,
            const REST: usize,
            const LD: usize,
            const B: usize,
        > Layer for $layer<I, H, D, REST, LD, B>
        {
            type Args = Args;
            const ZERO: Self = $layer {
                weight_ih_l0: [[[[0.0; I]; H]; $gates]; D],
                weight_ih: [[[[[0.0; H]; D]; H]; $gates]; REST],
                weight_hh: [[[[0.0; H]; H]; $gates]; LD],
                bias_ih: [[[0.0; B]; $gates]; LD],
                bias_hh: [[[0.0; B]; $gates]; LD],
            };
            const TENSORS: &'static [Tensor] =
                Self::ALL.split_at(if B > 0 { 4 * LD } else { 2 * LD }).0;

            #[inline]
            fn tensor(&self, i: usize) -> &[f32] {
                let layer = i % LD;
                match i / LD {
                    0 if layer < D => self.weight_ih_l0[layer].as_flattened().as_flattened(),
                    0 => {
                        let weight = self.weight_ih[layer - D].as_flattened();
                        weight.as_flattened().as_flattened()
                    }
                    1 => self.weight_hh[layer].as_flattened().as_flattened(),
                    2 => self.bias_ih[layer].as_flattened(),
                    _ => self.bias_hh[layer].as_flattened(),
                }
            }
            fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
                let layer = i % LD;
                let gradients = self.gradients(layer);
                match i / LD {
                    0 => gradients.weight_ih,
                    1 => gradients.weight_hh,
                    2 => gradients.bias_ih,
                    _ => gradients.bias_hh,
                }
            }

            /// From U(−1/√H, 1/√H).
            fn init(&mut self, _: &Node<Args>, rng: &mut dyn Rng) {
                for i in 0..Self::TENSORS.len() {
                    init::fan_in_uniform(self.tensor_mut(i), H, rng);
                }
            }

            #[inline(always)]
            fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
                recurrent::in_use(self, node, call);
            }

            #[cfg(feature = "std")]
            fn pack(&self, node: &Node<Args>) -> crate::pack::Pack {
                recurrent::pack(self, node)
            }

            fn forward_training(&mut self, node: &Node<Args>, call: Forward<'_>) {
                recurrent::forward(self, node, call, true);
            }

            fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
                recurrent::backward(self, node, call, grad);
            }
        }

        impl<
            const I: usize,
            const H: usize,
            const D: usize,
            const REST: usize,
            const LD: usize,
            const B: usize,
        > Stacked for $layer<I, H, D, REST, LD, B>
        {
            const STEP: recurrent::Step = recurrent::step::<$gates, I, H>();
            const SMALL_STEP: recurrent::Step = crate::kernel::recurrent_step_small::<$gates>;
            #[cfg(feature = "std")]
            const COLUMNS: Option<recurrent::Step> = recurrent::columns::<$gates, I, H>(LD);
            fn stack(node: &Node<Args>) -> Stack {
                node.args.0
            }
            fn gradients(&mut self, i: usize) -> RecurrentGradients<'_> {
                RecurrentGradients {
                    weight_ih: if i < D {
                        self.weight_ih_l0[i].as_flattened_mut().as_flattened_mut()
                    } else {
                        let weight = self.weight_ih[i - D].as_flattened_mut();
                        weight.as_flattened_mut().as_flattened_mut()
                    },
                    weight_hh: self.weight_hh[i].as_flattened_mut().as_flattened_mut(),
                    bias_ih: self.bias_ih[i].as_flattened_mut(),
                    bias_hh: self.bias_hh[i].as_flattened_mut(),
                }
            }
        }
    };
}
pub(super) use stacked;

/// As [`stacked!`], for a cell: one layer, one direction, and no number in the names.
macro_rules! one_step {
    ($layer:ident, $gates:literal) => {
        impl Kind for $layer {
            type Args = Args;
            type Layer<
                const I: usize,
                const H: usize,
                const D: usize,
                const REST: usize,
                const LD: usize,
                const B: usize,
            > = $layer<I, H, B>;
        }

        impl<const I: usize, const H: usize, const B: usize> $layer<I, H, B> {
            const ALL: &'static [Tensor; 8 * recurrent::MAX_LAYERS] = &recurrent::tensors(
                &["weight_ih", "weight_hh", "bias_ih", "bias_hh"],
                [I, H, 1],
                $gates,
            );
        }

        impl<const I: usize, const H: usize, const B: usize> Layer for $layer<I, H, B> {
            type Args = Args;
            const ZERO: Self = $layer {
                weight_ih: [[[0.0; I]; H]; $gates],
                weight_hh: [[[0.0; H]; H]; $gates],
                bias_ih: [[0.0; B]; $gates],
                bias_hh: [[0.0; B]; $gates],
            };
            const TENSORS: &'static [Tensor] = Self::ALL.split_at(if B > 0 { 4 } else { 2 }).0;

            fn tensor(&self, i: usize) -> &[f32] {
                match i {
                    0 => self.weight_ih.as_flattened().as_flattened(),
                    1 => self.weight_hh.as_flattened().as_flattened(),
                    2 => self.bias_ih.as_flattened(),
                    _ => self.bias_hh.as_flattened(),
                }
            }
            fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
                let gradients = self.gradients(0);
                match i {
                    0 => gradients.weight_ih,
                    1 => gradients.weight_hh,
                    2 => gradients.bias_ih,
                    _ => gradients.bias_hh,
                }
            }

            /// From U(−1/√H, 1/√H).
            fn init(&mut self, _: &Node<Args>, rng: &mut dyn Rng) {
                for i in 0..Self::TENSORS.len() {
                    init::fan_in_uniform(self.tensor_mut(i), H, rng);
                }
            }

            #[inline(always)]
            fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
                recurrent::in_use(self, node, call);
            }

            #[cfg(feature = "std")]
            fn pack(&self, node: &Node<Args>) -> crate::pack::Pack {
                recurrent::pack(self, node)
            }

            fn forward_training(&mut self, node: &Node<Args>, call: Forward<'_>) {
                recurrent::forward(self, node, call, true);
            }

            fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
                recurrent::backward(self, node, call, grad);
            }
        }

        impl<const I: usize, const H: usize, const B: usize> Stacked for $layer<I, H, B> {
            const STEP: recurrent::Step = recurrent::step::<$gates, I, H>();
            const SMALL_STEP: recurrent::Step = crate::kernel::recurrent_step_small::<$gates>;
            #[cfg(feature = "std")]
            const COLUMNS: Option<recurrent::Step> = recurrent::columns::<$gates, I, H>(1);
            fn stack(node: &Node<Args>) -> Stack {
                node.args.0
            }
            fn gradients(&mut self, _: usize) -> RecurrentGradients<'_> {
                RecurrentGradients {
                    weight_ih: self.weight_ih.as_flattened_mut().as_flattened_mut(),
                    weight_hh: self.weight_hh.as_flattened_mut().as_flattened_mut(),
                    bias_ih: self.bias_ih.as_flattened_mut(),
                    bias_hh: self.bias_hh.as_flattened_mut(),
                }
            }
        }
    };
}
pub(super) use one_step;
