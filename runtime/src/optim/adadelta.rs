//! Adadelta: steps whose size comes from the steps before.

use super::{Optimizer, slots};
use crate::kernel::{Formula, Vector, each};

/// Adadelta (Zeiler 2012), as PyTorch's `Adadelta`.
///
/// ```text
/// g ← g + weight_decay · p
/// s ← rho · s + (1 − rho) · g²
/// d ← g · √(u + eps) / √(s + eps)
/// u ← rho · u + (1 − rho) · d²
/// p ← p − lr · d
/// ```
///
/// State: `s`, `u`.
///
/// ```
/// use firmnet_runtime::optim::{Adadelta, Optimizer};
///
/// let (mut p, mut s, mut u) = ([1.0], [0.0], [0.0]);
/// Adadelta::default().rho(0.75).eps(1.0).update(1, &mut p, &[2.0], &mut [&mut s, &mut u]);
/// assert!((p[0] - (1.0 - 2.0_f32.sqrt())).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adadelta {
    /// By what steps are multiplied.
    pub lr: f32,
    /// How much of the mean squares stays, 0 to 1.
    pub rho: f32,
    /// Keeps the division safe, and the first steps from being zero.
    pub eps: f32,
    /// The pull towards zero that is added to the gradient.
    pub weight_decay: f32,
}

impl Adadelta {
    /// `rho = 0.9`, `eps = 1e-6`, no weight decay.
    pub const fn new(lr: f32) -> Self {
        Adadelta { lr, rho: 0.9, eps: 1e-6, weight_decay: 0.0 }
    }
    /// How much of the mean squares stays, 0 to 1.
    pub const fn rho(self, rho: f32) -> Self {
        Adadelta { rho, ..self }
    }
    /// Keeps the division safe, and the first steps from being zero.
    pub const fn eps(self, eps: f32) -> Self {
        Adadelta { eps, ..self }
    }
    /// The pull towards zero that is added to the gradient.
    pub const fn weight_decay(self, weight_decay: f32) -> Self {
        Adadelta { weight_decay, ..self }
    }
}

impl Default for Adadelta {
    /// PyTorch's: `lr = 1`.
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl Optimizer for Adadelta {
    fn slots(&self) -> usize {
        2
    }
    fn lr(&self) -> f32 {
        self.lr
    }
    fn set_lr(&mut self, lr: f32) {
        self.lr = lr;
    }
    fn update(&self, _: u32, p: &mut [f32], g: &[f32], state: &mut [&mut [f32]]) {
        let [s, u] = slots(state);
        each([p, s, u], [g], self);
    }
}

impl Formula<3, 1> for Adadelta {
    #[inline(always)]
    fn at<V: Vector>(&self, [p, s, u]: [V; 3], [g]: [V; 1]) -> [V; 3] {
        let (rho, arriving, eps) =
            (V::splat(self.rho), V::splat(1.0 - self.rho), V::splat(self.eps));
        let g = V::splat(self.weight_decay).mul_add(p, g);
        let s = rho.mul_add(s, arriving * g * g);
        let d = (u + eps).sqrt() / (s + eps).sqrt() * g;
        let u = rho.mul_add(u, arriving * d * d);
        [V::splat(-self.lr).mul_add(d, p), s, u]
    }
}
