//! Adam with weight decay apart from the gradient.

use super::adam::Step;
use super::{Adam, Optimizer};

/// AdamW (Loshchilov and Hutter 2019), as PyTorch's `AdamW`: the step of [`Adam`], after
/// `p ← (1 − lr · weight_decay) · p`, which the moments do not see.
///
/// State: as [`Adam`].
///
/// ```
/// use firmnet_runtime::optim::{AdamW, Optimizer};
///
/// let (mut p, mut m, mut v) = ([2.0], [0.0], [0.0]);
/// AdamW::new(0.1).weight_decay(0.5).update(1, &mut p, &[3.0], &mut [&mut m, &mut v]);
/// assert!((p[0] - (2.0 * 0.95 - 0.1)).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW {
    /// Learning rate.
    pub lr: f32,
    /// How much of the mean gradient (β₁) and of its mean square (β₂) stays, 0 to 1.
    pub betas: (f32, f32),
    /// Keeps the division safe.
    pub eps: f32,
    /// The share of itself, times `lr`, by which a parameter shrinks at each step.
    pub weight_decay: f32,
    /// Never lets a step grow again once its gradients were large.
    pub amsgrad: bool,
}

impl AdamW {
    /// `betas = (0.9, 0.999)`, `eps = 1e-8`, `weight_decay = 1e-2`, no AMSGrad.
    pub const fn new(lr: f32) -> Self {
        AdamW { lr, betas: (0.9, 0.999), eps: 1e-8, weight_decay: 1e-2, amsgrad: false }
    }
    /// How much of the mean gradient (β₁) and of its mean square (β₂) stays, 0 to 1.
    pub const fn betas(self, beta1: f32, beta2: f32) -> Self {
        AdamW { betas: (beta1, beta2), ..self }
    }
    /// Keeps the division safe.
    pub const fn eps(self, eps: f32) -> Self {
        AdamW { eps, ..self }
    }
    /// The share of itself, times `lr`, by which a parameter shrinks at each step.
    pub const fn weight_decay(self, weight_decay: f32) -> Self {
        AdamW { weight_decay, ..self }
    }
    /// Never lets a step grow again once its gradients were large.
    pub const fn amsgrad(self, amsgrad: bool) -> Self {
        AdamW { amsgrad, ..self }
    }

    fn adam(&self) -> Adam {
        let &AdamW { lr, betas, eps, amsgrad, .. } = self;
        Adam { lr, betas, eps, weight_decay: 0.0, amsgrad }
    }
}

impl Default for AdamW {
    /// PyTorch's: `lr = 1e-3`.
    fn default() -> Self {
        Self::new(1e-3)
    }
}

impl Optimizer for AdamW {
    fn slots(&self) -> usize {
        self.adam().slots()
    }
    fn lr(&self) -> f32 {
        self.lr
    }
    fn set_lr(&mut self, lr: f32) {
        self.lr = lr;
    }
    fn update(&self, t: u32, p: &mut [f32], g: &[f32], state: &mut [&mut [f32]]) {
        let kept = 1.0 - self.lr * self.weight_decay;
        Step::new(&self.adam(), t, kept, 0.0).apply(self.amsgrad, p, g, state);
    }
}
