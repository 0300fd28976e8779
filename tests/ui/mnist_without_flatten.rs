use firmnet::prelude::*;

network! {
    /// The PyTorch MNIST example.
    pub struct MnistCnn: [1, 28, 28] -> [10] {
        conv1: Conv2d(32, 3), ReLU,
        conv2: Conv2d(64, 3), ReLU,
        MaxPool2d(2), Dropout2d(0.25),
        fc1: Linear(128), ReLU, Dropout(0.5),
        fc2: Linear(10), LogSoftmax,
    }
}

fn main() {}
