//! Arguments stand without a name in PyTorch's order, or with their name; a list may end with a comma, and a size is any constant.
#![deny(warnings)]
use firmnet::prelude::*;

const CHANNELS: usize = 4;
const SIZES: [usize; 2] = [3, 5];
const fn half(size: usize) -> usize {
    size / 2
}

network! {
    struct Net: [1, 4 * CHANNELS, 2 * half(16),] -> [10,] {
        conv1: Conv2d(CHANNELS, SIZES[0], padding = "same",), ReLU,
        conv2: Conv2d(out_channels = 2 * CHANNELS, kernel_size = (3, SIZES[1]), padding = (1, 2)),
        MaxPool2d(2, 1, 1), MaxPool2d(kernel_size = 2, stride = 2), LeakyReLU(0.2), Dropout, Dropout(p = 0.25),
        bn: BatchNorm2d(2 * CHANNELS),
        Reshape([usize::pow(2, 3), 64]), Softmax(0),
        Flatten,
        fc1: Linear(8 * 64 -> half(64), bias = false), GELU(approximate = "tanh"),
        fc2: Linear(out_features = 10,),
    }
}

fn main() {
    assert_eq!(Net::PARAMETERS, 4 * 9 + 4 + 8 * 4 * 15 + 8 + 16 + 512 * 32 + 32 * 10 + 10);
}
