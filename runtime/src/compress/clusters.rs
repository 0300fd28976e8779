//! Tensors that hold only a handful of different numbers.

use alloc::vec::Vec;

use super::chosen;
use crate::network::Network;

/// Which numbers of a tensor are the same: each is one of up to `k` values, chosen so that the squared distances are small (k-means).
/// What is exactly 0 stays so: pruned connections are a cluster of their own.
///
/// ```text
/// let clusters = Clusters::of(&mut net, 15, |name| name.ends_with("weight"));
/// let mut trainer = Trainer::new(Adam::new(1e-4), NllLoss::new()).after_step(move |net| clusters.share(net));
/// ```
///
/// A tensor is then its [`codes`](Self::codes), one small number for each of its own, and a [`codebook`](Self::codebook).
#[derive(Clone, Debug, PartialEq)]
pub struct Clusters {
    /// Tensor by tensor: nothing, or a code for each number.
    codes: Vec<Vec<u8>>,
}

impl Clusters {
    /// Gives the numbers of each of the `chosen` tensors of `net` the values of at most `k` clusters, beside 0.
    ///
    /// The clusters begin at equal distances between the least and the largest number, which serves large weights best (Han, Mao,
    /// Dally 2016), and move until no number changes its cluster, at most 100 times.
    ///
    /// # Panics
    /// When `k` is not from 1 to 255, or a number is NaN.
    pub fn of<N: Network>(net: &mut N, k: usize, chosen_by: impl Fn(&str) -> bool) -> Self {
        assert!((1..=255).contains(&k), "there are 1 to 255 clusters, and not {k}");
        let mut codes = Vec::new();
        codes.resize_with(N::TENSORS.len(), Vec::new);
        for i in chosen::<N>(chosen_by) {
            let x = net.tensor(i);
            let centres = k_means(x.iter().copied().filter(|&x| x != 0.0).collect(), k);
            let code = |&x: &f32| if x == 0.0 { 0 } else { 1 + nearest(&centres, x) as u8 };
            codes[i] = x.iter().map(code).collect();
        }
        let clusters = Clusters { codes };
        clusters.share(net);
        clusters
    }

    /// Sets every number of a cluster to the mean of them all, and those of code 0 to 0.
    ///
    /// After a step of an optimizer whose steps are sums over gradients, like [`Sgd`](crate::optim::Sgd), this is the step of the shared value.
    ///
    /// # Panics
    /// When `net` is not of the type that the clusters were made of.
    pub fn share<N: Network>(&self, net: &mut N) {
        assert_eq!(self.codes.len(), N::TENSORS.len(), "the clusters are of this network");
        for (i, codes) in self.codes.iter().enumerate().filter(|(_, codes)| !codes.is_empty()) {
            let means = means(codes, net.tensor(i));
            for (x, &code) in net.tensor_mut(i).iter_mut().zip(codes) {
                *x = means[usize::from(code)];
            }
        }
    }

    /// The cluster of each number of tensor `i`, 0 for what is 0; nothing for a tensor that was not chosen.
    ///
    /// # Panics
    /// When there is no such tensor.
    pub fn codes(&self, i: usize) -> &[u8] {
        &self.codes[i]
    }

    /// The value of each code of tensor `i` of `net`, from 0 to the highest that it holds; nothing for a tensor that was not chosen.
    ///
    /// # Panics
    /// When `net` is not of the type that the clusters were made of.
    pub fn codebook<N: Network>(&self, net: &N, i: usize) -> Vec<f32> {
        let codes = &self.codes[i];
        match codes.iter().max() {
            Some(&most) => means(codes, net.tensor(i))[..=usize::from(most)].to_vec(),
            None => Vec::new(),
        }
    }
}

/// The mean of the numbers of each code; 0 for code 0, and for those that no number has.
fn means(codes: &[u8], x: &[f32]) -> [f32; 256] {
    assert_eq!(codes.len(), x.len(), "the clusters are of this network");
    let (mut sums, mut counts) = ([0.0_f64; 256], [0_u32; 256]);
    for (&code, &x) in codes.iter().zip(x) {
        sums[usize::from(code)] += f64::from(x);
        counts[usize::from(code)] += 1;
    }
    let mut means = [0.0; 256];
    for (code, mean) in means.iter_mut().enumerate().skip(1) {
        *mean = (sums[code] / f64::from(counts[code].max(1))) as f32;
    }
    means
}

