//! Sums over the samples of an epoch.

use super::history::Score;

/// The losses and the metric so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tally {
    /// Samples seen; of sequences, steps.
    pub samples: u64,
    /// Their losses together.
    pub loss: f64,
    /// Samples that have a metric.
    pub judged: u64,
    /// Their metrics together.
    pub metric: f64,
}

impl Tally {
    /// Adds a batch of `samples` with a mean `loss`.
    pub fn add_loss(&mut self, samples: usize, loss: f32) {
        self.samples += samples as u64;
        self.loss += f64::from(loss) * samples as f64;
    }

    /// Adds the metric of a sample.
    pub fn add_metric(&mut self, metric: f32) {
        self.judged += 1;
        self.metric += f64::from(metric);
    }

    /// The means.
    pub fn score(&self) -> Score {
        let mean = |sum: f64, count: u64| (sum / count as f64) as f32;
        let metric = (self.judged > 0).then(|| mean(self.metric, self.judged));
        Score { loss: mean(self.loss, self.samples), metric }
    }
}
