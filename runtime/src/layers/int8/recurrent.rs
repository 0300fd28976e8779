//! `LSTM` and `GRU` in bytes: one layer in one direction.

use core::marker::PhantomData;
use core::slice::{from_mut, from_ref};

use bytemuck::{must_cast_slice, must_cast_slice_mut};

use crate::check::split;
use crate::infer::{Inferred, Node};
use crate::int8::{Call, Layer, Quantize, Role, Scale};
use crate::io::safetensors::Dtype;
use crate::kernel::int8::pack::rows;
use crate::kernel::int8::recurrent::{Cell, Hidden, Recurrent, recurrent_scratch, recurrent_state};
use crate::kernel::int8::{Channel, Four, Packed};
use crate::layer::{FromBytes, Kind, Tensor};
use crate::layers::recurrent::Stack;
use crate::layers::{GRU, LSTM};

#[cfg(feature = "std")]
use crate::int8::fill::{After, At, Weights};
#[cfg(feature = "std")]
use crate::kernel::int8::recurrent::GATE;
#[cfg(feature = "std")]
use crate::kernel::int8::{Requantize, dense_scale, pack::pack_rows};
#[cfg(feature = "std")]
use crate::network::Part;

/// A layer of `K` with `G` rows of weights (the gates of all units), in `W` words: those for what comes in, then those for the last step.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct RecurrentInt8<K, const W: usize, const G: usize> {
    weight: [Four; W],
    channels: [[Channel; G]; 2],
    hidden: Hidden,
    layer: PhantomData<fn() -> K>,
}

/// What the layer needs in bytes.
pub(in crate::layers) const fn infer<A: Copy>(
    stack: &Stack,
    cell: Cell,
    inferred: Inferred<A>,
) -> Inferred<A> {
    let (inputs, units) = (inferred.node.input.dim(1), stack.hidden_size);
    let simple = stack.all() == 1 && inferred.inputs.count() == 1;
    let gates = cell.gates() * units;
    inferred
        .int8(
            [rows(gates, inputs) + rows(gates, units), gates],
            recurrent_state(units) + recurrent_scratch(cell, inputs, units),
        )
        .int8_state(recurrent_state(units))
        .int8_if(
            simple,
            "is in bytes one layer in one direction that begins with zeros; declare one for each",
        )
}

/// A layer with gates.
pub trait Gated: Kind + 'static {
    /// The cell.
    const CELL: Cell;
}

impl Gated for LSTM {
    const CELL: Cell = Cell::Lstm;
}

impl Gated for GRU {
    const CELL: Cell = Cell::Gru;
}

impl Quantize for LSTM {
    type Int8<const W: usize, const G: usize> = RecurrentInt8<LSTM, W, G>;
}

impl Quantize for GRU {
    type Int8<const W: usize, const G: usize> = RecurrentInt8<GRU, W, G>;
}

impl<K: Gated, const W: usize, const G: usize> Layer for RecurrentInt8<K, W, G> {
    type Args = K::Args;
    // What comes out is between −1 and 1.
    const ROLE: Role = Role::Kernel(Role::KERNEL.fixed(Scale { scale: 1.0 / 128.0, zero: 0 }));
    const TENSORS: &'static [Tensor] = &[
        Tensor::parameter("weight", &[W, 4]).of(Dtype::I8),
        Tensor::parameter("channels", &[2, G, 3]).of(Dtype::I32),
        Tensor::parameter("hidden", &[3]).of(Dtype::I32),
    ];

    fn tensor(&self, i: usize) -> &[u8] {
        match i {
            0 => must_cast_slice(&self.weight),
            1 => must_cast_slice(self.channels.as_flattened()),
            _ => must_cast_slice(from_ref(&self.hidden)),
        }
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [u8] {
        match i {
            0 => must_cast_slice_mut(&mut self.weight),
            1 => must_cast_slice_mut(self.channels.as_flattened_mut()),
            _ => must_cast_slice_mut(from_mut(&mut self.hidden)),
        }
    }

    fn forward(&self, node: &Node<K::Args>, call: Call<'_>) {
        let (inputs, units) = (node.input.dim(1).max(1), G / K::CELL.gates());
        let Some((of_x, of_h)) = self.weight.split_at_checked(rows(G, inputs)) else { return };
        let [x_channels, h_channels] = &self.channels;
        let recurrent = Recurrent {
            cell: K::CELL,
            x: Packed { weight: of_x, channels: x_channels },
            h: Packed { weight: of_h, channels: h_channels },
            hidden: self.hidden,
        };
        let (fresh, scratch) = split(call.scratch, recurrent_state(units));
        let state = if call.state.is_empty() {
            fresh.fill(0);
            fresh
        } else {
            call.state
        };
        let last = node.output.rank() == 1;
        for (t, x) in call.x[0].chunks_exact(inputs).enumerate() {
            let step = if last { 0 } else { t * units };
            let Some(y) = call.y.get_mut(step..step + units) else { return };
            recurrent.step(x, state, scratch, y);
        }
    }

    #[cfg(feature = "std")]
    fn fill(&mut self, node: &Node<K::Args>, float: &dyn Part, at: &At<'_>) {
        let (inputs, units) = (node.input.dim(1), G / K::CELL.gates());
        let scales = [at.x[0], at.y];
        let [mut x, mut h] = [0, 1].map(|i| {
            let bias = if float.count() > 2 { float.get(2 + i) } else { &[] };
            Weights::of(G, float.get(i), bias, scales[i], &After::default())
        });
        if let Some(given) = &at.weights {
            x = given.clone();
            h.weight = x.weight.split_off(G * inputs);
            h.bias = x.bias.split_off(G);
            h.scale = x.scale.split_off(G);
        }
        let (of_x, of_h) = self.weight.split_at_mut(rows(G, inputs));
        let parts = [(x, of_x, inputs), (h, of_h, units)];
        for ((scale, channels), (weights, packed, taps)) in
            scales.into_iter().zip(&mut self.channels).zip(parts)
        {
            pack_rows(G, taps, |row, tap| weights.weight[row * taps + tap], packed);
            for (g, channel) in channels.iter_mut().enumerate() {
                let row = weights.weight[g * taps..][..taps].iter().copied();
                let factor = Requantize::of(dense_scale(scale.scale, weights.scale[g], GATE));
                *channel = Channel::new(row, weights.bias[g], scale.zero as i8, factor);
            }
        }
        self.hidden = Hidden::of(K::CELL.bits(), at.y.scale, at.y.zero);
    }
}
