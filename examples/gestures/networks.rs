//! Two networks that read the sensors of a watch: one looks at a window as a whole, one takes each sample when it comes.

use firmnet::prelude::*;

/// Samples in a second.
pub const RATE: usize = 50;
/// Samples in a window: two seconds.
pub const WINDOW: usize = 2 * RATE;
/// Samples in the passages that the GRU learns from: six seconds.
pub const PASSAGE: usize = 6 * RATE;
/// Kinds of gestures.
pub const GESTURES: usize = 7;

// ANCHOR: cnn
network! {
    /// What is done in the two seconds of a window.
    pub struct Cnn: [WINDOW, 6] -> [GESTURES] {
        Transpose(0, 1),
        conv1: Conv1d(32, 9, padding = 4, bias = false), bn1: BatchNorm1d, ReLU, MaxPool1d(2),
        conv2: Conv1d(64, 5, padding = 2, bias = false), bn2: BatchNorm1d, ReLU, MaxPool1d(2),
        conv3: Conv1d(64, 5, padding = 2, bias = false), bn3: BatchNorm1d, ReLU,
        AdaptiveAvgPool1d(1), Flatten, Dropout(0.5),
        fc: Linear(GESTURES),
    }
}
// ANCHOR_END: cnn

// ANCHOR: gru
network! {
    /// What is being done, said anew at each sample.
    pub struct Listener {
        gru: GRU(64, num_layers = 2, dropout = 0.3), fc: Linear(GESTURES),
    }
    fn forward(samples: [..PASSAGE, 6]) -> [..PASSAGE, GESTURES] {
        fc(gru(samples))
    }
}
// ANCHOR_END: gru
