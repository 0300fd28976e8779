//! The pass behind every loss that compares number with number.

use core::slice::from_ref;

use super::Reduction;
use super::total::Total;
use crate::kernel::{Formula, Vector, each, sum};
use crate::sample::Sample;

/// Numbers whose losses are held at once.
const CHUNK: usize = 128;

/// `rule` on every number of the output and of its target: what is read is `[y, t]`, what is written is the loss ℓ and
/// ∂ℓ/∂y.
pub(super) fn loss<Y: Sample>(
    rule: &impl Formula<2, 2>,
    reduction: Reduction,
    y: &[Y],
    targets: &[Y],
    dy: Option<&mut [Y]>,
) -> f32 {
    let (numbers, t) = (Y::flatten(y), Y::flatten(targets));
    let factor = factor(reduction, y);
    let mut total = Total::default();
    add(rule, factor, [numbers, t], dy.map(Y::flatten_mut), &mut total);
    total.get() * factor
}

/// By what the sum over all numbers of the batch `y` is multiplied.
pub(super) fn factor<Y: Sample>(reduction: Reduction, y: &[Y]) -> f32 {
    reduction.factor(Y::flatten(y).len() as f32, y.len())
}

/// Adds the losses to `total` and writes `factor · ∂ℓ/∂y` to `dy`.
pub(super) fn add<const R: usize>(
    rule: &impl Formula<2, R>,
    factor: f32,
    read: [&[f32]; R],
    dy: Option<&mut [f32]>,
    total: &mut Total,
) {
    let len = read.first().map_or(0, |first| first.len());
    assert!(read.iter().all(|read| read.len() == len), "as many targets as outputs");
    let rule = Scaled { rule, factor };
    let (mut terms, mut unwanted) = ([0.0; CHUNK], [0.0; CHUNK]);
    let mut dy = dy.inspect(|dy| assert_eq!(dy.len(), len, "as many gradients as outputs"));
    let mut start = 0;
    while start < len {
        let end = len.min(start + CHUNK);
        let terms = &mut terms[..end - start];
        let dy = match &mut dy {
            Some(dy) => &mut dy[start..end],
            None => &mut unwanted[..end - start],
        };
        each([terms, dy], read.map(|read| &read[start..end]), &rule);
        total.add(sum(terms));
        start = end;
    }
}

struct Scaled<'a, F> {
    rule: &'a F,
    factor: f32,
}

impl<const R: usize, F: Formula<2, R>> Formula<2, R> for Scaled<'_, F> {
    #[inline(always)]
    fn at<V: Vector>(&self, written: [V; 2], read: [V; R]) -> [V; 2] {
        let [term, derivative] = self.rule.at(written, read);
        [term, V::splat(self.factor) * derivative]
    }
}

/// The share of the numbers of `y` that are on the target's side: of `threshold`, as the target's are of a half.
pub(super) fn accuracy<Y: Sample>(threshold: f32, y: &Y, target: &Y) -> Option<f32> {
    let (y, target) = (Y::flatten(from_ref(y)), Y::flatten(from_ref(target)));
    let right = y.iter().zip(target).filter(|&(&y, &t)| (y > threshold) == (t > 0.5)).count();
    Some(right as f32 / y.len() as f32)
}

/// Implements [`Loss`](super::Loss) for a loss that is a `Formula<2, 2>` with a field `reduction`. One that decides says
/// above which `threshold` its outputs mean yes.
macro_rules! pointwise_loss {
    ($loss:ty $(, $threshold:literal)?) => {
        impl<Y: $crate::sample::Sample> $crate::loss::Loss<Y, Y> for $loss {
            fn loss(&self, y: &[Y], targets: &[Y], dy: &mut [Y]) -> f32 {
                $crate::loss::pointwise::loss(self, self.reduction, y, targets, Some(dy))
            }
            fn value(&self, y: &[Y], targets: &[Y]) -> f32 {
                $crate::loss::pointwise::loss(self, self.reduction, y, targets, None)
            }
            fn share(&self, targets: &[Y]) -> Option<f32> {
                self.reduction.share(targets.len() as f32)
            }
            $(fn accuracy(&self, y: &Y, target: &Y) -> Option<f32> {
                $crate::loss::pointwise::accuracy($threshold, y, target)
            })?
        }
    };
}
pub(super) use pointwise_loss;
