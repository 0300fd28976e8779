//! A network whose weights are packed gives what it gives without.

use std::sync::Arc;

use firmnet::batch::{Input, Output};
use firmnet::prelude::*;
use firmnet::sample::Sample;
use firmnet::seq::Seq;
use rand::SeedableRng;
use rand::rngs::SmallRng;

network! {
    struct Images: [3, 28, 24] -> [5] {
        conv1: Conv2d(32, 3), ReLU,
        conv2: Conv2d(40, 3, padding = 1), bn: BatchNorm2d, ReLU, MaxPool2d(2),
        conv3: Conv2d(32, 3), ReLU,
        Flatten, fc: Linear(5),
    }
}

network! {
    struct Words: [..20, 12] -> [..20, 6] {
        below: LSTM(32, num_layers = 2, bidirectional = true),
        gru: GRU(40), rnn: RNN(33), fc: Linear(6),
    }
}

network! {
    struct Signal: [..9, 3] -> [..9, 2] { lstm: LSTM(20), gru: GRU(17), rnn: RNN(5), fc: Linear(2) }
}

network! {
    struct Last: [..9, 3] -> [11] { lstm: LSTM(32, bias = false), last: GRU(11, last = true) }
}

network! {
    struct Cells { lstm: LSTMCell(9), gru: GRUCell(21), other: GRUCell(21) }
    fn forward(x: [9], h: [21]) -> [21] { gru(x, h) + other(Reshape(18)(lstm(x))) }
}

network! {
    struct Large: [..9, 3] -> [..9, 2] {
        lstm: LSTM(64), gru: GRU(48), rnn: RNN(40), fc: Linear(2),
    }
}

network! {
    struct Outer: [..9, 3] -> [..9, 2] { inner: Signal, Tanh }
}

network! {
    struct Looks: [10, 16] -> [10, 16] {
        encoder: TransformerEncoderLayer(4, 32, dropout = 0.0),
        attention: MultiheadAttention(2),
    }
}

network! {
    struct Dense: [21] -> [7] {
        fc1: Linear(37), Tanh,
        fc2: Linear(80), gelu: GELU,
        fc3: Linear(33, bias = false), SiLU, Sigmoid,
        fc4: Linear(7), ReLU,
    }
}

network! {
    /// One value is read twice, and one comes out as it is.
    struct Read { fc1: Linear(9), fc2: Linear(9) }
    fn forward(x: [21]) -> ([9], [9]) {
        let h = fc1(x);
        let raw = fc2(Tanh(h) + Sigmoid(h));
        (raw, Tanh(raw))
    }
}

/// The largest difference from what the network gives without, for batches of different sizes.
fn difference<N: Network>(samples: &[N::Input]) -> f32
where
    for<'a> <N::Output as Output>::Batch<'a>: Numbers<'a>,
{
    let net: Arc<N> = N::boxed(&mut SmallRng::seed_from_u64(3)).into();
    let prepared = Prepared::new(net.clone());
    let (mut memory, mut more) = (Workspace::new(), Workspace::new());
    let mut largest: f32 = 0.0;
    for n in [1, 3] {
        let mut xs = <N::Input as Input>::Buffer::default();
        samples[..n].iter().for_each(|x| x.push(&mut xs));
        let expected = net.forward_batch(N::Input::batch(&xs), &mut memory).numbers();
        let found = prepared.forward_batch(N::Input::batch(&xs), &mut more).numbers();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            largest = largest.max((found - expected).abs());
        }
        assert!(expected.iter().any(|y| y.abs() > 0.01), "{expected:?}");
    }
    largest
}

trait Numbers<'a> {
    fn numbers(self) -> &'a [f32];
}
impl<'a, T: Sample> Numbers<'a> for &'a [T] {
    fn numbers(self) -> &'a [f32] {
        T::flatten(self)
    }
}
impl<'a, T: Sample> Numbers<'a> for firmnet::seq::Sequences<'a, T> {
    fn numbers(self) -> &'a [f32] {
        T::flatten(self.steps())
    }
}

