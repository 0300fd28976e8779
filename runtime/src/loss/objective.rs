//! What training makes small, of all that a network gives: a loss of its samples, of the steps of its sequences, or of each of
//! several outputs.

use core::slice::from_ref;

use super::{Loss, Reduction};
use crate::batch::Output;
use crate::sample::Sample;
use crate::seq::{Seq, Sequences, SequencesMut};

/// How far all that a network gives, `O`, is from the targets `T`.
///
/// | the network gives | a target is | the objective is |
/// |---|---|---|
/// | a sample `Y` | `T` | a [`Loss<Y, T>`] |
/// | a sequence `Seq<Y, MOST>` | `Seq<T, MOST>`: one for each step | the same, over all steps of all sequences |
/// | several samples `(Y, Z)` | `(T, U)` | `(Loss<Y, T>, Loss<Z, U>)`: their sum; [`Weighted`] says how much each counts |
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not compare an output `{O}` with a target `{T}`",
    label = "no loss of `{O}` and `{T}`",
    note = "`CrossEntropyLoss` and `NllLoss` take an output `[f32; C]` and a class index: `u8`, `u16`, `u32` or `usize`",
    note = "the other losses take a target of the same type as the output",
    note = "of a sequence `Seq<Y, N>` the target is a `Seq` of targets, one for each step; for several outputs there are as many losses"
)]
pub trait Objective<O: Output, T> {
    /// The loss of a batch; its gradient is written to `dy`.
    ///
    /// # Panics
    /// When there are not as many targets as samples, or steps.
    fn batch_loss(&self, y: O::Batch<'_>, targets: &[T], dy: O::BatchMut<'_>) -> f32;

