//! Attention step by step, from its keys and values: each step gives what it gives in the whole sequence.

use firmnet::prelude::*;
use firmnet::sample::Sample;
use firmnet::seq::Seq;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// The steps of a whole sequence, one after the other, and again after a reset.
macro_rules! check {
    ($Net:ident, $steps:expr) => {{
        let steps = $steps;
        let mut net = $Net::boxed(&mut SmallRng::seed_from_u64(1));
        moved(&mut *net);
        let mut memory = Workspace::new();
        let whole = net.forward_batch(&[Seq::new(&steps).unwrap()], &mut memory).steps().to_vec();
        let mut stream = Box::new($Net::stream());
        for _ in 0..2 {
            for (i, (step, whole)) in steps.iter().zip(&whole).enumerate() {
                assert_eq!(net.step(step, &mut stream), whole, "step {i}");
            }
            stream.reset();
        }
    }};
}

/// Moves all parameters, so that norms and biases are not what they are at first.
fn moved<N: Network>(net: &mut N) {
    let mut rng = SmallRng::seed_from_u64(2);
    for i in 0..N::TENSORS.len() {
        net.tensor_mut(i).iter_mut().for_each(|x| *x += rng.random_range(-0.3..0.3));
    }
}

fn steps<T: Sample, const COUNT: usize>(step: impl FnMut(&mut SmallRng) -> T) -> [T; COUNT] {
    let (mut rng, mut step) = (SmallRng::seed_from_u64(3), step);
    std::array::from_fn(|_| step(&mut rng))
}

fn numbers<const COUNT: usize>() -> [[f32; 8]; COUNT] {
    steps(|rng| std::array::from_fn(|_| rng.random_range(-1.0..1.0)))
}

network! {
    struct Attention { attn: MultiheadAttention(2, causal = true) }
    fn forward(x: [..40, 8]) -> [..40, 8] { attn(x) }
}

#[test]
fn causal_attention() {
    check!(Attention, numbers::<1>());
    check!(Attention, numbers::<7>());
    check!(Attention, numbers::<40>());
}

network! {
    struct Turned { attn: MultiheadAttention(2, causal = true, rotary = true, bias = false) }
    fn forward(x: [..40, 8]) -> [..40, 8] { attn(x) }
}

#[test]
fn rotary_attention() {
    check!(Turned, numbers::<40>());
}

network! {
    struct PostNorm {
        embedding: Embedding(11, 8), positions: PositionalEmbedding,
        layer1: TransformerEncoderLayer(2, 12, causal = true),
        layer2: TransformerEncoderLayer(4, 12, activation = "gelu", causal = true),
        next: Linear(11),
    }
    fn forward(x: [..40]) -> [..40, 11] { next(layer2(layer1(positions(embedding(x))))) }
}

#[test]
fn a_transformer_with_the_norms_behind() {
    check!(PostNorm, steps::<u32, 40>(|rng| rng.random_range(0..11)));
}

network! {
    struct PreNorm {
        embedding: Embedding(11, 8),
        layer1: TransformerEncoderLayer(2, 12, norm_first = true, causal = true),
        layer2: TransformerEncoderLayer(1, 12, norm_first = true, causal = true, bias = false),
        norm: LayerNorm, next: Linear(11),
    }
    fn forward(x: [..40]) -> [..40, 11] { next(norm(layer2(layer1(PositionalEncoding(embedding(x)))))) }
}

#[test]
fn a_transformer_with_the_norms_in_front() {
    check!(PreNorm, steps::<u32, 40>(|rng| rng.random_range(0..11)));
}

network! {
    struct Within { writer: PreNorm, out: Linear(3) }
    fn forward(x: [..40]) -> [..40, 3] { out(writer(x)) }
}

#[test]
fn a_transformer_within_a_network() {
    check!(Within, steps::<u32, 40>(|rng| rng.random_range(0..11)));
}

network! {
    struct Short {
        layer: TransformerEncoderLayer(2, 12, causal = true, rotary = true), out: Linear(8),
    }
    fn forward(x: [..6, 8]) -> [..6, 8] { out(layer(x)) }
}

