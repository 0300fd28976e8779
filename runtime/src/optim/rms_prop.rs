//! RMSprop: steps divided by the running size of the gradient.

use super::{Optimizer, slots};
use crate::kernel::{Formula, Vector, each};

/// RMSprop (Hinton 2012; centred: Graves 2013), as PyTorch's `RMSprop`.
///
/// ```text
/// g ← g + weight_decay · p
/// s ← alpha · s + (1 − alpha) · g²
/// a ← alpha · a + (1 − alpha) · g               (centered, else a = 0)
/// u ← g / (√(s − a²) + eps)
/// b ← momentum · b + u                          (momentum, else b = u)
/// p ← p − lr · b
/// ```
///
/// State: `s`, then `b` when there is momentum, then `a` when centred.
///
/// ```
/// use firmnet_runtime::optim::{Optimizer, RmsProp};
///
/// let (mut p, mut s) = ([1.0], [0.0]);
/// RmsProp::new(0.01).alpha(0.75).update(1, &mut p, &[8.0], &mut [&mut s]);
/// assert!((p[0] - 0.98).abs() < 1e-6 && s == [16.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsProp {
    /// Learning rate.
    pub lr: f32,
    /// How much of the mean square stays, 0 to 1.
    pub alpha: f32,
    /// Keeps the division safe.
    pub eps: f32,
    /// The pull towards zero that is added to the gradient.
    pub weight_decay: f32,
    /// How much of the last step is taken again, 0 to 1.
    pub momentum: f32,
    /// Divides by the running deviation of the gradient, not by its root mean square.
    pub centered: bool,
}

impl RmsProp {
    /// `alpha = 0.99`, `eps = 1e-8`, no weight decay, no momentum, not centred.
    pub const fn new(lr: f32) -> Self {
        RmsProp { lr, alpha: 0.99, eps: 1e-8, weight_decay: 0.0, momentum: 0.0, centered: false }
    }
    /// How much of the mean square stays, 0 to 1.
    pub const fn alpha(self, alpha: f32) -> Self {
        RmsProp { alpha, ..self }
    }
    /// Keeps the division safe.
    pub const fn eps(self, eps: f32) -> Self {
        RmsProp { eps, ..self }
    }
    /// The pull towards zero that is added to the gradient.
    pub const fn weight_decay(self, weight_decay: f32) -> Self {
        RmsProp { weight_decay, ..self }
    }
    /// How much of the last step is taken again, 0 to 1.
    pub const fn momentum(self, momentum: f32) -> Self {
        RmsProp { momentum, ..self }
    }
    /// Divides by the running deviation of the gradient, not by its root mean square.
    pub const fn centered(self, centered: bool) -> Self {
        RmsProp { centered, ..self }
    }
}

impl Default for RmsProp {
    /// PyTorch's: `lr = 1e-2`.
    fn default() -> Self {
        Self::new(1e-2)
    }
}

impl Optimizer for RmsProp {
    fn slots(&self) -> usize {
        1 + usize::from(self.momentum != 0.0) + usize::from(self.centered)
    }
    fn lr(&self) -> f32 {
        self.lr
    }
    fn set_lr(&mut self, lr: f32) {
        self.lr = lr;
    }
    fn update(&self, _: u32, p: &mut [f32], g: &[f32], state: &mut [&mut [f32]]) {
        match (self.momentum != 0.0, self.centered) {
            (false, false) => {
                let [s] = slots(state);
                each([p, s], [g], &Plain(self));
            }
            (true, false) => {
                let [s, b] = slots(state);
                each([p, s, b], [g], &Momentum(self));
            }
            (false, true) => {
                let [s, a] = slots(state);
                each([p, s, a], [g], &Centered(self));
            }
            (true, true) => {
                let [s, b, a] = slots(state);
                each([p, s, b, a], [g], &Both(self));
            }
        }
    }
}

struct Plain<'a>(&'a RmsProp);
struct Momentum<'a>(&'a RmsProp);
struct Centered<'a>(&'a RmsProp);
struct Both<'a>(&'a RmsProp);

impl Formula<2, 1> for Plain<'_> {
    #[inline(always)]
    fn at<V: Vector>(&self, [p, s]: [V; 2], [g]: [V; 1]) -> [V; 2] {
        let zero = V::splat(0.0);
        let [p, s, ..] = self.0.step([p, s, zero, zero], g, false);
        [p, s]
    }
}

impl Formula<3, 1> for Momentum<'_> {
    #[inline(always)]
    fn at<V: Vector>(&self, [p, s, b]: [V; 3], [g]: [V; 1]) -> [V; 3] {
        let [p, s, b, _] = self.0.step([p, s, b, V::splat(0.0)], g, false);
        [p, s, b]
    }
}

impl Formula<3, 1> for Centered<'_> {
    #[inline(always)]
    fn at<V: Vector>(&self, [p, s, a]: [V; 3], [g]: [V; 1]) -> [V; 3] {
        let [p, s, _, a] = self.0.step([p, s, V::splat(0.0), a], g, true);
        [p, s, a]
    }
}

impl Formula<4, 1> for Both<'_> {
    #[inline(always)]
    fn at<V: Vector>(&self, written: [V; 4], [g]: [V; 1]) -> [V; 4] {
        self.0.step(written, g, true)
    }
}

impl RmsProp {
    /// All six lines; without momentum `b` is zero before, and what it is after is not kept.
    #[inline(always)]
    fn step<V: Vector>(&self, [p, s, b, a]: [V; 4], g: V, centered: bool) -> [V; 4] {
        let (alpha, arriving) = (V::splat(self.alpha), V::splat(1.0 - self.alpha));
        let g = V::splat(self.weight_decay).mul_add(p, g);
        let s = alpha.mul_add(s, arriving * g * g);
        let a = if centered { alpha.mul_add(a, arriving * g) } else { a };
        // Rounding may put the variance of a steady gradient below zero.
        let size = (s - a * a).max(V::splat(0.0)).sqrt() + V::splat(self.eps);
        let b = V::splat(self.momentum).mul_add(b, g / size);
        [V::splat(-self.lr).mul_add(b, p), s, b, a]
    }
}
