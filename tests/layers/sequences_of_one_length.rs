//! Inputs of which one is declared to be as long as another: `endings: [..words]`.

use firmnet::prelude::*;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

// ANCHOR: network
network! {
    /// What a word is follows from the word, from how it ends, and from two numbers about it.
    struct Tagger {
        word: Embedding(20, 6), ending: Embedding(8, 3), gru: GRU(5), tags: Linear(4),
    }
    fn forward(words: [..9], endings: [..words], about: [..words, 2]) -> [..words, 4] {
        let x = Concat(word(words), ending(endings), about, dim = 1);
        tags(gru(x))
    }
}
// ANCHOR_END: network

network! {
    /// Such a network as a layer.
    struct Outer { tagger: Tagger, fc: Linear(2) }
    fn forward(words: [..9], endings: [..words], about: [..endings, 2]) -> [2] {
        fc(Mean(tagger(words, endings, about)))
    }
}

network! {
    /// The size is a parameter, and the length that of an input.
    struct AnyLength<const MOST: usize> { word: Embedding(20, 3), fc: Linear(1) }
    fn forward(words: [..MOST], about: [..words, 3]) -> [..words, 1] { fc(word(words) + about) }
}

type Sentence = (Seq<u32, 9>, Seq<u32, 9>, Seq<[f32; 2], 9>);

fn sentence(len: usize, rng: &mut SmallRng) -> Sentence {
    let words: Vec<u32> = (0..len).map(|_| rng.random_range(0..20)).collect();
    let endings: Vec<u32> = words.iter().map(|word| word % 8).collect();
    let about: Vec<[f32; 2]> = words.iter().map(|word| [*word as f32 / 20.0, 0.5]).collect();
    (Seq::new(&words).unwrap(), Seq::new(&endings).unwrap(), Seq::new(&about).unwrap())
}

#[test]
fn what_is_joined_step_by_step_learns_from_all_of_it() {
    let mut rng = SmallRng::seed_from_u64(1);
    let sentences: Vec<Sentence> = [4, 1, 9, 2, 7].map(|len| sentence(len, &mut rng)).into();
    let of_ending = |sentence: &Sentence| {
        let tags: Vec<u8> = sentence.1.iter().map(|ending| (ending % 4) as u8).collect();
        Seq::<u8, 9>::new(&tags).unwrap()
    };
    let samples: Vec<_> =
        sentences.iter().map(|sentence| (*sentence, of_ending(sentence))).collect();
    let mut net = Tagger::boxed(&mut rng);
    let before = net.ending.weight;
    let mut trainer =
        Trainer::new(Adam::new(0.05), CrossEntropyLoss::new()).epochs(80).batch_size(2);
    trainer.fit(&mut *net, &samples, ()).unwrap();
    assert_eq!(trainer.evaluate(&net, &samples).metric, Some(1.0));
    assert_ne!(net.ending.weight, before);

    // Alone, and step by step, each gives what it gives in the batch.
    let (mut memory, mut other, mut stream) =
        (Workspace::new(), Workspace::new(), Tagger::stream());
    let (words, endings, about): (Vec<_>, Vec<_>, Vec<_>) = apart(&sentences);
    let tags = net.forward_batch((&words, &endings, &about), &mut memory);
    for (sentence, tags) in sentences.iter().zip(tags.iter()) {
        let close = |a: &[f32; 4], b: &[f32; 4]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
        let alone = net.forward(sentence, &mut other);
        assert_eq!(alone.len(), sentence.0.len());
        assert!(alone.iter().zip(tags).all(|(a, b)| close(a, b)));
        stream.reset();
        for (i, tags) in tags.iter().enumerate() {
            let step = (sentence.0[i], sentence.1[i], sentence.2[i]);
            assert!(close(net.step(&step, &mut stream), tags));
        }
    }

    let mut outer = Outer::boxed(&mut rng);
    outer.tagger.copy_from(&net);
    let means = *outer.forward(&sentences[2], &mut other);
    let of = |k: usize| tags.iter().nth(2).unwrap().iter().map(|tags| tags[k]).sum::<f32>() / 9.0;
    let [a, b, c, d] = [of(0), of(1), of(2), of(3)];
    for (mean, (weight, bias)) in means.iter().zip(outer.fc.weight.iter().zip(outer.fc.bias)) {
        let expected = weight[0] * a + weight[1] * b + weight[2] * c + weight[3] * d + bias;
        assert!((mean - expected).abs() < 1e-4, "{mean} {expected}");
    }
}

/// Three lists of one of triples.
fn apart<A: Copy, B: Copy, C: Copy>(all: &[(A, B, C)]) -> (Vec<A>, Vec<B>, Vec<C>) {
    let (first, rest): (Vec<A>, Vec<(B, C)>) = all.iter().map(|&(a, b, c)| (a, (b, c))).unzip();
    let (second, third) = rest.into_iter().unzip();
    (first, second, third)
}

#[test]
fn the_length_may_be_a_parameter() {
    let mut net = AnyLength::<5>::boxed_zero();
    net.fc.weight = [[1.0, 2.0, 3.0]];
    let (words, about) = (Seq::new(&[1, 2]).unwrap(), Seq::new(&[[1.0; 3], [0.5; 3]]).unwrap());
    let mut memory = Workspace::new();
    assert_eq!(net.forward(&(words, about), &mut memory), &[[6.0], [3.0]]);
}

#[test]
#[should_panic(expected = "sequences of 3 and of 4 steps, where one is to be as long as the other")]
fn that_they_are_not_as_long_is_said() {
    let mut rng = SmallRng::seed_from_u64(1);
    let (words, ..) = sentence(4, &mut rng);
    let (_, endings, about) = sentence(3, &mut rng);
    Tagger::boxed_zero().forward(&(words, endings, about), &mut Workspace::new());
}
