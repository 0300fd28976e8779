//! Rules by which gradients change parameters: one file a rule, with PyTorch's names, arguments, defaults and
//! formulas.
//!
//! A rule is plain data with public hyperparameters. What it remembers between steps has the layout of the network
//! and is owned by the caller; rules see flat slices only.

mod adadelta;
mod adagrad;
mod adam;
mod adamw;
mod rms_prop;
mod sgd;
mod state;

pub use adadelta::Adadelta;
pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamw::AdamW;
pub use rms_prop::RmsProp;
pub use sgd::Sgd;
pub use state::{Slots, State};

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, vec::Vec};

use crate::network::Network;
use crate::schedule::power;

/// A rule that changes parameters by their gradients.
///
/// ```
/// use firmnet_runtime::optim::{Optimizer, Sgd};
///
/// let sgd = Sgd::new(0.1).momentum(0.9);
/// let (mut p, mut velocity) = ([1.0, 2.0], [0.0; 2]);
/// sgd.update(1, &mut p, &[1.0, 1.0], &mut [&mut velocity]);
/// sgd.update(2, &mut p, &[1.0, 1.0], &mut [&mut velocity]);
/// assert!((p[0] - 0.71).abs() < 1e-6 && (velocity[0] - 1.9).abs() < 1e-6);
/// ```
pub trait Optimizer: Copy {
    /// How many numbers are kept beside each parameter, with these settings.
    fn slots(&self) -> usize;

    /// The learning rate.
    fn lr(&self) -> f32;

    /// Changes the learning rate, as a schedule does.
    fn set_lr(&mut self, lr: f32);

    /// One step on the parameters `p` with the gradient `g`.
    ///
    /// `t` counts steps from 1. `state` holds [`slots`](Self::slots) slices as long as `p`, zeros before the first
    /// step.
    ///
    /// # Panics
    /// When `state` has not [`slots`](Self::slots) slices, or the lengths differ.
    fn update(&self, t: u32, p: &mut [f32], g: &[f32], state: &mut [&mut [f32]]);

    /// What the optimizer keeps for a network between steps, before the first one: on the heap, and never on the stack.
    #[cfg(feature = "alloc")]
    fn state<N: Network>(&self) -> State<Vec<Box<N>>> {
        State::boxed(self)
    }

    /// One step on every parameter of `net`. Buffers, like running means, stay as they are.
    ///
    /// # Panics
    /// When `state` has fewer slots than the optimizer needs.
    fn step<N: Network>(&self, net: &mut N, grad: &N, state: &mut State<impl Slots<N>>) {
        self.step_where(net, grad, state, |_| true);
    }

    /// One step on the parameters of `net` whose names, as `encoder.conv1.weight`, are `chosen`; the others stay as they are.
    ///
    /// # Panics
    /// When `state` has fewer slots than the optimizer needs.
    fn step_where<N: Network>(
        &self,
        net: &mut N,
        grad: &N,
        state: &mut State<impl Slots<N>>,
        chosen: impl Fn(&str) -> bool,
    ) {
        state::step(self, net, grad, state, chosen);
    }
}

/// The `N` slices of `state`, to write to.
fn slots<'a, const N: usize>(state: &'a mut [&mut [f32]]) -> [&'a mut [f32]; N] {
    assert_eq!(state.len(), N, "as many state slices as the optimizer has slots");
    let mut slices = state.iter_mut();
    core::array::from_fn(|_| slices.next().map_or(&mut [][..], |slice| &mut **slice))
}

/// `1 − βᵗ`, exact to the last bit of an `f32` also for β close to 1.
fn one_minus_power(beta: f32, t: u32) -> f32 {
    (1.0 - power(f64::from(beta), t)) as f32
}
