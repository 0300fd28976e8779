//! Recurrent layers without `std` have a way of their own: in use they give the bits that they give in training, for batches and step by step.

use firmnet::prelude::*;
use firmnet::seq::Seq;
use rand_xoshiro::Xoshiro128PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

network! {
    /// All cells, one on the other.
    struct Tagger: [..6, 3] -> [..6, 4] {
        lstm: LSTM(5, num_layers = 2, bidirectional = true),
        rnn: RNN(7, num_layers = 2, nonlinearity = "relu", bias = false),
        gru: GRU(4, bidirectional = true),
        fc: Linear(4),
    }
}

network! {
    /// The last states of both directions, from given ones.
    struct Ends { lstm: LSTM(4, num_layers = 2, bidirectional = true, last = true), gru: GRU(4, last = true) }
    fn forward(x: [..6, 3], h: [4, 4], c: [4, 4], once: [1, 4]) -> ([8], [4]) {
        (lstm(x, h, c), gru(x, once))
    }
}

network! {
    /// One step of each.
    struct Cells { lstm: LSTMCell(5), gru: GRUCell(4), rnn: RNNCell(3) }
    fn forward(x: [3], state: [2, 5], h: [4]) -> ([2, 5], [4], [3]) {
        (lstm(x, state), gru(x, h), rnn(x))
    }
}

network! {
    struct Live: [..6, 3] -> [..6, 4] { lstm: LSTM(5, num_layers = 2), gru: GRU(4) }
}

/// What a network gives for a batch of three in use, which has to be what it gives in training.
macro_rules! in_use {
    ($net:ident, $batch:expr $(, .$look:ident())?) => {{
        let mut rng = Xoshiro128PlusPlus::seed_from_u64(2);
        let (mut net, mut memory) = ($net::ZERO, Arena::<{ $net::TRAINING.len(3) }>::new());
        net.init(&mut rng);
        let used = format!("{:?}", net.forward_batch($batch, &mut memory)$(.$look())?);
        let pass = net.forward_training($batch, &mut memory, &mut rng);
        assert_eq!(format!("{:?}", pass.output()$(.$look())?), used);
        net
    }};
}

/// # Panics
/// Where any bits differ.
pub fn check() {
    let steps = numbers::<10, 3>(1);
    let sequences = [&steps[..1], &steps[1..7], &steps[7..]];
    let sequences = sequences.map(|steps| Seq::new(steps).expect("at most six"));
    in_use!(Tagger, &sequences, .steps());
    let (h, c, once) = (states::<4, 4>(3), states::<4, 4>(4), states::<1, 4>(5));
    in_use!(Ends, (&sequences, &h, &c, &once));
    let (x, state, h) = (numbers::<3, 3>(6), states::<2, 5>(7), numbers::<3, 4>(8));
    in_use!(Cells, (&x, &state, &h));

    let net = in_use!(Live, &sequences, .steps());
    let (mut stream, mut memory) = (Live::stream(), Live::workspace());
    let whole = net.forward(&sequences[1], &mut memory);
    for (x, y) in steps[1..].iter().zip(whole) {
        assert_eq!(net.step(x, &mut stream), y);
    }
}

/// Numbers for each of three samples.
fn states<const N: usize, const I: usize>(seed: u64) -> [[[f32; I]; N]; 3] {
    [0, 1, 2].map(|sample| numbers(10 * seed + sample))
}

/// Between −1 and 1, other ones for each `seed`.
fn numbers<const N: usize, const I: usize>(seed: u64) -> [[f32; I]; N] {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
    [[(); I]; N].map(|row| row.map(|()| (rng.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0))
}
