//! Adam: steps scaled by running moments of the gradient.

use super::{Optimizer, one_minus_power, slots};
use crate::kernel::{Formula, Vector, each, sqrt};

/// Adam (Kingma and Ba 2015), as PyTorch's `Adam`.
///
/// ```text
/// g ← g + weight_decay · p
/// m ← β₁ m + (1 − β₁) g
/// v ← β₂ v + (1 − β₂) g²
/// p ← p − lr · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + eps)
/// ```
///
/// With `amsgrad` (Reddi et al. 2018) the largest `v` so far takes the place of `v` in the last line. State: `m`, `v`,
/// and with `amsgrad` the largest `v`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// Learning rate.
    pub lr: f32,
    /// How much of the mean gradient (β₁) and of its mean square (β₂) stays, 0 to 1.
    pub betas: (f32, f32),
    /// Keeps the division safe.
    pub eps: f32,
    /// The pull towards zero that is added to the gradient.
    pub weight_decay: f32,
    /// Never lets a step grow again once its gradients were large.
    pub amsgrad: bool,
}

impl Adam {
    /// `betas = (0.9, 0.999)`, `eps = 1e-8`, no weight decay, no AMSGrad.
    pub const fn new(lr: f32) -> Self {
        Adam { lr, betas: (0.9, 0.999), eps: 1e-8, weight_decay: 0.0, amsgrad: false }
    }
    /// How much of the mean gradient (β₁) and of its mean square (β₂) stays, 0 to 1.
    pub const fn betas(self, beta1: f32, beta2: f32) -> Self {
        Adam { betas: (beta1, beta2), ..self }
    }
    /// Keeps the division safe.
    pub const fn eps(self, eps: f32) -> Self {
        Adam { eps, ..self }
    }
    /// The pull towards zero that is added to the gradient.
    pub const fn weight_decay(self, weight_decay: f32) -> Self {
        Adam { weight_decay, ..self }
    }
    /// Never lets a step grow again once its gradients were large.
    pub const fn amsgrad(self, amsgrad: bool) -> Self {
        Adam { amsgrad, ..self }
    }
}

impl Default for Adam {
    /// PyTorch's: `lr = 1e-3`.
    fn default() -> Self {
        Self::new(1e-3)
    }
}

impl Optimizer for Adam {
    fn slots(&self) -> usize {
        if self.amsgrad { 3 } else { 2 }
    }
    fn lr(&self) -> f32 {
        self.lr
    }
    fn set_lr(&mut self, lr: f32) {
        self.lr = lr;
    }
    fn update(&self, t: u32, p: &mut [f32], g: &[f32], state: &mut [&mut [f32]]) {
        let step = Step::new(self, t, 1.0, self.weight_decay);
        step.apply(self.amsgrad, p, g, state);
    }
}

/// One step of Adam or AdamW: what is the same for every parameter.
pub(super) struct Step {
    /// By what a parameter shrinks first.
    kept: f32,
    /// How much of the parameter is added to its gradient.
    penalty: f32,
    betas: (f32, f32),
    /// lr / (1 − β₁ᵗ)
    lr: f32,
    /// 1 / √(1 − β₂ᵗ)
    correction: f32,
    eps: f32,
}

impl Step {
    pub(super) fn new(adam: &Adam, t: u32, kept: f32, penalty: f32) -> Self {
        let &Adam { lr, betas, eps, .. } = adam;
        Step {
            kept,
            penalty,
            betas,
            lr: lr / one_minus_power(betas.0, t),
            correction: 1.0 / sqrt(one_minus_power(betas.1, t)),
            eps,
        }
    }

    pub(super) fn apply(&self, amsgrad: bool, p: &mut [f32], g: &[f32], state: &mut [&mut [f32]]) {
        if amsgrad {
            let [m, v, largest] = slots(state);
            each([p, m, v, largest], [g], self);
        } else {
            let [m, v] = slots(state);
            each([p, m, v], [g], self);
        }
    }

    #[inline(always)]
    fn moments<V: Vector>(&self, m: V, v: V, g: V) -> (V, V) {
        let (m_new, v_new) =
            (V::splat(1.0 - self.betas.0) * g, V::splat(1.0 - self.betas.1) * g * g);
        (V::splat(self.betas.0).mul_add(m, m_new), V::splat(self.betas.1).mul_add(v, v_new))
    }

    #[inline(always)]
    fn stepped<V: Vector>(&self, p: V, m: V, v: V) -> V {
        let scale = V::splat(self.correction).mul_add(v.sqrt(), V::splat(self.eps));
        p - V::splat(self.lr) * m / scale
    }
}

impl Formula<3, 1> for Step {
    #[inline(always)]
    fn at<V: Vector>(&self, [p, m, v]: [V; 3], [g]: [V; 1]) -> [V; 3] {
        let g = V::splat(self.penalty).mul_add(p, g);
        let (m, v) = self.moments(m, v, g);
        [self.stepped(V::splat(self.kept) * p, m, v), m, v]
    }
}

impl Formula<4, 1> for Step {
    #[inline(always)]
    fn at<V: Vector>(&self, [p, m, v, largest]: [V; 4], [g]: [V; 1]) -> [V; 4] {
        let g = V::splat(self.penalty).mul_add(p, g);
        let (m, v) = self.moments(m, v, g);
        let largest = largest.max(v);
        [self.stepped(V::splat(self.kept) * p, m, largest), m, v, largest]
    }
}
