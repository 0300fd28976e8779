//! `TransformerDecoderLayer`: attention to itself, attention to a memory, and a feed-forward part.

use rand_core::Rng;

use super::parts::{FeedForward, Shortcut};
use super::{Args, Batch, Kept, attentions, part_of};
use crate::infer::Node;
use crate::init;
use crate::kernel::axpy;
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::layers::multihead_attention::{MultiheadAttention, cut};
use crate::layers::{LayerNorm, Linear};

/// `x: [T, E]`, `memory: [S, E]` → `y: [T, E]`: one after the other, with [`MultiheadAttention`] to itself, [`MultiheadAttention`] to the memory and
/// `linear2(activation(linear1(x)))` as `p(x)`, `x ← norm(x + p(x))`, or with `norm_first` `x ← x + p(norm(x))` (Vaswani et al. 2017). PyTorch's
/// `nn.TransformerDecoderLayer` with `batch_first`.
///
/// `F` is `dim_feedforward`; `B` and `C` are `E` and `F`, or 0 without a bias.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct TransformerDecoderLayer<
    const E: usize = 0,
    const F: usize = 0,
    const B: usize = 0,
    const C: usize = 0,
> {
    /// Attention to itself.
    pub self_attn: MultiheadAttention<E, B>,
    /// Attention to the memory.
    pub multihead_attn: MultiheadAttention<E, B>,
    /// The first map of the feed-forward part.
    pub linear1: Linear<E, F, C>,
    /// The second map of the feed-forward part.
    pub linear2: Linear<F, E, B>,
    /// The norm of the attention to itself.
    pub norm1: LayerNorm<E, B, E>,
    /// The norm of the attention to the memory.
    pub norm2: LayerNorm<E, B, E>,
    /// The norm of the feed-forward part.
    pub norm3: LayerNorm<E, B, E>,
}

impl TransformerDecoderLayer {
    /// `TransformerDecoderLayer`, with its arguments to follow.
    pub const fn args() -> Args {
        Args { memory: Some(0), ..super::ENCODER }
    }
}

impl Kind for TransformerDecoderLayer {
    type Args = Args;
    type Layer<
        const E: usize,
        const F: usize,
        const B: usize,
        const C: usize,
        const X: usize,
        const Y: usize,
    > = TransformerDecoderLayer<E, F, B, C>;
}

