//! `TransformerEncoderLayer`: attention to itself, and a feed-forward part.

use rand_core::Rng;

use super::parts::{FeedForward, Shortcut};
use super::{Args, Batch, Kept, attentions, part_of};
use crate::infer::Node;
use crate::init;
use crate::kernel::axpy;
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::layers::multihead_attention::{MultiheadAttention, cut};
use crate::layers::{LayerNorm, Linear};
#[cfg(feature = "std")]
use crate::pack::Pack;

/// `x: [T, E]` → `y: [T, E]`: one after the other, with [`MultiheadAttention`] to itself and `linear2(activation(linear1(x)))` as `p(x)`,
/// `x ← norm(x + p(x))`, or with `norm_first` `x ← x + p(norm(x))` (Vaswani et al. 2017). PyTorch's `nn.TransformerEncoderLayer` with
/// `batch_first`.
///
/// With `causal`, a step sees itself and those before, and the layer can be given a sequence in pieces: see [`MultiheadAttention`].
///
/// `F` is `dim_feedforward`; `B` and `C` are `E` and `F`, or 0 without a bias.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct TransformerEncoderLayer<
    const E: usize = 0,
    const F: usize = 0,
    const B: usize = 0,
    const C: usize = 0,
> {
    /// Attention to itself.
    pub self_attn: MultiheadAttention<E, B>,
    /// The first map of the feed-forward part.
    pub linear1: Linear<E, F, C>,
    /// The second map of the feed-forward part.
    pub linear2: Linear<F, E, B>,
    /// The norm of the attention to itself.
    pub norm1: LayerNorm<E, B, E>,
    /// The norm of the feed-forward part.
    pub norm2: LayerNorm<E, B, E>,
}

impl TransformerEncoderLayer {
    /// `TransformerEncoderLayer`, with its arguments to follow.
    pub const fn args() -> Args {
        super::ENCODER
    }
}

impl Kind for TransformerEncoderLayer {
    type Args = Args;
    type Layer<
        const E: usize,
        const F: usize,
        const B: usize,
        const C: usize,
        const X: usize,
        const Y: usize,
    > = TransformerEncoderLayer<E, F, B, C>;
}

