//! Why a training ended before its end.

use std::format;
use std::path::PathBuf;
use std::string::String;
use std::vec::Vec;

use thiserror::Error;

use crate::io::safetensors;

/// Why a training ended before its end, or did not begin.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// There is nothing to learn from.
    #[error("there are no samples to train on")]
    NoSamples,
    /// The loss is infinite or not a number. The parameters have gone astray, or the samples hold such numbers.
    #[error(
        "the loss is {loss} in step {step} of epoch {epoch}: a smaller learning rate or `clip_norm` may help; \
         look also for targets that are no class, and for infinities and NaN in the samples{}", kept(.checkpoint)
    )]
    NotFinite {
        /// In which epoch, counted from 1.
        epoch: u32,
        /// In which step of this epoch, counted from 1.
        step: usize,
        /// What it is.
        loss: f32,
        /// Where the last good state is.
        checkpoint: Option<PathBuf>,
    },
    /// A parameter is infinite or not a number.
    #[error(
        "`{tensor}` is no longer finite after step {step} of epoch {epoch}: a smaller learning rate or `clip_norm` \
         may help{}", kept(.checkpoint)
    )]
    Diverged {
        /// In which epoch, counted from 1.
        epoch: u32,
        /// After which step of this epoch, counted from 1.
        step: usize,
        /// Of which tensor.
        tensor: &'static str,
        /// Where the last good state is.
        checkpoint: Option<PathBuf>,
    },
    /// The system did not give the threads.
    #[error("no pool of threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// A checkpoint cannot be read or written, is damaged, or is not of this network and optimizer.
    #[error(transparent)]
    File(#[from] safetensors::Error),
    /// A sound file is no checkpoint.
    #[error("`{}` is no checkpoint: {fault}", .file.display())]
    NoCheckpoint {
        /// Which one.
        file: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// A checkpoint is of a training with another network or other settings.
    #[error(
        "`{}` is of another training:\n  {}\nresume with the settings of the file; or give it another name, take its \
         parameters with `net.load`, and begin anew",
        .file.display(), .faults.join("\n  ")
    )]
    OtherTraining {
        /// Which one.
        file: PathBuf,
        /// What differs.
        faults: Vec<String>,
    },
}

fn kept(checkpoint: &Option<PathBuf>) -> String {
    match checkpoint {
        Some(file) => {
            format!(
                "; `{0}` has the last good state, and `net.load(\"{0}\")` gets it",
                file.display()
            )
        }
        None => String::new(),
    }
}
