//! A network as a layer of another: `encoder: Encoder`.

use core::fmt::{self, Debug};
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use rand_core::Rng;

use crate::batch::Input;
use crate::check::split;
use crate::infer::{Inferred, Inputs, MAX_INPUTS, Node};
use crate::layer::{Backward, Forward, FromBytes, Layer, Tensor};
use crate::length::{Counts, Lengths};
use crate::network::{self, Network};
#[cfg(feature = "std")]
use crate::pack::Pack;
use crate::pass::{self, Batch, Gradients, carve, values};
use crate::plan::{Place, Plan};
use crate::positional::{NoArgument, NotStated};
use crate::shape::Shape;

/// A network that is a layer of another. It is the network by another name: `net.encoder.conv1.weight`, `net.encoder.load(…)`.
///
/// What it works in is memory of the layer, so that the plan of the outer network has room for it.
#[derive(FromBytes)]
#[repr(transparent)]
pub struct Nested<N>(pub N);

/// A network takes no arguments.
pub struct Args<N>(PhantomData<fn() -> N>);

impl<N> Clone for Args<N> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<N> Copy for Args<N> {}
impl<N> Debug for Args<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Args")
    }
}

impl<N> Deref for Nested<N> {
    type Target = N;
    fn deref(&self) -> &N {
        &self.0
    }
}
impl<N> DerefMut for Nested<N> {
    fn deref_mut(&mut self) -> &mut N {
        &mut self.0
    }
}

impl<N: Network> Args<N> {
    /// The arguments of a network: none.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Args(PhantomData)
    }

    /// The arguments that may stand without a name: none.
    #[doc(hidden)]
    pub const POSITIONAL: &'static [&'static str] = &[];
    #[doc(hidden)]
    pub const fn first<T: NoArgument>(self, _: T) -> Self {
        self
    }
    #[doc(hidden)]
    pub const fn before_arrow<T: NotStated>(self, _: T) -> T::Args {
        panic!("nothing fits in front of the arrow")
    }

    /// The inputs are those that the network declares; so is the output.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (inner, says) = (N::INFERENCE, x.says());
        let output = match N::SHAPES.len() {
            0 => Shape::of(&[1]),
            _ => output(&N::SHAPES[0], &x),
        };
        let sequences = N::TRAINING.sequences;
        let mut inferred = Inferred::new(self, x, output)
            .certain()
            .argument(N::SHAPES.len() < 2, {
                says.str("gives several values; a network that is a layer gives one")
            })
            .argument(x.count() == N::INPUTS.len(), {
                let says = says.str("takes ").num(N::INPUTS.len()).str(" inputs, but is given ");
                says.num(x.count())
            })
            .parameters(N::PARAMETERS)
            .buffers(crate::network::numbers(N::TENSORS, false) - N::PARAMETERS)
            .macs(N::MACS)
            .kept(N::TRAINING.per_sample)
            .kept_batch(N::TRAINING.per_batch)
            .scratches([inner.per_sample + sequences, sequences, sequences])
            .any_length();
        if N::STREAMS {
            inferred = inferred.state(inner.state);
        }
        if reads_inputs(N::TRAINING) {
            inferred = inferred.needs_x();
        }
        let mut i = 0;
        while i < x.given() && i < N::INPUTS.len() {
            let says = says.str("takes ").shape(&N::INPUTS[i]);
            inferred = inferred.check(fits(&x.shape(i), &N::INPUTS[i]), x.but_gives(says, i));
            let brings = N::TRAINING.brings[i];
            if brings.most > 0 && brings.as_input < x.given() {
                inferred = inferred.as_long_as(i, brings.as_input);
            }
            if <N::Input as Input>::IDS >> i & 1 == 1 {
                inferred = inferred.takes_ids(i);
            }
            i += 1;
        }
        inferred
    }
}

/// Whether what is `given` can come in where `declared` is declared: the same, or no longer than a sequence may be.
const fn fits(given: &Shape, declared: &Shape) -> bool {
    let (mut same, mut axis) = (given.rank() == declared.rank(), 0);
    while axis < given.rank() {
        same &= if declared.is_bounded_at(axis) {
            given.dim(axis) <= declared.dim(axis)
        } else {
            given.dim(axis) == declared.dim(axis) && !given.is_bounded_at(axis)
        };
        axis += 1;
    }
    same
}

/// The shape of an output, as long as what comes in makes it.
const fn output(declared: &Shape, x: &Inputs) -> Shape {
    match declared.bound() {
        Some(bound) => match bound.length.input() {
            Some(input) if input < x.given() => {
                declared.as_long_as(bound.axis, bound.length.after_length(x.shape(input).length()))
            }
            _ => *declared,
        },
        None => *declared,
    }
}

const fn reads_inputs(plan: &Plan) -> bool {
    let mut k = 0;
    while k < plan.nodes.len() {
        let slots = &plan.nodes[k];
        let mut i = 0;
        while i < MAX_INPUTS && slots.needs_x {
            if matches!(slots.x[i], Place::Input(_)) {
                return true;
            }
            i += 1;
        }
        k += 1;
    }
    false
}

