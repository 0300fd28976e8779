//! Attention over batches of sequences that are not all as long, and over sequences that come step by step.

use firmnet::prelude::*;
use firmnet::sample::Sample;
use firmnet::seq::Seq;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

network! {
    struct Translator {
        positions: PositionalEmbedding,
        encoder: TransformerEncoderLayer(2, 12, 0.0),
        decoder: TransformerDecoderLayer(2, 12, 0.0, causal = true, norm_first = true),
        attn: MultiheadAttention(4, rotary = true),
    }
    fn forward(x: [..40, 8], memory: [..60, 8]) -> [..40, 8] {
        let seen = encoder(PositionalEncoding(memory));
        attn(decoder(positions(x), seen), seen, memory)
    }
}

fn sequence<const MOST: usize>(len: usize, rng: &mut SmallRng) -> Seq<[f32; 8], MOST> {
    let steps: Vec<[f32; 8]> =
        (0..len).map(|_| std::array::from_fn(|_| rng.random_range(-1.0..1.0))).collect();
    Seq::new(&steps).unwrap()
}

fn close(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(0.0_f32, |scale, x| scale.max(x.abs()));
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance * scale, "{found} is not {expected}");
    }
}

/// A batch gives what each of its samples gives alone, and gradients that are those of the samples together.
#[test]
fn sequences_of_a_batch_do_not_see_one_another() {
    let mut rng = SmallRng::seed_from_u64(1);
    let mut net = Translator::boxed(&mut rng);
    let lengths = [(5, 60), (1, 3), (40, 1), (33, 35), (2, 2)];
    let x: Vec<Seq<[f32; 8], 40>> = lengths.iter().map(|at| sequence(at.0, &mut rng)).collect();
    let memory: Vec<Seq<[f32; 8], 60>> =
        lengths.iter().map(|at| sequence(at.1, &mut rng)).collect();
    let (mut one, mut all) = (Workspace::new(), Workspace::new());
    all.room(Translator::TRAINING.len(5)).fill(f32::NAN);

    let together = net.forward_batch((&x, &memory), &mut all).steps().to_vec();
    let mut grads = Translator::boxed_zero();
    let pass = net.forward_training((&x, &memory), &mut all, &mut rng);
    close(<[f32; 8]>::flatten(pass.output().steps()), <[f32; 8]>::flatten(&together), 1e-6);
    let dy: Vec<f32> = (0..together.len() * 8).map(|_| rng.random_range(-1.0..1.0)).collect();
    let mut pass = pass;
    pass.loss_with(|_, to| <[f32; 8]>::flatten_mut(to.into_steps()).copy_from_slice(&dy));
    pass.backward(&net, &mut grads);

    let (mut sum, mut first) = (Translator::boxed_zero(), 0);
    for (x, memory) in x.iter().zip(&memory) {
        let (x, memory) = (core::slice::from_ref(x), core::slice::from_ref(memory));
        let here = &together[first..first + x[0].len()];
        let alone = net.forward_batch((x, memory), &mut one).steps();
        close(<[f32; 8]>::flatten(alone), <[f32; 8]>::flatten(here), 1e-6);
        let mut pass = net.forward_training((x, memory), &mut one, &mut rng);
        let dy = &dy[8 * first..8 * (first + x[0].len())];
        pass.loss_with(|_, to| <[f32; 8]>::flatten_mut(to.into_steps()).copy_from_slice(dy));
        pass.backward(&net, &mut sum);
        first += x[0].len();
    }
    for i in 0..Translator::TENSORS.len() {
        close(grads.tensor(i), sum.tensor(i), 1e-5);
    }
}

network! {
    struct Speaker: [..12, 8] -> [..12, 8] {
        positions: PositionalEmbedding, PositionalEncoding,
        layer: TransformerEncoderLayer(2, 12, causal = true, rotary = true, norm_first = true),
        attn: MultiheadAttention(4, causal = true), norm: LayerNorm,
    }
}
network! {
    struct Window: [..12, 8] -> [..12, 8] { attn: MultiheadAttention(2, causal = true, rotary = true) }
}

/// Step by step there is what the whole sequence gives; and behind the bound, what its last steps give.
#[test]
fn steps_one_by_one() {
    let (mut rng, mut memory) = (SmallRng::seed_from_u64(3), Workspace::new());
    let net = Speaker::boxed(&mut rng);
    let x = sequence::<40>(40, &mut rng);
    let whole = net.forward_batch(&[Seq::new(&x[..12]).unwrap()], &mut memory).steps().to_vec();
    let mut stream = Speaker::stream();
    for _ in 0..2 {
        for (x, whole) in x.iter().zip(&whole) {
            close(net.step(x, &mut stream), whole, 1e-6);
        }
        stream.reset();
    }
    // Longer than the table of positions: nothing stops.
    x.iter().for_each(|x| assert!(net.step(x, &mut stream).iter().all(|y| y.is_finite())));

    let (net, mut stream) = (Window::boxed(&mut rng), Window::stream());
    for t in 0..40 {
        let seen = Seq::new(&x[(t + 1_usize).saturating_sub(12)..=t]).unwrap();
        let whole = net.forward_batch(&[seen], &mut memory).steps();
        close(net.step(&x[t], &mut stream), whole.last().unwrap(), 1e-5);
    }
}

/// The first numbers of a new layer are PyTorch's: maps into the heads bounded by √(6 / 4E), no bias.
#[test]
fn first_numbers() {
    network! { struct Net: [3, 64] -> [3, 64] { layer: TransformerEncoderLayer(4, 32) } }
    let net = Net::boxed(&mut SmallRng::seed_from_u64(2));
    let largest = |x: &[f32]| x.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
    let within = |x: &[f32], bound: f32| {
        let largest = largest(x);
        assert!(largest <= bound && largest > 0.9 * bound, "{largest} is not near {bound}");
    };
    let (layer, attn) = (&net.layer, &net.layer.self_attn);
    within(attn.in_proj_weight.as_flattened().as_flattened(), (6.0_f32 / 256.0).sqrt());
    within(attn.out_proj.weight.as_flattened(), 1.0 / 8.0);
    within(layer.linear1.weight.as_flattened(), 1.0 / 8.0);
    within(layer.linear2.weight.as_flattened(), 1.0 / 32.0_f32.sqrt());
    assert_eq!(largest(attn.in_proj_bias.as_flattened()) + largest(&attn.out_proj.bias), 0.0);
    assert_eq!((layer.norm1.weight, layer.norm2.bias), ([1.0; 64], [0.0; 64]));
}
