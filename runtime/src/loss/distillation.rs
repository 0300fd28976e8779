//! Learning from what a larger network says, beside what is right.

use core::slice::{from_mut, from_ref};

use super::compared::{Shares, weighted};
use super::total::Total;
use super::{CrossEntropyLoss, Loss};
use crate::clip;
use crate::kernel::{exp, log_softmax};

/// `ℓ = α τ² KL(softmax(t/τ) ‖ softmax(y/τ)) + (1 − α) hard(y)`: a student with the logits `y` learns from the logits `t` of its
/// teacher (Hinton, Vinyals, Dean 2015).
///
/// A target is a pair: what is right, as the loss [`hard`](Self::hard) takes it, and the teacher's output `[f32; C]`. Logits
/// may be log-probabilities, as `LogSoftmax` gives them: softmax makes the same of both. The temperature `τ` makes both distributions softer, so that the student sees
/// which wrong classes the teacher holds to be near; `τ²` keeps the size of its gradient. The divergence is
/// PyTorch's `KLDivLoss` with `reduction = "batchmean"`.
///
/// ```
/// use firmnet_runtime::loss::{DistillationLoss, Loss};
///
/// const LOSS: DistillationLoss = DistillationLoss::new().temperature(2.0).alpha(1.0);
/// let teacher = [2.0, 0.0, -2.0];
/// assert!(LOSS.value(&[teacher], &[(0_u8, teacher)]).abs() < 1e-6);
/// assert!((LOSS.value(&[[0.0; 3]], &[(0_u8, teacher)]) - 1.064_867).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DistillationLoss<L = CrossEntropyLoss> {
    /// How far the student is from what is right.
    pub hard: L,
    /// `τ`, by which all logits are divided.
    pub temperature: f32,
    /// `α`, how much the teacher counts, 0 to 1.
    pub alpha: f32,
}

impl DistillationLoss {
    /// `CrossEntropyLoss`, `τ = 4`, `α = 0.9`.
    pub const fn new() -> Self {
        DistillationLoss { hard: CrossEntropyLoss::new(), temperature: 4.0, alpha: 0.9 }
    }
}

impl Default for DistillationLoss {
    fn default() -> Self {
        Self::new()
    }
}

impl<L: Copy> DistillationLoss<L> {
    /// Another loss for what is right.
    pub const fn hard<M>(self, hard: M) -> DistillationLoss<M> {
        DistillationLoss { hard, temperature: self.temperature, alpha: self.alpha }
    }
    /// By what all logits are divided.
    ///
    /// # Panics
    /// When it is not above 0.
    pub const fn temperature(self, temperature: f32) -> Self {
        assert!(temperature > 0.0, "a temperature is above 0");
        DistillationLoss { temperature, ..self }
    }
    /// How much the teacher counts, 0 to 1.
    ///
    /// # Panics
    /// When it is not from 0 to 1.
    pub const fn alpha(self, alpha: f32) -> Self {
        assert!(alpha >= 0.0 && alpha <= 1.0, "a share is from 0 to 1");
        DistillationLoss { alpha, ..self }
    }

    /// `τ² KL`, its gradient given to `gradient`, which is asked for each class.
    fn soft<const C: usize>(
        &self,
        y: &[f32; C],
        teacher: &[f32; C],
        mut gradient: impl FnMut(usize, f32),
    ) -> f32 {
        let (student, teacher) = (self.softened(y), self.softened(teacher));
        let mut sum = Total::default();
        for (c, (y, t)) in student.into_iter().zip(teacher).enumerate() {
            let p = exp(t);
            if p > 0.0 {
                sum.add(p * (t - y));
            }
            gradient(c, self.temperature * (exp(y) - p));
        }
        self.temperature * self.temperature * sum.get()
    }

    /// `log softmax(y/τ)`.
    fn softened<const C: usize>(&self, y: &[f32; C]) -> [f32; C] {
        let mut log_p = [0.0; C];
        log_softmax(C, &y.map(|y| y / self.temperature), &mut log_p);
        log_p
    }

    /// Each sample's share in the mean, with what the teacher and what the truth add to the loss.
    fn sum<T, const C: usize>(
        &self,
        y: &[[f32; C]],
        targets: &[(T, [f32; C])],
        mut sample: impl FnMut(usize, f32, f32) -> (f32, f32),
    ) -> f32
    where
        L: Loss<[f32; C], T>,
    {
        assert_eq!(y.len(), targets.len(), "as many targets as outputs");
        let shares = Shares::of(targets.iter().map(|(t, _)| self.hard.share(from_ref(t))));
        let mut total = Total::default();
        for (i, (target, _)) in targets.iter().enumerate() {
            let share = shares.scale(self.hard.share(from_ref(target)));
            let (soft, hard) = sample(i, self.alpha / y.len() as f32, (1.0 - self.alpha) * share);
            total.add(soft);
            total.add(hard);
        }
        total.get()
    }
}

impl<T, L: Loss<[f32; C], T> + Copy, const C: usize> Loss<[f32; C], (T, [f32; C])>
    for DistillationLoss<L>
{
    fn loss(&self, y: &[[f32; C]], targets: &[(T, [f32; C])], dy: &mut [[f32; C]]) -> f32 {
        assert_eq!(y.len(), dy.len(), "as many gradients as outputs");
        self.sum(y, targets, |i, soft, hard| {
            let (y, (target, teacher), dy) = (&y[i], &targets[i], &mut dy[i]);
            let loss = self.hard.loss(from_ref(y), from_ref(target), from_mut(dy));
            clip::scale(dy, hard);
            let divergence = self.soft(y, teacher, |c, gradient| dy[c] += soft * gradient);
            (soft * divergence, weighted(hard, loss))
        })
    }

    fn value(&self, y: &[[f32; C]], targets: &[(T, [f32; C])]) -> f32 {
        self.sum(y, targets, |i, soft, hard| {
            let (y, (target, teacher)) = (&y[i], &targets[i]);
            let loss = self.hard.value(from_ref(y), from_ref(target));
            (soft * self.soft(y, teacher, |_, _| {}), weighted(hard, loss))
        })
    }

    fn accuracy(&self, y: &[f32; C], target: &(T, [f32; C])) -> Option<f32> {
        self.hard.accuracy(y, &target.0)
    }
}
