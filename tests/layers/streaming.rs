//! Layers along sequences that come step by step give the bits that they give for the whole.

use firmnet::prelude::*;
use firmnet::seq::Seq;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

network! {
    /// WaveNet's dilated causal convolutions.
    pub struct Waves {
        conv1: Conv1d(9, 3, causal = true), conv2: Conv1d(8, 2, dilation = 4, causal = true, groups = 1),
        mix: Conv1d(8, 1), depthwise: Conv1d(8, 3, groups = 8, causal = true, bias = false), head: Conv1d(3, 1),
    }
    fn forward(x: [..40, 5]) -> [..40, 3] {
        let h = Tanh(conv2(ReLU(conv1(Transpose(0, 1)(x)))));
        Transpose(0, 1)(head(depthwise(mix(h) * Sigmoid(h))))
    }
}

network! {
    pub struct Summary { conv: Conv1d(6, 3, causal = true), head: Linear(2) }
    fn forward(x: [..40, 5]) -> [2] {
        let h = Transpose(0, 1)(conv(Transpose(0, 1)(x)));
        head(Concat(Mean(h), Max(h), Last(h)))
    }
}

fn steps(count: usize, rng: &mut StdRng) -> Vec<[f32; 5]> {
    (0..count).map(|_| std::array::from_fn(|_| rng.random_range(-1.0..1.0))).collect()
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

#[test]
fn convolutions() {
    let mut rng = StdRng::seed_from_u64(1);
    let (net, mut memory) = (Waves::boxed(&mut rng), Workspace::new());
    let mut stream = Waves::stream();
    for count in [1, 2, 7, 40] {
        let x = steps(count, &mut rng);
        let whole = net.forward_batch(&[Seq::new(&x).unwrap()], &mut memory);
        let whole = whole.steps().to_vec();
        stream.reset();
        for (x, y) in x.iter().zip(&whole) {
            assert_eq!(bits(net.step(x, &mut stream)), bits(y));
        }
    }
    // A stream has no end: what came long ago is forgotten.
    let (long, mut last) = (steps(100, &mut rng), [0.0; 3]);
    stream.reset();
    for x in &long {
        last = *net.step(x, &mut stream);
    }
    let tail = net.forward_batch(&[Seq::new(&long[60..]).unwrap()], &mut memory);
    assert_eq!(bits(&last), bits(&tail.steps()[39]));
}

#[test]
fn what_is_left_of_a_sequence_so_far() {
    let mut rng = StdRng::seed_from_u64(2);
    let (net, mut memory) = (Summary::boxed(&mut rng), Workspace::new());
    let (x, mut stream) = (steps(40, &mut rng), Summary::stream());
    for t in 0..40 {
        let y = *net.step(&x[t], &mut stream);
        let [whole] = net.forward_batch(&[Seq::new(&x[..=t]).unwrap()], &mut memory) else {
            panic!()
        };
        assert_eq!(bits(&y), bits(whole), "after {} steps", t + 1);
    }
}
