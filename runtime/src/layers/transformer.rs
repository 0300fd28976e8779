//! `TransformerEncoderLayer` and `TransformerDecoderLayer`: attention and a feed-forward part, each with a shortcut around it.

mod decoder;
mod encoder;
mod parts;

pub use decoder::TransformerDecoderLayer;
pub use encoder::TransformerEncoderLayer;

use core::array::from_fn;

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel::{Ending, Writing};
use crate::layer::{Backward, Forward};
use crate::layers::dropout;
use crate::layers::multihead_attention::{self, cut, of_sequences};
use crate::length::Lengths;
use crate::pack::PackRef;
use crate::positional;
use crate::text::same;

/// `TransformerEncoderLayer(nhead, dim_feedforward = 2048, dropout = 0.1, activation = "relu", layer_norm_eps = 1e-5, norm_first = false,
/// bias = true, causal = false, rotary = false)`, and the same for a decoder; the last four need their name.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    nhead: usize,
    dim_feedforward: usize,
    dropout: f32,
    activation: &'static str,
    layer_norm_eps: f32,
    norm_first: bool,
    bias: bool,
    causal: bool,
    rotary: bool,
    /// Whether there is a memory, and how many steps it has at most.
    memory: Option<usize>,
}

const ENCODER: Args = Args {
    nhead: 0,
    dim_feedforward: 2048,
    dropout: 0.1,
    activation: "relu",
    layer_norm_eps: 1e-5,
    norm_first: false,
    bias: true,
    causal: false,
    rotary: false,
    memory: None,
};

positional!(
    Args,
    first = nhead: usize,
    second = dim_feedforward: usize,
    third = dropout: f32,
    fourth = activation: &'static str,
    fifth = layer_norm_eps: f32,
);

impl Args {
    /// Heads of the attention; their number divides `E`.
    pub const fn nhead(mut self, nhead: usize) -> Self {
        self.nhead = nhead;
        self
    }
    /// Features between the two maps of the feed-forward part; 2048 unless said otherwise.
    pub const fn dim_feedforward(mut self, dim_feedforward: usize) -> Self {
        self.dim_feedforward = dim_feedforward;
        self
    }
    /// How likely a number is left out in training: an attention weight, what a part gives, and what is between the two maps; 0.1 unless said
    /// otherwise.
    pub const fn dropout(mut self, dropout: f32) -> Self {
        self.dropout = dropout;
        self
    }
    /// `"relu"`, which it is unless said otherwise, or `"gelu"`.
    pub const fn activation(mut self, activation: &'static str) -> Self {
        self.activation = activation;
        self
    }
    /// What is added to the variance in each norm; 1e-5 unless said otherwise.
    pub const fn layer_norm_eps(mut self, layer_norm_eps: f32) -> Self {
        self.layer_norm_eps = layer_norm_eps;
        self
    }
    /// Whether each part is given what is normalised, instead of normalising the sum behind it; no unless said otherwise.
    pub const fn norm_first(mut self, norm_first: bool) -> Self {
        self.norm_first = norm_first;
        self
    }
    /// Whether linear maps and norms have a bias; yes unless said otherwise.
    pub const fn bias(mut self, bias: bool) -> Self {
        self.bias = bias;
        self
    }
    /// Whether a step sees no later step; no unless said otherwise.
    pub const fn causal(mut self, causal: bool) -> Self {
        self.causal = causal;
        self
    }
    /// Whether queries and keys of the attention to itself are turned by their positions, as in [`MultiheadAttention`](super::MultiheadAttention);
    /// no unless said otherwise.
    pub const fn rotary(mut self, rotary: bool) -> Self {
        self.rotary = rotary;
        self
    }