impl<const E: usize, const F: usize, const B: usize, const C: usize> Layer
    for TransformerDecoderLayer<E, F, B, C>
{
    type Args = Args;
    const TENSORS: &'static [Tensor] = match B {
        0 => &[
            Tensor::parameter("self_attn.in_proj_weight", &[3 * E, E]),
            Tensor::parameter("self_attn.out_proj.weight", &[E, E]),
            Tensor::parameter("multihead_attn.in_proj_weight", &[3 * E, E]),
            Tensor::parameter("multihead_attn.out_proj.weight", &[E, E]),
            Tensor::parameter("linear1.weight", &[F, E]),
            Tensor::parameter("linear2.weight", &[E, F]),
            Tensor::parameter("norm1.weight", &[E]),
            Tensor::parameter("norm2.weight", &[E]),
            Tensor::parameter("norm3.weight", &[E]),
        ],
        _ => &[
            Tensor::parameter("self_attn.in_proj_weight", &[3 * E, E]),
            Tensor::parameter("self_attn.in_proj_bias", &[3 * E]),
            Tensor::parameter("self_attn.out_proj.weight", &[E, E]),
            Tensor::parameter("self_attn.out_proj.bias", &[E]),
            Tensor::parameter("multihead_attn.in_proj_weight", &[3 * E, E]),
            Tensor::parameter("multihead_attn.in_proj_bias", &[3 * E]),
            Tensor::parameter("multihead_attn.out_proj.weight", &[E, E]),
            Tensor::parameter("multihead_attn.out_proj.bias", &[E]),
            Tensor::parameter("linear1.weight", &[F, E]),
            Tensor::parameter("linear1.bias", &[F]),
            Tensor::parameter("linear2.weight", &[E, F]),
            Tensor::parameter("linear2.bias", &[E]),
            Tensor::parameter("norm1.weight", &[E]),
            Tensor::parameter("norm1.bias", &[E]),
            Tensor::parameter("norm2.weight", &[E]),
            Tensor::parameter("norm2.bias", &[E]),
            Tensor::parameter("norm3.weight", &[E]),
            Tensor::parameter("norm3.bias", &[E]),
        ],
    };

    fn tensor(&self, i: usize) -> &[f32] {
        match part_of(i, 2, B > 0) {
            (0, i) => self.self_attn.tensor(i),
            (1, i) => self.multihead_attn.tensor(i),
            (2, i) => self.linear1.tensor(i),
            (3, i) => self.linear2.tensor(i),
            (4, i) => self.norm1.tensor(i),
            (5, i) => self.norm2.tensor(i),
            (_, i) => self.norm3.tensor(i),
        }
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
        match part_of(i, 2, B > 0) {
            (0, i) => self.self_attn.tensor_mut(i),
            (1, i) => self.multihead_attn.tensor_mut(i),
            (2, i) => self.linear1.tensor_mut(i),
            (3, i) => self.linear2.tensor_mut(i),
            (4, i) => self.norm1.tensor_mut(i),
            (5, i) => self.norm2.tensor_mut(i),
            (_, i) => self.norm3.tensor_mut(i),
        }
    }

    /// Each part as PyTorch makes it.
    fn init(&mut self, _: &Node<Args>, rng: &mut dyn Rng) {
        self.self_attn.reset(rng);
        self.multihead_attn.reset(rng);
        init::fan_in_uniform(self.linear1.weight.as_flattened_mut(), E, rng);
        init::fan_in_uniform(&mut self.linear1.bias, E, rng);
        init::fan_in_uniform(self.linear2.weight.as_flattened_mut(), F, rng);
        init::fan_in_uniform(&mut self.linear2.bias, F, rng);
        for norm in [&mut self.norm1, &mut self.norm2, &mut self.norm3] {
            init::ones(&mut norm.weight);
            init::zeros(&mut norm.bias);
        }
    }

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let (batch, t, [x, memory, ..]) =
            (Batch::of(call.n, call.lengths), node.input.dim(0), call.x);
        let ([own, other], mut scratch) = (attentions(node), call.scratch);
        let [beside, middle1, middle2] =
            [(); 3].map(|_| &mut cut(&mut scratch, call.n * t * E)[..x.len()]);
        self.shortcut(node, &self.norm1).forward(x, &[], beside, middle1, |x, y| {
            let within = batch.forward([x, &[]], y, &mut [], scratch, 0);
            self.self_attn.forward(&own, Forward { state: call.state, ..within });
        });
        self.shortcut(node, &self.norm2).forward(middle1, &[], beside, middle2, |x, y| {
            let within = batch.forward([x, memory], y, &mut [], scratch, 0);
            self.multihead_attn.forward(&other, within);
        });
        self.shortcut(node, &self.norm3).forward(middle2, &[], beside, call.y, |x, y| {
            let order = call.lengths.order(&node.input);
            self.feed_forward(node).forward_in_use([None; 2], order, x, scratch, y);
        });
    }

    fn forward_training(&mut self, node: &Node<Args>, call: Forward<'_>) {
        let (batch, [x, memory, ..]) = (Batch::of(call.n, call.lengths), call.x);
        let (mut kept, [own, other]) = (Kept::of(node, call.n, x, call.kept), attentions(node));
        kept.draw(node.args.dropout, call.seed);
        let (seed, scratch) = (call.seed, call.scratch);
        let Kept { attention: [own_kept, other_kept, _], behind: [middle1, middle2, _], .. } = kept;
        let [beside1, beside2, beside3] = kept.beside;
        let [factors1, factors2, factors3] = kept.factors;
        self.shortcut(node, &self.norm1).forward(x, factors1, beside1, middle1, |x, y| {
            let within = batch.forward([x, &[]], y, own_kept, scratch, seed);
            self.self_attn.forward_kept(&own, within);
        });
        self.shortcut(node, &self.norm2).forward(middle1, factors2, beside2, middle2, |x, y| {
            let within = batch.forward([x, memory], y, other_kept, scratch, !seed);
            self.multihead_attn.forward_kept(&other, within);
        });
        self.shortcut(node, &self.norm3).forward(middle2, factors3, beside3, call.y, |x, y| {
            let feed_forward = self.feed_forward(node);
            feed_forward.forward(x, kept.between_factors, kept.between, scratch, y);
        });
    }

    /// Part by part, the last one first; see [`MultiheadAttention`].
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        let (batch, t, [x, memory, ..]) =
            (Batch::of(call.n, call.lengths), node.input.dim(0), call.x);
        let (kept, [own, other]) = (Kept::of(node, call.n, x, call.kept), attentions(node));
        let Kept { attention: [own_kept, other_kept, _], behind: [middle1, middle2, _], .. } = kept;
        let [beside1, beside2, beside3] = kept.beside;
        let [factors1, factors2, factors3] = kept.factors;
        let ([dx, dmemory, ..], mut scratch) = (call.dx, call.scratch);
        let [behind, before, within] =
            [(); 3].map(|_| &mut cut(&mut scratch, call.n * t * E)[..x.len()]);

        behind.copy_from_slice(call.dy);
        before.fill(0.0);
        let norm = &mut grad.norm3;
        let shortcut = self.shortcut(node, &self.norm3);
        let gradients = [&mut *behind, &mut *before, &mut *within];
        shortcut.backward([middle2, factors3, beside3], gradients, norm, |x, dy, dx| {
            let grads = (&mut grad.linear1, &mut grad.linear2);
            let read = [x, kept.between_factors, kept.between, dy];
            self.feed_forward(node).backward(read, dx, scratch, grads);
        });

        behind.fill(0.0);
        let norm = &mut grad.norm2;
        let shortcut = self.shortcut(node, &self.norm2);
        let gradients = [&mut *before, &mut *behind, &mut *within];
        shortcut.backward([middle1, factors2, beside2], gradients, norm, |x, dy, dx| {
            let within = batch.backward([x, memory], dy, [Some(dx), dmemory], other_kept, scratch);
            self.multihead_attn.backward(&other, within, &mut grad.multihead_attn);
        });

        before.fill(0.0);
        let norm = &mut grad.norm1;
        let shortcut = self.shortcut(node, &self.norm1);
        let gradients = [&mut *behind, &mut *before, &mut *within];
        shortcut.backward([x, factors1, beside1], gradients, norm, |x, dy, dx| {
            let within = batch.backward([x, &[]], dy, [Some(dx), None], own_kept, scratch);
            self.self_attn.backward(&own, within, &mut grad.self_attn);
        });
        if let Some(dx) = dx {
            axpy(1.0, before, dx);
        }
    }
}

impl<const E: usize, const F: usize, const B: usize, const C: usize>
    TransformerDecoderLayer<E, F, B, C>
{
    fn shortcut<'a>(&self, node: &Node<Args>, norm: &'a LayerNorm<E, B, E>) -> Shortcut<'a, E, B> {
        Shortcut { norm, norm_first: node.args.norm_first, eps: node.args.layer_norm_eps }
    }

    fn feed_forward(&self, node: &Node<Args>) -> FeedForward<'_, E, F, B, C> {
        let gelu = node.args.is_gelu();
        FeedForward { linear1: &self.linear1, linear2: &self.linear2, gelu }
    }
}
