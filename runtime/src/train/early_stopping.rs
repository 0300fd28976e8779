//! An end before the last epoch, where nothing gets better.

/// Ends a training after `patience` epochs in a row without progress, as Keras' `EarlyStopping`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyStopping {
    /// Epochs without progress that are put up with.
    pub patience: u32,
    /// By more than how much the best value must be beaten to count as progress.
    pub min_delta: f32,
}

impl EarlyStopping {
    /// `min_delta = 0`: any progress counts.
    pub const fn new(patience: u32) -> Self {
        EarlyStopping { patience, min_delta: 0.0 }
    }
    /// By more than how much the best value must be beaten to count as progress.
    pub const fn min_delta(self, min_delta: f32) -> Self {
        EarlyStopping { min_delta, ..self }
    }
}
