//! Handwritten digits: a network of two dense layers, and ten images that it has not learnt from.

use firmnet::prelude::*;

// ANCHOR: network
network! {
    /// Which digit an image shows: 28 × 28 shades of grey, 0 black, 1 white.
    #[budget(flash = "100 KiB", ram = "256 B")]
    pub struct Digits: [1, 28, 28] -> [10] {
        Flatten,
        fc1: Linear(32), ReLU,
        fc2: Linear(10),
    }
}

/// What `host train digits` learnt, in flash.
pub static NET: Digits = include_weights!(Digits, "../data/digits.safetensors");
// ANCHOR_END: network

/// An image as a network takes it.
pub type Image = [[[f32; 28]; 28]; 1];

/// The first image of each digit among those that MNIST is judged with: image `i` shows an `i`.
pub static IMAGES: &[[u8; 784]; 10] =
    include_bytes!("../data/digits.bin").as_chunks().0.first_chunk().unwrap();
