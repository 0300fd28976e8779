//! The networks of the workloads, declared as anyone would.
//!
//! The criterion bench, the counts of instructions and the comparison with other libraries share this file and [`work`](super::work).
//! `benches/peers/networks.py` has the same networks for PyTorch.

use firmnet::prelude::*;

// ANCHOR: controller
network! {
    /// W1a: what steers a small machine.
    pub struct Controller: [16] -> [4] {
        fc1: Linear(32), Tanh,
        fc2: Linear(32), Tanh,
        fc3: Linear(4),
    }
}
// ANCHOR_END: controller

network! {
    /// W1b: the smallest network that reads digits.
    pub struct Mlp: [784] -> [10] {
        fc1: Linear(128), ReLU,
        fc2: Linear(10),
    }
}

network! {
    /// W2: the network of the PyTorch MNIST example.
    pub struct MnistCnn: [1, 28, 28] -> [10] {
        conv1: Conv2d(32, 3), ReLU,
        conv2: Conv2d(64, 3), ReLU,
        MaxPool2d(2), Dropout2d(0.25), Flatten,
        fc1: Linear(128), ReLU, Dropout(0.5),
        fc2: Linear(10), LogSoftmax,
    }
}

network! {
    /// W2 without chance, so that its training can be held against PyTorch's. It is not timed.
    pub struct MnistCnnWithoutDropout: [1, 28, 28] -> [10] {
        conv1: Conv2d(32, 3), ReLU,
        conv2: Conv2d(64, 3), ReLU,
        MaxPool2d(2), Flatten,
        fc1: Linear(128), ReLU,
        fc2: Linear(10), LogSoftmax,
    }
}

/// Words in a sentence of W3.
pub const WORDS: usize = 30;

network! {
    /// W3: a tagger of the words of a sentence.
    pub struct Tagger {
        embedding: Embedding(5000, 64), lstm: LSTM(128), hidden2tag: Linear(17),
    }
    fn forward(words: [..WORDS]) -> [..WORDS, 17] {
        hidden2tag(lstm(embedding(words)))
    }
}

network! {
    /// W4: makes images out of ten numbers of noise.
    pub struct Generator: [10] -> [784] {
        fc1: Linear(256), LeakyReLU(0.2),
        fc2: Linear(784), Tanh,
    }
}

network! {
    /// W4: the logit of an image's being real.
    pub struct Discriminator: [784] -> [1] {
        fc1: Linear(256), LeakyReLU(0.2),
        fc2: Linear(1),
    }
}

// ANCHOR: amplifier
network! {
    /// W5: an amplifier of a guitar, sample by sample.
    pub struct Amplifier {
        lstm: LSTM(20), out: Linear(1),
    }
    fn forward(audio: [..4096, 1]) -> [..4096, 1] {
        out(lstm(audio))
    }
}
// ANCHOR_END: amplifier

// ANCHOR: transformer
network! {
    /// W6: a layer of a transformer, over 64 steps of 64 numbers.
    pub struct Transformer {
        layer: TransformerEncoderLayer(4, 256, activation = "gelu", norm_first = true, dropout = 0.0),
    }
    fn forward(x: [..64, 64]) -> [..64, 64] {
        layer(x)
    }
}
// ANCHOR_END: transformer

network! {
    /// What two convolutions add to an image of 16 channels.
    pub struct Block {
        conv1: Conv2d(16, 3, padding = 1, bias = false), bn1: BatchNorm2d,
        conv2: Conv2d(16, 3, padding = 1, bias = false), bn2: BatchNorm2d,
    }
    fn forward(x: [16, 32, 32]) -> [16, 32, 32] {
        ReLU(x + bn2(conv2(ReLU(bn1(conv1(x))))))
    }
}

network! {
    /// The same to half the side and 32 channels.
    pub struct Down32 {
        conv1: Conv2d(32, 3, stride = 2, padding = 1, bias = false), bn1: BatchNorm2d,
        conv2: Conv2d(32, 3, padding = 1, bias = false), bn2: BatchNorm2d,
        shortcut: Conv2d(32, 1, stride = 2, bias = false), bn3: BatchNorm2d,
    }
    fn forward(x: [16, 32, 32]) -> [32, 16, 16] {
        ReLU(bn3(shortcut(x)) + bn2(conv2(ReLU(bn1(conv1(x))))))
    }
}

network! {
    /// The same again, to 64 channels.
    pub struct Down64 {
        conv1: Conv2d(64, 3, stride = 2, padding = 1, bias = false), bn1: BatchNorm2d,
        conv2: Conv2d(64, 3, padding = 1, bias = false), bn2: BatchNorm2d,
        shortcut: Conv2d(64, 1, stride = 2, bias = false), bn3: BatchNorm2d,
    }
    fn forward(x: [32, 16, 16]) -> [64, 8, 8] {
        ReLU(bn3(shortcut(x)) + bn2(conv2(ReLU(bn1(conv1(x))))))
    }
}

network! {
    /// W8: the residual network of MLPerf Tiny.
    pub struct ResNet8: [3, 32, 32] -> [10] {
        conv: Conv2d(16, 3, padding = 1, bias = false), bn: BatchNorm2d, ReLU,
        block: Block, down1: Down32, down2: Down64,
        AdaptiveAvgPool2d(1), Flatten, fc: Linear(10),
    }
}
