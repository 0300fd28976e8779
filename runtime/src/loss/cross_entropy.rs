//! Softmax and negative log-likelihood in one, from logits.

use super::class::{Verdict, total_weight};
use super::total::Total;
use super::{Class, ClassWeights, Equal, Loss, Reduction};
use crate::check::check;
use crate::kernel::{Formula, Vector, each, exp, ln, sum};

/// `ℓ = −Σ q[c] log softmax(y)[c]`, as PyTorch's `CrossEntropyLoss`.
///
/// The network gives logits `y: [f32; C]`; a target is a class index `t` ([`Class`]). Its distribution is
/// `q[c] = w[c] ((1 − s) [c = t] + s / C)` with the class weights `w` and the label smoothing `s`
/// (Szegedy et al. 2016). `Mean` divides by the weights `w[t]` of all targets.
///
/// A target that is no class of the network makes the loss NaN, where it cannot be overlooked, and adds nothing
/// to the gradient.
///
/// ```
/// use firmnet_runtime::loss::{CrossEntropyLoss, Loss};
///
/// const LOSS: CrossEntropyLoss<[f32; 2]> = CrossEntropyLoss::new().label_smoothing(0.1).weight([1.0, 4.0]);
/// assert!((LOSS.value(&[[0.0, 0.0]], &[1_u8]) - 0.667_154).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrossEntropyLoss<W = Equal> {
    /// How much each class counts.
    pub weight: W,
    /// Samples of this class are left out.
    pub ignore_index: Option<usize>,
    /// The share of a target that goes to all classes alike, 0 to 1.
    pub label_smoothing: f32,
    /// What becomes of the losses of the samples.
    pub reduction: Reduction,
}

impl CrossEntropyLoss {
    /// Classes count alike, none is ignored, nothing is smoothed, the mean is taken.
    pub const fn new() -> Self {
        CrossEntropyLoss {
            weight: Equal,
            ignore_index: None,
            label_smoothing: 0.0,
            reduction: Reduction::Mean,
        }
    }
}

impl Default for CrossEntropyLoss {
    fn default() -> Self {
        Self::new()
    }
}

impl<W: Copy> CrossEntropyLoss<W> {
    /// Gives each class a weight.
    pub const fn weight<const C: usize>(self, weight: [f32; C]) -> CrossEntropyLoss<[f32; C]> {
        let CrossEntropyLoss { ignore_index, label_smoothing, reduction, .. } = self;
        CrossEntropyLoss { weight, ignore_index, label_smoothing, reduction }
    }
    /// Leaves samples of the class `index` out; it may lie beyond the classes.
    pub const fn ignore_index(self, index: usize) -> Self {
        CrossEntropyLoss { ignore_index: Some(index), ..self }
    }
    /// The share of a target that goes to all classes alike, 0 to 1.
    pub const fn label_smoothing(self, label_smoothing: f32) -> Self {
        CrossEntropyLoss { label_smoothing, ..self }
    }
    /// What becomes of the losses of the samples.
    pub const fn reduction(self, reduction: Reduction) -> Self {
        CrossEntropyLoss { reduction, ..self }
    }
}

impl<T: Class, W: ClassWeights<C>, const C: usize> Loss<[f32; C], T> for CrossEntropyLoss<W> {
    fn loss(&self, y: &[[f32; C]], targets: &[T], dy: &mut [[f32; C]]) -> f32 {
        check!(y.len() == targets.len(), "as many targets as outputs", 0.0);
        check!(y.len() == dy.len(), "as many gradients as outputs", 0.0);
        let factor = self.factor(targets);
        let mut total = Total::default();
        for ((y, &target), dy) in y.iter().zip(targets).zip(dy) {
            match Verdict::of::<C>(target, self.ignore_index) {
                Verdict::Class(class) => {
                    let max = max(y);
                    each([dy], [y], &ExpMinus(max));
                    let sum = sum_in_chunks(dy);
                    total.add(self.sample(y, class, max, ln(sum)));
                    self.gradient(class, sum, factor, dy);
                }
                Verdict::Ignored => dy.fill(0.0),
                Verdict::OutOfRange => {
                    dy.fill(0.0);
                    total.add(f32::NAN);
                }
            }
        }
        total.get() * factor
    }

