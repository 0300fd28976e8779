//! A training that is timed.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::protocol::Timed;

/// A step of a training, which gives its losses.
pub type Step = Box<dyn FnMut() -> Vec<f32>>;

/// Makes a training, with or without dropout. It begins anew before it is timed, for else there is nothing left to learn.
pub struct Training(pub fn(dropout: bool) -> Step);

impl Timed for Training {
    fn first(&mut self) -> Vec<f32> {
        let mut step = (self.0)(false);
        (0..5).flat_map(|_| step()).collect()
    }

    fn time(&mut self, runs: u64) -> Duration {
        let mut step = (self.0)(true);
        let start = Instant::now();
        (0..runs).for_each(|_| _ = black_box(step()));
        start.elapsed()
    }
}
