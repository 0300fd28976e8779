//! Adagrad: steps divided by the size of all gradients so far.

use super::{Optimizer, slots};
use crate::kernel::{Formula, Vector, each};

/// Adagrad (Duchi et al. 2011), as PyTorch's `Adagrad`.
///
/// ```text
/// g ← g + weight_decay · p
/// s ← s + g²                                    (s begins with initial_accumulator_value)
/// p ← p − lr / (1 + (t − 1) · lr_decay) · g / (√s + eps)
/// ```
///
/// State: `s` without its beginning, which is added at the first step.
///
/// ```
/// use firmnet_runtime::optim::{Adagrad, Optimizer};
///
/// let (mut p, mut s) = ([1.0], [0.0]);
/// let adagrad = Adagrad::new(0.1).initial_accumulator_value(16.0);
/// adagrad.update(1, &mut p, &[3.0], &mut [&mut s]);
/// assert!((p[0] - 0.94).abs() < 1e-6 && s == [25.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adagrad {
    /// Learning rate.
    pub lr: f32,
    /// How much the learning rate falls at each step.
    pub lr_decay: f32,
    /// The pull towards zero that is added to the gradient.
    pub weight_decay: f32,
    /// Where the sums of squares begin.
    pub initial_accumulator_value: f32,
    /// Keeps the division safe.
    pub eps: f32,
}

impl Adagrad {
    /// `eps = 1e-10`, no decay of any kind, sums of squares begin with 0.
    pub const fn new(lr: f32) -> Self {
        Adagrad { lr, lr_decay: 0.0, weight_decay: 0.0, initial_accumulator_value: 0.0, eps: 1e-10 }
    }
    /// How much the learning rate falls at each step.
    pub const fn lr_decay(self, lr_decay: f32) -> Self {
        Adagrad { lr_decay, ..self }
    }
    /// The pull towards zero that is added to the gradient.
    pub const fn weight_decay(self, weight_decay: f32) -> Self {
        Adagrad { weight_decay, ..self }
    }
    /// Where the sums of squares begin.
    pub const fn initial_accumulator_value(self, initial_accumulator_value: f32) -> Self {
        Adagrad { initial_accumulator_value, ..self }
    }
    /// Keeps the division safe.
    pub const fn eps(self, eps: f32) -> Self {
        Adagrad { eps, ..self }
    }
}

impl Default for Adagrad {
    /// PyTorch's: `lr = 1e-2`.
    fn default() -> Self {
        Self::new(1e-2)
    }
}

impl Optimizer for Adagrad {
    fn slots(&self) -> usize {
        1
    }
    fn lr(&self) -> f32 {
        self.lr
    }
    fn set_lr(&mut self, lr: f32) {
        self.lr = lr;
    }
    fn update(&self, t: u32, p: &mut [f32], g: &[f32], state: &mut [&mut [f32]]) {
        let [s] = slots(state);
        let steps_before = t.saturating_sub(1) as f32;
        let step = Step {
            adagrad: self,
            lr: self.lr / (1.0 + steps_before * self.lr_decay),
            beginning: if t == 1 { self.initial_accumulator_value } else { 0.0 },
        };
        each([p, s], [g], &step);
    }
}

// ANCHOR: formula
struct Step<'a> {
    adagrad: &'a Adagrad,
    lr: f32,
    beginning: f32,
}

impl Formula<2, 1> for Step<'_> {
    #[inline(always)]
    fn at<V: Vector>(&self, [p, s]: [V; 2], [g]: [V; 1]) -> [V; 2] {
        let g = V::splat(self.adagrad.weight_decay).mul_add(p, g);
        let s = g.mul_add(g, s + V::splat(self.beginning));
        let size = s.sqrt() + V::splat(self.adagrad.eps);
        [p - V::splat(self.lr) * g / size, s]
    }
}
// ANCHOR_END: formula
