//! `MultiheadAttention`: each step takes from the others what its query asks for.

use rand_core::Rng;

use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::kernel::{
    self, Attention, Matrix, Order, Weights, gemm, gemm_bias, gemm_packed, sum_rows,
};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::layers::Linear;
use crate::layers::dropout;
use crate::length::Lengths;
use crate::positional;
use crate::shape::Shape;
#[cfg(feature = "std")]
use crate::{
    kernel::{pack_panels, packed_len},
    pack::Pack,
};
#[cfg(feature = "std")]
use std::vec::Vec;

/// `query: [T, E]`, `key: [S, E]`, `value: [S, E]` → `y: [T, E]`: in each of `num_heads` heads
/// `softmax(Q Kᵀ / √(E / num_heads)) V`, with `Q`, `K` and `V` linear in query, key and value, and `y` linear in all heads together (Vaswani
/// et al. 2017). PyTorch's `nn.MultiheadAttention` with `batch_first`.
///
/// `attn(x)` looks at itself, `attn(query, memory)` at another sequence, and `attn(query, key, value)` takes from a third what it finds in
/// the second. Where sequences are not all as long, nobody looks beyond their ends.
///
/// With `causal`, a step sees itself and those before. Such a layer can be given a sequence in pieces: it carries the keys and values
/// of the last `T` steps, and a step sees no more than those.
///
/// `B` is `E`, or 0 without a bias.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct MultiheadAttention<const E: usize = 0, const B: usize = 0> {
    /// What makes query, key and value of a step, one behind the other.
    pub in_proj_weight: [[[f32; E]; E]; 3],
    /// What is added to query, key and value.
    pub in_proj_bias: [[f32; B]; 3],
    /// What makes the output of all heads.
    pub out_proj: Linear<E, E, B>,
}

/// `MultiheadAttention(num_heads, dropout = 0.0, bias = true, causal = false, rotary = false)`. Those with a default need their name.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    pub(super) num_heads: usize,
    pub(super) dropout: f32,
    pub(super) bias: bool,
    pub(super) causal: bool,
    pub(super) rotary: bool,
    /// How many inputs there are.
    pub(super) inputs: usize,
    /// The most keys.
    pub(super) keys: usize,
}

impl MultiheadAttention {
    /// `MultiheadAttention`, with its arguments to follow.
    pub const fn args() -> Args {
        Args {
            num_heads: 0,
            dropout: 0.0,
            bias: true,
            causal: false,
            rotary: false,
            inputs: 0,
            keys: 0,
        }
    }
}

// More would take PyTorch's `MultiheadAttention(embed_dim, num_heads)` for a dropout.
positional!(Args, first = num_heads: usize);

impl Args {
    /// How many heads there are; their number divides `E`.
    pub const fn num_heads(mut self, num_heads: usize) -> Self {
        self.num_heads = num_heads;
        self
    }
    /// How likely an attention weight is left out in training; none is unless said otherwise.
    pub const fn dropout(mut self, dropout: f32) -> Self {
        self.dropout = dropout;
        self
    }
    /// Whether the four linear maps have a bias; yes unless said otherwise.
    pub const fn bias(mut self, bias: bool) -> Self {
        self.bias = bias;
        self
    }
    /// Whether a step sees no later step; no unless said otherwise.
    pub const fn causal(mut self, causal: bool) -> Self {
        self.causal = causal;
        self
    }
    /// Whether queries and keys are turned by their positions, so that it is the distance of two steps that counts (Su et al. 2021); no
    /// unless said otherwise. Places 2i and 2i + 1 of a head make a pair.
    pub const fn rotary(mut self, rotary: bool) -> Self {
        self.rotary = rotary;
        self
    }

