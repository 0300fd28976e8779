//! As many multiplications and additions as a core can do.

use firmnet_runtime::kernel::{Formula, Vector, each};

/// Numbers that are worked on.
pub const NUMBERS: usize = 1024;

/// Operations of [`run`].
#[allow(dead_code)] // Where the peers are compared, the script knows it.
pub const WORK: usize = 2 * NUMBERS * CHAINS * LINKS;

/// Chains for each vector of them.
pub const CHAINS: usize = 12;

/// Multiplications and additions in each chain.
pub const LINKS: usize = 32;

/// Does them: the sum over `CHAINS` of what `LINKS` times `chain · x + x` makes of 0, 1, 2, …
pub fn run(x: &[f32], y: &mut [f32]) {
    each([y], [x], &Chains);
}

/// Chains that do not wait for one another, with nothing to fetch.
struct Chains;

impl Formula<1, 1> for Chains {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 1], [x]: [V; 1]) -> [V; 1] {
        let mut chains: [V; CHAINS] = std::array::from_fn(|i| V::splat(i as f32));
        for _ in 0..LINKS {
            for chain in &mut chains {
                *chain = chain.mul_add(x, x);
            }
        }
        let [first, rest @ ..] = chains;
        [rest.into_iter().fold(first, |sum, chain| sum + chain)]
    }
}
