//! `LSTMCell`: one step of an `LSTM`.

use rand_core::Rng;

use super::recurrent::{self, Stack, Stacked, one_step};
use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::kernel::{Cell, RecurrentGradients};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::positional;

/// `x: [I]`, `h: [H]` and `c: [H]` → `y: [2, H]`, the new `h` and then the new `c`. PyTorch's `nn.LSTMCell`; the formula is that of
/// [`LSTM`](super::LSTM). The state may also come as one value, in the form in which the last step gave it: `cell(x, state)`. Without
/// one it is zero. `B` is `H`, or 0 without biases.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct LSTMCell<const I: usize = 0, const H: usize = 0, const B: usize = 0> {
    /// `W`, gate after gate.
    pub weight_ih: [[[f32; I]; H]; 4],
    /// `W′`, gate after gate.
    pub weight_hh: [[[f32; H]; H]; 4],
    /// `b`, gate after gate.
    pub bias_ih: [[f32; B]; 4],
    /// `b′`, gate after gate.
    pub bias_hh: [[f32; B]; 4],
}

/// `LSTMCell(hidden_size, bias = true)`, or `LSTMCell(input_size -> hidden_size)`. `bias` needs its name.
#[derive(Clone, Copy, Debug)]
pub struct Args(Stack);

impl LSTMCell {
    /// `LSTMCell`, with its arguments to follow.
    pub const fn args() -> Args {
        Args(Stack::one_step(Cell::Lstm))
    }
}

// More would take PyTorch's `LSTMCell(input_size, hidden_size)` for something else.
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

    /// The shape rule: see [`LSTMCell`].
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        self.0.infer(self, x)
    }
}

one_step!(LSTMCell, 4);
