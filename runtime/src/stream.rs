//! Sequences that come step by step, as from a microphone or a sensor: a network takes each step when it comes.

use core::marker::PhantomData;

use crate::batch::{Given, Input, Output};
use crate::infer::MAX_INPUTS;
use crate::length::{Counts, Length};
use crate::network::Network;
use crate::pack::PackRef;
use crate::pass::{self, Batch, range};
use crate::text::Message;

/// A sequence on its way through the network `N`: what its layers carry from step to step, and the memory of a step. It lives where it is
/// put, in a `static` or on the stack, and needs no heap.
///
/// `Net::stream()` makes one, of a network whose input is a sequence. There is no end to it: the bound of the declaration is for
/// sequences that come whole.
pub struct Stream<N, const LEN: usize> {
    numbers: [f32; LEN],
    network: PhantomData<fn() -> N>,
}

impl<N: Network, const LEN: usize> Stream<N, LEN> {
    /// Before the first step.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        const { assert!(LEN >= len::<N>(), "a stream of `N` has the length `stream::len::<N>()`") };
        Stream { numbers: [0.0; LEN], network: PhantomData }
    }

    /// Forgets what has come: the next step is the first of another sequence.
    pub fn reset(&mut self) {
        self.numbers[..N::INFERENCE.state].fill(0.0);
    }

    /// The numbers that the layers carry from step to step, to be kept or looked at.
    pub fn state(&self) -> &[f32] {
        &self.numbers[..N::INFERENCE.state]
    }
}

impl<N, const LEN: usize> Clone for Stream<N, LEN> {
    fn clone(&self) -> Self {
        Stream { numbers: self.numbers, network: PhantomData }
    }
}

/// Numbers in a [`Stream`] of `N`.
pub const fn len<N: Network>() -> usize {
    N::INFERENCE.state + N::INFERENCE.per_sample
}

/// See [`Network::step`].
pub(crate) fn step<'m, N: Network, const LEN: usize>(
    net: &N,
    packed: PackRef<'_>,
    x: &<N::Input as Input>::Step,
    stream: &'m mut Stream<N, LEN>,
) -> <<N::Output as Output>::Step as Output>::One<'m> {
    const ONES: &[f32] = &[1.0; MAX_INPUTS];
    let plan = N::INFERENCE;
    let slices = <<N::Input as Input>::Step as Input>::slices(x.one(), &mut []);
    let (state, memory) = stream.numbers.split_at_mut(plan.state);
    let inputs = Batch { n: 1, slices, counts: Counts::new(ONES, 1), order: plan.order };
    net.run(&mut pass::Inference::new(packed, inputs, memory, state));
    let memory = &*memory;
    let given = |o: usize| {
        let slots = &plan.nodes[N::OUTPUTS[o]];
        // Of a sequence, the one step: constants say where it is, so that nothing is left that could be amiss.
        let steps = if slots.length.is_fixed() { 1 } else { slots.length.most().max(1) };
        let all = range(slots.y, 1).unwrap_or_default();
        let one = memory.get(all.start..all.start + all.len() / steps);
        Given { numbers: one.unwrap_or_default(), length: Length::fixed(1), counts: &[] }
    };
    let batch = <N::Output as Output>::Step::batch(given);
    <N::Output as Output>::Step::each(batch).next().expect("a batch of one")
}

/// Stops the build when a layer of `N` needs steps that are still to come.
pub(crate) const fn verify<N: Network>() {
    let mut k = 0;
    while k < N::ROWS.len() {
        let row = &N::ROWS[k];
        if !row.streams {
            let says = Message::new().str("layer `").str(row.name).str("`: `").str(row.kind);
            let says = says.str("` needs the whole sequence, and `step` brings one step of it; ");
            let says = says.str("`forward` takes the whole. What looks back alone goes by steps: ");
            let says = says.str("one direction, `causal = true`, a memory of a fixed size");
            panic!("{}", says.as_str())
        }
        k += 1;
    }
}

/// Memory for a sequence that comes step by step, as a [`Stream`]: `stream!(Tagger<64, 17>)`. A network without parameters has
/// `Net::stream()`.
#[macro_export]
macro_rules! stream {
    ($net:ty) => {
        $crate::stream::Stream::<$net, { $crate::stream::len::<$net>() }>::new()
    };
}
