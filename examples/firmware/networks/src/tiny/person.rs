//! TensorFlow Lite Micro's person detection: MobileNet (Howard et al. 2017), a quarter as wide.

use firmnet::prelude::*;

network! {
    /// Whether there is a person on a grey picture: no, yes.
    #[quantize(i8)]
    pub struct PersonDetect: [1, 96, 96] -> [2] {
        ZeroPad2d((0, 1, 0, 1)), conv: Conv2d(8, 3, stride = 2), ReLU6,
        dw1: Conv2d(8, 3, padding = 1, groups = 8), ReLU6, pw1: Conv2d(16, 1), ReLU6,
        ZeroPad2d((0, 1, 0, 1)), dw2: Conv2d(16, 3, stride = 2, groups = 16), ReLU6, pw2: Conv2d(32, 1), ReLU6,
        dw3: Conv2d(32, 3, padding = 1, groups = 32), ReLU6, pw3: Conv2d(32, 1), ReLU6,
        ZeroPad2d((0, 1, 0, 1)), dw4: Conv2d(32, 3, stride = 2, groups = 32), ReLU6, pw4: Conv2d(64, 1), ReLU6,
        dw5: Conv2d(64, 3, padding = 1, groups = 64), ReLU6, pw5: Conv2d(64, 1), ReLU6,
        ZeroPad2d((0, 1, 0, 1)), dw6: Conv2d(64, 3, stride = 2, groups = 64), ReLU6, pw6: Conv2d(128, 1), ReLU6,
        dw7: Conv2d(128, 3, padding = 1, groups = 128), ReLU6, pw7: Conv2d(128, 1), ReLU6,
        dw8: Conv2d(128, 3, padding = 1, groups = 128), ReLU6, pw8: Conv2d(128, 1), ReLU6,
        dw9: Conv2d(128, 3, padding = 1, groups = 128), ReLU6, pw9: Conv2d(128, 1), ReLU6,
        dw10: Conv2d(128, 3, padding = 1, groups = 128), ReLU6, pw10: Conv2d(128, 1), ReLU6,
        dw11: Conv2d(128, 3, padding = 1, groups = 128), ReLU6, pw11: Conv2d(128, 1), ReLU6,
        ZeroPad2d((0, 1, 0, 1)), dw12: Conv2d(128, 3, stride = 2, groups = 128), ReLU6, pw12: Conv2d(256, 1), ReLU6,
        dw13: Conv2d(256, 3, padding = 1, groups = 256), ReLU6, pw13: Conv2d(256, 1), ReLU6,
        AdaptiveAvgPool2d(1),
        last: Conv2d(2, 1), Flatten, Softmax,
    }
}
