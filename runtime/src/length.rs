//! How many steps the sequences of a batch bring. Shapes say how many there may be; a batch brings from 1 to that.
//!
//! In memory, a batch of sequences is packed: all steps of its first sample, then all of the second, and so on, without room between.

use crate::kernel::Order;
use crate::plan::Slots;
use crate::shape::Shape;

/// How many steps each sample of a batch brings.
#[derive(Clone, Copy)]
pub struct Counts<'a> {
    /// A number for each sample, for input 0 of the network, then for input 1, and so on to the last that is a sequence. Those of an input of a
    /// fixed size are not read.
    all: &'a [f32],
    /// Samples.
    n: usize,
}

impl<'a> Counts<'a> {
    /// Of `n` samples, as they are written in `all`.
    #[inline]
    pub(crate) const fn new(all: &'a [f32], n: usize) -> Self {
        Counts { all, n }
    }

    /// The steps of each sample in input `input`.
    #[inline]
    pub(crate) fn of_input(self, input: usize) -> &'a [f32] {
        self.all.get(input * self.n..(input + 1) * self.n).unwrap_or_default()
    }
}

/// How the number of steps at one place of a network follows from the one that an input brings: `⌊(brought + add) / divisor⌋`.
///
/// Windows that move by a stride follow this rule, also several of them one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// The input of the network; `None` where the number is always [`most`](Self::most).
    input: Option<usize>,
    add: isize,
    divisor: usize,
    most: usize,
}

impl Length {
    /// Always `size`.
    pub const fn fixed(size: usize) -> Self {
        Length { input: None, add: 0, divisor: 1, most: size }
    }

    /// What input `input` brings, which is at most `most`.
    pub const fn of_input(input: usize, most: usize) -> Self {
        Length { input: Some(input), add: 0, divisor: 1, most }
    }

    /// `⌊(length + add) / divisor⌋` of this.
    pub const fn window(self, add: isize, divisor: usize) -> Self {
        let Length { input, add: before, divisor: by, most } = self;
        let most = match (most as isize + add) / divisor as isize {
            most if most < 0 => 0,
            most => most as usize,
        };
        Length { input, add: before + add * by as isize, divisor: by * divisor, most }
    }

    /// The input that decides about it, if one does.
    pub(crate) const fn input(&self) -> Option<usize> {
        self.input
    }

    /// This, where the input is as long as `outer`.
    pub(crate) const fn after_length(self, outer: Self) -> Self {
        outer.window(self.add, self.divisor)
    }

    /// The most that it can be.
    pub const fn most(&self) -> usize {
        self.most
    }

    /// Whether it is the same for all samples.
    pub const fn is_fixed(&self) -> bool {
        self.input.is_none()
    }

    /// Whether both are the same whatever is brought.
    pub const fn same(&self, other: &Self) -> bool {
        let same_input = match (self.input, other.input) {
            (None, None) => true,
            (Some(a), Some(b)) => a == b,
            _ => false,
        };
        same_input
            && self.most == other.most
            && (self.input.is_none() || self.add == other.add && self.divisor == other.divisor)
    }

    /// The least that the input has to bring for one step here, and which input that is.
    pub const fn least(&self) -> Option<(usize, usize)> {
        let Some(input) = self.input else { return None };
        let least = self.divisor as isize - self.add;
        Some((input, if least < 1 { 1 } else { least as usize }))
    }

    /// The steps of `sample`.
    #[inline]
    pub fn of(&self, sample: usize, counts: Counts<'_>) -> usize {
        match self.input {
            None => self.most,
            Some(input) => {
                let brought = counts.of_input(input).get(sample);
                self.after(brought.map_or(0, |&brought| brought as u32 as usize))
            }
        }
    }

    /// The steps of `n` samples together.
    #[inline]
    pub fn total(&self, n: usize, counts: Counts<'_>) -> usize {
        match self.input {
            None => n * self.most,
            Some(input) => {
                let after = |&brought: &f32| self.after(brought as u32 as usize);
                match counts.of_input(input) {
                    [brought] => after(brought),
                    counts => counts.iter().map(after).sum(),
                }
            }
        }
    }

    /// The steps where `brought` are brought at the input.
    #[inline]
    pub(crate) fn after(&self, brought: usize) -> usize {
        // No divisor is zero, but only here the compiler can see it.
        brought.saturating_add_signed(self.add) / self.divisor.max(1)
    }
}

/// How many steps each sample has where a layer is called.
#[derive(Clone, Copy)]
pub struct Lengths<'a> {
    pub(crate) slots: &'a Slots,
    pub(crate) counts: Counts<'a>,
    pub(crate) order: Order,
}

impl Lengths<'_> {
    /// Steps of `sample` in input `input` of the layer: for a fixed shape, the size of its first axis.
    #[inline]
    pub fn input(&self, input: usize, sample: usize) -> usize {
        self.slots.lengths[input].of(sample, self.counts)
    }

    /// The order of sums in a product whose rows are the steps of such an input, or the samples where it has no steps: where sequences come in,
    /// the bits of a row may not depend on how many others there are.
    #[inline]
    pub fn order(&self, input: &Shape) -> Order {
        match self.order {
            Order::ManyRows if input.rank() < 2 => Order::OneRow,
            order => order,
        }
    }

    /// Steps of `sample` in the output of the layer.
    pub fn output(&self, sample: usize) -> usize {
        self.slots.length.of(sample, self.counts)
    }
}
