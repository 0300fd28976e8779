//! Gradients kept from growing too large: by value, or all together by their norm.

use crate::kernel::{Formula, Vector, each};

pub use crate::kernel::sum_of_squares;

/// Keeps every number of `g` within −limit ..= limit, as PyTorch's `clip_grad_value_`.
///
/// ```
/// let mut g = [-3.0, 0.5, 2.0];
/// firmnet_runtime::clip::by_value(&mut g, 1.0);
/// assert_eq!(g, [-1.0, 0.5, 1.0]);
/// ```
pub fn by_value(g: &mut [f32], limit: f32) {
    each([g], [], &Within(limit));
}

/// By what gradients of the given 2-norm are multiplied so that the norm is at most `max_norm`: the coefficient of
/// PyTorch's `clip_grad_norm_`.
///
/// The norm is that of all tensors together: the root of the sum of their [`sum_of_squares`].
///
/// ```
/// use firmnet_runtime::clip;
///
/// let (mut weight, mut bias) = ([3.0], [4.0]);
/// let norm = (clip::sum_of_squares(&weight) + clip::sum_of_squares(&bias)).sqrt();
/// let coefficient = clip::coefficient(norm, 1.0);
/// clip::scale(&mut weight, coefficient);
/// clip::scale(&mut bias, coefficient);
/// assert!((weight[0] - 0.6).abs() < 1e-6 && (bias[0] - 0.8).abs() < 1e-6);
/// assert_eq!(clip::coefficient(norm, 7.0), 1.0);
/// ```
pub fn coefficient(norm: f32, max_norm: f32) -> f32 {
    let coefficient = max_norm / (norm + 1e-6);
    if coefficient > 1.0 { 1.0 } else { coefficient }
}

/// `g ← factor · g`.
pub fn scale(g: &mut [f32], factor: f32) {
    each([g], [], &Scaled(factor));
}

struct Within(f32);

impl Formula<1, 0> for Within {
    #[inline(always)]
    fn at<V: Vector>(&self, [g]: [V; 1], []: [V; 0]) -> [V; 1] {
        // Not `min` and `max`: what is not a number stays so, and is seen.
        let limit = V::splat(self.0);
        let above = g.where_greater(limit, limit, g);
        [(-limit).where_greater(above, -limit, above)]
    }
}

struct Scaled(f32);

impl Formula<1, 0> for Scaled {
    #[inline(always)]
    fn at<V: Vector>(&self, [g]: [V; 1], []: [V; 0]) -> [V; 1] {
        [V::splat(self.0) * g]
    }
}
