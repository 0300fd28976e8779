//! What an optimizer keeps between steps, in the network's own layout, and the step over a whole network.

use super::Optimizer;
use crate::network::Network;

/// Slots that an optimizer may have.
const MAX_SLOTS: usize = 4;

/// What an optimizer keeps between steps: how many there were, and a network of numbers for each of its slots.
///
/// `State::<[Net; 2]>::new()` is for a `static`; [`boxed`](State::boxed) makes one on the heap.
#[derive(Clone, Copy, Debug)]
pub struct State<S> {
    /// Steps so far.
    pub steps: u32,
    /// The slots, each with the layout of the network.
    pub slots: S,
}

impl<N: Network, const SLOTS: usize> State<[N; SLOTS]> {
    /// The state before the first step.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        State { steps: 0, slots: [N::ZERO; SLOTS] }
    }
}

#[cfg(feature = "alloc")]
impl<N: Network> State<alloc::vec::Vec<alloc::boxed::Box<N>>> {
    /// The state of `optimizer` before the first step, on the heap. It never passes through the stack.
    pub fn boxed(optimizer: &impl Optimizer) -> Self {
        State { steps: 0, slots: (0..optimizer.slots()).map(|_| N::boxed_zero()).collect() }
    }
}

/// The slots of a [`State`]: an array of networks, or a list of boxed ones.
#[diagnostic::on_unimplemented(
    message = "this is not the state of a network `{N}`: it is made of `{Self}`",
    label = "the state of another network",
    note = "`optimizer.state::<{N}>()` makes one"
)]
pub trait Slots<N> {
    /// All slots, to write to.
    fn slots(&mut self) -> impl Iterator<Item = &mut N>
    where
        N: 'static;
}

impl<N, const SLOTS: usize> Slots<N> for [N; SLOTS] {
    fn slots(&mut self) -> impl Iterator<Item = &mut N>
    where
        N: 'static,
    {
        self.iter_mut()
    }
}

#[cfg(feature = "alloc")]
impl<N> Slots<N> for alloc::vec::Vec<alloc::boxed::Box<N>> {
    fn slots(&mut self) -> impl Iterator<Item = &mut N>
    where
        N: 'static,
    {
        self.iter_mut().map(|slot| &mut **slot)
    }
}

/// One step of `optimizer` on the parameters of `net` whose names are `chosen`. Buffers, like running means, stay as they are.
///
/// # Panics
/// When `state` has fewer slots than the optimizer needs.
pub(super) fn step<N: Network>(
    optimizer: &impl Optimizer,
    net: &mut N,
    grad: &N,
    state: &mut State<impl Slots<N>>,
    chosen: impl Fn(&str) -> bool,
) {
    state.steps += 1;
    for (i, tensor) in N::TENSORS.iter().enumerate() {
        if !tensor.trained || !chosen(tensor.name.as_str()) {
            continue;
        }
        let mut views: [&mut [f32]; MAX_SLOTS] = Default::default();
        let mut count = 0;
        for (view, slot) in views.iter_mut().zip(state.slots.slots()) {
            *view = slot.tensor_mut(i);
            count += 1;
        }
        let slots = &mut views[..count.min(optimizer.slots())];
        optimizer.update(state.steps, net.tensor_mut(i), grad.tensor(i), slots);
    }
}
