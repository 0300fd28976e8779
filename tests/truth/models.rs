//! Whole models against PyTorch's steps, and against a trained network and answers that others published.

use std::collections::HashMap;

use firmnet::data::{Idx, Mnist};
use firmnet::io::safetensors::File;
use firmnet::prelude::*;
use firmnet::sample::Sample;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::published;
use super::vectors::{assert_close, cases};

network! {
    /// The PyTorch MNIST example without its dropout, which is random.
    pub struct MnistCnn: [1, 28, 28] -> [10] {
        conv1: Conv2d(32, 3), ReLU,
        conv2: Conv2d(64, 3), ReLU,
        MaxPool2d(2), Flatten,
        fc1: Linear(128), ReLU,
        fc2: Linear(10), LogSoftmax,
    }
}

/// Numbers in [−1, 1), as `models.py` makes them.
pub fn lcg(seed: u32) -> impl Iterator<Item = f32> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(state >> 8) / 8_388_608.0 - 1.0) as f32
    })
}

/// As `models.py` samples a tensor.
fn sample(numbers: &[f32]) -> Vec<f32> {
    numbers.iter().step_by(numbers.len().div_ceil(16)).copied().collect()
}

fn norm(numbers: &[f32]) -> f32 {
    numbers.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt() as f32
}

#[test]
fn three_steps_of_the_mnist_cnn_are_pytorchs() {
    /// The first of the images, which `models.py` chooses.
    const FIRST: usize = 432;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/mnist/t10k");
    let images = Idx::open(format!("{folder}-images-idx3-ubyte.gz")).unwrap();
    let labels = Idx::open(format!("{folder}-labels-idx1-ubyte.gz")).unwrap();
    let mut xs = [[[[0.0; 28]; 28]; 1]; 16];
    for (x, pixel) in Sample::flatten_mut(&mut xs).iter_mut().zip(&images.values()[784 * FIRST..]) {
        *x = f32::from(*pixel) / 256.0;
    }

    let mut net = MnistCnn::boxed_zero();
    let scales = [0.25, 0.25, 0.0625, 0.0625, 0.015625, 0.015625, 0.125, 0.125];
    for (i, scale) in scales.into_iter().enumerate() {
        net.tensor_mut(i).iter_mut().zip(lcg(i as u32)).for_each(|(p, x)| *p = x * scale);
    }
    let (mut memory, mut rng) = (Workspace::new(), StdRng::seed_from_u64(0));
    three_steps("mnist_cnn.json", Adam::new(1e-3), &mut *net, |net, grad| {
        let mut pass = net.forward_training(&xs, &mut memory, &mut rng);
        let loss = pass.loss(&NllLoss::new(), &labels.values()[FIRST..FIRST + 16]);
        pass.gradient(net, grad);
        loss
    });
}

network! {
    /// What a sentence is about.
    pub struct Classifier {
        embedding: Embedding(20, 16), positions: PositionalEmbedding,
        layer1: TransformerEncoderLayer(2, 24, 0.0),
        layer2: TransformerEncoderLayer(4, 20, 0.0, "gelu", norm_first = true),
        norm: LayerNorm, fc: Linear(5),
    }
    fn forward(words: [..9]) -> [5] {
        fc(Mean(norm(layer2(layer1(positions(embedding(words)))))))
    }
}

#[test]
fn three_steps_of_a_transformer_encoder_are_pytorchs() {
    let mut ids = lcg(100).map(|x| ((x + 1.0) * 10.0) as u32);
    let words = [9, 1, 4, 9, 2, 7].map(|len| {
        let words: Vec<_> = ids.by_ref().take(len).collect();
        Seq::<u32, 9>::new(&words).unwrap()
    });
    let mut net = Classifier::boxed_zero();
    for (i, tensor) in Classifier::TENSORS.iter().enumerate() {
        let name = tensor.name.as_str();
        let about = if name.contains("norm") && name.contains("weight") { 1.0 } else { 0.0 };
        net.tensor_mut(i).iter_mut().zip(lcg(i as u32)).for_each(|(p, x)| *p = x / 4.0 + about);
    }
    let (mut memory, mut rng) = (Workspace::new(), StdRng::seed_from_u64(0));
    three_steps("classifier.json", AdamW::new(1e-3).eps(1e-4), &mut *net, |net, grad| {
        let mut pass = net.forward_training(&words, &mut memory, &mut rng);
        let loss = pass.loss(&CrossEntropyLoss::new(), &[0_u8, 1, 2, 3, 4, 0]);
        pass.gradient(net, grad);
        loss
    });
}