fn wave(i: usize) -> f32 {
    ((i * 37) % 101) as f32 / 50.0 - 1.0
}

fn sequences<const F: usize, const MOST: usize>() -> Vec<Seq<[f32; F], MOST>> {
    let step = |t: usize| std::array::from_fn(|i| wave(F * t + i));
    let of = |len| Seq::truncated(&(0..len).map(step).collect::<Vec<_>>()).expect("a step or more");
    [MOST, 1, MOST - 2].map(of).into()
}

#[test]
fn images_differ_by_rounding() {
    let images: Vec<[[[f32; 24]; 28]; 3]> = (0..3)
        .map(|n| {
            let line = |c, row| std::array::from_fn(|col| wave(n + c * 5 + row * 24 + col));
            std::array::from_fn(|c| std::array::from_fn(|row| line(c, row)))
        })
        .collect();
    let difference = difference::<Images>(&images);
    assert!(difference < 1e-5, "{difference}");
}

#[test]
fn sequences_differ_by_rounding() {
    let of_cells = difference::<Cells>(
        &[0, 1, 2]
            .map(|i| (std::array::from_fn(|k| wave(i + k)), std::array::from_fn(|k| wave(i * k)))),
    );
    for difference in [
        difference::<Words>(&sequences()),
        difference::<Large>(&sequences()),
        difference::<Signal>(&sequences()),
        difference::<Outer>(&sequences()),
        difference::<Last>(&sequences()),
        of_cells,
    ] {
        assert!(difference < 1e-6, "{difference}");
    }
}

#[test]
fn attention_differs_by_rounding() {
    let samples: Vec<[[f32; 16]; 10]> = (0..3)
        .map(|n| std::array::from_fn(|t| std::array::from_fn(|i| wave(n + 16 * t + i))))
        .collect();
    let difference = difference::<Looks>(&samples);
    assert!(difference < 1e-5, "{difference}");
}

#[test]
fn steps_give_what_the_whole_gives() {
    macro_rules! check {
        ($net:ident) => {{
            let net = $net::boxed(&mut SmallRng::seed_from_u64(3));
            let (mut stream, mut memory) = ($net::stream(), Workspace::new());
            let prepared = net.prepared();
            for x in sequences::<3, 9>() {
                stream.reset();
                let whole = prepared.forward(&x, &mut memory).to_vec();
                for (x, expected) in x.iter().zip(whole) {
                    assert_eq!(*prepared.step(x, &mut stream), expected);
                }
            }
        }};
    }
    check!(Signal);
    check!(Large);
}

#[test]
fn functions_are_done_by_the_layer_before() {
    let summary = Dense::summary().to_string();
    for layer in ["fc1", "fc2", "fc3", "fc4"] {
        assert_eq!(summary.matches(&format!("done by {layer}")).count(), 1, "{summary}");
    }
    let samples: Vec<[f32; 21]> =
        (0..3).map(|n| std::array::from_fn(|i| wave(n * 5 + i))).collect();
    let difference = difference::<Dense>(&samples);
    assert!(difference < 1e-6, "{difference}");

    // In training each layer does its own work.
    let mut rng = SmallRng::seed_from_u64(3);
    let mut net = Dense::boxed(&mut rng);
    let (mut memory, mut other) = (Workspace::new(), Workspace::new());
    for n in [1, 3] {
        let expected = net.forward_training(&samples[..n], &mut memory, &mut rng).output().to_vec();
        let found = net.forward_batch(&samples[..n], &mut other);
        for (found, expected) in found.as_flattened().iter().zip(expected.as_flattened()) {
            assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
        }
    }

    assert!(!Read::summary().to_string().contains("done by"));
    let net = Read::boxed(&mut rng);
    let (raw, through) = net.forward(&samples[0], &mut memory);
    for (raw, through) in raw.iter().zip(through) {
        assert!((raw.tanh() - through).abs() < 1e-6, "{through} of {raw}");
    }
}
