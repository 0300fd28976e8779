use firmnet::prelude::*;

network! {
    struct Net: [1, 4, 4] -> [2] {
        conv1: Conv2d(3, 3), bn1: BatchNorm2d, ReLU, Flatten,
        fc1: Linear(2),
    }
}

static NET: Net = include_weights!(Net, "../vectors/files/net_float32.safetensors");

fn main() {}
