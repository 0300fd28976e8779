//! What tests of several kernels need: numbers, and threads.

use std::vec::Vec;

use super::Isa;
use super::dispatch::forced;

/// Runs `f` in a pool of so many threads, with the instruction set of this one.
pub(super) fn on_threads<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    let isa = Isa::current();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| forced::on(isa, f))
}

/// `len` whole numbers in −4 ..= 4: their products and sums are exact, in whatever order a kernel forms them, so
/// that a fast kernel must equal its definition.
pub(super) fn whole_numbers(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 16) % 9) as f32 - 4.0
    };
    (0..len).map(|_| next()).collect()
}