/// The means of up to `k` clusters of `x`, in their order (Lloyd 1982).
fn k_means(mut x: Vec<f32>, k: usize) -> Vec<f32> {
    x.sort_unstable_by(|a, b| a.partial_cmp(b).expect("a parameter is a number"));
    let (Some(&least), Some(&most)) = (x.first(), x.last()) else { return Vec::new() };
    // Sums of all numbers before each, so that a mean is one subtraction.
    let sums: Vec<f64> = core::iter::once(0.0)
        .chain(x.iter().scan(0.0, |sum, &x| {
            *sum += f64::from(x);
            Some(*sum)
        }))
        .collect();
    let place = |i: usize| i as f32 / (k - 1).max(1) as f32;
    let mut centres: Vec<f32> = (0..k).map(|i| least + (most - least) * place(i)).collect();
    let mut bounds = Vec::new();
    for _ in 0..100 {
        // Each cluster is a stretch of the sorted numbers, up to the middle between two centres.
        let middles = centres.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0);
        let ends = middles.map(|middle| x.partition_point(|&x| x <= middle));
        let now: Vec<usize> =
            core::iter::once(0).chain(ends).chain(core::iter::once(x.len())).collect();
        let stretches = now.windows(2).filter(|stretch| stretch[0] < stretch[1]);
        centres = stretches
            .map(|stretch| (sums[stretch[1]] - sums[stretch[0]]) / (stretch[1] - stretch[0]) as f64)
            .map(|mean| mean as f32)
            .collect();
        if now == bounds {
            break;
        }
        bounds = now;
    }
    centres
}

/// The place of the centre that is nearest to `x`, the lower of two.
fn nearest(centres: &[f32], x: f32) -> usize {
    let above = centres.partition_point(|&centre| centre < x).min(centres.len() - 1);
    let below = above.saturating_sub(1);
    if x - centres[below] <= centres[above] - x { below } else { above }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use std::vec;

    #[test]
    fn the_clusters_of_groups_that_are_apart_are_the_groups() {
        let x: Vec<f32> = vec![-1.1, -0.9, -1.0, 0.5, 0.52, 2.0, 2.2, 2.1, 0.48];
        let centres = k_means(x.clone(), 3);
        assert_eq!(centres.len(), 3);
        for (centre, expected) in centres.iter().zip([-1.0, 0.5, 2.1]) {
            assert!((centre - expected).abs() < 1e-6_f32, "{centre} and {expected}");
        }
        let found: Vec<_> = x.iter().map(|&x| nearest(&centres, x)).collect();
        assert_eq!(found, [0, 0, 0, 1, 1, 2, 2, 2, 1]);
    }

    #[test]
    fn every_number_is_in_the_nearest_cluster_and_every_centre_is_a_mean() {
        let x: Vec<f32> = (0..1000).map(|i| ((i * 7919 % 1000) as f32 * 0.013).sin()).collect();
        for k in [1, 2, 15, 255] {
            let centres = k_means(x.clone(), k);
            assert!(centres.len() <= k && centres.is_sorted());
            let mut members = vec![vec![]; centres.len()];
            for &x in &x {
                let distance = |&c: &usize| (centres[c] - x).abs();
                let by_distance = |a: &usize, b: &usize| distance(a).total_cmp(&distance(b));
                let plain = (0..centres.len()).min_by(by_distance).unwrap();
                let found = nearest(&centres, x);
                assert_eq!(distance(&plain), distance(&found), "{x} among {k}");
                members[found].push(f64::from(x));
            }
            for (centre, members) in centres.iter().zip(members) {
                let mean = members.iter().sum::<f64>() / members.len() as f64;
                assert!((f64::from(*centre) - mean).abs() < 1e-6, "{centre} is the mean {mean}");
            }
        }
    }

    #[test]
    fn fewer_different_numbers_than_clusters_stay_as_they_are() {
        for k in [2, 3, 200] {
            let centres = k_means(vec![0.5, -2.0, 0.5, -2.0], k);
            assert_eq!(centres, [-2.0, 0.5]);
        }
        assert!(k_means(vec![], 4).is_empty());
    }
}
