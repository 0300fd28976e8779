//! What training makes small, of all that a network gives: a loss of its samples, of the steps of its sequences, or of each of
//! several outputs.

use core::slice::from_ref;

use super::{Loss, Reduction};
use crate::batch::Output;
use crate::sample::Sample;
use crate::seq::{Seq, Sequences, SequencesMut};

/// What a network gives, as a loss `L` compares it with targets `T`.
///
/// | the network gives | a target is | the loss is |
/// |---|---|---|
/// | a sample `Y` | `T` | a [`Loss<Y, T>`] |
/// | a sequence `Seq<Y, MOST>` | `Seq<T, MOST>`: one for each step | the same, over all steps of all sequences |
/// | several samples `(Y, Z)` | `(T, U)` | `(Loss<Y, T>, Loss<Z, U>)`: their sum; [`Weighted`] says how much each counts |
// The output stands in front: of a loss alone the compiler would guess what comes out, before it knows the network.
#[diagnostic::on_unimplemented(
    message = "`{L}` does not compare an output `{Self}` with a target `{T}`",
    label = "no loss of `{Self}` and `{T}`",
    note = "of several outputs there are as many losses and as many targets: `(CrossEntropyLoss::new(), MseLoss::new())`",
    note = "of a sequence `Seq<Y, N>` the target is a `Seq` of targets, one for each step"
)]
pub trait Compared<L, T>: Output {
    /// The loss of a batch; its gradient is written to `dy`.
    ///
    /// # Panics
    /// When there are not as many targets as samples, or steps.
    fn loss(loss: &L, y: Self::Batch<'_>, targets: &[T], dy: Self::BatchMut<'_>) -> f32;