impl<N: Network> Layer for Nested<N> {
    type Args = Args<N>;
    const TENSORS: &'static [Tensor] = N::AS_LAYER;
    const WRITES_GRAD: bool = N::CALLS_ONCE;

    fn tensor(&self, i: usize) -> &[f32] {
        self.0.tensor(i)
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
        self.0.tensor_mut(i)
    }

    fn init(&mut self, _: &Node<Args<N>>, rng: &mut dyn Rng) {
        self.0.init(rng);
    }

    fn forward(&self, _: &Node<Args<N>>, call: Forward<'_>) {
        let (plan, n) = (N::INFERENCE, call.n);
        let (memory, room) = call.scratch.split_at_mut(n * plan.per_sample);
        let inputs = batch::<N>(n, call.x, call.lengths, room);
        let state = call.state;
        network::run(&self.0, &mut pass::Inference::new(call.packed, inputs, memory, state));
        give::<N>(plan, &inputs, memory, call.y);
    }

    #[cfg(feature = "std")]
    fn pack(&self, _: &Node<Args<N>>) -> Pack {
        Pack::of_network(&self.0)
    }

    fn forward_training(&mut self, _: &Node<Args<N>>, call: Forward<'_>) {
        let (plan, n) = (N::TRAINING, call.n);
        // What the inner pass has for a batch stands behind what it has for its samples.
        let inputs = batch::<N>(n, call.x, call.lengths, call.scratch);
        let (memory, batch) = (call.kept, call.kept_batch);
        let seed = call.seed;
        self.0.run_training(&mut pass::Training::new(plan, inputs, memory, batch, seed));
        give::<N>(plan, &inputs, memory, call.y);
    }

    fn backward(&self, _: &Node<Args<N>>, call: Backward<'_>, grad: &mut Self) {
        let gradients = if call.adds { Gradients::Added } else { Gradients::Written };
        self.go_back(call, grad, gradients);
    }

    fn backward_to_input(&self, _: &Node<Args<N>>, call: Backward<'_>, grad: &mut Self) {
        self.go_back(call, grad, Gradients::Unasked);
    }
}

impl<N: Network> Nested<N> {
    fn go_back(&self, call: Backward<'_>, grad: &mut Self, gradients: Gradients) {
        let (plan, n) = (N::TRAINING, call.n);
        let inputs = batch::<N>(n, call.x, call.lengths, call.scratch);
        let (memory, batch) = (call.kept, call.kept_batch);
        let last = &plan.nodes[N::OUTPUTS[0]];
        let place = values(last.dy, last.length, n, inputs.counts);
        if let ([Some(dy)], _) = carve(memory, [place]) {
            dy.copy_from_slice(call.dy);
        }
        let input_gradients = call.dx;
        let mut pass = pass::Backward::new(plan, inputs, memory, batch, input_gradients, gradients);
        self.0.run_backward(&mut pass, &mut grad.0);
    }
}

/// What comes into the inner network; `room` is for how many steps each sample brings.
fn batch<'a, N: Network>(
    n: usize,
    slices: pass::Slices<'a>,
    lengths: Lengths<'_>,
    room: &'a mut [f32],
) -> Batch<'a> {
    Batch { n, slices, counts: counts::<N>(&lengths, n, room), order: lengths.order }
}

/// What each sample brings to the inner network, written to `room`.
fn counts<'a, N: Network>(lengths: &Lengths<'_>, n: usize, room: &'a mut [f32]) -> Counts<'a> {
    let all = split(room, n * N::TRAINING.sequences).0;
    for (input, counts) in all.chunks_exact_mut(n.max(1)).enumerate() {
        for (sample, count) in counts.iter_mut().enumerate() {
            *count = lengths.input(input, sample) as f32;
        }
    }
    Counts::new(all, n)
}

/// Copies what the inner pass gave to `y`.
fn give<N: Network>(plan: &Plan, inputs: &Batch<'_>, memory: &[f32], y: &mut [f32]) {
    let last = &plan.nodes[N::OUTPUTS[0]];
    if let Some(place) = values(last.y, last.length, inputs.n, inputs.counts) {
        y.copy_from_slice(&memory[place]);
    }
}

/// `impl Kind` for a network, which is a layer of another: `network!` writes it.
#[macro_export]
#[doc(hidden)]
macro_rules! nested_keyword {
    ($net:ident) => {
        $crate::nested_keyword!([] $net);
    };
    ([$($params:tt)*] $net:ty) => {
        impl $($params)* $crate::layer::Kind for $net {
            type Args = $crate::nested::Args<$net>;
            type Layer<
                const __A: usize,
                const __B: usize,
                const __C: usize,
                const __D: usize,
                const __E: usize,
                const __F: usize,
            > = $crate::nested::Nested<$net>;
        }
    };
}
