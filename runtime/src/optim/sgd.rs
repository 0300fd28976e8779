//! Stochastic gradient descent, with momentum if wanted.

use super::{Optimizer, slots};
use crate::kernel::{Formula, Vector, each};

/// Stochastic gradient descent, as PyTorch's `SGD`.
///
/// ```text
/// g ← g + weight_decay · p
/// v ← momentum · v + (1 − dampening) · g        (v ← g at the first step)
/// p ← p − lr · v                                (nesterov: p ← p − lr · (g + momentum · v))
/// ```
///
/// Nesterov's form as in Sutskever et al. 2013. State: the velocity `v` when there is momentum, else nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// Learning rate.
    pub lr: f32,
    /// How much of the velocity stays, 0 to 1.
    pub momentum: f32,
    /// How much of the gradient is kept from the velocity, 0 to 1.
    pub dampening: f32,
    /// The pull towards zero that is added to the gradient.
    pub weight_decay: f32,
    /// Looks ahead along the velocity.
    pub nesterov: bool,
}

impl Sgd {
    /// Plain gradient descent.
    pub const fn new(lr: f32) -> Self {
        Sgd { lr, momentum: 0.0, dampening: 0.0, weight_decay: 0.0, nesterov: false }
    }
    /// How much of the velocity stays, 0 to 1.
    pub const fn momentum(self, momentum: f32) -> Self {
        Sgd { momentum, ..self }
    }
    /// How much of the gradient is kept from the velocity, 0 to 1.
    pub const fn dampening(self, dampening: f32) -> Self {
        Sgd { dampening, ..self }
    }
    /// The pull towards zero that is added to the gradient.
    pub const fn weight_decay(self, weight_decay: f32) -> Self {
        Sgd { weight_decay, ..self }
    }
    /// Looks ahead along the velocity.
    pub const fn nesterov(self, nesterov: bool) -> Self {
        Sgd { nesterov, ..self }
    }
}

impl Default for Sgd {
    /// PyTorch's: `lr = 1e-3`.
    fn default() -> Self {
        Self::new(1e-3)
    }
}

impl Optimizer for Sgd {
    fn slots(&self) -> usize {
        usize::from(self.momentum != 0.0)
    }
    fn lr(&self) -> f32 {
        self.lr
    }
    fn set_lr(&mut self, lr: f32) {
        self.lr = lr;
    }
    fn update(&self, t: u32, p: &mut [f32], g: &[f32], state: &mut [&mut [f32]]) {
        if self.momentum == 0.0 {
            let [] = slots(state);
            return each([p], [g], &Plain(self));
        }
        let [v] = slots(state);
        let arriving = if t == 1 { 1.0 } else { 1.0 - self.dampening };
        each([p, v], [g], &Momentum { sgd: self, arriving });
    }
}

impl Sgd {
    #[inline(always)]
    fn decayed<V: Vector>(&self, p: V, g: V) -> V {
        V::splat(self.weight_decay).mul_add(p, g)
    }
}

struct Plain<'a>(&'a Sgd);

impl Formula<1, 1> for Plain<'_> {
    #[inline(always)]
    fn at<V: Vector>(&self, [p]: [V; 1], [g]: [V; 1]) -> [V; 1] {
        [V::splat(-self.0.lr).mul_add(self.0.decayed(p, g), p)]
    }
}

struct Momentum<'a> {
    sgd: &'a Sgd,
    /// How much of the gradient the velocity takes in.
    arriving: f32,
}

impl Formula<2, 1> for Momentum<'_> {
    #[inline(always)]
    fn at<V: Vector>(&self, [p, v]: [V; 2], [g]: [V; 1]) -> [V; 2] {
        let momentum = V::splat(self.sgd.momentum);
        let g = self.sgd.decayed(p, g);
        let v = momentum.mul_add(v, V::splat(self.arriving) * g);
        let step = if self.sgd.nesterov { momentum.mul_add(v, g) } else { v };
        [V::splat(-self.sgd.lr).mul_add(step, p), v]
    }
}
