//! Networks whose sizes are parameters: the same bits as those of a network with the sizes written out. And the code of the chapter *One
//! declaration, many sizes*.

use firmnet::prelude::*;
use firmnet::seq::Seq;
use firmnet::{stream, workspace};
use rand::SeedableRng;
use rand::rngs::StdRng;

// ANCHOR: mlp
network! {
    pub struct Mlp<const H: usize>: [2] -> [1] {
        fc1: Linear(H), Tanh,
        fc2: Linear(1),
    }
}
// ANCHOR_END: mlp

network! {
    /// `Mlp<4>`, written out.
    struct Four: [2] -> [1] { fc1: Linear(4), Tanh, fc2: Linear(1) }
}

// ANCHOR: tagger
network! {
    pub struct LstmTagger<const EMBEDDING: usize, const HIDDEN: usize, const VOCAB: usize, const TAGS: usize> {
        embedding: Embedding(VOCAB, EMBEDDING), lstm: LSTM(HIDDEN), hidden2tag: Linear(TAGS),
    }
    fn forward(words: [..64]) -> [..64, TAGS] {
        LogSoftmax(hidden2tag(lstm(embedding(words))))
    }
}

type Penn = LstmTagger<64, 128, 5000, 17>;
// ANCHOR_END: tagger

// ANCHOR: generator
network! {
    pub struct Generator<const Z: usize>: [Z] -> [784] {
        fc1: Linear(256), LeakyReLU(0.2),
        fc2: Linear(784), Tanh,
    }
}
// ANCHOR_END: generator

#[test]
fn the_noise_of_a_generator_is_a_parameter() {
    let (mut memory, mut rng) = (Workspace::new(), StdRng::seed_from_u64(1));
    let (of_ten, of_hundred) =
        (Generator::<10>::boxed(&mut rng), Generator::<100>::boxed(&mut rng));
    let dark = of_ten.forward(&[0.5; 10], &mut memory).iter().filter(|ink| **ink < 0.0).count();
    assert!((1..784).contains(&dark));
    assert!(of_hundred.forward(&[0.5; 100], &mut memory).iter().all(|ink| ink.abs() <= 1.0));
}

// ANCHOR: any_network
/// The mean loss over `epochs` passes, whatever the network.
fn train<N: Network<Input = [f32; 2], Output = [f32; 1]>>(net: &mut N, epochs: usize) -> f32 {
    let (x, y) = ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]]);
    let (adam, mut memory, mut rng) = (Adam::new(0.05), Workspace::new(), StdRng::seed_from_u64(1));
    let (mut grad, mut state) = (N::boxed_zero(), adam.state());
    let mut loss = 0.0;
    for _ in 0..epochs {
        let mut pass = net.forward_training(&x, &mut memory, &mut rng);
        loss = pass.loss(&MseLoss::new(), &y);
        pass.gradient(net, &mut grad);
        adam.step(net, &grad, &mut state);
    }
    loss
}

/// What only an `Mlp` has, of any size.
fn first_weights<const H: usize>(net: &Mlp<H>) -> [f32; H] {
    net.fc1.weight.map(|weights| weights[0])
}
// ANCHOR_END: any_network

#[test]
fn one_declaration_serves_three_sizes() {
    // ANCHOR: sizes
    let mut rng = StdRng::seed_from_u64(1);
    let (mut small, mut middle, mut large) =
        (Mlp::<4>::boxed(&mut rng), Mlp::<16>::boxed(&mut rng), Mlp::<64>::boxed(&mut rng));
    for loss in [train(&mut *small, 500), train(&mut *middle, 500), train(&mut *large, 500)] {
        assert!(loss < 0.02);
    }
    assert_eq!([Mlp::<4>::PARAMETERS, Mlp::<16>::PARAMETERS, Mlp::<64>::PARAMETERS], [17, 65, 257]);
    let _: [f32; 64] = first_weights(&large);
    // ANCHOR_END: sizes
}

#[test]
fn a_parameter_is_a_size_like_any_other() {
    let (mut given, mut written) = (Mlp::<4>::boxed_zero(), Four::boxed_zero());
    given.init(&mut StdRng::seed_from_u64(1));
    written.init(&mut StdRng::seed_from_u64(1));
    assert_eq!(train(&mut *given, 20), train(&mut *written, 20));
    assert_eq!(given.fc1.weight, written.fc1.weight);
    assert_eq!(Mlp::<4>::TRAINING_RAM, Four::TRAINING_RAM);
    assert_eq!(Mlp::<4>::summary().to_string(), Four::summary().to_string());
    let names = |tensors: &[firmnet::layer::Tensor<firmnet::network::Name>]| -> Vec<String> {
        tensors.iter().map(|tensor| tensor.name.to_string()).collect()
    };
    assert_eq!(names(Mlp::<4>::TENSORS), names(Four::TENSORS));
}

