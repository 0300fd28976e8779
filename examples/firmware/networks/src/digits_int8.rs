//! Handwritten digits in bytes: a small convolutional network, and a hundred images that it has not learnt from.

use firmnet::prelude::*;

// ANCHOR: network
network! {
    /// Which digit an image shows: 28 × 28 shades of grey, 0 black, 1 white.
    #[quantize(i8)]
    #[budget(flash = "6 KiB", ram = "7 KiB")]
    pub struct SmallCnn: [1, 28, 28] -> [10] {
        conv1: Conv2d(8, 3), ReLU, MaxPool2d(2),
        conv2: Conv2d(16, 3), ReLU, MaxPool2d(2),
        Flatten,
        fc: Linear(10),
    }
}

/// What `host digits-int8` learnt and quantised, in flash.
pub static NET: SmallCnnInt8 = include_weights!(SmallCnnInt8, "../data/digits-int8.safetensors");
// ANCHOR_END: network

/// The first hundred images that MNIST is judged with, and what they show.
pub static IMAGES: &[[u8; 784]; 100] =
    include_bytes!("../data/digits-int8.bin").as_chunks().0.first_chunk().unwrap();

/// What the network takes for an image of 8-bit pixels: a byte stands for 1/255, and −128 for black.
pub fn input(pixels: &[u8; 784]) -> [i8; 784] {
    // What is 128 less is the same byte with its first bit turned.
    pixels.map(|pixel| (pixel ^ 0x80) as i8)
}
