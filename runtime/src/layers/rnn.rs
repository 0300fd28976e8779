//! `RNN`: a plain recurrent network, step by step along a sequence.

use rand_core::Rng;

use super::recurrent::{self, Stack, Stacked, stacked};
use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::kernel::{Cell, RecurrentGradients};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::positional;

/// `x: [T, I]` → `y: [T, D·H]`: at each step `h ← tanh(W x + b + W′ h + b′)`, or ReLU in place of tanh; `y` is `h`. PyTorch's
/// `nn.RNN`, after Elman (1990).
///
/// `D` is 2 where it is bidirectional, else 1; `LD` is the number of layers times `D`; `REST` is `LD − D`; `B` is `H`, or 0 without
/// biases.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct RNN<
    const I: usize = 0,
    const H: usize = 0,
    const D: usize = 0,
    const REST: usize = 0,
    const LD: usize = 0,
    const B: usize = 0,
> {
    /// `W` of the first layer: PyTorch's `weight_ih_l0`, and `weight_ih_l0_reverse` if it is bidirectional.
    pub weight_ih_l0: [[[[f32; I]; H]; 1]; D],
    /// `W` of the layers on it, each of which sees both directions of the one below.
    pub weight_ih: [[[[[f32; H]; D]; H]; 1]; REST],
    /// `W′` of every layer.
    pub weight_hh: [[[[f32; H]; H]; 1]; LD],
    /// `b` of every layer.
    pub bias_ih: [[[f32; B]; 1]; LD],
    /// `b′` of every layer.
    pub bias_hh: [[[f32; B]; 1]; LD],
}

/// `RNN(hidden_size, num_layers = 1, nonlinearity = "tanh", bias = true, dropout = 0.0, bidirectional = false, last = false)`, or
/// `RNN(input_size -> hidden_size)`. Those with a default need their name.
///
/// It is given a sequence, or a sequence and the state before its first step: `rnn(x, h0)`, `[LD, H]`.
#[derive(Clone, Copy, Debug)]
pub struct Args(Stack);

impl RNN {
    /// `RNN`, with its arguments to follow.
    pub const fn args() -> Args {
        Args(Stack::new(Cell::Tanh))
    }
}

// More would take PyTorch's `RNN(input_size, hidden_size)` for layers.
positional!(Args, before_arrow = input_size: usize, first = hidden_size: usize);

impl Args {
    /// Numbers of `h`.
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
    /// `"tanh"`, which it is unless said otherwise, or `"relu"`.
    pub const fn nonlinearity(mut self, nonlinearity: &'static str) -> Self {
        self.0 = self.0.nonlinearity(nonlinearity);
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
        self.0.infer(self, x)
    }
}

stacked!(RNN, 1);
