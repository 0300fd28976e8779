//! `GRUCell`: one step of a `GRU`.

use rand_core::Rng;

use super::recurrent::{self, Stack, Stacked, one_step};
use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::kernel::{Cell, RecurrentGradients};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::positional;

/// `x: [I]` and `h: [H]` → `y: [H]`, the new `h`. PyTorch's `nn.GRUCell`; the formula is that of [`GRU`](super::GRU). Without an `h`
/// it is zero. `B` is `H`, or 0 without biases.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct GRUCell<const I: usize = 0, const H: usize = 0, const B: usize = 0> {
    /// `W`, gate after gate.
    pub weight_ih: [[[f32; I]; H]; 3],
    /// `W′`, gate after gate.
    pub weight_hh: [[[f32; H]; H]; 3],
    /// `b`, gate after gate.
    pub bias_ih: [[f32; B]; 3],
    /// `b′`, gate after gate.
    pub bias_hh: [[f32; B]; 3],
}

/// `GRUCell(hidden_size, bias = true)`, or `GRUCell(input_size -> hidden_size)`. `bias` needs its name.
#[derive(Clone, Copy, Debug)]
pub struct Args(Stack);

impl GRUCell {
    /// `GRUCell`, with its arguments to follow.
    pub const fn args() -> Args {
        Args(Stack::one_step(Cell::Gru))
    }
}

// More would take PyTorch's `GRUCell(input_size, hidden_size)` for something else.
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

    /// The shape rule: see [`GRUCell`].
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        self.0.infer(self, x)
    }
}

one_step!(GRUCell, 3);
