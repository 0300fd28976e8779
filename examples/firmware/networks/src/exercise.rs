//! A movement, seen by a sensor on the arm, step by step as it goes on: a recurrent network that never needs the whole.

use firmnet::prelude::*;

// ANCHOR: network
network! {
    /// Which of seven exercises an arm does, from acceleration and turning along three axes, ten times a second or so.
    #[budget(flash = "6 KiB", ram = "5 KiB")]
    pub struct Exercise: [..128, 6] -> [7] {
        gru: GRU(16, last = true),
        fc: Linear(7),
    }
}

/// What `host exercise` learnt, in flash.
pub static NET: Exercise = include_weights!(Exercise, "../data/exercise.safetensors");
// ANCHOR_END: network

/// The exercises, in the order of the outputs, as the data set calls them.
pub const EXERCISES: [&str; 7] = ["PEN", "ABD", "FEL", "IR", "ER", "TRAP", "ROW"];

/// 128 steps of a movement of somebody from whom the network has not learnt.
static SIGNAL: &[[[u8; 4]; 6]] = include_bytes!("../data/exercise.bin").as_chunks().0.as_chunks().0;

/// Steps of that movement.
pub const STEPS: usize = 128;

/// Step `i` of it; what no sensor has measured is zero.
pub fn measured(i: usize) -> [f32; 6] {
    SIGNAL.get(i).map_or([0.0; 6], |step| step.map(f32::from_le_bytes))
}
