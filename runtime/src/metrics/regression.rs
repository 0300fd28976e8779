//! How far numbers are from what they should be.

/// Errors of one output over many samples, as scikit-learn's `mean_absolute_error`, `mean_squared_error` and `r2_score`.
///
/// ```
/// use firmnet_runtime::metrics::Regression;
///
/// let mut errors = Regression::new();
/// for (y, target) in [(2.5, 3.0), (0.0, -0.5), (2.0, 2.0), (8.0, 7.0)] {
///     errors.add(y, target);
/// }
/// assert_eq!((errors.mae(), errors.mse()), (0.5, 0.375));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Regression {
    count: f64,
    absolute: f64,
    squared: f64,
    /// The mean of the targets, and the sum of their squared distances from it (Welford 1962).
    mean: f64,
    spread: f64,
}

impl Regression {
    /// No samples yet.
    pub const fn new() -> Self {
        Regression { count: 0.0, absolute: 0.0, squared: 0.0, mean: 0.0, spread: 0.0 }
    }

    /// Takes a sample: `y` for what should be `target`.
    pub fn add(&mut self, y: f32, target: f32) {
        let (error, target) = (f64::from(y) - f64::from(target), f64::from(target));
        self.count += 1.0;
        self.absolute += error.abs();
        self.squared += error * error;
        let from_old = target - self.mean;
        self.mean += from_old / self.count;
        self.spread += from_old * (target - self.mean);
    }

    /// The mean absolute error; not a number without samples, as all of these.
    pub fn mae(&self) -> f64 {
        self.absolute / self.count
    }

    /// The mean squared error.
    pub fn mse(&self) -> f64 {
        self.squared / self.count
    }

    /// R², the share of the targets' variance that is explained: 1 at best, 0 for always saying their mean. Where all targets are
    /// the same, 1 if all are met and else 0.
    pub fn r2(&self) -> f64 {
        match (self.squared, self.spread) {
            _ if self.count == 0.0 => f64::NAN,
            (0.0, 0.0) => 1.0,
            (_, 0.0) => 0.0,
            (squared, spread) => 1.0 - squared / spread,
        }
    }
}