/// There is no end to a stream: a step sees itself and the five before, and with rotary positions it does not matter how far in they are.
#[test]
fn beyond_the_bound_a_step_sees_as_many_as_the_bound() {
    let mut net = Short::boxed(&mut SmallRng::seed_from_u64(4));
    moved(&mut *net);
    let (steps, mut stream) = (numbers::<25>(), Short::stream());
    let mut memory = Workspace::new();
    for i in 0..steps.len() {
        let window = Seq::new(&steps[i.saturating_sub(5)..=i]).unwrap();
        let expected = *net.forward(&window, &mut memory).last().unwrap();
        // The window's positions begin at 0, and rounding is not the same everywhere.
        for (found, expected) in net.step(&steps[i], &mut stream).iter().zip(expected) {
            assert!((found - expected).abs() <= 1e-5 * expected.abs().max(1.0), "step {i}");
        }
    }
}

network! {
    struct Placed { positions: PositionalEmbedding }
    fn forward(x: [..6, 8]) -> [..6, 8] { positions(x) }
}

/// Steps behind the last position are given what belongs to that.
#[test]
fn beyond_the_bound_the_last_position_is_taken_again() {
    let net = Placed::boxed(&mut SmallRng::seed_from_u64(5));
    let mut stream = Placed::stream();
    for i in 0..9 {
        assert_eq!(*net.step(&[0.0; 8], &mut stream), net.positions.weight[i.min(5)]);
    }
}

/// What a stream holds is known to the compiler: for each layer the keys and values of the bound, and how many steps have been.
#[test]
fn the_cache_is_of_static_size() {
    const LEN: usize = PreNorm::INFERENCE.state;
    assert_eq!(LEN, 2 * (1 + 2 * 40 * 8) + 1);
    assert_eq!(PreNorm::stream().state().len(), LEN);
}

/// Who looks at later steps, or at another sequence, cannot take one step after the other.
#[test]
fn what_needs_the_whole_does_not_stream() {
    network! {
        struct Both { attn: MultiheadAttention(2) }
        fn forward(x: [..6, 8]) -> [..6, 8] { attn(x) }
    }
    network! {
        struct Encoder { layer: TransformerEncoderLayer(2, 12) }
        fn forward(x: [..6, 8]) -> [..6, 8] { layer(x) }
    }
    network! {
        struct Decoder { layer: TransformerDecoderLayer(2, 12, causal = true) }
        fn forward(x: [..6, 8], memory: [..6, 8]) -> [..6, 8] { layer(x, memory) }
    }
    network! {
        struct Ahead { layer: TransformerDecoderLayer(2, 12) }
        fn forward(x: [..6, 8], memory: [6, 8]) -> [..6, 8] { layer(x, memory) }
    }
    network! {
        struct Across { attn: MultiheadAttention(2) }
        fn forward(x: [..6, 8], memory: [..6, 8]) -> [..6, 8] { attn(x, memory) }
    }
    assert_eq!([Both::STREAMS, Encoder::STREAMS, Across::STREAMS], [false; 3]);
    assert_eq!([Decoder::STREAMS, Ahead::STREAMS], [false; 2]);
    assert_eq!([Attention::STREAMS, PostNorm::STREAMS, Within::STREAMS], [true; 3]);
}

network! {
    /// What is written looks back at itself and at a memory that came whole.
    struct Translator {
        embedding: Embedding(11, 8), positions: PositionalEmbedding,
        layer1: TransformerDecoderLayer(2, 12, causal = true),
        layer2: TransformerDecoderLayer(4, 12, norm_first = true, causal = true, rotary = true),
        attn: MultiheadAttention(2), next: Linear(11),
    }
    fn forward(x: [..40], memory: [5, 8]) -> [..40, 11] {
        let y = layer2(layer1(positions(embedding(x)), memory), memory);
        next(y + attn(y, memory))
    }
}

#[test]
fn a_decoder_whose_memory_comes_whole() {
    let mut net = Translator::boxed(&mut SmallRng::seed_from_u64(6));
    moved(&mut *net);
    let (memory, words): ([[f32; 8]; 5], _) =
        (numbers(), steps::<u32, 40>(|rng| rng.random_range(0..11)));
    let (mut workspace, mut stream) = (Workspace::new(), Box::new(Translator::stream()));
    let whole = net.forward(&(Seq::new(&words).unwrap(), memory), &mut workspace).to_vec();
    for _ in 0..2 {
        for (i, (word, whole)) in words.iter().zip(&whole).enumerate() {
            assert_eq!(net.step(&(*word, memory), &mut stream), whole, "word {i}");
        }
        stream.reset();
    }
    // For each layer the keys and values of what was written, and how many steps have been; and the position.
    assert_eq!(stream.state().len(), 2 * (1 + 2 * 40 * 8) + 1);
}
