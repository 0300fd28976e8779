//! The trainer, through the door the user uses.

mod compress;
mod fit;
mod frozen;
mod resume;
mod settings;

use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

network! {
    /// Tells points inside a ring from those outside.
    pub struct Ring: [2] -> [2] {
        fc1: Linear(16), bn1: BatchNorm1d, ReLU,
        Dropout(0.1),
        fc2: Linear(2),
    }
}

/// A point and whether it is inside the ring, drawn from a seed.
pub fn points(count: usize, seed: u64) -> Vec<([f32; 2], u8)> {
    use rand::RngExt;
    let mut rng = StdRng::seed_from_u64(seed);
    let point = |_| {
        let [x, y] = [rng.random_range(-1.0..1.0), rng.random_range(-1.0..1.0)];
        ([x, y], u8::from(x * x + y * y < 0.5_f32))
    };
    (0..count).map(point).collect()
}

/// A network initialised from a seed.
pub fn net<N: Network>(seed: u64) -> Box<N> {
    N::boxed(&mut StdRng::seed_from_u64(seed))
}

/// The bits of all its numbers.
pub fn bits<N: Network>(net: &N) -> Vec<u32> {
    (0..N::TENSORS.len()).flat_map(|i| net.tensor(i)).map(|x| x.to_bits()).collect()
}

/// A trainer of rings that learns something in a few epochs.
pub fn trainer() -> Trainer<Ring, u8, Adam, CrossEntropyLoss> {
    Trainer::new(Adam::new(0.02), CrossEntropyLoss::new()).batch_size(32).epochs(8)
}

/// A history without the one thing in it that differs from run to run.
pub fn timeless(mut history: History) -> History {
    history.epochs.iter_mut().for_each(|epoch| epoch.seconds = 0.0);
    history
}