    /// The output has the shape of the first input.
    #[inline]
    pub const fn infer(mut self, x: Inputs) -> Inferred<Self> {
        let (shape, memory) = (x.shape(0), x.shape(if x.given() > 1 { 1 } else { 0 }));
        let (t, e, f) = (shape.dim(0), shape.dim(1), self.dim_feedforward);
        let is_decoder = self.memory.is_some();
        if is_decoder {
            self.memory = Some(memory.dim(0));
        }
        let (b, c) = if self.bias { (e, f) } else { (0, 0) };
        let [own, other] = self.attentions(t);
        let (attentions, norms) = if is_decoder { (2, 3) } else { (1, 2) };

        let two = x.says().str("takes a sequence and a memory, but is given ").num(x.count());
        let features = x.says().str("takes a memory of as many features as the sequence, ").num(e);
        let fits = memory.rank() == 2 && memory.dim(1) == e;
        let known = same(self.activation, "relu") || same(self.activation, "gelu");
        let activation = x.says().str("is given activation = \"").str(self.activation);
        let activation = activation.str("\"; it knows \"relu\" and \"gelu\"");
        let positive = x.says().str("is given a layer_norm_eps that is not above 0");
        let inferred = Inferred::new(self, x, shape);
        let inferred = match self.memory {
            None => inferred.one_input(),
            Some(_) => inferred.argument(x.count() == 2, two),
        };
        let inferred = inferred
            .rank(2, "a sequence is [steps, features]")
            .check(!is_decoder || fits, x.but_gives(features, if x.given() > 1 { 1 } else { 0 }));
        let inferred = own
            .check(inferred, shape, "nhead")
            .not_zero("dim_feedforward", f)
            .argument(known, activation)
            .argument(self.layer_norm_eps > 0.0, positive)
            .dims(&[e, f, b, c])
            .parameters(4 * attentions * (e * e + b) + 2 * e * f + b + c + norms * (e + b))
            .macs(own.macs(t, e) + other.macs(t, e) + 2 * t * e * f + norms * t * e)
            .kept(self.kept_len(t, e))
            .scratches(self.scratch_lens(t, e))
            .needs_x();
        let inferred = of_sequences(inferred);
        // The memory of a decoder has to come whole.
        let whole = !is_decoder || memory.length().is_fixed();
        if self.causal && whole { inferred.state(own.state_len(t, e)) } else { inferred }
    }

    /// What the attentions, to itself and to the memory, are told. Without a memory, the latter has no keys and needs nothing.
    const fn attentions(&self, t: usize) -> [multihead_attention::Args; 2] {
        let own = multihead_attention::Args {
            num_heads: self.nhead,
            dropout: self.dropout,
            bias: self.bias,
            causal: self.causal,
            rotary: self.rotary,
            inputs: 1,
            keys: t,
        };
        let mut other = own;
        (other.causal, other.rotary, other.inputs, other.keys) = (false, false, 2, 0);
        match self.memory {
            Some(keys) => other.keys = keys,
            None => other.num_heads = 0,
        }
        [own, other]
    }

    /// What backward needs of each sample: what the attentions keep; beside each shortcut what comes out of the norm or goes into it; what is between
    /// one part and the next; what is between the feed-forward maps; and what was left out.
    const fn kept_len(&self, t: usize, e: usize) -> usize {
        let ([own, other], f) = (self.attentions(t), self.dim_feedforward);
        let (shortcuts, attentions) = match self.memory {
            None => (2, own.kept_len(t, e)),
            Some(_) => (3, own.kept_len(t, e) + other.kept_len(t, e)),
        };
        let factors = if self.dropout > 0.0 { shortcuts * t * e + t * f } else { 0 };
        attentions + (2 * shortcuts - 1) * t * e + t * f + factors
    }

    /// What a call needs of its own for each sample. Parts run one after the other in the same memory.
    const fn scratch_lens(&self, t: usize, e: usize) -> [usize; 3] {
        let [own, other] = self.attentions(t);
        let (own, other) = (own.scratch_lens(t, e), other.scratch_lens(t, e));
        let (mut lens, mut i) = ([0; 3], 0);
        while i < 3 {
            let between = t * self.dim_feedforward;
            let attention =
                if self.memory.is_some() && other[i] > own[i] { other[i] } else { own[i] };
            lens[i] = if between > attention { between } else { attention };
            i += 1;
        }
        // In use, what is beside a shortcut and behind two; backward, the gradients on both sides of a part and within.
        [lens[0] + 3 * t * e, lens[1], lens[2] + 3 * t * e]
    }

    fn is_gelu(&self) -> bool {
        same(self.activation, "gelu")
    }
}

