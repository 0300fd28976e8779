//! What came of the epochs of a training.

use core::fmt::{self, Display, Formatter};
use std::string::String;
use std::vec::Vec;

/// A training, epoch by epoch. Its `Display` is a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// What is measured beside the loss: `accuracy` unless [`Trainer::metric`](super::Trainer::metric) says otherwise.
    pub metric: String,
    /// The epochs, in turn.
    pub epochs: Vec<Epoch>,
    /// The place in `epochs` of the best one, by the trainer's [`Monitor`](super::Monitor); `None` where there is none, or
    /// no number to go by.
    pub best: Option<usize>,
}

impl History {
    /// The last epoch.
    pub fn last(&self) -> Option<&Epoch> {
        self.epochs.last()
    }
    /// The best epoch.
    pub fn best(&self) -> Option<&Epoch> {
        self.best.and_then(|best| self.epochs.get(best))
    }
}

/// One epoch of a training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// Which one, counted from 1.
    pub number: u32,
    /// The learning rate of its last step.
    pub lr: f32,
    /// Over the samples of the training, as they went by: each by the parameters of its time, and with dropout.
    pub train: Score,
    /// Over the samples of the validation, at the end of the epoch; `None` without any.
    pub validation: Option<Score>,
    /// How long it took, with its validation.
    pub seconds: f64,
}

impl Epoch {
    /// The score by which epochs are compared: that of the validation, or of the training where there is none.
    pub fn score(&self) -> Score {
        self.validation.unwrap_or(self.train)
    }
}

/// How well a network does on some samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The mean loss of the samples (of batches, each weighted by its samples); with penalties only in training.
    pub loss: f32,
    /// The mean of the trainer's metric: with losses that decide, the accuracy, 0 to 1. `None` where there is none.
    pub metric: Option<f32>,
}

impl Display for History {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let validated = self.epochs.iter().any(|epoch| epoch.validation.is_some());
        let measured = self.epochs.iter().any(|epoch| epoch.train.metric.is_some());
        let width = self.metric.chars().count().max(8);
        write!(f, "epoch        lr      loss")?;
        let metric = |f: &mut Formatter<'_>| match measured {
            true => write!(f, "  {:>width$}", self.metric),
            false => Ok(()),
        };
        metric(f)?;
        if validated {
            write!(f, "  validation")?;
            metric(f)?;
        }
        writeln!(f, "   seconds")?;
        for (i, epoch) in self.epochs.iter().enumerate() {
            write!(f, "{:>5}  {:>8}  {:>8.5}", epoch.number, short(epoch.lr), epoch.train.loss)?;
            let metric = |f: &mut Formatter<'_>, score: Option<Score>| match (measured, score) {
                (false, _) => Ok(()),
                (true, Some(Score { metric: Some(x), .. })) => write!(f, "  {x:>width$.5}"),
                (true, _) => write!(f, "  {:>width$}", ""),
            };
            metric(f, Some(epoch.train))?;
            if validated {
                match epoch.validation {
                    Some(score) => write!(f, "  {:>10.5}", score.loss)?,
                    None => write!(f, "  {:>10}", "")?,
                }
                metric(f, epoch.validation)?;
            }
            let best = if self.best == Some(i) { "  best" } else { "" };
            writeln!(f, "  {:>8.1}{best}", epoch.seconds)?;
        }
        Ok(())
    }
}

/// `x` with three figures, as `0.001` or `2.5e-7`.
fn short(x: f32) -> String {
    let rounded: f32 = std::format!("{x:.2e}").parse().unwrap_or(x);
    if rounded != 0.0 && rounded < 1e-4 {
        std::format!("{rounded:e}")
    } else {
        std::format!("{rounded}")
    }
}
