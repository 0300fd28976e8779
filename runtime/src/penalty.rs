//! Penalties on the size of parameters: each adds its derivative to a gradient.

use crate::kernel::{Formula, Vector, each, sign, sum, sum_of_squares};

/// The L1 penalty `λ Σ |p|`, which drives parameters to exact zeros: adds `λ sign(p)` to the gradient `g` and gives the
/// penalty, to be added to the loss.
///
/// ```
/// let mut g = [0.0; 3];
/// let penalty = firmnet_runtime::penalty::l1(0.5, &[2.0, 0.0, -1.0], &mut g);
/// assert_eq!((penalty, g), (1.5, [0.5, 0.0, -0.5]));
/// ```
///
/// # Panics
/// When the lengths differ.
pub fn l1(lambda: f32, p: &[f32], g: &mut [f32]) -> f32 {
    assert_eq!(p.len(), g.len(), "as many gradients as parameters");
    let (mut total, mut sizes) = (0.0, [0.0; 256]);
    for (p, g) in p.chunks(256).zip(g.chunks_mut(256)) {
        let sizes = &mut sizes[..p.len()];
        each([g, sizes], [p], &AddSign(lambda));
        total += sum(sizes);
    }
    lambda * total
}

/// The L2 penalty `λ Σ p²`, which keeps parameters small: adds `2 λ p` to the gradient `g` and gives the penalty, to be
/// added to the loss.
///
/// The `weight_decay = w` of an optimizer is this with `λ = w / 2`, without the value.
///
/// ```
/// let mut g = [0.0; 2];
/// let penalty = firmnet_runtime::penalty::l2(0.5, &[2.0, -1.0], &mut g);
/// assert_eq!((penalty, g), (2.5, [2.0, -1.0]));
/// ```
///
/// # Panics
/// When the lengths differ.
pub fn l2(lambda: f32, p: &[f32], g: &mut [f32]) -> f32 {
    each([g], [p], &AddScaled(2.0 * lambda));
    lambda * sum_of_squares(p)
}

struct AddSign(f32);

impl Formula<2, 1> for AddSign {
    #[inline(always)]
    fn at<V: Vector>(&self, [g, _]: [V; 2], [p]: [V; 1]) -> [V; 2] {
        [V::splat(self.0).mul_add(sign(p), g), p.abs()]
    }
}

struct AddScaled(f32);

impl Formula<1, 1> for AddScaled {
    #[inline(always)]
    fn at<V: Vector>(&self, [g]: [V; 1], [p]: [V; 1]) -> [V; 1] {
        [V::splat(self.0).mul_add(p, g)]
    }
}
