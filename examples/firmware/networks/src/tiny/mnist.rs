//! Two nets for handwritten digits, as CMSIS-NN is measured on them. Nobody has published what they learnt.

use firmnet::prelude::*;

network! {
    /// Two dense layers.
    #[quantize(i8)]
    pub struct Mlp: [784] -> [10] {
        fc1: Linear(32), ReLU,
        fc2: Linear(10),
    }
}

network! {
    /// Two convolutions, the first of one channel, and a dense layer.
    #[quantize(i8)]
    pub struct Cnn: [1, 28, 28] -> [10] {
        conv1: Conv2d(8, 3, padding = 1), ReLU,
        conv2: Conv2d(16, 3, stride = 2, padding = 1), ReLU,
        Flatten,
        fc: Linear(10),
    }
}
