//! MLPerf Tiny's visual wake words: MobileNet (Howard et al. 2017), a quarter as wide.

use firmnet::prelude::*;

network! {
    /// Whether there is a person on a picture in colours: no, yes.
    #[quantize(i8)]
    pub struct WakeWords: [3, 96, 96] -> [2] {
        ZeroPad2d((0, 1, 0, 1)), conv: Conv2d(8, 3, stride = 2), ReLU,
        dw1: Conv2d(8, 3, padding = 1, groups = 8), ReLU, pw1: Conv2d(16, 1), ReLU,
        ZeroPad2d((0, 1, 0, 1)), dw2: Conv2d(16, 3, stride = 2, groups = 16), ReLU, pw2: Conv2d(32, 1), ReLU,
        dw3: Conv2d(32, 3, padding = 1, groups = 32), ReLU, pw3: Conv2d(32, 1), ReLU,
        ZeroPad2d((0, 1, 0, 1)), dw4: Conv2d(32, 3, stride = 2, groups = 32), ReLU, pw4: Conv2d(64, 1), ReLU,
        dw5: Conv2d(64, 3, padding = 1, groups = 64), ReLU, pw5: Conv2d(64, 1), ReLU,
        ZeroPad2d((0, 1, 0, 1)), dw6: Conv2d(64, 3, stride = 2, groups = 64), ReLU, pw6: Conv2d(128, 1), ReLU,
        dw7: Conv2d(128, 3, padding = 1, groups = 128), ReLU, pw7: Conv2d(128, 1), ReLU,
        dw8: Conv2d(128, 3, padding = 1, groups = 128), ReLU, pw8: Conv2d(128, 1), ReLU,
        dw9: Conv2d(128, 3, padding = 1, groups = 128), ReLU, pw9: Conv2d(128, 1), ReLU,
        dw10: Conv2d(128, 3, padding = 1, groups = 128), ReLU, pw10: Conv2d(128, 1), ReLU,
        dw11: Conv2d(128, 3, padding = 1, groups = 128), ReLU, pw11: Conv2d(128, 1), ReLU,
        ZeroPad2d((0, 1, 0, 1)), dw12: Conv2d(128, 3, stride = 2, groups = 128), ReLU, pw12: Conv2d(256, 1), ReLU,
        dw13: Conv2d(256, 3, padding = 1, groups = 256), ReLU, pw13: Conv2d(256, 1), ReLU,
        AdaptiveAvgPool2d(1), Flatten,
        fc: Linear(2), Softmax,
    }
}
