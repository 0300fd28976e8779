//! Recurrent layers on one another and in both directions, with parameters that are made up: only that a board gives what the host gives counts.

use firmnet::network::Network;
use firmnet::prelude::*;

network! {
    /// A sequence that is there as a whole.
    pub struct Whole: [6, 3] -> [4] {
        lstm: LSTM(5, num_layers = 2, bidirectional = true),
        gru: GRU(3, bidirectional = true),
        rnn: RNN(4, last = true),
    }
}

network! {
    /// One that comes step by step.
    pub struct Live: [..6, 3] -> [..6, 4] { lstm: LSTM(5, num_layers = 2), gru: GRU(4) }
}

/// The steps that both are shown.
pub const STEPS: [[f32; 3]; 6] = [
    [0.5, -0.25, 1.0],
    [-1.0, 0.75, 0.0],
    [0.25, 0.5, -0.5],
    [1.0, 1.0, -1.0],
    [0.0, -0.75, 0.25],
    [-0.5, 0.0, 0.75],
];

/// Sets all parameters: from −0.5 to 0.5, in sixteenths.
pub fn fill<N: Network>(net: &mut N) {
    for i in 0..N::TENSORS.len() {
        for (j, parameter) in net.tensor_mut(i).iter_mut().enumerate() {
            *parameter = ((5 * i + 37 * j) % 17) as f32 / 16.0 - 0.5;
        }
    }
}
