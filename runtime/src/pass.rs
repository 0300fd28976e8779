//! A pass over a network: finds for each layer its slices in the planned memory, and calls it.

mod backward;
mod carve;
mod inference;
mod packing;
#[cfg(all(test, feature = "std"))]
mod tests;
mod training;

pub use backward::Backward;
pub(crate) use backward::Gradients;
pub(crate) use carve::{Rest, carve};
pub use inference::Inference;
pub use packing::Packing;
pub use training::Training;

use core::ops::Range;

use crate::batch::Input;
use crate::check::{check, split};
use crate::infer::{Endings, MAX_INPUTS};
use crate::kernel::Order;
use crate::layer::{Kind, Layer};
use crate::length::{Counts, Length};
use crate::plan::{Brings, Place, Plan, Slots};

/// The inputs of a network for one batch, each sample after sample.
pub type Slices<'a> = [&'a [f32]; MAX_INPUTS];

/// The layer of a keyword without a name, whose type has no const arguments.
type Unnamed<K> = <K as Kind>::Layer<0, 0, 0, 0, 0, 0>;

/// The layer of a keyword that has no parameters.
#[inline(always)]
pub const fn unnamed<K: Kind>() -> Unnamed<K> {
    Unnamed::<K>::ZERO
}

/// What comes into a network: how many samples, their numbers, and how many steps each sample brings.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    pub(crate) n: usize,
    pub(crate) slices: Slices<'a>,
    pub(crate) counts: Counts<'a>,
    pub(crate) order: Order,
}

impl<'a> Batch<'a> {
    /// A batch in `room`, as large as `plan` says, where sequences are packed and their lengths are written down.
    ///
    /// # Panics
    /// When the inputs bring different numbers of samples, a sequence has too few steps for a layer, or two that are declared to be as long as each
    /// other are not.
    #[inline]
    pub(crate) fn of<'x: 'a, I: Input>(
        plan: &Plan,
        batch: I::Batch<'x>,
        room: &'a mut [f32],
    ) -> Self {
        let n = I::count(batch);
        let (counts, room) = split(room, n * plan.sequences);
        I::write_counts(batch, counts);
        let counts = Counts::new(counts, n);
        let batch = Batch { n, slices: I::slices(batch, room), counts, order: plan.order };
        if plan.sequences > 0 {
            batch.verify(plan);
        }
        batch
    }

    /// The value at `place`, which may be an input.
    #[inline(always)]
    fn get<const M: usize>(
        &self,
        place: Place,
        length: Length,
        rest: &Rest<'a, f32, M>,
    ) -> &'a [f32] {
        match place {
            Place::Input(input) => self.slices.get(input).copied().unwrap_or_default(),
            place => rest.get(values(place, length, self.n, self.counts)),
        }
    }

    /// See [`of`](Batch::of).
    fn verify(&self, plan: &Plan) {
        let sequences = plan.brings.iter().enumerate().filter(|(_, brings)| brings.most > 0);
        for (input, &Brings { least, most, as_input }) in sequences {
            let own = self.counts.of_input(input);
            if let Some(count) = own.iter().find(|&&count| (count as usize) < least) {
                check!(false, "a sequence of {count} steps, where {least} to {most} can come in");
            }
            let others = self.counts.of_input(as_input);
            if let Some((own, other)) = own.iter().zip(others).find(|(own, other)| own != other) {
                check!(
                    false,
                    "sequences of {own} and of {other} steps, where one is to be as long as the other"
                );
            }
        }
    }
}

/// Is shown the number of each node and what it gives, and may change that.
#[cfg(feature = "std")]
pub(crate) type Seen<'a> = &'a mut dyn FnMut(usize, &mut [f32]);

/// Is shown the number of each node before it goes backward, its output where that is read, and the gradient of its output; it may change both.
#[cfg(feature = "std")]
pub(crate) type SeenBackward<'a> = &'a mut dyn FnMut(usize, &mut [f32], &mut [f32]);

/// Where a node writes what, or none where nothing is to be done forward. Whoever looks at each value gets each: then no layer does the work
/// of another.
#[inline(always)]
fn written(slots: &Slots, is_seen: bool) -> Option<(Place, Endings)> {
    match is_seen {
        _ if slots.view => None,
        true => Some((slots.y, Endings::NONE)),
        false if slots.done_by.is_some() => None,
        false if slots.ended == Place::Absent => Some((slots.y, slots.ending)),
        false => Some((slots.ended, slots.ending)),
    }
}

/// Where `place` is in the memory of a batch of `n`.
#[inline]
pub(crate) fn range(place: Place, n: usize) -> Option<Range<usize>> {
    match place {
        Place::At { offset, len } => Some(n * offset..n * (offset + len)),
        Place::Absent | Place::Input(_) => None,
    }
}

/// Where the value at `place`, whose samples are as long as `length` says, is in the memory of a batch of `n`.
#[inline]
pub(crate) fn values(
    place: Place,
    length: Length,
    n: usize,
    counts: Counts<'_>,
) -> Option<Range<usize>> {
    match place {
        Place::At { offset, len } if !length.is_fixed() => {
            let step = len / length.most().max(1);
            Some(n * offset..n * offset + step * length.total(n, counts))
        }
        place => range(place, n),
    }
}

/// What a node keeps of a batch.
#[inline(always)]
fn kept_batch<'a>(batch: &'a mut [f32], slots: &Slots) -> &'a mut [f32] {
    let (start, len) = slots.kept_batch;
    split(split(batch, start).1, len).0
}

#[inline(always)]
fn inputs_of<'a, const M: usize>(
    slots: &Slots,
    inputs: &Batch<'a>,
    rest: &Rest<'a, f32, M>,
) -> Slices<'a> {
    let mut x = [&[][..]; MAX_INPUTS];
    for ((x, &place), &length) in x.iter_mut().zip(&slots.x).zip(&slots.lengths) {
        *x = match place {
            Place::Absent => break,
            place if slots.in_place && place == slots.y => &[],
            place => inputs.get(place, length, rest),
        };
        // Most layers have one input; what is then known of it is known to the compiler.
        if slots.x[1] == Place::Absent {
            break;
        }
    }
    x
}