    /// The loss of a batch alone, for evaluation.
    ///
    /// # Panics
    /// When there are not as many targets as samples, or steps.
    fn batch_value(&self, y: O::Batch<'_>, targets: &[T]) -> f32;

    /// Calls `verdict` with the [accuracy](Loss::accuracy) of every decision in one output.
    fn judge(&self, y: O::One<'_>, target: &T, verdict: &mut dyn FnMut(f32));

    /// How much a batch of these targets counts in the mean over several batches: their number, or that of their steps.
    fn count(&self, targets: &[T]) -> usize;
}

impl<Y: Sample, T, L: Loss<Y, T>> Objective<Y, T> for L {
    fn batch_loss(&self, y: &[Y], targets: &[T], dy: &mut [Y]) -> f32 {
        Loss::loss(self, y, targets, dy)
    }
    fn batch_value(&self, y: &[Y], targets: &[T]) -> f32 {
        Loss::value(self, y, targets)
    }
    fn judge(&self, y: &Y, target: &T, verdict: &mut dyn FnMut(f32)) {
        self.accuracy(y, target).into_iter().for_each(verdict);
    }
    fn count(&self, targets: &[T]) -> usize {
        targets.len()
    }
}

impl<Y: Sample, T: Copy, L: Loss<Y, T>, const MOST: usize, const TARGETS: usize>
    Objective<Seq<Y, MOST>, Seq<T, TARGETS>> for L
{
    fn batch_loss(
        &self,
        y: Sequences<'_, Y>,
        targets: &[Seq<T, TARGETS>],
        dy: SequencesMut<'_, Y>,
    ) -> f32 {
        assert_eq!(y.len(), targets.len(), "as many targets as sequences");
        let shares = Shares::of(targets.iter().map(|steps| self.share(steps)));
        let sequences = y.iter().zip(targets).zip(dy.into_iter());
        let losses = sequences.map(|((y, targets), dy)| {
            let share = shares.scale(self.share(targets));
            let loss = Loss::loss(self, y, targets, dy);
            scale(share, dy);
            weighted(share, loss)
        });
        losses.sum()
    }

    fn batch_value(&self, y: Sequences<'_, Y>, targets: &[Seq<T, TARGETS>]) -> f32 {
        assert_eq!(y.len(), targets.len(), "as many targets as sequences");
        let shares = Shares::of(targets.iter().map(|steps| self.share(steps)));
        let losses = y.iter().zip(targets).map(|(y, targets)| {
            weighted(shares.scale(self.share(targets)), Loss::value(self, y, targets))
        });
        losses.sum()
    }

    fn judge(&self, y: &[Y], target: &Seq<T, TARGETS>, verdict: &mut dyn FnMut(f32)) {
        for (y, target) in y.iter().zip(target.iter()) {
            self.accuracy(y, target).into_iter().for_each(&mut *verdict);
        }
    }

    fn count(&self, targets: &[Seq<T, TARGETS>]) -> usize {
        targets.iter().map(|steps| steps.len()).sum()
    }
}

/// How much the parts of a batch count in its mean.
struct Shares {
    sum: f32,
}

impl Shares {
    fn of(shares: impl Iterator<Item = Option<f32>>) -> Self {
        Shares { sum: shares.flatten().sum() }
    }

    /// By what the loss of a part with this `share` is multiplied.
    fn scale(&self, share: Option<f32>) -> f32 {
        match share {
            None => 1.0,
            Some(_) if self.sum == 0.0 => 0.0,
            Some(share) => share / self.sum,
        }
    }
}

/// `share · loss`, where what counts nothing is nothing.
fn weighted(share: f32, loss: f32) -> f32 {
    if share == 0.0 { 0.0 } else { share * loss }
}

fn scale<Y: Sample>(share: f32, dy: &mut [Y]) {
    crate::clip::scale(Y::flatten_mut(dy), share);
}

/// A loss that counts `.0` times, as one of several.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weighted<L>(pub f32, pub L);

impl<Y: Sample, T, L: Loss<Y, T>> Loss<Y, T> for Weighted<L> {
    fn loss(&self, y: &[Y], targets: &[T], dy: &mut [Y]) -> f32 {
        let loss = self.1.loss(y, targets, dy);
        scale(self.0, dy);
        self.0 * loss
    }
    fn value(&self, y: &[Y], targets: &[T]) -> f32 {
        self.0 * self.1.value(y, targets)
    }
    fn share(&self, targets: &[T]) -> Option<f32> {
        self.1.share(targets)
    }
    fn accuracy(&self, y: &Y, target: &T) -> Option<f32> {
        self.1.accuracy(y, target)
    }
}

macro_rules! several {
    ($(($($y:ident $t:ident $l:ident $i:tt),*))*) => {$(
        impl<$($y: Sample, $t, $l: Loss<$y, $t>),*> Objective<($($y,)*), ($($t,)*)> for ($($l,)*) {
            fn batch_loss(
                &self,
                y: ($(&[$y],)*),
                targets: &[($($t,)*)],
                dy: ($(&mut [$y],)*),
            ) -> f32 {
                let mut sum = 0.0;
                $({
                    let shares = Shares::of(targets.iter().map(|t| self.$i.share(from_ref(&t.$i))));
                    assert_eq!(y.$i.len(), targets.len(), "as many targets as outputs");
                    for ((y, t), dy) in y.$i.chunks(1).zip(targets).zip(dy.$i.chunks_mut(1)) {
                        let t = from_ref(&t.$i);
                        let share = shares.scale(self.$i.share(t));
                        sum += weighted(share, Loss::loss(&self.$i, y, t, dy));
                        scale(share, dy);
                    }
                })*
                sum
            }
            fn batch_value(&self, y: ($(&[$y],)*), targets: &[($($t,)*)]) -> f32 {
                let mut sum = 0.0;
                $({
                    let shares = Shares::of(targets.iter().map(|t| self.$i.share(from_ref(&t.$i))));
                    for (y, t) in y.$i.chunks(1).zip(targets) {
                        let t = from_ref(&t.$i);
                        let share = shares.scale(self.$i.share(t));
                        sum += weighted(share, Loss::value(&self.$i, y, t));
                    }
                })*
                sum
            }
            fn judge(
                &self,
                y: ($(&$y,)*),
                target: &($($t,)*),
                verdict: &mut dyn FnMut(f32),
            ) {
                $(self.$i.accuracy(y.$i, &target.$i).into_iter().for_each(&mut *verdict);)*
            }
            fn count(&self, targets: &[($($t,)*)]) -> usize {
                targets.len()
            }
        }
    )*};
}

several! {
    (A T K 0, B U L 1)
    (A T K 0, B U L 1, C V M 2)
    (A T K 0, B U L 1, C V M 2, D W N 3)
}

impl Reduction {
    /// What [`Loss::share`] is, where a mean divides by `weight`.
    pub(super) fn share(self, weight: f32) -> Option<f32> {
        if self == Reduction::Sum { None } else { Some(weight) }
    }
}
