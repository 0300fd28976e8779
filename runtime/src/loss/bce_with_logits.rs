//! Sigmoid and binary cross-entropy in one, from logits.

use core::slice::from_ref;

use super::pointwise::{accuracy, add, factor, pointwise_loss};
use super::total::Total;
use super::{Equal, Loss, Reduction};
use crate::kernel::{Formula, Vector, exp, ln_1p};
use crate::sample::Sample;

/// `ℓ = −(w t ln σ(y) + (1 − t) ln (1 − σ(y)))`, as PyTorch's `BCEWithLogitsLoss`.
///
/// The network gives logits `y`; a target is 0, 1 or in between. `w` is the `pos_weight`, one for each output: above 1
/// it finds more of the ones, below 1 it claims fewer.
///
/// ```
/// use firmnet_runtime::loss::{BceWithLogitsLoss, Loss};
///
/// const LOSS: BceWithLogitsLoss<[f32; 2]> = BceWithLogitsLoss::new().pos_weight([3.0, 1.0]);
/// let mut dy = [[0.0; 2]];
/// let loss = LOSS.loss(&[[0.0, 0.0]], &[[1.0, 0.0]], &mut dy);
/// assert!((loss - 2.0 * 2.0_f32.ln()).abs() < 1e-6);
/// assert_eq!(dy, [[-0.75, 0.25]]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BceWithLogitsLoss<P = Equal> {
    /// How much a target 1 counts, for each output.
    pub pos_weight: P,
    /// What becomes of the losses of the numbers.
    pub reduction: Reduction,
}

impl BceWithLogitsLoss {
    /// Zeros and ones count alike, the mean is taken.
    pub const fn new() -> Self {
        BceWithLogitsLoss { pos_weight: Equal, reduction: Reduction::Mean }
    }
}

impl Default for BceWithLogitsLoss {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Copy> BceWithLogitsLoss<P> {
    /// How much a target 1 counts, for each output of one sample.
    pub const fn pos_weight<Y: Sample>(self, pos_weight: Y) -> BceWithLogitsLoss<Y> {
        BceWithLogitsLoss { pos_weight, reduction: self.reduction }
    }
    /// What becomes of the losses of the numbers.
    pub const fn reduction(self, reduction: Reduction) -> Self {
        BceWithLogitsLoss { reduction, ..self }
    }
}

pointwise_loss!(BceWithLogitsLoss, 0.0);

impl Formula<2, 2> for BceWithLogitsLoss {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 2], [y, t]: [V; 2]) -> [V; 2] {
        Weighted.at([y, t], [y, t, V::splat(1.0)])
    }
}

impl<Y: Sample> Loss<Y, Y> for BceWithLogitsLoss<Y> {
    fn loss(&self, y: &[Y], targets: &[Y], dy: &mut [Y]) -> f32 {
        assert_eq!(y.len(), targets.len(), "as many targets as outputs");
        assert_eq!(y.len(), dy.len(), "as many gradients as outputs");
        let (mut total, factor) = (Total::default(), factor(self.reduction, y));
        for ((y, t), dy) in y.chunks(1).zip(targets.chunks(1)).zip(dy.chunks_mut(1)) {
            add(&Weighted, factor, self.read(y, t), Some(Y::flatten_mut(dy)), &mut total);
        }
        total.get() * factor
    }

    fn value(&self, y: &[Y], targets: &[Y]) -> f32 {
        assert_eq!(y.len(), targets.len(), "as many targets as outputs");
        let (mut total, factor) = (Total::default(), factor(self.reduction, y));
        for (y, t) in y.chunks(1).zip(targets.chunks(1)) {
            add(&Weighted, factor, self.read(y, t), None, &mut total);
        }
        total.get() * factor
    }

    fn share(&self, targets: &[Y]) -> Option<f32> {
        self.reduction.share(targets.len() as f32)
    }

    fn accuracy(&self, y: &Y, target: &Y) -> Option<f32> {
        accuracy(0.0, y, target)
    }
}

impl<Y: Sample> BceWithLogitsLoss<Y> {
    fn read<'a>(&'a self, y: &'a [Y], t: &'a [Y]) -> [&'a [f32]; 3] {
        [y, t, from_ref(&self.pos_weight)].map(Y::flatten)
    }
}

struct Weighted;

impl Formula<2, 3> for Weighted {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 2], [y, t, w]: [V; 3]) -> [V; 2] {
        // With e = e^−|y|: −ln σ(y) = ln (1 + e) + max(−y, 0), and of σ(y) and σ(−y) one is 1 / (1 + e), the other e / (1 + e).
        let (zero, one) = (V::splat(0.0), V::splat(1.0));
        let e = exp(-y.abs());
        let (rest, large) = (ln_1p(e), one / (one + e));
        let (p, q) =
            (y.where_greater(zero, large, e * large), y.where_greater(zero, e * large, large));
        let (ones, zeros) = (w * t, one - t);
        let loss = ones * (rest + (-y).max(zero)) + zeros * (rest + y.max(zero));
        [loss, zeros * p - ones * q]
    }
}
