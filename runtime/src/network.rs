//! What every network that `network!` writes can do.

mod tensors;

pub use rand_core::Rng;
pub use tensors::{
    Named, Part, and_ranges, as_layer, count, find, find_mut, frozen, named, numbers,
};

use crate::batch::{Given, Input, Output};
use crate::bits::{self, FromBytes};
use crate::check::split;
use crate::infer::MAX_INPUTS;
use crate::layer::Tensor;
use crate::length::{Counts, Length};
use crate::loss::Compared;
use crate::memory::Memory;
use crate::pack::PackRef;
use crate::pass::{self, Batch, Gradients, carve, range, values};
use crate::plan::Plan;
#[cfg(feature = "std")]
use crate::prepared::Prepared;
use crate::shape::Shape;
use crate::stream::{self, Stream};
use crate::summary::{Row, Summary};
use crate::text::Text;

/// The name of a tensor in a network, as `conv1.weight`.
pub type Name = Text<96>;

/// A network: a struct that holds the parameters of its layers, and nothing else.
///
/// `network!` implements it. Gradients, and what optimizers keep, are values of the network's own type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a network",
    note = "`network!` declares networks; one in a box is lent as `&*net` and `&mut *net`"
)]
pub trait Network: FromBytes + Send + Sync + Sized + 'static {
    /// One sample: an array of `f32`, or a tuple of arrays.
    type Input: Input;
    /// What comes out for it: an array of `f32`, or a tuple of arrays.
    type Output: Output;

    /// All parameters zero: what a gradient starts from.
    const ZERO: Self = bits::zero();
    /// What the tensors are called and how they are shaped, in memory order.
    const TENSORS: &'static [Tensor<Name>];
    /// [`TENSORS`](Self::TENSORS), as those of a layer.
    const AS_LAYER: &'static [Tensor];
    /// The shape of each input.
    const INPUTS: &'static [Shape];
    /// The shape of each output, and how its length follows from that of an input.
    const SHAPES: &'static [Shape];
    /// Whether a step of an output depends on no later step of an input, so that sequences can come in pieces.
    const STREAMS: bool;
    /// A row for each node, in forward order.
    const ROWS: &'static [Row];
    /// The memory of a forward pass.
    const INFERENCE: &'static Plan;
    /// The memory of a forward and a backward pass.
    const TRAINING: &'static Plan;
    /// Where a pass leaves its outputs.
    const OUTPUTS: &'static [usize];

    /// Numbers of memory, beside those of the plan, that a network needs of each sample in training.
    #[doc(hidden)]
    const BESIDE: usize = 0;

    /// Whether no layer is called again, so that what backward writes of one is all of its gradient.
    #[doc(hidden)]
    const CALLS_ONCE: bool = calls_once(Self::TRAINING, Self::ROWS);

    /// Numbers that are trained.
    const PARAMETERS: usize = numbers(Self::TENSORS, true);
    /// Multiplications with a parameter in one forward pass of one sample.
    const MACS: usize = crate::summary::macs(Self::ROWS);
    /// Bytes of memory for a forward pass of one sample.
    const INFERENCE_RAM: usize = Self::INFERENCE.len(1) * size_of::<f32>();
    /// Bytes of memory for a forward and a backward pass of one sample. [`TRAINING`](Self::TRAINING) has the plan for a batch; the
    /// gradient and the optimizer's state come beside.
    const TRAINING_RAM: usize = (Self::TRAINING.len(1) + Self::BESIDE) * size_of::<f32>();

    /// The numbers of tensor `i` of [`TENSORS`](Self::TENSORS).
    fn tensor(&self, i: usize) -> &[f32];
    /// As [`tensor`](Self::tensor), to write to.
    fn tensor_mut(&mut self, i: usize) -> &mut [f32];
    /// Sets every parameter as PyTorch does when it makes the layers.
    fn init(&mut self, rng: &mut dyn Rng);

    /// Calls the layers, as in use.
    fn run(&self, pass: &mut pass::Inference<'_>);
    /// Calls the layers, as in training.
    fn run_training(&mut self, pass: &mut pass::Training<'_>);
    /// Packs the parameters of the layers, where that spares them time in use.
    fn run_packing(&self, pass: &mut pass::Packing<'_>) {
        let _ = pass;
    }
    /// Calls the layers backward.
    fn run_backward(&self, pass: &mut pass::Backward<'_, '_>, grad: &mut Self);

    /// Table of the layers with their output shapes, parameters, MACs and memory.
    fn summary() -> Summary {
        Summary::of::<Self>()
    }

    /// A network initialised as PyTorch does, on the heap. It never passes through the stack.
    #[cfg(feature = "alloc")]
    fn boxed(rng: &mut impl Rng) -> alloc::boxed::Box<Self> {
        let mut net = Self::boxed_zero();
        net.init(rng);
        net
    }

    /// [`ZERO`](Self::ZERO), on the heap. It never passes through the stack.
    #[cfg(feature = "alloc")]
    fn boxed_zero() -> alloc::boxed::Box<Self> {
        bits::boxed_zero()
    }

    /// Sets every number to zero, as a gradient before a step.
    fn clear(&mut self) {
        for i in 0..Self::TENSORS.len() {
            self.tensor_mut(i).fill(0.0);
        }
    }

    /// Sets every number to that of `other`.
    fn copy_from(&mut self, other: &Self) {
        for i in 0..Self::TENSORS.len() {
            self.tensor_mut(i).copy_from_slice(other.tensor(i));
        }
    }

    /// Writes parameters and buffers to the safetensors file `path`, by PyTorch's names, whole or not at all.
    ///
    /// `model.load_state_dict(safetensors.torch.load_file(path))` reads it in PyTorch; the counters `num_batches_tracked` of
    /// batch normalisation are not in it, so there `strict=False` is needed.
    ///
    /// # Errors
    /// Where it cannot be written. A file that was there before is then untouched.
    #[cfg(feature = "std")]
    fn save(&self, path: impl AsRef<std::path::Path>) -> Result<(), crate::io::safetensors::Error> {
        crate::io::network::save(self, path.as_ref())
    }

    /// Reads parameters and buffers from the safetensors file `path`: of [`save`](Self::save), or of PyTorch's
    /// `safetensors.torch.save_file(model.state_dict(), path)`.
    ///
    /// Names and shapes have to be those of [`TENSORS`](Self::TENSORS), with nothing over but PyTorch's counters
    /// `num_batches_tracked`, which no network here needs. `float16`, `bfloat16` and `float64` are converted.
    ///
    /// # Errors
    /// Where it cannot be read, is damaged, or is not of this network: every tensor that does not fit is listed. The network is then as
    /// it was.
    #[cfg(feature = "std")]
    fn load(
        &mut self,
        path: impl AsRef<std::path::Path>,
    ) -> Result<(), crate::io::safetensors::Error> {
        crate::io::network::load(self, path.as_ref())
    }

    /// What the network gives for one sample.
    // Where flash is dear, in one place: what it calls then ends up in it, with all sizes known.
    #[cfg_attr(not(feature = "std"), inline(never))]
    fn forward<'m>(
        &self,
        x: &Self::Input,
        memory: &'m mut impl Memory,
    ) -> <Self::Output as Output>::One<'m> {
        forward(self, PackRef::NOTHING, x, memory)
    }

    /// What the network gives for each sample of a batch.
    fn forward_batch<'m>(
        &self,
        xs: <Self::Input as Input>::Batch<'_>,
        memory: &'m mut impl Memory,
    ) -> <Self::Output as Output>::Batch<'m> {
        forward_batch(self, PackRef::NOTHING, xs, memory)
    }

    /// What the network gives for the next step of a sequence that comes step by step: what [`forward`](Self::forward) gives for
    /// that step of the sequence so far, or for all of it where the output is no sequence. No layer may need steps that are still to
    /// come; of one that does, the build says so.
    fn step<'m, const LEN: usize>(
        &self,
        x: &<Self::Input as Input>::Step,
        stream: &'m mut Stream<Self, LEN>,
    ) -> <<Self::Output as Output>::Step as Output>::One<'m> {
        // Here, so that the build names the line that calls it.
        const { stream::verify::<Self>() }
        stream::step(self, PackRef::NOTHING, x, stream)
    }

    /// The network made ready to be used again and again as it is: its weights are packed once, where a pass does that anew each time.
    #[cfg(feature = "std")]
    fn prepared(&self) -> Prepared<&Self> {
        Prepared::new(self)
    }

    /// A forward pass as in training: dropout drops, batch normalisation takes the batch's own moments and moves its running ones.
    ///
    /// `rng` decides what is dropped. The [`Pass`] goes on to the loss and backward.
    fn forward_training<'m>(
        &mut self,
        xs: <Self::Input as Input>::Batch<'m>,
        memory: &'m mut impl Memory,
        rng: &mut (impl Rng + ?Sized),
    ) -> Pass<'m, Self> {
        let (plan, n, seed) = (Self::TRAINING, Self::Input::count(xs), rng.next_u64());
        let beside = n * Self::BESIDE;
        let (memory, room) =
            memory.room(plan.len(n) + beside).split_at_mut(plan.pass_len(n) + beside);
        let inputs = Batch::of::<Self::Input>(plan, xs, room);
        let (memory, batch) = memory.split_at_mut(n * plan.per_sample + beside);
        let (numbers, kept) = (&mut *memory, &mut *batch);
        self.run_training(&mut pass::Training::new(plan, inputs, numbers, kept, seed));
        for &k in Self::OUTPUTS {
            if let ([Some(dy)], _) = carve(memory, [range(plan.nodes[k].dy, n)]) {
                dy.fill(0.0);
            }
        }
        Pass { inputs, memory, batch, network: core::marker::PhantomData }
    }
}

