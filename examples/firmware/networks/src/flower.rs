//! Three species of iris: about the smallest network that does something.

use firmnet::prelude::*;

// ANCHOR: network
network! {
    /// Which iris it is, from the length and width of its sepals and of its petals in centimetres.
    #[budget(flash = "300 B", ram = "128 B")]
    pub struct Flower: [4] -> [3] {
        fc1: Linear(8), ReLU,
        fc2: Linear(3),
    }
}

/// What `host flower` learnt, in flash.
pub static NET: Flower = include_weights!(Flower, "../data/flower.safetensors");
// ANCHOR_END: network

/// The species, in the order of the outputs.
pub const SPECIES: [&str; 3] = ["setosa", "versicolor", "virginica"];

/// A flower of each species that the network has not learnt from.
pub static FLOWERS: [[f32; 4]; 3] =
    [[5.1, 3.5, 1.4, 0.2], [7.0, 3.2, 4.7, 1.4], [6.3, 3.3, 6.0, 2.5]];