    /// The output has the shape of the query.
    #[inline]
    pub const fn infer(mut self, x: Inputs) -> Inferred<Self> {
        let (query, key, value) = (x.shape(0), self.of(&x, 1), self.of(&x, 2));
        (self.inputs, self.keys) = (x.given(), key.dim(0));
        let (t, e) = (query.dim(0), query.dim(1));
        let b = if self.bias { e } else { 0 };
        let inputs = x.says().str("takes a query, a key and a value, but is given ").num(x.count());
        let steps = x.says().str("takes as many keys as values");
        let steps = x.but_gives(x.gives(steps.str("; "), if x.given() > 2 { 2 } else { 0 }), 1);
        let inferred = Inferred::new(self, x, query)
            .argument(x.count() <= 3, inputs)
            .rank(2, "a sequence is [steps, features]");
        let inferred = self.check_features(self.check_features(inferred, 1), 2);
        let inferred = self
            .check(inferred, query, "num_heads")
            .check(key.length().same(&value.length()), steps)
            .check(
                !self.causal || query.length().same(&key.length()),
                x.but_gives(
                    x.gives(x.says().str("is causal, and takes as many queries as keys; "), 0),
                    if x.given() > 1 { 1 } else { 0 },
                ),
            )
            .dims(&[e, b])
            .parameters(4 * (e * e + b))
            .macs(self.macs(t, e))
            .kept(self.kept_len(t, e))
            .scratches(self.scratch_lens(t, e))
            .needs_x();
        let inferred = of_sequences(inferred);
        match x.given() {
            1 if self.causal => inferred.state(self.state_len(t, e)),
            // Each query for itself, where keys and values come whole; with rotary positions it would have to know its own.
            2.. if key.length().is_fixed() && !self.causal && !self.rotary => inferred.state(0),
            _ => inferred,
        }
    }

    /// What is asked of the arguments, beside what is asked of the inputs.
    pub(super) const fn check<A: Copy>(
        &self,
        inferred: Inferred<A>,
        query: Shape,
        name: &str,
    ) -> Inferred<A> {
        let (x, e, heads) = (inferred.inputs, query.dim(1), self.num_heads);
        let part = x.says().str("is given a dropout that is not between 0 and 1");
        let divides = x.says().str("has ").num(heads).str(" heads");
        let divides = x.but_gives(divides, 0).str("; their number has to divide the features, ");
        let size = match heads {
            0 => 0,
            _ => e / heads,
        };
        let pairs = x.says().str("turns pairs, but its heads have ").num(size);
        let pairs = pairs.str(" numbers each; rotary = true takes an even number");
        inferred
            .required(name, heads)
            .check(heads == 0 || e.is_multiple_of(heads), divides.num(e))
            .check(!self.rotary || size.is_multiple_of(2), pairs)
            .argument(self.dropout >= 0.0 && self.dropout <= 1.0, part)
    }

    /// The input that is key (1) or value (2).
    const fn of(&self, x: &Inputs, i: usize) -> Shape {
        let last = if x.given() == 0 { 0 } else { x.given() - 1 };
        x.shape(if i < last { i } else { last })
    }

    /// Input `i`, if there is one, has as many features as the query.
    const fn check_features(&self, inferred: Inferred<Self>, i: usize) -> Inferred<Self> {
        let x = inferred.inputs;
        if i >= x.given() {
            return inferred;
        }
        let (e, shape) = (x.shape(0).dim(1), x.shape(i));
        let says = x.says().str("takes sequences of as many features as its query, ").num(e);
        inferred.check(shape.rank() == 2 && shape.dim(1) == e, x.but_gives(says, i))
    }

    /// Multiplications with a parameter.
    pub(super) const fn macs(&self, t: usize, e: usize) -> usize {
        if self.num_heads == 0 { 0 } else { 2 * (t + self.keys) * e * e }
    }

    /// What is carried from one piece of a sequence to the next.
    pub(super) const fn state_len(&self, t: usize, e: usize) -> usize {
        1 + 2 * t * e
    }

    /// What backward needs of each sample: queries, keys, values, what the heads gave, and the attention weights.
    pub(super) const fn kept_len(&self, t: usize, e: usize) -> usize {
        2 * (t + self.keys) * e + self.num_heads * t * self.keys
    }

    /// What a call needs in use (the same but the weights), forward in training, and backward (gradients by queries, keys and values).
    pub(super) const fn scratch_lens(&self, t: usize, e: usize) -> [usize; 3] {
        let shape = self.attention(1, t, e);
        let (in_use, scores) = (shape.scratch_len(), shape.scratch_len_kept());
        [2 * (t + self.keys) * e + in_use, scores, (t + 2 * self.keys) * e + scores]
    }

