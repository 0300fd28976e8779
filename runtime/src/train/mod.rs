//! The trainer: epochs over shuffled batches, with what else a training takes.
//!
//! The loop itself is open to everybody: `forward_training`, `loss`, `backward`, `step`
//! ([`Network`](crate::network::Network)). [`Trainer`] is that loop with batches, schedules, clipping, evaluation, early stopping and checkpoints.

mod checkpoint;
mod early_stopping;
mod error;
mod fit;
mod generator;
mod history;
mod progress;
mod samples;
mod tally;
mod trainer;
mod verdict;

pub use early_stopping::EarlyStopping;
pub use error::TrainError;
pub use history::{Epoch, History, Score};
pub use samples::{Samples, Stream};
pub use trainer::Trainer;
pub use verdict::Monitor;
