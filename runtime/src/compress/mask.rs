//! Which connections of a network are left.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::chosen;
use crate::network::Network;

/// Which parameters of a network are kept, and which are 0.
///
/// ```text
/// let mask = Mask::by_magnitude(&net, 0.9, |name| name.ends_with("weight"));
/// mask.apply(&mut net);
/// let mut trainer = Trainer::new(Adam::new(1e-4), NllLoss::new()).after_step(move |net| mask.apply(net));
/// ```
pub struct Mask<N> {
    /// 1 for what is kept, 0 for what is not.
    kept: Box<N>,
}

impl<N: Network> Mask<N> {
    /// Prunes the `share` of all numbers of the `chosen` tensors that are nearest to 0, whichever tensor they are of. PyTorch's
    /// `prune.global_unstructured` with `L1Unstructured`. Of equals, the first go.
    ///
    /// # Panics
    /// When `share` is not from 0 to 1.
    pub fn by_magnitude(net: &N, share: f64, chosen_by: impl Fn(&str) -> bool) -> Self {
        assert!((0.0..=1.0).contains(&share), "a share is from 0 to 1, and not {share}");
        let mut kept = N::boxed_zero();
        for i in 0..N::TENSORS.len() {
            kept.tensor_mut(i).fill(1.0);
        }
        let mut all = Vec::new();
        for i in chosen::<N>(chosen_by) {
            all.extend(net.tensor(i).iter().enumerate().map(|(k, x)| (x.abs(), i, k)));
        }
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        // A half is rounded as PyTorch does, to the even number.
        let exact = share * all.len() as f64;
        let (below, part) = (exact as usize, exact % 1.0);
        let count = below + usize::from(part > 0.5 || part == 0.5 && !below.is_multiple_of(2));
        for &(_, i, k) in &all[..count] {
            kept.tensor_mut(i)[k] = 0.0;
        }
        Mask { kept }
    }

    /// Sets to 0 what is not kept.
    pub fn apply(&self, net: &mut N) {
        for i in chosen::<N>(|_| true) {
            for (x, &kept) in net.tensor_mut(i).iter_mut().zip(self.kept.tensor(i)) {
                // What is not a number would stay so if it were multiplied.
                if kept == 0.0 {
                    *x = 0.0;
                }
            }
        }
    }

    /// How many trained parameters are kept.
    pub fn count(&self) -> usize {
        let kept = chosen::<N>(|_| true).flat_map(|i| self.kept.tensor(i));
        kept.filter(|&&kept| kept != 0.0).count()
    }
}
