//! TensorFlow Lite Micro's first example: a sine, learnt.

use firmnet::prelude::*;

network! {
    /// The sine of what comes in, from 0 to 2 π.
    #[quantize(i8)]
    pub struct Sine: [1] -> [1] {
        fc1: Linear(16), ReLU,
        fc2: Linear(16), ReLU,
        fc3: Linear(1),
    }
}
