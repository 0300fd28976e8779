//! `RNNCell`: one step of an `RNN`.

use rand_core::Rng;

use super::recurrent::{self, Stack, Stacked, one_step};
use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::kernel::{Cell, RecurrentGradients};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::positional;

/// `x: [I]` and `h: [H]` → `y: [H]`, the new `h`. PyTorch's `nn.RNNCell`; the formula is that of [`RNN`](super::RNN). Without an `h`
/// it is zero. `B` is `H`, or 0 without biases.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct RNNCell<const I: usize = 0, const H: usize = 0, const B: usize = 0> {
    /// `W`, gate after gate.
    pub weight_ih: [[[f32; I]; H]; 1],
    /// `W′`, gate after gate.
    pub weight_hh: [[[f32; H]; H]; 1],
    /// `b`, gate after gate.
    pub bias_ih: [[f32; B]; 1],
    /// `b′`, gate after gate.
    pub bias_hh: [[f32; B]; 1],
}

/// `RNNCell(hidden_size, bias = true, nonlinearity = "tanh")`, or `RNNCell(input_size -> hidden_size)`. Those with a default need
/// their name.
#[derive(Clone, Copy, Debug)]
pub struct Args(Stack);

impl RNNCell {
    /// `RNNCell`, with its arguments to follow.
    pub const fn args() -> Args {
        Args(Stack::one_step(Cell::Tanh))
    }
}

// More would take PyTorch's `RNNCell(input_size, hidden_size)` for something else.
positional!(Args, before_arrow = input_size: usize, first = hidden_size: usize);

impl Args {
    /// Numbers of `h`.
    pub const fn hidden_size(mut self, hidden_size: usize) -> Self {
        self.0.hidden_size = hidden_size;
        self
    }
    /// `input_size ->`: states how many numbers come in, to be checked.
    pub const fn input_size(mut self, input_size: usize) -> Self {
        self.0.input_size = Some(input_size);
        self
    }
    /// Whether there are biases; yes unless said otherwise.
    pub const fn bias(mut self, bias: bool) -> Self {
        self.0.bias = bias;
        self
    }
    /// `"tanh"`, which it is unless said otherwise, or `"relu"`.
    pub const fn nonlinearity(mut self, nonlinearity: &'static str) -> Self {
        self.0 = self.0.nonlinearity(nonlinearity);
        self
    }

    /// The shape rule: see [`RNNCell`].
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        self.0.infer(self, x)
    }
}

one_step!(RNNCell, 1);
