//! From a trained network to the same network in bytes, on the host.

use core::array;
use std::vec;
use std::vec::Vec;

use crate::infer::{MAX_INPUTS, Node};
use crate::int8::Scale;
use crate::int8::layer::Layer;
use crate::int8::network::{Network, inputs};
use crate::int8::plan::is_image;
use crate::kernel::int8::Bytes;
use crate::layer::{self, Kind};
use crate::shape::Shape;

/// The layer of a keyword without a name, whose type has no const arguments.
type Unnamed<K> = <K as Kind>::Layer<0, 0, 0, 0, 0, 0>;

/// A network on its way into bytes: what each of its layers is told. `network!` writes a call for each layer, from the last to the
/// first, so that what is behind a kernel is known when it is its turn.
pub struct Filling<'a> {
    nodes: &'static [super::plan::Slots],
    orders: Vec<Shape>,
    scales: Vec<Scale>,
    after: Vec<After>,
    weights: &'a dyn Fn(usize) -> Option<Weights>,
}

impl<'a> Filling<'a> {
    /// For the network `N` with a scale for each of its values. `weights` are those of a node which are in bytes already, as in a file
    /// of another tool; of all others they follow from the network in `f32`.
    pub fn of<N: Network>(
        scales: Vec<Scale>,
        weights: &'a dyn Fn(usize) -> Option<Weights>,
    ) -> Self {
        Filling {
            nodes: N::NODES,
            orders: N::VALUES.iter().map(|value| value.order).collect(),
            scales,
            after: vec![After::default(); inputs::<N>() + N::NODES.len()],
            weights,
        }
    }

    /// Fills the layer of node `k`, which has no parameters.
    pub fn call_unnamed<K: Kind, Q: Layer<Args = K::Args>>(
        &mut self,
        k: usize,
        node: &Node<K::Args>,
        to: &mut Q,
    ) {
        self.call(k, node, &<Unnamed<K> as layer::Layer>::ZERO, to);
    }

    /// Fills the layer of node `k`.
    pub fn call<L: layer::Layer, Q: Layer<Args = L::Args>>(
        &mut self,
        k: usize,
        node: &Node<L::Args>,
        float: &L,
        to: &mut Q,
    ) {
        let slots = &self.nodes[k];
        if let Some(kernel) = slots.merged_into.filter(|_| !slots.runs) {
            Q::merge(node, float, &mut self.after[kernel]);
        } else if slots.runs {
            let inputs = self.scales.len() - self.nodes.len();
            let at = At {
                x: array::from_fn(|i| self.scales[slots.inputs[i]]),
                y: self.scales[inputs + k],
                order: self.orders[slots.inputs[0]],
                after: &self.after[k],
                weights: (self.weights)(k),
            };
            to.fill(node, float, &at);
        }
    }
}

/// What a layer is told while it is filled.
pub struct At<'a> {
    /// The scale of each input.
    pub x: [Scale; MAX_INPUTS],
    /// The scale of the output, of what is made of it by merged layers.
    pub y: Scale,
    /// The shape of the first input; of a flattened image that of the image, whose channels come last.
    pub order: Shape,
    /// What merged layers make of the output.
    pub after: &'a After,
    /// The weights, where they are in bytes already.
    pub weights: Option<Weights>,
}

impl At<'_> {
    /// The zero points of input `i` and of the output, and the bounds of the output.
    pub fn bytes(&self, i: usize) -> Bytes {
        let [min, max] = self.after.bounds(self.y);
        Bytes { min, max, ..Bytes::new(self.x[i].zero as i8, self.y.zero as i8) }
    }
}

/// What is done to the output of a kernel: `min(max(factor · y + shift, low), high)`.
#[derive(Clone, Debug)]
pub struct After {
    /// What each channel is multiplied by; empty for 1.
    pub factor: Vec<f32>,
    /// What is added to each channel; empty for 0.
    pub shift: Vec<f32>,
    /// The least that comes out.
    pub low: f32,
    /// The most.
    pub high: f32,
}

impl Default for After {
    fn default() -> Self {
        let (low, high) = (f32::NEG_INFINITY, f32::INFINITY);
        After { factor: vec![], shift: vec![], low, high }
    }
}

impl After {
    /// Keeps what comes out between `low` and `high`.
    pub fn clamp(&mut self, low: f32, high: f32) {
        (self.low, self.high) = (self.low.max(low), self.high.min(high));
    }

    /// Multiplies each channel by its `factor` and adds its `shift`, before all that is there already.
    pub fn affine(&mut self, factor: &[f32], shift: &[f32]) {
        if self.factor.is_empty() {
            (self.factor, self.shift) = (vec![1.0; factor.len()], vec![0.0; factor.len()]);
        }
        for (c, (f, s)) in self.factor.iter_mut().zip(&mut self.shift).enumerate() {
            *s += *f * shift[c];
            *f *= factor[c];
        }
    }

    /// The least and the most byte that come out where a byte has the scale `y`.
    pub fn bounds(&self, y: Scale) -> [i8; 2] {
        let bound = |x: f32, none: i8| if x.is_finite() { y.byte(x) } else { none };
        [bound(self.low, -128), bound(self.high, 127)]
    }
}

/// Weights in bytes, `w = scale · q` with a scale for each channel that comes out, or with one for all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// `[out channel][height][width][in channel]`.
    pub weight: Vec<i8>,
    /// What is added to the sums: of the scale of the input times that of the weights.
    pub bias: Vec<i32>,
    /// The scales.
    pub scale: Vec<f32>,
}

impl Weights {
    /// `weight`, with the numbers of one channel one after the other, and `bias`, for an input of the scale `x`: each channel from −127
    /// to 127, as TensorFlow Lite's converter does it.
    pub fn of(channels: usize, weight: &[f32], bias: &[f32], x: Scale, after: &After) -> Self {
        let each = weight.len() / channels.max(1);
        let (mut bytes, mut sums, mut scales) = (vec![], vec![], vec![]);
        for (c, weight) in weight.chunks_exact(each.max(1)).enumerate() {
            let factor = after.factor.get(c).copied().unwrap_or(1.0);
            let row: Vec<f32> = weight.iter().map(|w| w * factor).collect();
            let own = Scale::of_weights(&row);
            bytes.extend(row.iter().map(|&w| own.byte(w)));
            let bias = bias.get(c).copied().unwrap_or(0.0) * factor
                + after.shift.get(c).copied().unwrap_or(0.0);
            let one = f64::from(x.scale) * f64::from(own.scale);
            sums.push((f64::from(bias) / one).round() as i32);
            scales.push(own.scale);
        }
        Weights { weight: bytes, bias: sums, scale: scales }
    }
}

/// The `rows` of `weight`, each for a value of the shape `order`, in the order in which its numbers lie in memory.
pub fn in_memory_order(order: Shape, rows: usize, weight: &[f32]) -> Vec<f32> {
    if !is_image(order) {
        return weight.to_vec();
    }
    let (channels, plane, len) = (order.dim(0), order.product(1, 3), order.len());
    let place = |i: usize| i / len * len + i % channels * plane + i % len / channels;
    (0..rows * len).map(|i| weight[place(i)]).collect()
}
