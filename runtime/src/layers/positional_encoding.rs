//! `PositionalEncoding`: sines and cosines of each step's position.

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel;
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::multihead_attention::{cut, of_sequences};
use crate::layers::view;
use crate::positional;

/// `x: [T, E]` → `y: [T, E]`: at places 2i and 2i + 1 of step `t`, `y = x + sin(t · ω)` and `y = x + cos(t · ω)`, with
/// `ω = 10000^(−2i / E)` (Vaswani et al. 2017).
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct PositionalEncoding;

/// `PositionalEncoding` takes no arguments.
#[derive(Clone, Copy, Debug)]
pub struct Args;

impl PositionalEncoding {
    /// `PositionalEncoding`.
    pub const fn args() -> Args {
        Args
    }
}

positional!(Args);

impl Args {
    /// The output has the shape of the input. In pieces of a sequence, how many steps there have been is carried.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        of_sequences(Inferred::new(self, x, x.shape(0)))
            .one_input()
            .rank(2, "a sequence is [steps, features]")
            .state(1)
            .in_place()
    }
}

keyword!(PositionalEncoding);

impl Layer for PositionalEncoding {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let e = node.input.dim(1);
        if !call.in_place {
            call.y.copy_from_slice(call.x[0]);
        }
        let mut y = call.y;
        for i in 0..call.n {
            let steps = call.lengths.input(0, i);
            let first = count(call.state, steps);
            kernel::add_waves(first, e, cut(&mut y, steps * e));
        }
    }

    /// `dx += dy`.
    fn backward(&self, _: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        if !call.in_place {
            view::backward(call);
        }
    }
}

/// How many steps of the sequence came before: `state` carries that from piece to piece, and now has `steps` more.
pub(super) fn count(state: &mut [f32], steps: usize) -> usize {
    let [passed] = state else { return 0 };
    let before = passed.to_bits();
    *passed = f32::from_bits(before.wrapping_add(steps as u32));
    before as usize
}
