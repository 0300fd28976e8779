//! `PositionalEmbedding`: something learned for each step's position.

use rand_core::Rng;

use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::kernel::axpy;
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::layers::multihead_attention::{cut, of_sequences};
use crate::layers::positional_encoding::count;
use crate::positional;

/// `x: [T, E]` → `y: [T, E]`, `y[t] = x[t] + weight[t]`: PyTorch's `nn.Embedding` of the positions 0, 1, …, added.
///
/// Of a sequence that comes in pieces, steps behind the last position are given what belongs to that.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct PositionalEmbedding<const T: usize = 0, const E: usize = 0> {
    /// What is added at each position; of N(0, 1) at first.
    pub weight: [[f32; E]; T],
}

/// `PositionalEmbedding` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl PositionalEmbedding {
    /// `PositionalEmbedding`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of the input. In pieces of a sequence, how many steps there have been is carried.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (t, e) = (x.shape(0).dim(0), x.shape(0).dim(1));
        of_sequences(Inferred::new(self, x, x.shape(0)))
            .one_input()
            .rank(2, "a sequence is [steps, features]")
            .dims(&[t, e])
            .parameters(t * e)
            .state(1)
            .in_place()
    }
}

impl Kind for PositionalEmbedding {
    type Args = Args;
    type Layer<
        const T: usize,
        const E: usize,
        const C: usize,
        const D: usize,
        const X: usize,
        const F: usize,
    > = PositionalEmbedding<T, E>;
}

impl<const T: usize, const E: usize> Layer for PositionalEmbedding<T, E> {
    type Args = Args;
    const TENSORS: &'static [Tensor] = &[Tensor::parameter("weight", &[T, E])];

    fn tensor(&self, _: usize) -> &[f32] {
        self.weight.as_flattened()
    }
    fn tensor_mut(&mut self, _: usize) -> &mut [f32] {
        self.weight.as_flattened_mut()
    }

    fn init(&mut self, _: &Node<Args>, rng: &mut dyn Rng) {
        init::normal(self.weight.as_flattened_mut(), 0.0, 1.0, rng);
    }

    fn forward(&self, _: &Node<Args>, call: Forward<'_>) {
        if !call.in_place {
            call.y.copy_from_slice(call.x[0]);
        }
        let mut y = call.y;
        for i in 0..call.n {
            let steps = call.lengths.input(0, i);
            let first = count(call.state, steps);
            let known = T.saturating_sub(first).min(steps);
            let weight = self.weight.as_flattened();
            if known > 0 {
                axpy(1.0, &weight[first * E..][..known * E], cut(&mut y, known * E));
            }
            for _ in known..steps {
                axpy(1.0, &weight[(T - 1) * E..], cut(&mut y, E));
            }
        }
    }

    /// `dx += dy`, `dweight += Σ dy` over the samples.
    fn backward(&self, _: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        let [dx, ..] = call.dx;
        let dy = dx.as_deref().filter(|_| call.in_place).unwrap_or(call.dy);
        let mut rest = dy;
        for i in 0..call.n {
            let (sample, behind) = rest.split_at(call.lengths.input(0, i) * E);
            axpy(1.0, sample, &mut grad.weight.as_flattened_mut()[..sample.len()]);
            rest = behind;
        }
        if let Some(dx) = dx.filter(|_| !call.in_place) {
            axpy(1.0, call.dy, dx);
        }
    }
}
