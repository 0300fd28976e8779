//! One network of an image, a text and numbers, with two answers: three steps against PyTorch's, and training that learns.

use firmnet::prelude::*;
use firmnet::sample::Sample;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::models::{lcg, numbered, three_steps};

// ANCHOR: network
network! {
    /// What an advertisement offers, and for how much: from its picture, its words and three numbers about it.
    pub struct Advert {
        conv: Conv2d(4, 3, stride = 2),
        embedding: Embedding(20, 6), gru: GRU(7, last = true),
        about: Linear(5),
        both: Linear(12), kind: Linear(3), price: Linear(1),
    }
    fn forward(picture: [1, 7, 7], words: [..9], numbers: [3]) -> ([3], [1]) {
        let seen = Flatten(ReLU(conv(picture)));
        let read = gru(embedding(words));
        let h = Tanh(both(Concat(seen, read, ReLU(about(numbers)))));
        (kind(h), price(h))
    }
}
// ANCHOR_END: network

type Picture = [[[f32; 7]; 7]; 1];

#[test]
fn three_steps_of_several_inputs_and_outputs_are_pytorchs() {
    let lengths = [9, 1, 4, 9, 2, 7];
    let (mut pictures, mut numbers) = ([<Picture as Sample>::ZERO; 6], [[0.0; 3]; 6]);
    Sample::flatten_mut(&mut pictures).iter_mut().zip(lcg(101)).for_each(|(p, x)| *p = x);
    Sample::flatten_mut(&mut numbers).iter_mut().zip(lcg(102)).for_each(|(p, x)| *p = x);
    let mut ids = lcg(100).map(|x| ((x + 1.0) * 10.0) as u32);
    let words = lengths.map(|len| {
        let words: Vec<_> = ids.by_ref().take(len).collect();
        Seq::<u32, 9>::new(&words).unwrap()
    });
    let prices = lcg(103).map(|x| [x]);
    let targets: Vec<_> = [0_u8, 1, 2, 0, 1, 2].into_iter().zip(prices).collect();

    let mut net = numbered::<Advert>();
    let (mut memory, mut rng) = (Workspace::new(), StdRng::seed_from_u64(0));
    three_steps("advert.json", Sgd::new(0.1).momentum(0.9), &mut *net, |net, grad| {
        let batch = (&pictures[..], &words[..], &numbers[..]);
        let mut pass = net.forward_training(batch, &mut memory, &mut rng);
        let loss = pass.loss(
            &(Weighted(0.75, CrossEntropyLoss::new()), Weighted(2.0, MseLoss::new())),
            &targets,
        );
        pass.gradient(net, grad);
        loss
    });
}

/// Each answer follows from all three inputs, so that none of them may be left out.
#[test]
fn it_learns_from_all_of_them() {
    let mut rng = StdRng::seed_from_u64(1);
    let samples: Vec<_> = (0..120)
        .map(|_| {
            let (seen, read, told) =
                (rng.random_range(0..2), rng.random_range(0..2), rng.random_range(0..2));
            let mut picture = [[[0.0; 7]; 7]; 1];
            picture[0][2 + 2 * seen] = [1.0; 7];
            // The word 3 or 4 somewhere in a text of other words.
            let mut words: Vec<u32> =
                (0..rng.random_range(1..10)).map(|_| rng.random_range(5..20)).collect();
            let at = rng.random_range(0..words.len());
            words[at] = 3 + read as u32;
            let numbers = [told as f32, 1.0 - told as f32, rng.random_range(-1.0..1.0)];
            let target =
                ((seen + read + told) as u8 % 3, [seen as f32 - read as f32 + 0.5 * told as f32]);
            ((picture, Seq::<u32, 9>::new(&words).unwrap(), numbers), target)
        })
        .collect();
    let mut net = Advert::boxed(&mut rng);
    // ANCHOR: training
    // A sample is ((picture, words, numbers), (kind, price)).
    let loss = (CrossEntropyLoss::new(), Weighted(2.0, MseLoss::new()));
    let mut trainer = Trainer::new(Adam::new(0.01), loss).epochs(100).batch_size(10).seed(1);
    let history = trainer.fit(&mut *net, &samples, ()).unwrap();
    // ANCHOR_END: training
    let score = trainer.evaluate(&net, &samples);
    assert!(score.loss < 0.05 && score.metric == Some(1.0), "{history}");
}
