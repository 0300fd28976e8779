//! Quantisation-aware training: a network that is trained with the rounding that bytes will bring.

use core::slice::{from_mut, from_ref};
use std::boxed::Box;
use std::vec::Vec;

use rand_core::Rng;

use crate::infer::MAX_INPUTS;
use crate::int8::Scale;
use crate::int8::network::{Network, inputs};
use crate::int8::plan::shown;
use crate::layer::{FromBytes, Tensor};
use crate::network::{Name, Network as Float};
use crate::pack::PackRef;
use crate::pass::{Backward, Batch, Inference, Slices, Training};
use crate::plan::{ALIGN, Plan};
use crate::sample::Sample;
use crate::shape::Shape;
use crate::summary::Row;

/// The network of `Q` in `f32`, which computes with the numbers that bytes can stand for, so that training finds parameters that bear it: what
/// PyTorch has after `prepare_qat`. It is a [`Network`](Float) itself, which a [`Trainer`](crate::train::Trainer) trains and judges as any other.
///
/// Weights are rounded with a scale for each channel that comes out, and values where the network in bytes has them: behind merged layers, and
/// with one scale where it has one. Batch normalisation takes the moments of the batch, as always: its factor is that of a whole channel, so
/// weights that are rounded before it are those that are rounded with it. The range of a value is the moving average of the least and the most of
/// each batch, of which a new one counts 0.01, as with PyTorch's `MovingAverageMinMaxObserver`; before the first batch nothing but weights is rounded.
///
/// Backward, the rounding counts as `y = x` within the range and as constant beyond it (the straight-through estimator, Bengio et al. 2013), as in
/// PyTorch's `fake_quantize_per_tensor_affine`.
#[derive(FromBytes)]
#[repr(C)]
pub struct Qat<Q: Network> {
    /// What is trained, not rounded.
    pub net: Q::Float,
    /// The least and the most of each value; both 0 before the first batch.
    ranges: Q::Ranges,
}

/// How much the range of a new batch counts.
const AVERAGING: f32 = 0.01;

impl<Q: Network> Qat<Q> {
    /// A copy of `net`, to be trained further.
    pub fn prepare(net: &Q::Float) -> Box<Self> {
        let mut qat = Self::boxed_zero();
        qat.net.copy_from(net);
        qat
    }

    /// The network in bytes, with the ranges that training found.
    pub fn convert(&self) -> Box<Q> {
        let ranges = self.ranges();
        let scale = |v| scale::<Q>(ranges, v).unwrap_or(Scale::NONE);
        Q::with(&self.net, (0..Q::VALUES.len()).map(scale).collect(), &|_| None)
    }

    fn ranges(&self) -> &[[f32; 2]] {
        Sample::group(Sample::flatten(from_ref(&self.ranges)))
    }
}

impl<Q: Network> Float for Qat<Q> {
    type Input = <Q::Float as Float>::Input;
    type Output = <Q::Float as Float>::Output;

    const TENSORS: &'static [Tensor<Name>] = Q::QAT_TENSORS;
    const AS_LAYER: &'static [Tensor] = Q::Float::AS_LAYER;
    const INPUTS: &'static [Shape] = Q::Float::INPUTS;
    const SHAPES: &'static [Shape] = Q::Float::SHAPES;
    const STREAMS: bool = Q::Float::STREAMS;
    const ROWS: &'static [Row] = Q::Float::ROWS;
    const INFERENCE: &'static Plan = Q::Float::INFERENCE;
    const TRAINING: &'static Plan = Q::Float::TRAINING;
    const OUTPUTS: &'static [usize] = Q::Float::OUTPUTS;
    const BESIDE: usize = exact_at::<Q>(Q::NODES.len()).next_multiple_of(ALIGN);