network! {
    /// A tag for each word.
    pub struct Tagger {
        embedding: Embedding(20, 12), lstm: LSTM(10), hidden2tag: Linear(5),
    }
    fn forward(words: [..9]) -> [..9, 5] {
        LogSoftmax(hidden2tag(lstm(embedding(words))))
    }
}

/// Sentences of several lengths, with a class for each word.
fn sentences(mut classes: impl Iterator<Item = u8>) -> (Vec<Seq<u32, 9>>, Vec<Seq<u8, 9>>) {
    let mut ids = lcg(100).map(|x| ((x + 1.0) * 10.0) as u32);
    let sentences = [9, 1, 4, 9, 2, 7].map(|len| {
        let words: Vec<u32> = ids.by_ref().take(len).collect();
        let classes: Vec<u8> = classes.by_ref().take(len).collect();
        (Seq::new(&words).unwrap(), Seq::new(&classes).unwrap())
    });
    sentences.into_iter().unzip()
}

/// A network with the parameters that `models.py` gives it.
pub fn numbered<N: Network>() -> Box<N> {
    let mut net = N::boxed_zero();
    for i in 0..N::TENSORS.len() {
        net.tensor_mut(i).iter_mut().zip(lcg(i as u32)).for_each(|(p, x)| *p = x / 2.0);
    }
    net
}

#[test]
fn three_steps_of_an_lstm_tagger_are_pytorchs() {
    let (words, tags) = sentences((0..5).cycle());
    let mut net = numbered::<Tagger>();
    let (mut memory, mut rng) = (Workspace::new(), StdRng::seed_from_u64(0));
    three_steps("tagger.json", Sgd::new(0.5).momentum(0.9), &mut *net, |net, grad| {
        let mut pass = net.forward_training(&words, &mut memory, &mut rng);
        let loss = pass.loss(&NllLoss::new(), &tags);
        pass.gradient(net, grad);
        loss
    });
}

// ANCHOR: tied
network! {
    /// The next word, by the same table that says what a word is.
    pub struct Tied { embedding: Embedding(20, 12), lstm: LSTM(12) }
    fn forward(words: [..9]) -> [..9, 20] {
        let h = lstm(embedding(words));
        embedding(h)
    }
}
// ANCHOR_END: tied

#[test]
fn three_steps_of_a_tied_embedding_are_pytorchs() {
    let (words, following) = sentences((0..20).cycle().step_by(7));
    let mut net = numbered::<Tied>();
    let (mut memory, mut rng) = (Workspace::new(), StdRng::seed_from_u64(0));
    three_steps("tied.json", Sgd::new(0.5).momentum(0.9), &mut *net, |net, grad| {
        let mut pass = net.forward_training(&words, &mut memory, &mut rng);
        let loss = pass.loss(&CrossEntropyLoss::new(), &following);
        pass.gradient(net, grad);
        loss
    });

    // In use it takes one word after the other, with the same bits.
    let mut stream = Tied::stream();
    for words in &words {
        stream.reset();
        for (word, whole) in words.iter().zip(net.forward(words, &mut memory).iter()) {
            assert_eq!(net.step(word, &mut stream), whole);
        }
    }
}

