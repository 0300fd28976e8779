//! Negative log-likelihood of log-probabilities.

use super::class::{Verdict, total_weight};
use super::total::Total;
use super::{Class, ClassWeights, Equal, Loss, Reduction};

/// `ℓ = −wₜ y[t]`: the negative log-likelihood of class `t`, as PyTorch's `NLLLoss`.
///
/// The network ends with `LogSoftmax` and gives log-probabilities `y: [f32; C]`; a target is a class index
/// ([`Class`]). `Mean` divides by the weights of the classes of the targets.
///
/// A target that is no class of the network makes the loss NaN, where it cannot be overlooked, and adds nothing
/// to the gradient.
///
/// ```
/// use firmnet_runtime::loss::{Loss, NllLoss};
///
/// let (y, mut dy) = ([[-0.5, -0.9], [-0.1, -2.4]], [[0.0; 2]; 2]);
/// assert_eq!(NllLoss::new().loss(&y, &[0_u8, 1], &mut dy), (0.5 + 2.4) / 2.0);
/// assert_eq!(dy, [[-0.5, 0.0], [0.0, -0.5]]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NllLoss<W = Equal> {
    /// How much each class counts.
    pub weight: W,
    /// Samples of this class are left out.
    pub ignore_index: Option<usize>,
    /// What becomes of the losses of the samples.
    pub reduction: Reduction,
}

impl NllLoss {
    /// Classes count alike, none is ignored, the mean is taken.
    pub const fn new() -> Self {
        NllLoss { weight: Equal, ignore_index: None, reduction: Reduction::Mean }
    }
}

impl Default for NllLoss {
    fn default() -> Self {
        Self::new()
    }
}

impl<W: Copy> NllLoss<W> {
    /// Gives each class a weight.
    pub const fn weight<const C: usize>(self, weight: [f32; C]) -> NllLoss<[f32; C]> {
        NllLoss { weight, ignore_index: self.ignore_index, reduction: self.reduction }
    }
    /// Leaves samples of the class `index` out; it may lie beyond the classes.
    pub const fn ignore_index(self, index: usize) -> Self {
        NllLoss { ignore_index: Some(index), ..self }
    }
    /// What becomes of the losses of the samples.
    pub const fn reduction(self, reduction: Reduction) -> Self {
        NllLoss { reduction, ..self }
    }
}

impl<T: Class, W: ClassWeights<C>, const C: usize> Loss<[f32; C], T> for NllLoss<W> {
    fn loss(&self, y: &[[f32; C]], targets: &[T], dy: &mut [[f32; C]]) -> f32 {
        assert_eq!(y.len(), dy.len(), "as many gradients as outputs");
        dy.as_flattened_mut().fill(0.0);
        let factor = self.factor(targets);
        for (dy, &target) in dy.iter_mut().zip(targets) {
            if let Verdict::Class(class) = Verdict::of::<C>(target, self.ignore_index) {
                dy[class] = -self.weight.of(class) * factor;
            }
        }
        self.value(y, targets)
    }

    fn value(&self, y: &[[f32; C]], targets: &[T]) -> f32 {
        assert_eq!(y.len(), targets.len(), "as many targets as outputs");
        let mut total = Total::default();
        for (y, &target) in y.iter().zip(targets) {
            match Verdict::of::<C>(target, self.ignore_index) {
                Verdict::Class(class) => total.add(-self.weight.of(class) * y[class]),
                Verdict::Ignored => {}
                Verdict::OutOfRange => return f32::NAN,
            }
        }
        total.get() * self.factor(targets)
    }

    fn share(&self, targets: &[T]) -> Option<f32> {
        let weight = match self.reduction {
            Reduction::BatchMean => targets.len() as f32,
            _ => total_weight(targets, self.ignore_index, &self.weight),
        };
        self.reduction.share(weight)
    }

    fn accuracy(&self, y: &[f32; C], &target: &T) -> Option<f32> {
        Verdict::of::<C>(target, self.ignore_index).accuracy(y)
    }
}

impl<W> NllLoss<W> {
    fn factor<const C: usize>(&self, targets: &[impl Class]) -> f32
    where
        W: ClassWeights<C>,
    {
        let weight = total_weight(targets, self.ignore_index, &self.weight);
        self.reduction.factor(weight, targets.len())
    }
}