/// The parameters of a layer are counted in the row of its first call.
const fn calls_once(plan: &Plan, rows: &[Row]) -> bool {
    let mut k = 0;
    while k < plan.nodes.len() {
        if plan.nodes[k].trained && rows[k].parameters == 0 {
            return false;
        }
        k += 1;
    }
    true
}

/// See [`Network::forward`].
#[inline(always)]
pub(crate) fn forward<'m, N: Network>(
    net: &N,
    packed: PackRef<'_>,
    x: &N::Input,
    memory: &'m mut impl Memory,
) -> <N::Output as Output>::One<'m> {
    // The pass becomes a part of this one, where the compiler knows that there is one sample, and with it where everything is.
    let batch = forward_with::<N>(
        packed,
        x.one(),
        memory,
        #[inline(always)]
        |pass| net.run(pass),
    );
    <N::Output as Output>::each(batch).next().expect("a batch of one")
}

/// See [`Network::forward_batch`].
#[inline(always)]
pub(crate) fn forward_batch<'m, N: Network>(
    net: &N,
    packed: PackRef<'_>,
    xs: <N::Input as Input>::Batch<'_>,
    memory: &'m mut impl Memory,
) -> <N::Output as Output>::Batch<'m> {
    forward_with::<N>(packed, xs, memory, |pass| run(net, pass))
}