    pub(super) const fn attention(&self, n: usize, t: usize, e: usize) -> Attention {
        let heads = if self.num_heads == 0 { 1 } else { self.num_heads };
        let (size, keys, causal) = (e / heads, self.keys, self.causal);
        Attention { n, heads, size, queries: t, keys, causal }
    }
}

impl Kind for MultiheadAttention {
    type Args = Args;
    type Layer<
        const E: usize,
        const B: usize,
        const C: usize,
        const D: usize,
        const X: usize,
        const F: usize,
    > = MultiheadAttention<E, B>;
}

impl<const E: usize, const B: usize> Layer for MultiheadAttention<E, B> {
    type Args = Args;
    const TENSORS: &'static [Tensor] = match B {
        0 => &[
            Tensor::parameter("in_proj_weight", &[3 * E, E]),
            Tensor::parameter("out_proj.weight", &[E, E]),
        ],
        _ => &[
            Tensor::parameter("in_proj_weight", &[3 * E, E]),
            Tensor::parameter("in_proj_bias", &[3 * E]),
            Tensor::parameter("out_proj.weight", &[E, E]),
            Tensor::parameter("out_proj.bias", &[E]),
        ],
    };

    fn tensor(&self, i: usize) -> &[f32] {
        match (i, B) {
            (0, _) => self.in_proj_weight.as_flattened().as_flattened(),
            (1, 1..) => self.in_proj_bias.as_flattened(),
            (1, 0) | (2, _) => self.out_proj.weight.as_flattened(),
            _ => &self.out_proj.bias,
        }
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
        match (i, B) {
            (0, _) => self.in_proj_weight.as_flattened_mut().as_flattened_mut(),
            (1, 1..) => self.in_proj_bias.as_flattened_mut(),
            (1, 0) | (2, _) => self.out_proj.weight.as_flattened_mut(),
            _ => &mut self.out_proj.bias,
        }
    }

    /// The three maps into the heads as one, after Glorot and Bengio; no bias.
    fn init(&mut self, _: &Node<Args>, rng: &mut dyn Rng) {
        self.reset(rng);
    }

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        if !call.state.is_empty() {
            return self.forward_piece(node, call);
        }
        let (n, args, t) = (call.n, &node.args, node.input.dim(0));
        let (mut memory, [query, key, value]) = (call.scratch, args.sources(call.x));
        let parts = args.lens(n, t, E).map(|len| cut(&mut memory, len));
        let [q, k, v, y] = fit(parts, [query, key, value, query]);
        let order = call.lengths.order(&node.input);
        let packed = [0, 1, 2].map(|i| call.packed.part(i).numbers());
        self.project(packed, order, [query, key, value], [q, k, v]);
        args.turn(false, n, E, call.lengths, q, k);
        let steps = |i| args.steps(call.lengths, i);
        kernel::attention(args.attention(n, t, E), steps, [q, k, v], memory, y);
        self.out_proj.apply_packed(call.packed.part(3).numbers(), order, y, call.y);
    }

    /// What makes query, key, value and output. Where a sequence may come step by step, the weights are read as they are.
    #[cfg(feature = "std")]
    fn pack(&self, node: &Node<Args>) -> Pack {
        if node.args.causal {
            return Pack::default();
        }
        let of = |weight: &[[f32; E]; E]| {
            let weight = Matrix::new(weight.as_flattened(), E, E).t();
            Pack::new(packed_len(E, E), |to| pack_panels(weight, to))
        };
        let mut parts = self.in_proj_weight.each_ref().map(of).into_iter().collect::<Vec<_>>();
        parts.push(self.out_proj.pack_for_rows());
        Pack::of(parts)
    }

    fn forward_training(&mut self, node: &Node<Args>, call: Forward<'_>) {
        self.forward_kept(node, call);
    }

    /// Backward through the last map, the heads, and the first three.
    fn backward(&self, node: &Node<Args>, mut call: Backward<'_>, grad: &mut Self) {
        let (n, args, t) = (call.n, &node.args, node.input.dim(0));
        let sources = args.sources(call.x);
        let [query, key, value] = sources;
        let (mut kept, mut scratch) = (call.kept, call.scratch);
        let parts = args.lens(n, t, E).map(|len| cut(&mut kept, len));
        let [q, k, v, y] = fit(parts, [query, key, value, query]);

        self.out_proj.add_gradients(y, call.dy, None, &mut grad.out_proj);
        // What the heads gave is not needed again: its gradient takes the place.
        let dy = Matrix::new(call.dy, y.len() / E.max(1), E);
        gemm(dy, Matrix::new(self.out_proj.weight.as_flattened(), E, E), 0.0, y, E);
        let [queries, keys, values, _] = args.lens(n, t, E);
        let gradients = [queries, keys, values].map(|len| cut(&mut scratch, len));
        let [dq, dk, dv] = fit(gradients, sources);
        let weights = Weights { kept, dropout: args.dropout_factor() };
        let steps = |i| args.steps(call.lengths, i);
        let (shape, to) = (args.attention(n, t, E), [&mut *dq, &mut *dk, &mut *dv]);
        kernel::attention_backward(shape, steps, [q, k, v], weights, y, scratch, to);
        args.turn(true, n, E, call.lengths, dq, dk);

        for (i, dz) in [dq, dk, dv].into_iter().enumerate() {
            let rows = dz.len() / E.max(1);
            let (x, weight) = (Matrix::new(sources[i], rows, E), &self.in_proj_weight[i]);
            if let Some(dx) = &mut call.dx[i.min(args.inputs.max(1) - 1)] {
                let weight = Matrix::new(weight.as_flattened(), E, E);
                gemm(Matrix::new(dz, rows, E), weight, 1.0, dx, E);
            }
            let dweight = grad.in_proj_weight[i].as_flattened_mut();
            gemm(Matrix::new(dz, rows, E).t(), x, 1.0, dweight, E);
            if B > 0 {
                sum_rows(dz, &mut grad.in_proj_bias[i]);
            }
        }
    }
}