/// What is kept of a batch for backward, of each of `S` parts with a shortcut, cut to as many steps as there are. The last part has no attention
/// and nothing behind it.
struct Kept<'a, const S: usize> {
    attention: [&'a mut [f32]; S],
    /// What comes out of the norm, or goes into it.
    beside: [&'a mut [f32]; S],
    /// What is given to the next part.
    behind: [&'a mut [f32]; S],
    /// What each number that a part gives is multiplied by; empty without dropout.
    factors: [&'a mut [f32]; S],
    /// What is between the two maps of the last part.
    between: &'a mut [f32],
    /// What that is multiplied by.
    between_factors: &'a mut [f32],
}

impl<'a, const S: usize> Kept<'a, S> {
    fn of(node: &Node<Args>, n: usize, x: &[f32], mut memory: &'a mut [f32]) -> Self {
        let (args, t, e) = (&node.args, node.input.dim(0), node.input.dim(1));
        let (f, rows, drops) = (args.dim_feedforward, x.len() / e.max(1), args.dropout > 0.0);
        let mut part = |there: bool, features: usize| {
            let len = if there { features } else { 0 };
            &mut cut(&mut memory, n * t * len)[..rows * len]
        };
        let beside = from_fn(|_| part(true, e));
        let behind = from_fn(|i| part(i + 1 < S, e));
        let factors = from_fn(|_| part(drops, e));
        let (between, between_factors) = (part(true, f), part(drops, f));
        let attentions = args.attentions(t);
        let attention = from_fn(|i| match attentions.get(i) {
            Some(attention) if i + 1 < S => cut(&mut memory, n * attention.kept_len(t, e)),
            _ => &mut [],
        });
        Kept { attention, beside, behind, factors, between, between_factors }
    }

    /// Draws what is left out, if anything is.
    fn draw(&mut self, p: f32, seed: u64) {
        let factors = self.factors.iter_mut().chain([&mut self.between_factors]);
        for (factors, i) in factors.zip(1..) {
            // Apart from the one that the attention draws with.
            let seed = seed.wrapping_add(0x6a09_e667_f3bc_c909_u64.wrapping_mul(i));
            dropout::draw(p, seed, factors);
        }
    }
}

/// One batch, for an attention within a layer.
#[derive(Clone, Copy)]
struct Batch<'a> {
    n: usize,
    lengths: Lengths<'a>,
}

impl<'a> Batch<'a> {
    fn of(n: usize, lengths: Lengths<'a>) -> Self {
        Batch { n, lengths }
    }

    fn forward(
        self,
        [x, memory]: [&'a [f32]; 2],
        y: &'a mut [f32],
        kept: &'a mut [f32],
        scratch: &'a mut [f32],
        seed: u64,
    ) -> Forward<'a> {
        let Batch { n, lengths } = self;
        let x = [x, memory, &[], &[], &[], &[], &[], &[]];
        let (kept_batch, state) = (&mut [][..], &mut [][..]);
        Forward {
            n,
            x,
            y,
            kept,
            kept_batch,
            scratch,
            state,
            lengths,
            packed: PackRef::NOTHING,
            seed,
            in_place: false,
            ending: Ending::NONE,
        }
    }

    fn backward(
        self,
        [x, memory]: [&'a [f32]; 2],
        dy: &'a [f32],
        [dx, dmemory]: [Option<&'a mut [f32]>; 2],
        kept: &'a mut [f32],
        scratch: &'a mut [f32],
    ) -> Backward<'a> {
        let Batch { n, lengths } = self;
        let x = [x, memory, &[], &[], &[], &[], &[], &[]];
        let dx = [dx, dmemory, None, None, None, None, None, None];
        let (y, kept_batch) = (&[][..], &mut [][..]);
        let (in_place, writing, adds) = (false, Writing::Adds, true);
        Backward { n, x, y, dy, dx, kept, kept_batch, scratch, lengths, in_place, writing, adds }
    }
}

/// The nodes of the attentions within a layer.
fn attentions(node: &Node<Args>) -> [Node<multihead_attention::Args>; 2] {
    let args = node.args.attentions(node.input.dim(0));
    args.map(|args| Node { args, input: node.input, output: node.output })
}

/// The place of tensor `i` among parts of which the first `attentions` have four tensors and the others two, or half of that without a bias: the part,
/// and the tensor of it.
const fn part_of(i: usize, attentions: usize, bias: bool) -> (usize, usize) {
    let (each, pair) = if bias { (4, 2) } else { (2, 1) };
    if i < attentions * each {
        (i / each, i % each)
    } else {
        (attentions + (i - attentions * each) / pair, (i - attentions * each) % pair)
    }
}
