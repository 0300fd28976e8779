//! Sequences: samples that bring from one step to as many as there is room for.

use core::fmt;
use core::ops::Deref;

use crate::batch::Given;
use crate::length::Length;

/// A sequence of 1 to `MOST` steps: what a network takes whose input is declared as `[..64, 40]` (a `Seq<[f32; 40], 64>`), or as
/// `[..64]` where it takes ids (a `Seq<u32, 64>`). It is a slice of its steps.
///
/// ```
/// use firmnet_runtime::seq::Seq;
///
/// let words = Seq::<u32, 64>::new(&[12, 7, 431])?;
/// assert_eq!(words[1], 7);
/// assert_eq!(Seq::<u32, 2>::new(&[12, 7, 431]).unwrap_err().to_string(), "a sequence of 3 steps, where 1 to 2 can come in");
/// # Ok::<(), firmnet_runtime::seq::LengthError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Seq<T, const MOST: usize> {
    steps: [T; MOST],
    len: usize,
}

/// A sequence is too long, or has no steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthError {
    /// How many steps there are.
    pub len: usize,
    /// How many there can be.
    pub most: usize,
}

impl<T: Copy, const MOST: usize> Seq<T, MOST> {
    /// The sequence of these steps.
    ///
    /// # Errors
    /// When there are none, or more than `MOST`.
    pub fn new(steps: &[T]) -> Result<Self, LengthError> {
        let (Some(&first), true) = (steps.first(), steps.len() <= MOST) else {
            return Err(LengthError { len: steps.len(), most: MOST });
        };
        let mut sequence = Seq { steps: [first; MOST], len: steps.len() };
        sequence.steps[..steps.len()].copy_from_slice(steps);
        Ok(sequence)
    }

    /// The sequence of the first `MOST` of these steps: what does not fit is cut off.
    ///
    /// # Errors
    /// When there are none.
    pub fn truncated(steps: &[T]) -> Result<Self, LengthError> {
        Self::new(&steps[..steps.len().min(MOST)])
    }
}

impl<T: Copy, const MOST: usize> TryFrom<&[T]> for Seq<T, MOST> {
    type Error = LengthError;
    fn try_from(steps: &[T]) -> Result<Self, LengthError> {
        Seq::new(steps)
    }
}

impl<T, const MOST: usize> From<[T; MOST]> for Seq<T, MOST> {
    fn from(steps: [T; MOST]) -> Self {
        Seq { steps, len: MOST }
    }
}

impl<T, const MOST: usize> Deref for Seq<T, MOST> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.steps[..self.len]
    }
}

impl<T: fmt::Debug, const MOST: usize> fmt::Debug for Seq<T, MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: PartialEq, const MOST: usize> PartialEq for Seq<T, MOST> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Display for LengthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a sequence of {} steps, where 1 to {} can come in", self.len, self.most)
    }
}

impl core::error::Error for LengthError {}

/// A batch of sequences that a network gives: each is a slice of its steps.
#[derive(Clone, Copy)]
pub struct Sequences<'a, T> {
    steps: &'a [T],
    lengths: Ends<'a>,
}

/// As [`Sequences`], to write to.
pub struct SequencesMut<'a, T> {
    steps: &'a mut [T],
    lengths: Ends<'a>,
}

#[derive(Clone, Copy)]
struct Ends<'a> {
    length: Length,
    counts: &'a [f32],
}

impl Ends<'_> {
    fn len(&self, i: usize) -> usize {
        self.length.after(self.counts[i] as usize)
    }
}

impl<'a, T> Sequences<'a, T> {
    pub(crate) fn of(steps: &'a [T], given: Given<'a>) -> Self {
        Sequences { steps, lengths: Ends { length: given.length, counts: given.counts } }
    }

    /// How many sequences there are.
    pub fn len(&self) -> usize {
        self.lengths.counts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The steps of sequence `i`.
    pub fn get(&self, i: usize) -> Option<&'a [T]> {
        self.iter().nth(i)
    }

    /// All of them in turn.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a [T]> + use<'a, T> {
        let (mut rest, lengths) = (self.steps, self.lengths);
        (0..self.len()).map(move |i| {
            let (steps, after) = rest.split_at(lengths.len(i));
            rest = after;
            steps
        })
    }

    /// The steps of all sequences, one after the other.
    pub fn steps(&self) -> &'a [T] {
        self.steps
    }
}

impl<'a, T> SequencesMut<'a, T> {
    pub(crate) fn of(steps: &'a mut [T], given: Given<'a>) -> Self {
        SequencesMut { steps, lengths: Ends { length: given.length, counts: given.counts } }
    }

    /// All of them in turn.
    #[allow(clippy::should_implement_trait)]
    pub fn into_iter(self) -> impl ExactSizeIterator<Item = &'a mut [T]> {
        let (mut rest, lengths) = (self.steps, self.lengths);
        (0..lengths.counts.len()).map(move |i| {
            let (steps, after) = core::mem::take(&mut rest).split_at_mut(lengths.len(i));
            rest = after;
            steps
        })
    }

    /// The steps of all sequences, one after the other.
    pub fn into_steps(self) -> &'a mut [T] {
        self.steps
    }
}
