//! TensorFlow Lite Micro's "yes" and "no": one convolution over 49 steps of 40 features.

use firmnet::prelude::*;

network! {
    /// Silence, unknown, yes, no.
    #[quantize(i8)]
    pub struct MicroSpeech: [1, 49, 40] -> [4] {
        ZeroPad2d((3, 3, 4, 5)), conv: Conv2d(8, (10, 8), stride = 2), ReLU, Flatten,
        fc: Linear(4), Softmax,
    }
}
