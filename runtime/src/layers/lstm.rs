//! `LSTM`: long short-term memory, step by step along a sequence.

use rand_core::Rng;

use super::recurrent::{self, Stack, Stacked, stacked};
use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::kernel::int8::recurrent as int8;
use crate::kernel::{Cell, RecurrentGradients};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::positional;

/// `x: [T, I]` → `y: [T, D·H]`: at each step `i, f, o = σ(…)`, `g = tanh(…)`, `c ← f c + i g`, `h = o tanh c`, where each `…` is
/// `W x + b + W′ h + b′`; `y` is `h`. PyTorch's `nn.LSTM`, after Hochreiter and Schmidhuber (1997).
///
/// `D` is 2 where it is bidirectional, else 1; `LD` is the number of layers times `D`; `REST` is `LD − D`; `B` is `H`, or 0 without
/// biases. The four gates stand in PyTorch's order: i, f, g, o.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct LSTM<
    const I: usize = 0,
    const H: usize = 0,
    const D: usize = 0,
    const REST: usize = 0,
    const LD: usize = 0,
    const B: usize = 0,
> {
    /// `W` of the first layer: PyTorch's `weight_ih_l0`, and `weight_ih_l0_reverse` if it is bidirectional.
    pub weight_ih_l0: [[[[f32; I]; H]; 4]; D],
    /// `W` of the layers on it, each of which sees both directions of the one below.
    pub weight_ih: [[[[[f32; H]; D]; H]; 4]; REST],
    /// `W′` of every layer.
    pub weight_hh: [[[[f32; H]; H]; 4]; LD],
    /// `b` of every layer.
    pub bias_ih: [[[f32; B]; 4]; LD],
    /// `b′` of every layer.
    pub bias_hh: [[[f32; B]; 4]; LD],
}

/// `LSTM(hidden_size, num_layers = 1, bias = true, dropout = 0.0, bidirectional = false, last = false)`, or
/// `LSTM(input_size -> hidden_size)`. Those with a default need their name.
///
/// It is given a sequence, or a sequence and the state before its first step: `lstm(x, h0, c0)`, each `[LD, H]`.
#[derive(Clone, Copy, Debug)]
pub struct Args(Stack);

impl LSTM {
    /// `LSTM`, with its arguments to follow.
    pub const fn args() -> Args {
        Args(Stack::new(Cell::Lstm))
    }
}

// More would take PyTorch's `LSTM(input_size, hidden_size)` for layers.
positional!(Args, before_arrow = input_size: usize, first = hidden_size: usize);

impl Args {
    /// Numbers of `h` and of `c`.
    pub const fn hidden_size(mut self, hidden_size: usize) -> Self {
        self.0.hidden_size = hidden_size;
        self
    }
    /// `input_size ->`: states how many numbers a step has, to be checked.
    pub const fn input_size(mut self, input_size: usize) -> Self {
        self.0.input_size = Some(input_size);
        self
    }
    /// How many layers stand on one another, at most 8; one unless said otherwise.
    pub const fn num_layers(mut self, num_layers: usize) -> Self {
        self.0.num_layers = num_layers;
        self
    }
    /// Whether there are biases; yes unless said otherwise.
    pub const fn bias(mut self, bias: bool) -> Self {
        self.0.bias = bias;
        self
    }
    /// How likely a number between two layers is left out in training; 0 unless said otherwise.
    pub const fn dropout(mut self, dropout: f32) -> Self {
        self.0.dropout = dropout;
        self
    }
    /// Whether each layer also runs from the last step to the first, its `h` behind the other's; no unless said otherwise.
    pub const fn bidirectional(mut self, bidirectional: bool) -> Self {
        self.0.bidirectional = bidirectional;
        self
    }
    /// Whether only the last state of each direction of the last layer comes out, `[D·H]`: of a direction in reverse, that after the
    /// first step. No unless said otherwise.
    pub const fn last(mut self, last: bool) -> Self {
        self.0.last = last;
        self
    }

    /// `[T, I]` → `[T, D·H]`, or `[D·H]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        super::int8::recurrent(&self.0, int8::Cell::Lstm, self.0.infer(self, x))
    }
}

stacked!(LSTM, 4);
