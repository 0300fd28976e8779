//! Random numbers of a training, by what they are for and when.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};

/// What random numbers are for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// The order of the samples; counted by epochs.
    Order = 1,
    /// What a forward pass drops; counted by steps.
    Pass = 2,
}

/// The generator for the `n`th time that random numbers are drawn for `purpose`.
///
/// A training has no generator that moves on: each time has its own, so that a resumed run needs nothing but its seed
/// and where it stands.
pub(super) fn generator(seed: u64, purpose: Purpose, n: u64) -> Xoshiro256PlusPlus {
    // SplitMix64 maps one to one and mixes every bit: two times never have the same key.
    let mix = |key: u64, x: u64| SplitMix64::seed_from_u64(key ^ x).next_u64();
    Xoshiro256PlusPlus::seed_from_u64(mix(mix(mix(0, seed), purpose as u64), n))
}
