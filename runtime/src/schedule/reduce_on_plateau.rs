//! A fall whenever a metric stops getting better.

/// Multiplies the learning rate by `factor` after more than `patience` steps without progress, as PyTorch's
/// `ReduceLROnPlateau`.
///
/// Unlike a [`Schedule`](super::Schedule) it has a memory; it is plain data, and a checkpoint keeps it whole.
///
/// ```
/// use firmnet_runtime::schedule::ReduceLrOnPlateau;
///
/// let mut plateau = ReduceLrOnPlateau::new(0.5).patience(1);
/// let lrs = [1.0, 0.5, 0.5, 0.5, 0.4].map(|loss| plateau.step(loss));
/// assert_eq!(lrs, [0.5, 0.5, 0.5, 0.05, 0.05]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReduceLrOnPlateau {
    /// Whether the metric should fall or rise.
    pub mode: PlateauMode,
    /// By what the learning rate is multiplied, below 1.
    pub factor: f64,
    /// Steps without progress that are put up with.
    pub patience: u32,
    /// By how much a metric must beat the best to count as progress.
    pub threshold: f64,
    /// What the threshold is measured in.
    pub threshold_mode: ThresholdMode,
    /// Steps after a fall during which nothing is counted.
    pub cooldown: u32,
    /// Where the learning rate stops falling.
    pub min_lr: f64,
    /// A fall by no more than this is left out.
    pub eps: f64,
    /// The learning rate now.
    pub lr: f32,
    /// The best metric so far; none before the first step.
    pub best: Option<f32>,
    /// Steps since progress.
    pub num_bad_epochs: u32,
    /// Steps until counting goes on after a fall.
    pub cooldown_counter: u32,
}

/// Whether a metric should fall or rise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlateauMode {
    /// Smaller is better, as for a loss.
    #[default]
    Min,
    /// Larger is better, as for an accuracy.
    Max,
}

/// What the threshold of [`ReduceLrOnPlateau`] is measured in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThresholdMode {
    /// In the best metric: 0.01 is one percent.
    #[default]
    Rel,
    /// In the units of the metric.
    Abs,
}

impl ReduceLrOnPlateau {
    /// Begins at the learning rate `lr`, with `mode = Min`, `factor = 0.1`, `patience = 10`, `threshold = 1e-4`,
    /// `threshold_mode = Rel`, `cooldown = 0`, `min_lr = 0`, `eps = 1e-8`.
    pub const fn new(lr: f32) -> Self {
        ReduceLrOnPlateau {
            mode: PlateauMode::Min,
            factor: 0.1,
            patience: 10,
            threshold: 1e-4,
            threshold_mode: ThresholdMode::Rel,
            cooldown: 0,
            min_lr: 0.0,
            eps: 1e-8,
            lr,
            best: None,
            num_bad_epochs: 0,
            cooldown_counter: 0,
        }
    }
    /// Whether the metric should fall or rise.
    pub const fn mode(self, mode: PlateauMode) -> Self {
        ReduceLrOnPlateau { mode, ..self }
    }
    /// By what the learning rate is multiplied, below 1.
    pub const fn factor(self, factor: f64) -> Self {
        ReduceLrOnPlateau { factor, ..self }
    }
    /// Steps without progress that are put up with.
    pub const fn patience(self, patience: u32) -> Self {
        ReduceLrOnPlateau { patience, ..self }
    }
    /// By how much a metric must beat the best to count as progress.
    pub const fn threshold(self, threshold: f64) -> Self {
        ReduceLrOnPlateau { threshold, ..self }
    }
    /// What the threshold is measured in.
    pub const fn threshold_mode(self, threshold_mode: ThresholdMode) -> Self {
        ReduceLrOnPlateau { threshold_mode, ..self }
    }
    /// Steps after a fall during which nothing is counted.
    pub const fn cooldown(self, cooldown: u32) -> Self {
        ReduceLrOnPlateau { cooldown, ..self }
    }
    /// Where the learning rate stops falling.
    pub const fn min_lr(self, min_lr: f64) -> Self {
        ReduceLrOnPlateau { min_lr, ..self }
    }
    /// A fall by no more than this is left out.
    pub const fn eps(self, eps: f64) -> Self {
        ReduceLrOnPlateau { eps, ..self }
    }

    /// Takes note of a metric, once an epoch, and gives the learning rate to go on with. A metric that is not a number is
    /// no progress.
    pub fn step(&mut self, metric: f32) -> f32 {
        if self.is_progress(metric) {
            self.best = Some(metric);
            self.num_bad_epochs = 0;
        } else {
            self.num_bad_epochs += 1;
        }
        if self.cooldown_counter > 0 {
            self.cooldown_counter -= 1;
            self.num_bad_epochs = 0;
        }
        if self.num_bad_epochs > self.patience {
            let lr = f64::from(self.lr);
            let reduced = (lr * self.factor).max(self.min_lr);
            if lr - reduced > self.eps {
                self.lr = reduced as f32;
            }
            self.cooldown_counter = self.cooldown;
            self.num_bad_epochs = 0;
        }
        self.lr
    }

    fn is_progress(&self, metric: f32) -> bool {
        use {PlateauMode::*, ThresholdMode::*};
        let metric = f64::from(metric);
        let best = match (self.best, self.mode) {
            (Some(best), _) => f64::from(best),
            (None, Min) => f64::INFINITY,
            (None, Max) => f64::NEG_INFINITY,
        };
        match (self.mode, self.threshold_mode) {
            (Min, Rel) => metric < best * (1.0 - self.threshold),
            (Min, Abs) => metric < best - self.threshold,
            (Max, Rel) => metric > best * (1.0 + self.threshold),
            (Max, Abs) => metric > best + self.threshold,
        }
    }
}