    fn value(&self, y: &[[f32; C]], targets: &[T]) -> f32 {
        check!(y.len() == targets.len(), "as many targets as outputs", 0.0);
        let mut total = Total::default();
        for (y, &target) in y.iter().zip(targets) {
            match Verdict::of::<C>(target, self.ignore_index) {
                Verdict::Class(class) => {
                    let max = max(y);
                    total.add(self.sample(y, class, max, ln(sum_of_powers(y, max))));
                }
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

impl<W> CrossEntropyLoss<W> {
    fn factor<const C: usize>(&self, targets: &[impl Class]) -> f32
    where
        W: ClassWeights<C>,
    {
        let weight = total_weight(targets, self.ignore_index, &self.weight);
        self.reduction.factor(weight, targets.len())
    }

    /// `Σ q[c] (log Σ eʸ − y[c])`: the loss of one sample, where `log_sum` is `log Σ eʸ⁻ᵐ` with m = `max`.
    fn sample<const C: usize>(&self, y: &[f32; C], class: usize, max: f32, log_sum: f32) -> f32
    where
        W: ClassWeights<C>,
    {
        // max − y first: beside large logits the logarithm would be rounded away.
        let hard = self.weight.of(class) * (log_sum + (max - y[class]));
        if self.label_smoothing == 0.0 {
            return hard;
        }
        let mut soft = Total::default();
        for (c, y) in y.iter().enumerate() {
            soft.add(self.weight.of(c) * (log_sum + (max - y)));
        }
        (1.0 - self.label_smoothing) * hard + self.label_smoothing / C as f32 * soft.get()
    }

    /// `dy[c] = factor · (softmax(y)[c] Σ q − q[c])`, from `dy[c]` = eʸ and their `sum`.
    fn gradient<const C: usize>(&self, class: usize, sum: f32, factor: f32, dy: &mut [f32; C])
    where
        W: ClassWeights<C>,
    {
        let hard = (1.0 - self.label_smoothing) * self.weight.of(class) * factor;
        let soft = self.label_smoothing / C as f32 * factor;
        let mut q = hard;
        if soft != 0.0 {
            q += soft * (0..C).map(|c| self.weight.of(c)).sum::<f32>();
        }
        each([dy], [], &Scale(q / sum));
        if soft != 0.0 {
            for (c, dy) in dy.iter_mut().enumerate() {
                *dy -= soft * self.weight.of(c);
            }
        }
        dy[class] -= hard;
    }
}

/// `Σ eʸ⁻ᵐ` with m = `max`.
fn sum_of_powers(y: &[f32], max: f32) -> f32 {
    let (mut total, mut powers) = (Total::default(), [0.0; CHUNK]);
    for y in y.chunks(CHUNK) {
        let powers = &mut powers[..y.len()];
        each([powers], [y], &ExpMinus(max));
        total.add(sum(powers));
    }
    total.get()
}

/// As [`sum_of_powers`] sums, to the last bit.
fn sum_in_chunks(powers: &[f32]) -> f32 {
    let mut total = Total::default();
    powers.chunks(CHUNK).for_each(|powers| total.add(sum(powers)));
    total.get()
}

/// Powers that are held at once.
const CHUNK: usize = 64;

/// The largest number, sought in 16 columns at once.
fn max(y: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let (rows, rest) = y.as_chunks::<16>();
    let mut largest = [f32::NEG_INFINITY; 16];
    for row in rows {
        for (largest, &y) in largest.iter_mut().zip(row) {
            *largest = larger(*largest, y);
        }
    }
    largest.iter().chain(rest).fold(f32::NEG_INFINITY, |a, &b| larger(a, b))
}

/// eʸ⁻ᵐ
struct ExpMinus(f32);
impl Formula<1, 1> for ExpMinus {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 1], [y]: [V; 1]) -> [V; 1] {
        [exp(y - V::splat(self.0))]
    }
}

/// y ← a y
struct Scale(f32);
impl Formula<1, 0> for Scale {
    #[inline(always)]
    fn at<V: Vector>(&self, [y]: [V; 1], []: [V; 0]) -> [V; 1] {
        [V::splat(self.0) * y]
    }
}
