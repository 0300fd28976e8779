//! Parameters, inputs and targets of the workloads: `benches/peers/given.py` makes the same.

use firmnet::network::Network;
use firmnet::sample::Sample;
use firmnet::seq::Seq;

use super::networks::WORDS;
use super::numbers::{numbers, parameter, words};

/// A network with the parameters of [`fill`].
pub fn filled<N: Network>() -> Box<N> {
    let mut net = N::boxed_zero();
    fill(&mut *net);
    net
}

/// Gives each tensor its [`parameter`]s.
pub fn fill<N: Network>(net: &mut N) {
    for (i, tensor) in N::TENSORS.iter().enumerate() {
        net.tensor_mut(i).copy_from_slice(&parameter(tensor.name.as_str(), tensor.shape.dims()));
    }
}

/// As many samples of [`numbers`].
pub fn samples<T: Sample>(count: usize, seed: u32) -> Vec<T> {
    let mut samples = vec![T::ZERO; count];
    let flat = T::flatten_mut(&mut samples);
    flat.copy_from_slice(&numbers(flat.len(), seed));
    samples
}

/// The first of them.
pub fn sample<T: Sample>(seed: u32) -> T {
    samples(1, seed)[0]
}

/// 64 steps of [`numbers`] for W6.
pub fn steps(seed: u32) -> Seq<[f32; 64], 64> {
    Seq::from(<[[f32; 64]; 64]>::try_from(samples::<[f32; 64]>(64, seed)).expect("64 steps"))
}

/// The [`words`] as W3 takes them.
pub fn sentence() -> Seq<u32, WORDS> {
    Seq::from(words())
}
