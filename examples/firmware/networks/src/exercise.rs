//! A movement, seen by a sensor on the arm, step by step as it goes on: a recurrent network that never needs the whole.

use firmnet::prelude::*;

// ANCHOR: network
network! {
    /// Which of seven exercises an arm does, from acceleration and turning along three axes, ten times a second or so.
    #[budget(flash = "4 KiB", ram = "512 B")]
    #[quantize(i8)]
    pub struct Exercise: [..128, 6] -> [7] {
        gru: GRU(16, last = true),
        fc: Linear(7),
    }
}

/// What `host exercise` learnt, in flash.
pub static NET: Exercise = include_weights!(Exercise, "../data/exercise.safetensors");
// ANCHOR_END: network

/// The same in bytes, as `host exercise-int8` made it.
pub static NET_INT8: ExerciseInt8 =
    include_weights!(ExerciseInt8, "../data/exercise-int8.safetensors");

/// The exercises, in the order of the outputs, as the data set calls them.
pub const EXERCISES: [&str; 7] = ["PEN", "ABD", "FEL", "IR", "ER", "TRAP", "ROW"];

/// Steps that the network learnt from at once, and that are shown to it here.
pub const STEPS: usize = 128;

/// Step `i` of a movement that is made up: an arm swings to and fro against gravity, and turns a little.
pub fn measured(i: usize) -> [f32; 6] {
    let (up, turn) = (swing(i), swing(i + 5));
    [0.4 * up, 0.3 - 0.6 * up, 0.8 + 0.2 * turn, 2.0 * turn, -1.5 * up, 0.5 * turn]
}

/// The same in the bytes that the network in bytes takes.
pub fn measured_int8(i: usize) -> [i8; 6] {
    measured(i).map(|x| NET_INT8.input_scale(0).byte(x))
}

/// From 1 to −1 and back, once in 20 steps.
fn swing(i: usize) -> f32 {
    let away = (i % 20).abs_diff(10) as f32;
    away / 5.0 - 1.0
}
