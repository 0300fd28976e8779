//! The parameters of a recurrent layer, and its step: what differs from one to the other by the number of gates.

use super::Stack;
use crate::infer::Node;
use crate::kernel::{Recurrence, RecurrentGradients, recurrent_step, recurrent_step_small};
use crate::layer::Layer;
#[cfg(feature = "std")]
use crate::pack::Pack;
use crate::pack::PackRef;

/// What the passes need of a recurrent layer, however many gates it has.
pub(in crate::layers) trait Stacked: Layer {
    /// What was written in the declaration.
    fn stack(node: &Node<Self::Args>) -> Stack;
    /// The gradients of layer `i`, each direction counted, where `self` is a gradient.
    fn gradients(&mut self, i: usize) -> RecurrentGradients<'_>;
    /// Takes one step.
    const STEP: Step;
    /// Whether it is a single small layer: packed, it goes step by step through its columns.
    const IN_COLUMNS: bool;
}

/// One step of a layer and its input: brings `h` and `c` up to date in the room of its gates, whose first numbers then are `h`, too, where
/// there is `std`.
pub(in crate::layers) type Step = fn(&Recurrence<'_>, &[f32], &mut [f32], &mut [f32], &mut [f32]);

/// Whether the compiler is to know the sizes of a layer: where loops and calls would take more time than the arithmetic.
pub(in crate::layers) const fn is_small(inputs: usize, hidden: usize) -> bool {
    inputs <= 64 && hidden <= 32
}

/// The step of a layer of these sizes. Without `std` it takes little code.
pub(in crate::layers) const fn step<const G: usize, const I: usize, const H: usize>() -> Step {
    match (cfg!(feature = "std"), is_small(I, H)) {
        (false, _) => recurrent_step_small::<G>,
        (true, true) => recurrent_step::<G, I, H>,
        (true, false) => recurrent_step::<G, 0, 0>,
    }
}

/// Layer `i` of `layer`, each direction counted, and what is packed of it.
#[inline]
pub(super) fn recurrence<'a, L: Stacked>(
    layer: &'a L,
    stack: &Stack,
    node: &Node<L::Args>,
    packed: PackRef<'a>,
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
        packed: packed.part(i).numbers().unwrap_or_default(),
    }
}

/// The weights of every layer, each direction counted.
#[cfg(feature = "std")]
pub(in crate::layers) fn pack<L: Stacked>(layer: &L, node: &Node<L::Args>) -> Pack {
    let stack = L::stack(node);
    let of = |i| {
        let recurrence = recurrence(layer, &stack, node, PackRef::NOTHING, i);
        match L::IN_COLUMNS {
            true => Pack::new(recurrence.columns_len(), |to| recurrence.pack_columns(to)),
            false => Pack::new(recurrence.packed_len(), |to| recurrence.pack(to)),
        }
    };
    Pack::of((0..stack.all()).map(of).collect())
}

/// Of `Layer`, what a stack of `$all` layers and directions has in common with a single cell.
macro_rules! passes {
    ($all:expr, $hidden:expr) => {
        fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
            let all = $all;
            let gradients = self.gradients(i % all);
            match i / all {
                0 => gradients.weight_ih,
                1 => gradients.weight_hh,
                2 => gradients.bias_ih,
                _ => gradients.bias_hh,
            }
        }

        /// From U(−1/√H, 1/√H).
        fn init(&mut self, _: &Node<Args>, rng: &mut dyn Rng) {
            for i in 0..Self::TENSORS.len() {
                init::fan_in_uniform(self.tensor_mut(i), $hidden, rng);
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
    };
}
pub(in crate::layers) use passes;

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
            recurrent::passes!(LD, H);
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
            const IN_COLUMNS: bool = LD == 1 && recurrent::is_small(I, H);
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
pub(in crate::layers) use stacked;

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
            const TENSORS: &'static [Tensor] = Self::ALL.split_at(if B > 0 { 4 } else { 2 }).0;

            fn tensor(&self, i: usize) -> &[f32] {
                match i {
                    0 => self.weight_ih.as_flattened().as_flattened(),
                    1 => self.weight_hh.as_flattened().as_flattened(),
                    2 => self.bias_ih.as_flattened(),
                    _ => self.bias_hh.as_flattened(),
                }
            }
            recurrent::passes!(1, H);
        }

        impl<const I: usize, const H: usize, const B: usize> Stacked for $layer<I, H, B> {
            const STEP: recurrent::Step = recurrent::step::<$gates, I, H>();
            const IN_COLUMNS: bool = recurrent::is_small(I, H);
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
pub(in crate::layers) use one_step;