impl<const E: usize, const B: usize> MultiheadAttention<E, B> {
    pub(super) fn reset(&mut self, rng: &mut dyn Rng) {
        let weight = self.in_proj_weight.as_flattened_mut().as_flattened_mut();
        init::xavier_uniform(weight, &[3 * E, E], 1.0, rng);
        init::zeros(self.in_proj_bias.as_flattened_mut());
        init::fan_in_uniform(self.out_proj.weight.as_flattened_mut(), E, rng);
        init::zeros(&mut self.out_proj.bias);
    }

    /// Queries, keys and values.
    fn project(
        &self,
        packed: [Option<&[f32]>; 3],
        order: Order,
        from: [&[f32]; 3],
        to: [&mut [f32]; 3],
    ) {
        for (i, (x, z)) in from.into_iter().zip(to).enumerate() {
            let x = Matrix::new(x, x.len() / E.max(1), E);
            let weight = Matrix::new(self.in_proj_weight[i].as_flattened(), E, E);
            let bias = &self.in_proj_bias[i];
            match packed[i] {
                Some(packed) if order != Order::OneRow => gemm_packed(x, packed, [E; 2], bias, z),
                _ => gemm_bias(order, x, weight.t(), bias, z),
            }
        }
    }

    /// Forward in training.
    pub(super) fn forward_kept(&self, node: &Node<Args>, call: Forward<'_>) {
        let (n, args, t) = (call.n, &node.args, node.input.dim(0));
        let (mut memory, [query, key, value]) = (call.kept, args.sources(call.x));
        let parts = args.lens(n, t, E).map(|len| cut(&mut memory, len));
        let [q, k, v, y] = fit(parts, [query, key, value, query]);
        self.project([None; 3], Order::Free, [query, key, value], [q, k, v]);
        args.turn(false, n, E, call.lengths, q, k);
        if args.dropout > 0.0 {
            dropout::draw(args.dropout, call.seed, memory);
        }
        let weights = Weights { kept: memory, dropout: args.dropout_factor() };
        let steps = |i| args.steps(call.lengths, i);
        let shape = args.attention(n, t, E);
        kernel::attention_kept(shape, steps, [q, k, v], weights, call.scratch, y);
        self.out_proj.apply(Order::Free, y, call.y);
    }