/// Calls the layers, as in use, of a batch of any size.
pub(crate) fn run<N: Network>(net: &N, pass: &mut pass::Inference<'_>) {
    net.run(pass);
}

#[inline(always)]
fn forward_with<'m, N: Network>(
    packed: PackRef<'_>,
    xs: <N::Input as Input>::Batch<'_>,
    memory: &'m mut impl Memory,
    run: impl FnOnce(&mut pass::Inference<'_>),
) -> <N::Output as Output>::Batch<'m> {
    let (plan, n) = (N::INFERENCE, N::Input::count(xs));
    let (memory, room) = split(memory.room(plan.len(n)), plan.pass_len(n));
    let inputs = Batch::of::<N::Input>(plan, xs, &mut *room);
    run(&mut pass::Inference::new(packed, inputs, memory, &mut []));
    let counts = Counts::new(split(room, n * plan.sequences).0, n);
    N::Output::batch(|o| given::<N>(plan, o, n, counts, memory))
}

/// A batch on its way through a network in training: forward is done, backward may follow.
pub struct Pass<'m, N> {
    inputs: Batch<'m>,
    memory: &'m mut [f32],
    batch: &'m mut [f32],
    network: core::marker::PhantomData<fn() -> N>,
}

impl<N: Network> Pass<'_, N> {
    /// What the network gave for the batch.
    pub fn output(&self) -> <N::Output as Output>::Batch<'_> {
        let Batch { n, counts, .. } = self.inputs;
        N::Output::batch(|o| given::<N>(N::TRAINING, o, n, counts, self.memory))
    }

    /// Takes the loss of the batch, and starts backward from its gradient.
    pub fn loss<L, T>(&mut self, loss: &L, targets: &[T]) -> f32
    where
        N::Output: Compared<L, T>,
    {
        self.loss_with(|y, dy| N::Output::loss(loss, y, targets, dy))
    }

    /// Takes a loss of one's own: `loss` is given the outputs, and room for the gradient of the loss by each of them.
    ///
    /// The room holds the gradient that was there before: zero at first.
    pub fn loss_with<R>(
        &mut self,
        loss: impl FnOnce(<N::Output as Output>::Batch<'_>, <N::Output as Output>::BatchMut<'_>) -> R,
    ) -> R {
        let Batch { n, counts, .. } = self.inputs;
        let place = |o: usize| N::OUTPUTS.get(o).map(|&k| &N::TRAINING.nodes[k]);
        let dys = core::array::from_fn(|o| {
            place(o).and_then(|slots| values(slots.dy, slots.length, n, counts))
        });
        let (dy, rest) = carve::<_, MAX_INPUTS>(self.memory, dys);
        let given = |o: usize| {
            let slots = &N::TRAINING.nodes[N::OUTPUTS[o]];
            let numbers = rest.get(values(slots.y, slots.length, n, counts));
            Given { numbers, length: slots.length, counts: counts_of(slots.length, counts) }
        };
        let dy = N::Output::batch_mut(dy.map(Option::unwrap_or_default), given);
        loss(N::Output::batch(given), dy)
    }

    /// Writes the gradient of the loss by every parameter to `grad`, whatever is there. `net` is the network that went forward.
    ///
    /// That is what a step needs that takes one batch: [`clear`](Network::clear) and [`backward`](Self::backward) in one, and in less time.
    pub fn gradient(self, net: &N, grad: &mut N) {
        if N::CALLS_ONCE {
            return self.go_back(net, grad, [const { None }; MAX_INPUTS], Gradients::Written);
        }
        grad.clear();
        self.backward(net, grad);
    }

    /// Adds the gradient of the loss by every parameter to `grad`. `net` is the network that went forward.
    pub fn backward(self, net: &N, grad: &mut N) {
        self.go_back(net, grad, [const { None }; MAX_INPUTS], Gradients::Added);
    }

    /// As [`backward`](Self::backward), and writes the gradient of the loss by every input to `dx`.
    ///
    /// # Panics
    /// When `dx` is not as long as the batch: a sample for each, or of sequences a step for each that is brought.
    pub fn backward_to_input(self, net: &N, grad: &mut N, dx: <N::Input as Input>::BatchMut<'_>) {
        let dx = self.input_gradients(dx);
        self.go_back(net, grad, dx, Gradients::Added);
    }

    /// Writes the gradient of the loss by every input to `dx`, and works out none by parameters where that saves time: PyTorch's
    /// `autograd.grad(loss, x)`. So a generator learns through a discriminator, and adversarial examples are found.
    ///
    /// `grad` is room for layers that do not do one without the other: clear it before it is used for something else.
    ///
    /// # Panics
    /// As [`backward_to_input`](Self::backward_to_input).
    pub fn input_gradient(self, net: &N, grad: &mut N, dx: <N::Input as Input>::BatchMut<'_>) {
        let dx = self.input_gradients(dx);
        self.go_back(net, grad, dx, Gradients::Unasked);
    }

    /// Zeros for each number that came in.
    fn input_gradients<'x>(
        &self,
        dx: <N::Input as Input>::BatchMut<'x>,
    ) -> [Option<&'x mut [f32]>; MAX_INPUTS] {
        let mut dx = N::Input::slices_mut(dx);
        for (dx, x) in dx.iter_mut().zip(self.inputs.slices) {
            let same = dx.len() == x.len();
            assert!(same, "there is one input gradient for each sample, or step, of the batch");
            dx.fill(0.0);
        }
        dx.map(Some)
    }

    fn go_back(
        self,
        net: &N,
        grad: &mut N,
        dx: [Option<&mut [f32]>; MAX_INPUTS],
        gradients: Gradients,
    ) {
        let (plan, Pass { inputs, memory, batch, .. }) = (N::TRAINING, self);
        let mut pass = pass::Backward::new(plan, inputs, memory, batch, dx, gradients);
        net.run_backward(&mut pass, grad);
    }
}

/// What a pass has left in `memory` for output `o`.
#[inline]
fn given<'a, N: Network>(
    plan: &Plan,
    o: usize,
    n: usize,
    counts: Counts<'a>,
    memory: &'a [f32],
) -> Given<'a> {
    let slots = &plan.nodes[N::OUTPUTS[o]];
    let range = values(slots.y, slots.length, n, counts).unwrap_or_default();
    let numbers = memory.get(range).unwrap_or_default();
    Given { numbers, length: slots.length, counts: counts_of(slots.length, counts) }
}

/// What the input brings that decides about `length`.
#[inline]
fn counts_of<'a>(length: Length, counts: Counts<'a>) -> &'a [f32] {
    length.input().map_or(&[], |input| counts.of_input(input))
}
