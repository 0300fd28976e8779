//! Why a training ended before its end.

use thiserror::Error;

/// Why a training ended before its end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// There is nothing to learn from.
    #[error("there are no samples to train on")]
    NoSamples,
    /// The loss is infinite or not a number. The parameters have gone astray, or the samples hold such numbers.
    #[error(
        "the loss is {loss} in step {step} of epoch {epoch}: a smaller learning rate or `clip_norm` may help; \
         look also for targets that are no class, and for infinities and NaN in the samples"
    )]
    NotFinite {
        /// In which epoch, counted from 1.
        epoch: u32,
        /// In which step of this epoch, counted from 1.
        step: usize,
        /// What it is.
        loss: f32,
    },
    /// The system did not give the threads.
    #[error("no pool of threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}
