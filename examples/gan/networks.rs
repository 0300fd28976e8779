//! The generators and discriminators. An image has one channel of 28 × 28 numbers from −1 (paper) to 1 (ink).

use firmnet::prelude::*;

// ANCHOR: mlp
network! {
    /// An image out of ten numbers of noise.
    pub struct Generator: [10] -> [1, 28, 28] {
        fc1: Linear(256), LeakyReLU(0.2),
        fc2: Linear(784), Tanh,
        Reshape([1, 28, 28]),
    }
}

network! {
    /// The logit of an image's being real.
    pub struct Discriminator: [1, 28, 28] -> [1] {
        Flatten,
        fc1: Linear(256), LeakyReLU(0.2),
        fc2: Linear(1),
    }
}
// ANCHOR_END: mlp

// ANCHOR: conv
network! {
    /// As `Generator`, after DCGAN (Radford et al. 2016): small images of many channels become larger, with fewer.
    pub struct ConvGenerator: [32] -> [1, 28, 28] {
        fc: Linear(3136, bias = false), Reshape([64, 7, 7]), bn1: BatchNorm2d, ReLU,
        up1: ConvTranspose2d(32, 4, stride = 2, padding = 1, bias = false), bn2: BatchNorm2d, ReLU,
        up2: ConvTranspose2d(1, 4, stride = 2, padding = 1), Tanh,
    }
}

network! {
    /// As `Discriminator`, with convolutions. They see parts of a digit; whether the parts belong together, `fc1` has to say.
    pub struct ConvDiscriminator: [1, 28, 28] -> [1] {
        conv1: Conv2d(32, 4, stride = 2, padding = 1), LeakyReLU(0.2),
        conv2: Conv2d(64, 4, stride = 2, padding = 1), LeakyReLU(0.2),
        Flatten,
        fc1: Linear(128), LeakyReLU(0.2),
        fc2: Linear(1),
    }
}
// ANCHOR_END: conv