impl<const E: usize, const F: usize, const B: usize, const C: usize> Layer
    for TransformerEncoderLayer<E, F, B, C>
{
    type Args = Args;
    const TENSORS: &'static [Tensor] = match B {
        0 => &[
            Tensor::parameter("self_attn.in_proj_weight", &[3 * E, E]),
            Tensor::parameter("self_attn.out_proj.weight", &[E, E]),
            Tensor::parameter("linear1.weight", &[F, E]),
            Tensor::parameter("linear2.weight", &[E, F]),
            Tensor::parameter("norm1.weight", &[E]),
            Tensor::parameter("norm2.weight", &[E]),
        ],
        _ => &[
            Tensor::parameter("self_attn.in_proj_weight", &[3 * E, E]),
            Tensor::parameter("self_attn.in_proj_bias", &[3 * E]),
            Tensor::parameter("self_attn.out_proj.weight", &[E, E]),
            Tensor::parameter("self_attn.out_proj.bias", &[E]),
            Tensor::parameter("linear1.weight", &[F, E]),
            Tensor::parameter("linear1.bias", &[F]),
            Tensor::parameter("linear2.weight", &[E, F]),
            Tensor::parameter("linear2.bias", &[E]),
            Tensor::parameter("norm1.weight", &[E]),
            Tensor::parameter("norm1.bias", &[E]),
            Tensor::parameter("norm2.weight", &[E]),
            Tensor::parameter("norm2.bias", &[E]),
        ],
    };

    fn tensor(&self, i: usize) -> &[f32] {
        match part_of(i, 1, B > 0) {
            (0, i) => self.self_attn.tensor(i),
            (1, i) => self.linear1.tensor(i),
            (2, i) => self.linear2.tensor(i),
            (3, i) => self.norm1.tensor(i),
            (_, i) => self.norm2.tensor(i),
        }
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
        match part_of(i, 1, B > 0) {
            (0, i) => self.self_attn.tensor_mut(i),
            (1, i) => self.linear1.tensor_mut(i),
            (2, i) => self.linear2.tensor_mut(i),
            (3, i) => self.norm1.tensor_mut(i),
            (_, i) => self.norm2.tensor_mut(i),
        }
    }

    /// Each part as PyTorch makes it.
    fn init(&mut self, _: &Node<Args>, rng: &mut dyn Rng) {
        self.self_attn.reset(rng);
        init::fan_in_uniform(self.linear1.weight.as_flattened_mut(), E, rng);
        init::fan_in_uniform(&mut self.linear1.bias, E, rng);
        init::fan_in_uniform(self.linear2.weight.as_flattened_mut(), F, rng);
        init::fan_in_uniform(&mut self.linear2.bias, F, rng);
        for norm in [&mut self.norm1, &mut self.norm2] {
            init::ones(&mut norm.weight);
            init::zeros(&mut norm.bias);
        }
    }

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let (batch, t, x) = (Batch::of(call.n, call.lengths), node.input.dim(0), call.x[0]);
        let ([own, _], mut memory) = (attentions(node), call.scratch);
        let [beside, middle] = [(); 2].map(|_| &mut cut(&mut memory, call.n * t * E)[..x.len()]);
        self.shortcut(node, &self.norm1).forward(x, &[], beside, middle, |x, y| {
            let within = batch.forward([x, &[]], y, &mut [], memory, 0);
            self.self_attn.forward(
                &own,
                Forward { state: call.state, packed: call.packed.part(0), ..within },
            );
        });
        self.shortcut(node, &self.norm2).forward(middle, &[], beside, call.y, |x, y| {
            let packed = [1, 2].map(|i| call.packed.part(i).numbers());
            let order = call.lengths.order(&node.input);
            self.feed_forward(node).forward_in_use(packed, order, x, memory, y);
        });
    }

    #[cfg(feature = "std")]
    fn pack(&self, node: &Node<Args>) -> Pack {
        let [own, _] = attentions(node);
        if own.args.causal {
            return Pack::default();
        }
        let feed_forward = [self.linear1.pack_for_rows(), self.linear2.pack_for_rows()];
        Pack::of([self.self_attn.pack(&own)].into_iter().chain(feed_forward).collect())
    }

    fn forward_training(&mut self, node: &Node<Args>, call: Forward<'_>) {
        let (batch, x, scratch) = (Batch::of(call.n, call.lengths), call.x[0], call.scratch);
        let (mut kept, [own, _]) = (Kept::of(node, call.n, x, call.kept), attentions(node));
        kept.draw(node.args.dropout, call.seed);
        let Kept { attention: [own_kept, _], beside: [beside1, beside2], .. } = kept;
        let Kept { behind: [middle, _], factors: [factors1, factors2], .. } = kept;
        self.shortcut(node, &self.norm1).forward(x, factors1, beside1, middle, |x, y| {
            let within = batch.forward([x, &[]], y, own_kept, scratch, call.seed);
            self.self_attn.forward_kept(&own, within);
        });
        self.shortcut(node, &self.norm2).forward(middle, factors2, beside2, call.y, |x, y| {
            let feed_forward = self.feed_forward(node);
            feed_forward.forward(x, kept.between_factors, kept.between, scratch, y);
        });
    }

    /// Part by part, the last one first; see [`MultiheadAttention`].
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        let (batch, t, x) = (Batch::of(call.n, call.lengths), node.input.dim(0), call.x[0]);
        let (kept, [own, _]) = (Kept::of(node, call.n, x, call.kept), attentions(node));
        let Kept { attention: [own_kept, _], beside: [beside1, beside2], .. } = kept;
        let Kept { behind: [middle, _], factors: [factors1, factors2], .. } = kept;
        let mut scratch = call.scratch;
        let [behind, before, within] =
            [(); 3].map(|_| &mut cut(&mut scratch, call.n * t * E)[..x.len()]);

        behind.copy_from_slice(call.dy);
        before.fill(0.0);
        let norm = &mut grad.norm2;
        let shortcut = self.shortcut(node, &self.norm2);
        let gradients = [&mut *behind, &mut *before, &mut *within];
        shortcut.backward([middle, factors2, beside2], gradients, norm, |x, dy, dx| {
            let grads = (&mut grad.linear1, &mut grad.linear2);
            let read = [x, kept.between_factors, kept.between, dy];
            self.feed_forward(node).backward(read, dx, scratch, grads);
        });

        behind.fill(0.0);
        let norm = &mut grad.norm1;
        let shortcut = self.shortcut(node, &self.norm1);
        let gradients = [&mut *before, &mut *behind, &mut *within];
        shortcut.backward([x, factors1, beside1], gradients, norm, |x, dy, dx| {
            let within = batch.backward([x, &[]], dy, [Some(dx), None], own_kept, scratch);
            self.self_attn.backward(&own, within, &mut grad.self_attn);
        });
        if let [Some(dx), ..] = call.dx {
            axpy(1.0, behind, dx);
        }
    }
}

impl<const E: usize, const F: usize, const B: usize, const C: usize>
    TransformerEncoderLayer<E, F, B, C>
{
    fn shortcut<'a>(&self, node: &Node<Args>, norm: &'a LayerNorm<E, B, E>) -> Shortcut<'a, E, B> {
        Shortcut { norm, norm_first: node.args.norm_first, eps: node.args.layer_norm_eps }
    }

    fn feed_forward(&self, node: &Node<Args>) -> FeedForward<'_, E, F, B, C> {
        let gelu = node.args.is_gelu();
        FeedForward { linear1: &self.linear1, linear2: &self.linear2, gelu }
    }
}