    /// The loss of a batch alone, for evaluation.
    ///
    /// # Panics
    /// When there are not as many targets as samples, or steps.
    fn value(loss: &L, y: Self::Batch<'_>, targets: &[T]) -> f32;

    /// Calls `verdict` with the [accuracy](Loss::accuracy) of every decision in one output.
    fn judge(loss: &L, y: Self::One<'_>, target: &T, verdict: &mut dyn FnMut(f32));

    /// How much a batch of these targets counts in the mean over several batches: their number, or that of their steps.
    fn count(loss: &L, targets: &[T]) -> usize;
}

macro_rules! sample {
    ($sample:ty $(, $($generics:tt)*)?) => {
        impl<L: Loss<$sample, T>, T $(, $($generics)*)?> Compared<L, T> for $sample {
            fn loss(loss: &L, y: &[Self], targets: &[T], dy: &mut [Self]) -> f32 {
                loss.loss(y, targets, dy)
            }
            fn value(loss: &L, y: &[Self], targets: &[T]) -> f32 {
                loss.value(y, targets)
            }
            fn judge(loss: &L, y: &Self, target: &T, verdict: &mut dyn FnMut(f32)) {
                loss.accuracy(y, target).into_iter().for_each(verdict);
            }
            fn count(_: &L, targets: &[T]) -> usize {
                targets.len()
            }
        }
    };
}

sample!(f32);
sample!([Y; N], Y: Sample, const N: usize);

impl<Y: Sample, T: Copy, L: Loss<Y, T>, const MOST: usize, const TARGETS: usize>
    Compared<L, Seq<T, TARGETS>> for Seq<Y, MOST>
{
    fn loss(
        loss: &L,
        y: Sequences<'_, Y>,
        targets: &[Seq<T, TARGETS>],
        dy: SequencesMut<'_, Y>,
    ) -> f32 {
        assert_eq!(y.len(), targets.len(), "as many targets as sequences");
        let shares = Shares::of(targets.iter().map(|steps| loss.share(steps)));
        let sequences = y.iter().zip(targets).zip(dy.into_iter());
        let losses = sequences.map(|((y, targets), dy)| {
            let share = shares.scale(loss.share(targets));
            let loss = loss.loss(y, targets, dy);
            scale(share, dy);
            weighted(share, loss)
        });
        losses.sum()
    }

    fn value(loss: &L, y: Sequences<'_, Y>, targets: &[Seq<T, TARGETS>]) -> f32 {
        assert_eq!(y.len(), targets.len(), "as many targets as sequences");
        let shares = Shares::of(targets.iter().map(|steps| loss.share(steps)));
        let losses = y.iter().zip(targets).map(|(y, targets)| {
            weighted(shares.scale(loss.share(targets)), loss.value(y, targets))
        });
        losses.sum()
    }

    fn judge(loss: &L, y: &[Y], target: &Seq<T, TARGETS>, verdict: &mut dyn FnMut(f32)) {
        for (y, target) in y.iter().zip(target.iter()) {
            loss.accuracy(y, target).into_iter().for_each(&mut *verdict);
        }
    }

    fn count(_: &L, targets: &[Seq<T, TARGETS>]) -> usize {
        targets.iter().map(|steps| steps.len()).sum()
    }
}

/// How much the parts of a batch count in its mean.
pub(super) struct Shares {
    sum: f32,
}

impl Shares {
    pub fn of(shares: impl Iterator<Item = Option<f32>>) -> Self {
        Shares { sum: shares.flatten().sum() }
    }

    /// By what the loss of a part with this `share` is multiplied.
    pub fn scale(&self, share: Option<f32>) -> f32 {
        match share {
            None => 1.0,
            Some(_) if self.sum == 0.0 => 0.0,
            Some(share) => share / self.sum,
        }
    }
}

/// `share · loss`, where what counts nothing is nothing.
pub(super) fn weighted(share: f32, loss: f32) -> f32 {
    if share == 0.0 { 0.0 } else { share * loss }
}

fn scale<Y: Sample>(share: f32, dy: &mut [Y]) {
    crate::clip::scale(Y::flatten_mut(dy), share);
}

/// A loss that counts `.0` times, as one of several; or several that do, together.
///
/// ```
/// use firmnet_runtime::loss::{Compared, L1Loss, MseLoss, Weighted};
///
/// type Y = ([f32; 1], [f32; 1]);
/// let (y, targets) = ((&[[3.0]][..], &[[1.0]][..]), [([1.0], [2.0])]);
/// let loss = (MseLoss::new(), Weighted(0.5, L1Loss::new()));
/// assert_eq!(Y::value(&loss, y, &targets), 4.5);
///
/// let mut dy = ([[0.0]], [[0.0]]);
/// assert_eq!(Y::loss(&Weighted(2.0, loss), y, &targets, (&mut dy.0, &mut dy.1)), 9.0);
/// assert_eq!(dy, ([[8.0]], [[-1.0]]));
/// ```
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
        impl<$($y: Sample, $t, $l: Loss<$y, $t>),*> Compared<($($l,)*), ($($t,)*)> for ($($y,)*) {
            fn loss(
                losses: &($($l,)*),
                y: ($(&[$y],)*),
                targets: &[($($t,)*)],
                dy: ($(&mut [$y],)*),
            ) -> f32 {
                let mut sum = 0.0;
                $({
                    let shares = Shares::of(targets.iter().map(|t| losses.$i.share(from_ref(&t.$i))));
                    assert_eq!(y.$i.len(), targets.len(), "as many targets as outputs");
                    for ((y, t), dy) in y.$i.chunks(1).zip(targets).zip(dy.$i.chunks_mut(1)) {
                        let t = from_ref(&t.$i);
                        let share = shares.scale(losses.$i.share(t));
                        sum += weighted(share, losses.$i.loss(y, t, dy));
                        scale(share, dy);
                    }
                })*
                sum
            }
            fn value(losses: &($($l,)*), y: ($(&[$y],)*), targets: &[($($t,)*)]) -> f32 {
                let mut sum = 0.0;
                $({
                    let shares = Shares::of(targets.iter().map(|t| losses.$i.share(from_ref(&t.$i))));
                    for (y, t) in y.$i.chunks(1).zip(targets) {
                        let t = from_ref(&t.$i);
                        let share = shares.scale(losses.$i.share(t));
                        sum += weighted(share, losses.$i.value(y, t));
                    }
                })*
                sum
            }
            fn judge(
                losses: &($($l,)*),
                y: ($(&$y,)*),
                target: &($($t,)*),
                verdict: &mut dyn FnMut(f32),
            ) {
                $(losses.$i.accuracy(y.$i, &target.$i).into_iter().for_each(&mut *verdict);)*
            }
            fn count(_: &($($l,)*), targets: &[($($t,)*)]) -> usize {
                targets.len()
            }
        }

        impl<$($y: Sample, $t, $l: Loss<$y, $t>),*> Compared<Weighted<($($l,)*)>, ($($t,)*)> for ($($y,)*) {
            fn loss(
                losses: &Weighted<($($l,)*)>,
                y: ($(&[$y],)*),
                targets: &[($($t,)*)],
                dy: ($(&mut [$y],)*),
            ) -> f32 {
                let loss = Self::loss(&losses.1, y, targets, ($(&mut *dy.$i,)*));
                $(scale(losses.0, dy.$i);)*
                losses.0 * loss
            }
            fn value(losses: &Weighted<($($l,)*)>, y: ($(&[$y],)*), targets: &[($($t,)*)]) -> f32 {
                losses.0 * Self::value(&losses.1, y, targets)
            }
            fn judge(
                losses: &Weighted<($($l,)*)>,
                y: ($(&$y,)*),
                target: &($($t,)*),
                verdict: &mut dyn FnMut(f32),
            ) {
                Self::judge(&losses.1, y, target, verdict);
            }
            fn count(losses: &Weighted<($($l,)*)>, targets: &[($($t,)*)]) -> usize {
                Self::count(&losses.1, targets)
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