    fn tensor(&self, i: usize) -> &[f32] {
        match i < Q::Float::TENSORS.len() {
            true => self.net.tensor(i),
            false => Sample::flatten(from_ref(&self.ranges)),
        }
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
        match i < Q::Float::TENSORS.len() {
            true => self.net.tensor_mut(i),
            false => Sample::flatten_mut(from_mut(&mut self.ranges)),
        }
    }
    fn init(&mut self, rng: &mut dyn Rng) {
        self.net.init(rng);
    }

    fn run(&self, pass: &mut Inference<'_>) {
        let ranges = self.ranges();
        let rounded = Rounded::<Q>::of(&self.net, ranges, &pass.inputs.slices);
        let mut seen = |k: usize, y: &mut [f32]| {
            let scale = scale::<Q>(ranges, inputs::<Q>() + k);
            if let Some(scale) = scale.filter(|_| is_rounded::<Q>(k)) {
                scale.round(y);
            }
        };
        let inputs = Batch { slices: rounded.slices(), ..pass.inputs };
        let inner = Inference::new(PackRef::NOTHING, inputs, &mut *pass.memory, &mut *pass.state);
        crate::network::run(&*rounded.net, &mut inner.showing(&mut seen));
    }

    fn run_training(&mut self, pass: &mut Training<'_>) {
        let ranges = Sample::group_mut(Sample::flatten_mut(from_mut(&mut self.ranges)));
        for (range, x) in ranges.iter_mut().zip(pass.inputs.slices).take(inputs::<Q>()) {
            observe(range, x);
        }
        let mut rounded = Rounded::<Q>::of(&self.net, ranges, &pass.inputs.slices);
        let (n, plan) = (pass.inputs.n, Self::TRAINING);
        let (memory, exact) = pass.memory.split_at_mut(n * plan.per_sample);
        let mut seen = |k: usize, y: &mut [f32]| {
            if !is_rounded::<Q>(k) {
                return;
            }
            let v = inputs::<Q>() + k;
            if Q::VALUES[v].seen {
                observe(&mut ranges[v], y);
            }
            exact[n * exact_at::<Q>(k)..][..y.len()].copy_from_slice(y);
            if let Some(scale) = scale::<Q>(ranges, v) {
                scale.round(y);
            }
        };
        let Rounded { net, x } = &mut rounded;
        let inputs = Batch { slices: slices(x), ..pass.inputs };
        let mut inner = Training::new(plan, inputs, memory, &mut *pass.batch, pass.seed);
        inner.seen = Some(&mut seen);
        net.run_training(&mut inner);
        // Running statistics have moved.
        for (i, _) in tensors_of::<Q>(|tensor| !is_weight(tensor)) {
            self.net.tensor_mut(i).copy_from_slice(net.tensor(i));
        }
    }

    fn run_backward(&self, pass: &mut Backward<'_, '_>, grad: &mut Self) {
        let ranges = self.ranges();
        let rounded = Rounded::<Q>::of(&self.net, ranges, &pass.inputs.slices);
        let (n, plan) = (pass.inputs.n, Self::TRAINING);
        let (memory, exact) = pass.memory.split_at_mut(n * plan.per_sample);
        let mut seen = |k: usize, y: &mut [f32], dy: &mut [f32]| {
            if !is_rounded::<Q>(k) {
                return;
            }
            // All that read the rounded numbers are through, and the layer itself knows nothing of rounding.
            let exact = &exact[n * exact_at::<Q>(k)..];
            y.iter_mut().zip(exact).for_each(|(y, &exact)| *y = exact);
            if let Some(scale) = scale::<Q>(ranges, inputs::<Q>() + k) {
                let beyond = dy.iter_mut().zip(exact).filter(|(_, x)| !scale.holds(**x));
                beyond.for_each(|(dy, _)| *dy = 0.0);
            }
        };
        let inputs = Batch { slices: rounded.slices(), ..pass.inputs };
        let dx = pass.input_gradients.each_mut().map(|gradient| gradient.as_deref_mut());
        let batch = &mut *pass.batch;
        let mut inner = Backward::new(plan, inputs, memory, batch, dx, pass.gradients);
        inner.seen = Some(&mut seen);
        rounded.net.run_backward(&mut inner, &mut grad.net);
    }
}

