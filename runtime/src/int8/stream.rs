//! Sequences in bytes that come step by step.

use core::marker::PhantomData;

use crate::check::split;
use crate::int8::network::{Network, bytes_of, room_len};

/// A sequence on its way through the network `N`: what its layers carry from step to step, and the memory of a step, in words. `NetInt8::stream()` makes
/// one; it is otherwise as the [`Stream`](crate::stream::Stream) of the network in `f32`.
pub struct Stream<N, const LEN: usize> {
    words: [f32; LEN],
    network: PhantomData<fn() -> N>,
}

/// Words in a [`Stream`] of `N`.
pub const fn len<N: Network>() -> usize {
    state_len::<N>() + room_len::<N>()
}

/// Words of the state, to a whole line of memory.
const fn state_len<N: Network>() -> usize {
    N::STATE.div_ceil(size_of::<f32>()).next_multiple_of(crate::plan::ALIGN)
}

impl<N: Network, const LEN: usize> Stream<N, LEN> {
    /// Before the first step.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        const { assert!(LEN >= len::<N>(), "a stream of `N` has the length `int8::stream::len::<N>()`") };
        Stream { words: [0.0; LEN], network: PhantomData }
    }

    /// Forgets what has come: the next step is the first of another sequence.
    pub fn reset(&mut self) {
        self.words.fill(0.0);
    }

    /// The state, and the memory of a step.
    pub(super) fn halves(&mut self) -> (&mut [i8], &mut [i8]) {
        let (state, memory) = split(&mut self.words, state_len::<N>());
        (bytes_of(state), bytes_of(memory))
    }
}
