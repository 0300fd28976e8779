//! Layers along sequences that come step by step give the bits that they give for the whole.

use firmnet::prelude::*;
use firmnet::sample::Sample;
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

/// A recurrent layer step by step, and a cell of the same parameters, give the bits that the layer gives for the whole.
macro_rules! recurrent {
    ($($test:ident: $layer:ident $args:tt, $cell:ident $cell_args:tt $(of $state:tt)?;)*) => {$(
        #[test]
        fn $test() {
            network! {
                struct Whole { layer: $layer $args }
                fn forward(x: [..40, 5]) -> [..40, 19] { layer(x) }
            }
            network! {
                struct Cell { cell: $cell $cell_args }
                fn forward(x: [5], h: [$($state,)? 19]) -> [$($state,)? 19] { cell(x, h) }
            }
            let mut rng = StdRng::seed_from_u64(3);
            let (net, mut cell) = (Whole::boxed(&mut rng), Cell::boxed_zero());
            for i in 0..Cell::TENSORS.len() {
                cell.tensor_mut(i).copy_from_slice(net.tensor(i));
            }
            let (mut memory, mut other) = (Workspace::new(), Workspace::new());
            let mut stream = Whole::stream();
            for count in [1, 2, 40] {
                let x = steps(count, &mut rng);
                let whole = net.forward_batch(&[Seq::new(&x).unwrap()], &mut memory);
                stream.reset();
                let mut h = <<Cell as Network>::Output as Sample>::ZERO;
                for (t, (x, y)) in x.iter().zip(whole.steps()).enumerate() {
                    assert_eq!(bits(net.step(x, &mut stream)), bits(y), "step {t}");
                    h = *cell.forward(&(*x, h), &mut other);
                    assert_eq!(bits(&Sample::flatten(&[h])[..19]), bits(y), "cell, step {t}");
                }
            }
        }
    )*};
}

recurrent! {
    rnn: RNN(19), RNNCell(19);
    rnn_without_bias: RNN(19, bias = false), RNNCell(19, bias = false);
    rnn_with_relu: RNN(19, nonlinearity = "relu"), RNNCell(19, nonlinearity = "relu");
    gru: GRU(19), GRUCell(19);
    lstm: LSTM(19), LSTMCell(19) of 2;
}

network! {
    struct Deep {
        rnn: RNN(6, num_layers = 2), relu: RNN(5, num_layers = 3, nonlinearity = "relu"),
        gru: GRU(4, num_layers = 2), lstm: LSTM(3, num_layers = 2),
    }
    fn forward(x: [..40, 5]) -> [..40, 3] { lstm(gru(relu(rnn(x)))) }
}

network! {
    /// What is left of the past is only the last step.
    struct LastOnes { rnn: RNN(6, last = true), relu: RNN(5, last = true, nonlinearity = "relu") }
    fn forward(x: [..40, 5]) -> [11] { Concat(rnn(x), relu(x)) }
}

#[test]
fn several_recurrent_layers() {
    let mut rng = StdRng::seed_from_u64(4);
    let (net, mut memory) = (Deep::boxed(&mut rng), Workspace::new());
    let (last, mut other) = (LastOnes::boxed(&mut rng), Workspace::new());
    let (x, mut stream, mut last_stream) =
        (steps(40, &mut rng), Deep::stream(), LastOnes::stream());
    let whole = net.forward_batch(&[Seq::new(&x).unwrap()], &mut memory);
    for (t, y) in whole.steps().iter().enumerate() {
        assert_eq!(bits(net.step(&x[t], &mut stream)), bits(y), "step {t}");
        let so_far = last.forward(&Seq::new(&x[..=t]).unwrap(), &mut other);
        assert_eq!(bits(last.step(&x[t], &mut last_stream)), bits(so_far), "after {} steps", t + 1);
    }
}

network! {
    /// Norms along a line keep what they learnt of its channels.
    struct Normalised {
        conv: Conv1d(6, 3, causal = true, bias = false), bn: BatchNorm1d,
        norm: InstanceNorm1d(affine = true, track_running_stats = true),
    }
    fn forward(x: [..40, 5]) -> [..40, 6] { Transpose(0, 1)(norm(ReLU(bn(conv(Transpose(0, 1)(x)))))) }
}

#[test]
fn normalisations() {
    let mut rng = StdRng::seed_from_u64(5);
    let (mut net, mut memory) = (Normalised::boxed(&mut rng), Workspace::new());
    let batch = [17, 40, 2].map(|count| Seq::new(&steps(count, &mut rng)).unwrap());
    net.forward_training(&batch, &mut memory, &mut rng);
    assert_ne!(net.bn.running_mean, [0.0; 6]);
    let mut stream = Normalised::stream();
    for x in &batch {
        stream.reset();
        for (x, y) in x.iter().zip(net.forward(x, &mut memory)) {
            assert_eq!(bits(net.step(x, &mut stream)), bits(y));
        }
    }
}
