//! MLPerf Tiny's keyword spotting: a network of depthwise convolutions over 49 steps of ten cepstral coefficients.

use firmnet::prelude::*;

// ANCHOR: network
network! {
    /// Down, go, left, no, off, on, right, stop, up, yes, silence, unknown.
    #[quantize(i8)]
    pub struct Keywords: [1, 49, 10] -> [12] {
        ZeroPad2d((1, 1, 4, 5)), conv: Conv2d(64, (10, 4), stride = 2), ReLU,
        dw1: Conv2d(64, 3, padding = 1, groups = 64), ReLU, pw1: Conv2d(64, 1), ReLU,
        dw2: Conv2d(64, 3, padding = 1, groups = 64), ReLU, pw2: Conv2d(64, 1), ReLU,
        dw3: Conv2d(64, 3, padding = 1, groups = 64), ReLU, pw3: Conv2d(64, 1), ReLU,
        dw4: Conv2d(64, 3, padding = 1, groups = 64), ReLU, pw4: Conv2d(64, 1), ReLU,
        AdaptiveAvgPool2d(1), Flatten,
        fc: Linear(12), Softmax,
    }
}
// ANCHOR_END: network