#[test]
fn memory_is_asked_for_where_the_sizes_are_given() {
    let net = Penn::boxed(&mut StdRng::seed_from_u64(1));
    // ANCHOR: memory
    let mut memory = workspace!(Mlp<4>);
    assert_eq!(Mlp::<4>::ZERO.forward(&[1.0, 0.0], &mut memory), &[0.0]);

    let mut steps = stream!(Penn);
    let tags: &[f32; 17] = net.step(&4711, &mut steps);
    // ANCHOR_END: memory
    let sum: f32 = tags.iter().map(|tag| tag.exp()).sum();
    assert!((sum - 1.0).abs() < 1e-5);
    let mut memory = Workspace::new();
    let sentence = Seq::new(&[4711, 1, 17]).unwrap();
    assert_eq!(net.forward(&sentence, &mut memory).len(), 3);
}

network! {
    /// Channels are a parameter, and so is the number of classes.
    struct Cnn<const C: usize, const CLASSES: usize> {
        conv1: Conv2d(C, 3, padding = 1), norm: BatchNorm2d, depthwise: Conv2d(C, 3, groups = C), head: Linear(CLASSES),
    }
    fn forward(x: [1, 8, 8]) -> [CLASSES] {
        head(Flatten(AdaptiveAvgPool2d(1)(depthwise(ReLU(norm(conv1(x)))))))
    }
}

network! {
    /// A network with parameters within another, twice, once frozen.
    struct Twice<const H: usize> { #[frozen] left: Mlp<H>, right: Mlp<3>, join: Linear(H) }
    fn forward(x: [2]) -> [H] { join(Concat(left(x), right(x))) }
}

network! { struct Fixed: [2] -> [5] { inner: Twice<5>, fc: Linear(5) } }

#[test]
fn layers_and_networks_take_parameters() {
    let [conv, norm] = [5 * 9 + 5, 5 + 5];
    assert_eq!(Cnn::<5, 3>::PARAMETERS, conv + norm + (5 * 9 + 5) + (5 * 3 + 3));
    let mut rng = StdRng::seed_from_u64(1);
    let mut memory = Workspace::new();
    let y = *Cnn::<5, 3>::boxed(&mut rng).forward(&[[[0.5; 8]; 8]], &mut memory);
    assert!(y.iter().all(|y| y.is_finite()));
    assert_eq!(Twice::<5>::PARAMETERS, Mlp::<3>::PARAMETERS + 2 * 5 + 5);
    assert_eq!(Fixed::TENSORS[0].name.as_str(), "inner.left.fc1.weight");
    assert_eq!(Fixed::ZERO.forward(&[1.0; 2], &mut memory), &[0.0; 5]);
}

network! { struct Encoder<const D: usize, const FF: usize> {
    layer1: TransformerEncoderLayer(2, FF), layer2: TransformerEncoderLayer(2, FF, norm_first = true), norm: LayerNorm,
    attn: MultiheadAttention(2), gru: GRU(D, num_layers = 2), } fn forward(x: [..6, D]) -> [D] {
    Last(gru(norm(attn(layer2(layer1(x))))))
} }

network! { struct EncoderOf8 {
    layer1: TransformerEncoderLayer(2, 12), layer2: TransformerEncoderLayer(2, 12, norm_first = true), norm: LayerNorm,
    attn: MultiheadAttention(2), gru: GRU(8, num_layers = 2), } fn forward(x: [..6, 8]) -> [8] {
    Last(gru(norm(attn(layer2(layer1(x))))))
} }

#[test]
fn attention_and_recurrence_take_parameters() {
    let (mut given, mut written) = (Encoder::<8, 12>::boxed_zero(), EncoderOf8::boxed_zero());
    given.init(&mut StdRng::seed_from_u64(1));
    written.init(&mut StdRng::seed_from_u64(1));
    let steps = [[0.1, -0.4, 0.2, 0.9, -0.3, 0.0, 0.5, -0.7]; 4];
    let (mut memory, mut other) = (Workspace::new(), Workspace::new());
    let x = Seq::new(&steps).unwrap();
    assert_eq!(given.forward(&x, &mut memory), written.forward(&x, &mut other));
}

#[allow(non_upper_case_globals)]
mod names_that_types_have_too {
    use super::*;

    // A parameter may be called as a layer is, or a type.
    type Vocab = u8;
    network! {
        pub struct Tagger<const Embedding: usize, const Vocab: usize = 10> { embedding: Embedding(Vocab, Embedding) }
        fn forward(words: [..4]) -> [..4, Embedding] { embedding(words) }
    }

    #[test]
    fn stay_apart() {
        let vocab: Vocab = 10;
        assert_eq!(Tagger::<3>::PARAMETERS, 3 * usize::from(vocab));
    }
}