    /// Some more steps of one sequence. What is carried: how many steps there have been, and the keys and values of the last of them.
    fn forward_piece(&self, node: &Node<Args>, call: Forward<'_>) {
        let (args, t, x) = (&node.args, node.input.dim(0), call.x[0]);
        let order = call.lengths.order(&node.input);
        let rows = x.len() / E.max(1);
        let (passed, cache) = call.state.split_at_mut(1);
        let before = passed[0].to_bits() as usize;
        passed[0] = f32::from_bits(passed[0].to_bits().wrapping_add(rows as u32));
        let (keys, values) = cache.split_at_mut(t * E);
        let (cached, kept) = (before.min(t), before.min(t - rows));
        for cache in [&mut *keys, &mut *values] {
            cache.copy_within((cached - kept) * E..cached * E, 0);
        }
        let seen = kept + rows;
        let mut memory = call.scratch;
        let [q, y] = [x, x].map(|x| cut(&mut memory, x.len()));
        let new = kept * E..seen * E;
        self.project(
            [None; 3],
            order,
            [x; 3],
            [&mut *q, &mut keys[new.clone()], &mut values[new.clone()]],
        );
        if args.rotary {
            let size = E / args.num_heads;
            kernel::rotate(false, before, size, args.num_heads, q);
            kernel::rotate(false, before, size, args.num_heads, &mut keys[new]);
        }
        let read = [&*q, &keys[..seen * E], &values[..seen * E]];
        kernel::attention(args.attention(1, t, E), |_| [rows, seen], read, memory, y);
        self.out_proj.apply(order, y, call.y);
    }
}

impl Args {
    /// Where query, key and value come from.
    fn sources<'a>(&self, x: [&'a [f32]; crate::infer::MAX_INPUTS]) -> [&'a [f32]; 3] {
        let last = self.inputs.max(1) - 1;
        [x[0], x[last.min(1)], x[last]]
    }

    /// How many queries and keys sample `i` has.
    fn steps(&self, lengths: Lengths<'_>, i: usize) -> [usize; 2] {
        [lengths.input(0, i), lengths.input((self.inputs.max(1) - 1).min(1), i)]
    }

    /// Numbers that `n` samples have of queries, keys, values, and of what the heads give.
    fn lens(&self, n: usize, t: usize, e: usize) -> [usize; 4] {
        [t, self.keys, self.keys, t].map(|steps| n * steps * e)
    }

    /// Turns queries and keys by their positions, if that is asked for, or back again.
    fn turn(
        &self,
        back: bool,
        n: usize,
        e: usize,
        lengths: Lengths<'_>,
        mut q: &mut [f32],
        mut k: &mut [f32],
    ) {
        for i in 0..if self.rotary { n } else { 0 } {
            let ([queries, keys], size) = (self.steps(lengths, i), e / self.num_heads);
            kernel::rotate(back, 0, size, self.num_heads, cut(&mut q, queries * e));
            kernel::rotate(back, 0, size, self.num_heads, cut(&mut k, keys * e));
        }
    }

    /// What a weight that is not left out is multiplied by; 0 where none is left out.
    fn dropout_factor(&self) -> f32 {
        match self.dropout {
            0.0 => 0.0,
            1.0 => 1.0,
            p => 1.0 / (1.0 - p),
        }
    }
}

/// `inferred` for inputs `[steps, features]`, of which there may be more or fewer steps.
pub(super) const fn of_sequences<A: Copy>(mut inferred: Inferred<A>) -> Inferred<A> {
    let (x, mut i) = (inferred.inputs, 0);
    while i < x.given() {
        let says = x.says().str("takes the steps of a sequence along its first axis");
        inferred = inferred.check(!x.shape(i).is_bounded_at(1), x.but_gives(says, i));
        i += 1;
    }
    inferred.any_length()
}

/// The first `len` numbers of `memory`, which keeps the rest.
pub(super) fn cut<'a>(memory: &mut &'a mut [f32], len: usize) -> &'a mut [f32] {
    let (front, rest) = core::mem::take(memory).split_at_mut(len);
    *memory = rest;
    front
}

/// Of each part, as much as what it is made of: there may be fewer steps than there is room for.
fn fit<'a, const N: usize>(parts: [&'a mut [f32]; N], like: [&[f32]; N]) -> [&'a mut [f32]; N] {
    let mut like = like.into_iter();
    parts.map(|part| &mut part[..like.next().map_or(0, <[f32]>::len)])
}
