//! A sum of many numbers that keeps what rounding would lose.

/// Kahan's sum in Neumaier's form: as if summed in twice the precision, then rounded once.
#[derive(Default)]
pub(super) struct Total {
    sum: f32,
    lost: f32,
}

impl Total {
    pub(super) fn add(&mut self, x: f32) {
        let sum = self.sum + x;
        let (large, small) = if self.sum.abs() >= x.abs() { (self.sum, x) } else { (x, self.sum) };
        self.lost += (large - sum) + small;
        self.sum = sum;
    }

    pub(super) fn get(&self) -> f32 {
        // An infinite sum has lost NaN.
        if self.sum.is_finite() { self.sum + self.lost } else { self.sum }
    }
}
