//! Layers along sequences, and the embedding, against PyTorch: as in `layers.rs`, here with initial states and with sequences that
//! are not all as long.

use firmnet::prelude::*;

use super::cases::Cases;
use super::net::net;

/// A test for each file of vectors, which holds the cases that are declared here and no other.
macro_rules! layers {
    ($($file:ident { $($name:literal: ($($inputs:tt)*) -> $to:tt, $layer:ident $args:tt $call:tt;)* })*) => {
        $(#[test]
        fn $file() {
            let mut cases = Cases::of(stringify!($file));
            $({
                network! {
                    struct Alone { layer: $layer $args }
                    fn forward($($inputs)*) -> $to { layer $call }
                }
                cases.check($name, &mut [net::<Alone>()]);
            })*
            cases.finish();
        })*
        pub const FILES: &[&str] = &[$(stringify!($file)),*];
    };
}

layers! {
    embedding {
        "plain": (x: [5]) -> [5, 4], Embedding(7, 4) (x);
        "one": (x: []) -> [5], Embedding(3, 5) (x);
        "an image": (x: [3, 4]) -> [3, 4, 3], Embedding(11, 3) (x);
        "wider than a vector": (x: [6]) -> [6, 37], Embedding(9, 37) (x);
        "padding": (x: [5]) -> [5, 4], Embedding(6, 4, padding_idx = 2) (x);
        "max norm": (x: [6]) -> [6, 5], Embedding(8, 5, max_norm = 1.5) (x);
        "ragged": (x: [..6]) -> [..6, 6], Embedding(50, 6) (x);
        "ragged, all": (x: [..9]) -> [..9, 6], Embedding(5, 6, padding_idx = 0, max_norm = 2.0) (x);
    }
    lstm {
        "plain": (x: [5, 3]) -> [5, 4], LSTM(4) (x);
        "one number": (x: [3, 1]) -> [3, 1], LSTM(1) (x);
        "one step": (x: [1, 4]) -> [1, 3], LSTM(3) (x);
        "no bias": (x: [4, 3]) -> [4, 4], LSTM(4, bias = false) (x);
        "wider than a vector": (x: [4, 19]) -> [4, 21], LSTM(19 -> 21) (x);
        "many samples": (x: [3, 2]) -> [3, 3], LSTM(3) (x);
        "two layers": (x: [4, 3]) -> [4, 5], LSTM(5, num_layers = 2) (x);
        "bidirectional": (x: [5, 3]) -> [5, 8], LSTM(4, bidirectional = true) (x);
        "three, both ways": (x: [4, 2]) -> [4, 6], LSTM(3, num_layers = 3, bidirectional = true) (x);
        "last": (x: [5, 3]) -> [4], LSTM(4, last = true) (x);
        "last, both ways": (x: [4, 3]) -> [8], LSTM(4, num_layers = 2, bidirectional = true, last = true) (x);
        "initial state": (x: [4, 3], h: [4, 4], c: [4, 4]) -> [4, 8],
            LSTM(4, num_layers = 2, bidirectional = true) (x, h, c);
        "ragged": (x: [..6, 3]) -> [..6, 4], LSTM(4) (x);
        "ragged, one": (x: [..6, 3]) -> [..6, 4], LSTM(4) (x);
        "ragged, both ways": (x: [..7, 3]) -> [..7, 34], LSTM(17, num_layers = 2, bidirectional = true) (x);
        "ragged, last": (x: [..8, 3]) -> [8],
            LSTM(4, num_layers = 2, bidirectional = true, bias = false, last = true) (x);
        "ragged, initial state": (x: [..6, 3], h: [2, 5], c: [2, 5]) -> [..6, 10],
            LSTM(5, bidirectional = true) (x, h, c);
        "ragged, many": (x: [..7, 5], h: [1, 6], c: [1, 6]) -> [6], LSTM(6, last = true) (x, h, c);
    }
    gru {
        "plain": (x: [5, 3]) -> [5, 4], GRU(4) (x);
        "one number": (x: [3, 1]) -> [3, 1], GRU(1) (x);
        "one step": (x: [1, 4]) -> [1, 3], GRU(3) (x);
        "no bias": (x: [4, 3]) -> [4, 4], GRU(4, bias = false) (x);
        "wider than a vector": (x: [4, 19]) -> [4, 21], GRU(19 -> 21) (x);
        "many samples": (x: [3, 2]) -> [3, 3], GRU(3) (x);
        "two layers": (x: [4, 3]) -> [4, 5], GRU(5, num_layers = 2) (x);
        "bidirectional": (x: [5, 3]) -> [5, 8], GRU(4, bidirectional = true) (x);
        "three, both ways": (x: [4, 2]) -> [4, 6], GRU(3, num_layers = 3, bidirectional = true) (x);
        "last": (x: [5, 3]) -> [4], GRU(4, last = true) (x);
        "last, both ways": (x: [4, 3]) -> [8], GRU(4, num_layers = 2, bidirectional = true, last = true) (x);
        "initial state": (x: [4, 3], h: [4, 4]) -> [4, 8], GRU(4, num_layers = 2, bidirectional = true) (x, h);
        "ragged": (x: [..6, 3]) -> [..6, 4], GRU(4) (x);
        "ragged, one": (x: [..6, 3]) -> [..6, 4], GRU(4) (x);
        "ragged, both ways": (x: [..7, 3]) -> [..7, 34], GRU(17, num_layers = 2, bidirectional = true) (x);
        "ragged, last": (x: [..8, 3]) -> [8],
            GRU(4, num_layers = 2, bidirectional = true, bias = false, last = true) (x);
        "ragged, initial state": (x: [..6, 3], h: [2, 5]) -> [..6, 10], GRU(5, bidirectional = true) (x, h);
        "ragged, many": (x: [..7, 5], h: [1, 6]) -> [6], GRU(6, last = true) (x, h);
    }
    rnn {
        "plain": (x: [5, 3]) -> [5, 4], RNN(4) (x);
        "one number": (x: [3, 1]) -> [3, 1], RNN(1) (x);
        "one step": (x: [1, 4]) -> [1, 3], RNN(3) (x);
        "no bias": (x: [4, 3]) -> [4, 4], RNN(4, bias = false) (x);
        "wider than a vector": (x: [4, 19]) -> [4, 21], RNN(19 -> 21) (x);
        "many samples": (x: [3, 2]) -> [3, 3], RNN(3) (x);
        "two layers": (x: [4, 3]) -> [4, 5], RNN(5, num_layers = 2) (x);
        "bidirectional": (x: [5, 3]) -> [5, 8], RNN(4, bidirectional = true) (x);
        "three, both ways": (x: [4, 2]) -> [4, 6], RNN(3, num_layers = 3, bidirectional = true) (x);
        "last": (x: [5, 3]) -> [4], RNN(4, last = true) (x);
        "last, both ways": (x: [4, 3]) -> [8], RNN(4, num_layers = 2, bidirectional = true, last = true) (x);
        "initial state": (x: [4, 3], h: [4, 4]) -> [4, 8], RNN(4, num_layers = 2, bidirectional = true) (x, h);
        "ragged": (x: [..6, 3]) -> [..6, 4], RNN(4) (x);
        "ragged, one": (x: [..6, 3]) -> [..6, 4], RNN(4) (x);
        "ragged, both ways": (x: [..7, 3]) -> [..7, 34], RNN(17, num_layers = 2, bidirectional = true) (x);
        "ragged, last": (x: [..8, 3]) -> [8],
            RNN(4, num_layers = 2, bidirectional = true, bias = false, last = true) (x);
        "ragged, initial state": (x: [..6, 3], h: [2, 5]) -> [..6, 10], RNN(5, bidirectional = true) (x, h);
        "ragged, many": (x: [..7, 5], h: [1, 6]) -> [6], RNN(6, last = true) (x, h);
        "relu, plain": (x: [5, 3]) -> [5, 4], RNN(4, nonlinearity = "relu") (x);
        "relu, two layers": (x: [4, 3]) -> [4, 5], RNN(5, num_layers = 2, nonlinearity = "relu") (x);
        "relu, bidirectional": (x: [5, 3]) -> [5, 8], RNN(4, bidirectional = true, nonlinearity = "relu") (x);
        "relu, last": (x: [5, 3]) -> [4], Rnn(4, nonlinearity = "relu", last = true) (x);
        "relu, ragged, both ways": (x: [..7, 3]) -> [..7, 34],
            RNN(17, num_layers = 2, bidirectional = true, nonlinearity = "relu") (x);
    }
    lstm_cell {
        "plain": (x: [3], h: [4], c: [4]) -> [2, 4], LSTMCell(4) (x, h, c);
        "no bias": (x: [5], h: [2], c: [2]) -> [2, 2], LSTMCell(2, bias = false) (x, h, c);
        "wide": (x: [18], h: [19], c: [19]) -> [2, 19], LSTMCell(18 -> 19) (x, h, c);
        "no state": (x: [3]) -> [2, 4], LSTMCell(4) (x);
        "one state": (x: [3], state: [2, 5]) -> [2, 5], LstmCell(5) (x, state);
    }
    gru_cell {
        "plain": (x: [3], h: [4]) -> [4], GRUCell(4) (x, h);
        "no bias": (x: [5], h: [2]) -> [2], GRUCell(2, bias = false) (x, h);
        "wide": (x: [18], h: [19]) -> [19], GRUCell(18 -> 19) (x, h);
        "no state": (x: [3]) -> [4], GruCell(4) (x);
    }
    rnn_cell {
        "plain": (x: [3], h: [4]) -> [4], RNNCell(4) (x, h);
        "no bias": (x: [5], h: [2]) -> [2], RNNCell(2, bias = false) (x, h);
        "wide": (x: [18], h: [19]) -> [19], RNNCell(18 -> 19) (x, h);
        "no state": (x: [3]) -> [4], RNNCell(4) (x);
        "relu, plain": (x: [3], h: [4]) -> [4], RNNCell(4, nonlinearity = "relu") (x, h);
        "relu, no bias": (x: [5], h: [2]) -> [2], RNNCell(2, bias = false, nonlinearity = "relu") (x, h);
        "relu, wide": (x: [18], h: [19]) -> [19], RNNCell(19, nonlinearity = "relu") (x, h);
        "relu, no state": (x: [3]) -> [4], RnnCell(4, nonlinearity = "relu") (x);
    }
}
