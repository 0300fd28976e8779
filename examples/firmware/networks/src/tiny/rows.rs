//! TensorFlow Lite Micro's example of an LSTM: digits, read row by row.

use firmnet::prelude::*;

network! {
    /// Which digit an image shows, from its 28 rows.
    #[quantize(i8)]
    pub struct MnistLstm: [28, 28] -> [10] {
        lstm: LSTM(20), Flatten,
        output: Linear(10), Softmax,
    }
}