/// The loss and gradients of three steps within 1e-6 and 1e-5 of their scale, parameters within 1e-6. `pass` goes forward and backward
/// and gives the loss.
///
/// Adam's first steps divide a gradient by its own size, so that a parameter whose gradient is nothing but rounding may go anywhere
/// within a step of 1e-3; those with a gradient below a thousandth of the largest are judged by the norm alone.
pub fn three_steps<N: Network>(
    file: &str,
    optimizer: impl Optimizer,
    net: &mut N,
    mut pass: impl FnMut(&mut N, &mut N) -> f32,
) {
    let (mut grad, mut state) = (N::boxed_zero(), optimizer.state());
    let cases = cases(file);
    assert_eq!(cases.len(), 3);
    for (step, case) in cases.iter().enumerate() {
        // What is there must not count.
        (0..N::TENSORS.len()).for_each(|i| grad.tensor_mut(i).fill(f32::NAN));
        let loss = pass(net, &mut grad);
        optimizer.step(net, &grad, &mut state);
        assert_close(&[loss], &[case.number("loss").unwrap() as f32], 1e-6, "loss");

        let by_name = |key: &str| case.dictionary(key).into_iter().collect::<HashMap<_, _>>();
        let (gradients, gradient_norms) = (by_name("gradients"), by_name("gradient_norms"));
        let (parameters, norms) = (by_name("parameters"), by_name("norms"));
        assert_eq!(gradients.len(), N::TENSORS.len());
        for (i, tensor) in N::TENSORS.iter().enumerate() {
            let (name, what) = (tensor.name.as_str(), format!("step {step}: {}", tensor.name));
            let (found, what_norm) = (norm(grad.tensor(i)), format!("{what}, gradient norm"));
            assert_close(&[found], &gradient_norms[name], 1e-5, &what_norm);
            let what_gradient = format!("{what}, gradient");
            assert_close(&sample(grad.tensor(i)), &gradients[name], 1e-5, &what_gradient);
            assert_close(&[norm(net.tensor(i))], &norms[name], 1e-6, &format!("{what}, norm"));
            let largest = gradients[name].iter().fold(0.0_f32, |largest, g| largest.max(g.abs()));
            let (mut found, mut expected) = (sample(net.tensor(i)), parameters[name].clone());
            for (k, g) in gradients[name].iter().enumerate() {
                if g.abs() < 1e-3 * largest {
                    (found[k], expected[k]) = (0.0, 0.0);
                }
            }
            assert_close(&found, &expected, 1e-6, &what);
        }
    }
}

network! {
    /// The trained net in `mnist-cnn`: two padded convolutions, two linear layers.
    pub struct Published: [1, 28, 28] -> [10] {
        conv1: Conv2d(32, 3, padding = 1), ReLU, MaxPool2d(2),
        conv2: Conv2d(64, 3, padding = 1), ReLU, MaxPool2d(2),
        Flatten,
        fc1: Linear(128), ReLU,
        fc2: Linear(10),
    }
}

/// A net that others trained gives the logits that they published, and gets the same 9,905 of 10,000 test images right.
#[test]
fn a_published_network_gives_its_published_answers() {
    let Some(folder) = published::folder("mnist-cnn") else { return };
    let expected = File::open(folder.join("expected.safetensors")).unwrap();
    let mnist = Mnist::load(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/mnist")).unwrap();
    let (xs, labels): (Vec<_>, Vec<_>) = mnist.test.into_iter().unzip();
    let (mut net, mut memory) = (Published::boxed_zero(), Workspace::new());
    net.load(folder.join("mnist_cnn.safetensors")).unwrap();

    let logits = expected.tensor("logits").unwrap().floats().unwrap().to_vec();
    let found = net.forward_batch(&xs[..64], &mut memory);
    assert_close(found.as_flattened(), &logits, 1e-6, "logits");

    let mut said = vec![];
    for xs in xs.chunks(500) {
        said.extend(net.forward_batch(xs, &mut memory).iter().map(|y| argmax(y)));
    }
    let expected = expected.tensor("class").unwrap();
    for (i, (said, expected)) in said.iter().zip(expected.bytes).enumerate() {
        assert_eq!(*said, usize::from(*expected), "image {i}");
    }
    let right =
        said.iter().zip(&labels).filter(|(said, label)| **said == usize::from(**label)).count();
    assert_eq!((said.len(), right), (10_000, 9905));
}
