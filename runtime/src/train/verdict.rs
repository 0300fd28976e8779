//! What follows from how the epochs of a training went.

use super::early_stopping::EarlyStopping;
use super::history::Epoch;
use crate::schedule::ReduceLrOnPlateau;

/// By what epochs are compared: of the validation, or of the training where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Monitor {
    /// The loss, the smaller the better.
    #[default]
    Loss,
    /// The metric, the larger the better.
    MetricMax,
    /// The metric, the smaller the better.
    MetricMin,
}

impl Monitor {
    fn value(self, epoch: &Epoch) -> f32 {
        let score = epoch.score();
        match self {
            Monitor::Loss => score.loss,
            Monitor::MetricMax | Monitor::MetricMin => score.metric.unwrap_or(f32::NAN),
        }
    }

    /// Whether `value` beats `best` by more than `delta`. What is not a number never does.
    fn beats(self, value: f32, best: f32, delta: f32) -> bool {
        match self {
            Monitor::Loss | Monitor::MetricMin => value < best - delta,
            Monitor::MetricMax => value > best + delta,
        }
    }
}

/// What follows from the epochs so far, and from nothing else: a resumed training finds it out from its history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    pub monitor: Monitor,
    pub early_stopping: Option<EarlyStopping>,
    pub plateau: Option<ReduceLrOnPlateau>,
    /// The place and the value of the best epoch.
    best: Option<(usize, f32)>,
    /// What the next epoch has to beat to count as progress.
    reference: Option<f32>,
    /// Epochs since there was progress.
    waited: u32,
    epochs: usize,
}

impl Verdict {
    pub fn new(
        monitor: Monitor,
        early_stopping: Option<EarlyStopping>,
        plateau: Option<ReduceLrOnPlateau>,
    ) -> Self {
        let (best, reference, waited, epochs) = (None, None, 0, 0);
        Verdict { monitor, early_stopping, plateau, best, reference, waited, epochs }
    }

    /// Takes note of the next epoch.
    pub fn note(&mut self, epoch: &Epoch) {
        let (monitor, value) = (self.monitor, self.monitor.value(epoch));
        let beats = |best: Option<f32>, delta| match best {
            Some(best) => monitor.beats(value, best, delta),
            None => !value.is_nan(),
        };
        if beats(self.best.map(|best| best.1), 0.0) {
            self.best = Some((self.epochs, value));
        }
        if beats(self.reference, self.early_stopping.map_or(0.0, |stopping| stopping.min_delta)) {
            (self.reference, self.waited) = (Some(value), 0);
        } else {
            self.waited += 1;
        }
        if let Some(plateau) = &mut self.plateau {
            plateau.step(value);
        }
        self.epochs += 1;
    }

    /// The place of the best epoch.
    pub fn best(&self) -> Option<usize> {
        self.best.map(|best| best.0)
    }

    /// Whether the last epoch is the best one.
    pub fn is_best(&self) -> bool {
        self.best().is_some_and(|best| best + 1 == self.epochs)
    }

    /// Whether it is time to stop.
    pub fn stops(&self) -> bool {
        self.early_stopping.is_some_and(|stopping| self.waited >= stopping.patience.max(1))
    }
}