/// What a pass computes with in place of the parameters and the inputs.
struct Rounded<Q: Network> {
    net: Box<Q::Float>,
    x: [Vec<f32>; MAX_INPUTS],
}

impl<Q: Network> Rounded<Q> {
    fn of(net: &Q::Float, ranges: &[[f32; 2]], x: &Slices<'_>) -> Self {
        let mut rounded = Q::Float::boxed_zero();
        rounded.copy_from(net);
        for (i, tensor) in tensors_of::<Q>(is_weight) {
            let row = tensor.shape.product(1, tensor.shape.rank()).max(1);
            for row in rounded.tensor_mut(i).chunks_exact_mut(row) {
                Scale::of_weights(row).round(row);
            }
        }
        let x = core::array::from_fn(|i| {
            let mut x = x[i].to_vec();
            if let Some(scale) = scale::<Q>(ranges, i).filter(|_| i < inputs::<Q>()) {
                scale.round(&mut x);
            }
            x
        });
        Rounded { net: rounded, x }
    }

    fn slices(&self) -> Slices<'_> {
        slices(&self.x)
    }
}

fn slices(x: &[Vec<f32>; MAX_INPUTS]) -> Slices<'_> {
    core::array::from_fn(|i| &x[i][..])
}

/// The chosen tensors of the network in `f32`, with their places.
fn tensors_of<Q: Network>(
    chosen: fn(&Tensor<Name>) -> bool,
) -> impl Iterator<Item = (usize, &'static Tensor<Name>)> {
    Q::Float::TENSORS.iter().enumerate().filter(move |(_, tensor)| chosen(tensor))
}

/// Whether bytes have a scale for each row of `tensor`. What has a single axis are biases, and what batch normalisation has.
fn is_weight(tensor: &Tensor<Name>) -> bool {
    tensor.shape.rank() >= 2
}

/// Takes the range of the numbers of a batch into account.
fn observe(range: &mut [f32; 2], x: &[f32]) {
    let finite = x.iter().filter(|x| x.is_finite());
    let ends = finite
        .fold([f32::INFINITY, f32::NEG_INFINITY], |[low, high], &x| [low.min(x), high.max(x)]);
    let first = *range == [0.0; 2];
    for (end, new) in range.iter_mut().zip(ends).filter(|(_, new)| new.is_finite()) {
        *end = if first { new } else { *end + AVERAGING * (new - *end) };
    }
}

/// The scale of value `v`, once the range of a value that has it is known.
fn scale<Q: Network>(ranges: &[[f32; 2]], v: usize) -> Option<Scale> {
    let root = Q::VALUES.get(v)?.scale_of;
    let own = Q::VALUES.iter().zip(ranges).filter(|(u, _)| u.seen && u.scale_of == root);
    let [low, high] =
        own.fold([0.0_f32; 2], |[low, high], (_, range)| [low.min(range[0]), high.max(range[1])]);
    Q::VALUES[root].fixed.or_else(|| (low < high).then(|| Scale::of_range(low, high)))
}

/// Whether node `k` gives numbers that there are bytes for: not where another layer is merged behind it, or where it is its input by another name.
const fn is_rounded<Q: Network>(k: usize) -> bool {
    let kernel = match Q::NODES[k].merged_into {
        Some(kernel) => kernel,
        None => k,
    };
    Q::NODES[kernel].runs && shown(Q::NODES, kernel) == k
}

/// Where the numbers of node `k` are kept before they are rounded, for one sample.
const fn exact_at<Q: Network>(k: usize) -> usize {
    let (mut at, mut before) = (0, 0);
    while before < k {
        if is_rounded::<Q>(before) {
            at += Q::VALUES[inputs::<Q>() + before].order.len();
        }
        before += 1;
    }
    at
}
