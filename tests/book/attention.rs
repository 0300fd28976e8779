//! The code of the chapter *Attention*.

use firmnet::prelude::*;
use firmnet::seq::Seq;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

// ANCHOR: own
network! {
    pub struct Look: [..20, 64] -> [..20, 64] {
        attn: MultiheadAttention(4),
    }
}
// ANCHOR_END: own

#[test]
fn what_a_sequence_gives_does_not_depend_on_the_others() {
    let mut rng = StdRng::seed_from_u64(1);
    let net = Look::boxed(&mut rng);
    let steps: Vec<[f32; 64]> =
        (0..20).map(|_| std::array::from_fn(|_| rng.random_range(-1.0..1.0))).collect();
    // ANCHOR: ragged
    let long = Seq::new(&steps[..20]).unwrap();
    let short = Seq::new(&steps[..3]).unwrap();
    let mut memory = Workspace::new();

    let together = net.forward_batch(&[long, short], &mut memory).steps().to_vec();
    let alone = net.forward_batch(&[short], &mut memory).steps();
    let difference =
        |a: &[f32; 64], b: &[f32; 64]| -> f32 { a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum() };
    // The steps of the second sequence stand behind the twenty of the first.
    assert!(alone.iter().zip(&together[20..]).all(|(a, b)| difference(a, b) < 1e-4));
    // ANCHOR_END: ragged
    assert_eq!((together.len(), alone.len()), (23, 3));
}

// ANCHOR: classifier
network! {
    pub struct Sentence {
        embedding: Embedding(100, 16),
        layer1: TransformerEncoderLayer(2, 32, norm_first = true),
        layer2: TransformerEncoderLayer(2, 32, norm_first = true),
        norm: LayerNorm,
        fc: Linear(2),
    }
    fn forward(words: [..12]) -> [2] {
        let x = PositionalEncoding(embedding(words));
        fc(Mean(norm(layer2(layer1(x)))))
    }
}
// ANCHOR_END: classifier

/// Sentences of some of a hundred words, and whether word 7 is among them.
fn sentences(count: usize, rng: &mut StdRng) -> (Vec<Seq<u32, 12>>, Vec<u8>) {
    let sentence = |i: usize| {
        let len = rng.random_range(2..13);
        let mut words: Vec<u32> = (0..len).map(|_| rng.random_range(8..100)).collect();
        if i % 2 == 1 {
            words[rng.random_range(0..len)] = 7;
        }
        (Seq::new(&words).unwrap(), (i % 2) as u8)
    };
    (0..count).map(sentence).unzip()
}

#[test]
fn a_sentence() {
    let (words, classes) = sentences(512, &mut StdRng::seed_from_u64(2));
    // ANCHOR: train
    let mut rng = StdRng::seed_from_u64(3);
    let mut net = Sentence::boxed(&mut rng);
    let mut grad = Sentence::boxed_zero();
    let mut memory = Workspace::new();

    let cross_entropy = CrossEntropyLoss::new();
    let adam = Adam::new(0.005);
    let mut state = adam.state();
    for (words, classes) in words.chunks(32).zip(classes.chunks(32)).cycle().take(64) {
        let mut pass = net.forward_training(words, &mut memory, &mut rng);
        pass.loss(&cross_entropy, classes);
        pass.gradient(&net, &mut grad);
        adam.step(&mut *net, &grad, &mut state);
    }
    // ANCHOR_END: train
    let (words, classes) = sentences(128, &mut StdRng::seed_from_u64(4));
    let answers = net.forward_batch(&words, &mut memory);
    let right = answers.iter().zip(&classes).filter(|&(y, &class)| argmax(y) == usize::from(class));
    let right = right.count();
    assert!(right > 115, "{right} of 128");
}

// ANCHOR: causal
network! {
    /// What comes after each character of a text.
    pub struct Writer {
        embedding: Embedding(96, 32),
        layer1: TransformerEncoderLayer(4, 64, causal = true, rotary = true),
        layer2: TransformerEncoderLayer(4, 64, causal = true, rotary = true),
        next: Linear(96),
    }
    fn forward(text: [..32]) -> [..32, 96] {
        LogSoftmax(next(layer2(layer1(embedding(text)))))
    }
}
// ANCHOR_END: causal

#[test]
fn nobody_looks_ahead() {
    let net = Writer::boxed(&mut StdRng::seed_from_u64(5));
    let (one, other) = (Seq::new(&[1, 2, 3, 4]).unwrap(), Seq::new(&[1, 2, 3, 90]).unwrap());
    let mut memory = Workspace::new();
    let one = net.forward_batch(&[one], &mut memory).steps().to_vec();
    let other = net.forward_batch(&[other], &mut memory).steps();
    assert_eq!(one[..3], other[..3]);
    assert_ne!(one[3], other[3]);
}

/// The number of a character that can be printed.
fn id(character: u8) -> u32 {
    u32::from(character - b' ')
}

#[test]
fn a_writer() {
    let text = "the cat sat on the mat. ".repeat(8);
    let ids: Vec<u32> = text.bytes().map(id).collect();
    let (mut rng, mut memory) = (StdRng::seed_from_u64(7), Workspace::new());
    let (mut net, mut grad) = (Writer::boxed(&mut rng), Writer::boxed_zero());
    let adam = Adam::new(0.003);
    let mut state = adam.state();
    for _ in 0..100 {
        // ANCHOR: next
        let starts: [usize; 8] = std::array::from_fn(|_| rng.random_range(0..ids.len() - 32));
        let read = starts.map(|at| Seq::<u32, 32>::new(&ids[at..at + 32]).unwrap());
        let next = starts.map(|at| Seq::<u32, 32>::new(&ids[at + 1..at + 33]).unwrap());

        let mut pass = net.forward_training(&read, &mut memory, &mut rng);
        pass.loss(&NllLoss::new(), &next);
        // ANCHOR_END: next
        pass.gradient(&net, &mut grad);
        adam.step(&mut *net, &grad, &mut state);
    }
    // ANCHOR: write
    let mut stream = Writer::stream();
    let mut said = String::from("the ");
    let mut next = 0;
    for character in said.bytes() {
        next = argmax(net.step(&id(character), &mut stream));
    }
    for _ in 0..60 {
        said.push((b' ' + next as u8) as char);
        next = argmax(net.step(&(next as u32), &mut stream));
    }
    // ANCHOR_END: write
    assert!(text.contains(&said), "{said}");
}

// ANCHOR: translator
network! {
    pub struct Translator {
        from: Embedding(1000, 32), to: Embedding(800, 32),
        encoder: TransformerEncoderLayer(4, 128),
        decoder: TransformerDecoderLayer(4, 128, causal = true),
        next: Linear(800),
    }
    fn forward(sentence: [..40], said: [..50]) -> [..50, 800] {
        let memory = encoder(PositionalEncoding(from(sentence)));
        next(decoder(PositionalEncoding(to(said)), memory))
    }
}
// ANCHOR_END: translator

#[test]
fn a_translator_takes_two_lengths() {
    let net = Translator::boxed(&mut StdRng::seed_from_u64(6));
    let sentences = [Seq::new(&[5; 40]).unwrap(), Seq::new(&[6, 7]).unwrap()];
    let said = [Seq::new(&[1]).unwrap(), Seq::new(&[1, 9, 4]).unwrap()];
    let mut memory = Workspace::new();
    assert_eq!(net.forward_batch((&sentences, &said), &mut memory).steps().len(), 4);
}
