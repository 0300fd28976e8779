//! Which numbers each value of a network takes, seen on samples, and the scales that follow.

use std::vec;
use std::vec::Vec;

use crate::batch::Input;
use crate::int8::Scale;
use crate::int8::network::{self, Network};
use crate::memory::{Memory, Workspace};
use crate::network::Network as Float;
use crate::pack::PackRef;
use crate::pass::{Batch, Inference};

/// How the range of a value follows from the numbers that it takes on samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Calibration {
    /// From the least to the most.
    MinMax,
    /// Without the numbers that are beyond this percentage at either end, as 99.9: what is rare is cut off, for the sake of the rest. Zeros
    /// do not count.
    Percentile(f32),
    /// The range that loses least information about how often which numbers come: the least Kullback–Leibler divergence between them as they are and in
    /// bytes (Migacz 2017, "8-bit Inference with TensorRT"), here of each end by itself.
    Entropy,
}

/// What `net` gives at each node for each of `samples`.
pub(super) fn watch<'s, F: Float>(
    net: &F,
    samples: impl IntoIterator<Item = &'s F::Input>,
    mut seen: impl FnMut(usize, &[f32]),
) {
    let (plan, mut memory) = (F::INFERENCE, Workspace::new());
    let inputs = F::INPUTS.len();
    for x in samples {
        let (memory, room) = memory.room(plan.len(1)).split_at_mut(plan.pass_len(1));
        let batch = Batch::of::<F::Input>(plan, x.one(), room);
        for (i, numbers) in batch.slices.iter().enumerate().take(inputs) {
            seen(i, numbers);
        }
        let mut node = |k: usize, numbers: &mut [f32]| seen(inputs + k, numbers);
        let pass = Inference::new(PackRef::NOTHING, batch, memory, &mut []);
        crate::network::run(net, &mut pass.showing(&mut node));
    }
}

/// The scale of each value of the network `N`.
///
/// # Panics
/// When there is no sample.
pub(super) fn scales<'s, N: Network>(
    net: &N::Float,
    samples: impl IntoIterator<Item = &'s <N::Float as Float>::Input> + Clone,
    method: Calibration,
) -> Vec<Scale> {
    // Of each value whose numbers count, those of all that share its scale.
    let group = |v: usize| N::VALUES[v].seen.then(|| N::VALUES[v].scale_of);
    let mut ranges = vec![Range::NONE; N::VALUES.len()];
    watch(net, samples.clone(), |v, numbers| {
        if let Some(g) = group(v) {
            numbers.iter().for_each(|&x| ranges[g].add(x));
        }
    });
    assert!(
        ranges.iter().any(|range| range.low <= range.high),
        "there is no sample to calibrate with"
    );
    if method != Calibration::MinMax {
        let mut histograms: Vec<_> = ranges.iter().map(|&range| Histogram::of(range)).collect();
        watch(net, samples, |v, numbers| {
            if let Some(g) = group(v) {
                numbers.iter().for_each(|&x| histograms[g].add(x));
            }
        });
        ranges = histograms.iter().map(|histogram| histogram.range(method)).collect();
    }
    let scale = |v: usize| {
        let root = N::VALUES[v].scale_of;
        let Range { low, high } = ranges[root];
        N::VALUES[root].fixed.unwrap_or_else(|| match low <= high {
            true => Scale::of_range(low, high),
            false => Scale::NONE,
        })
    };
    (0..N::VALUES.len()).map(scale).collect()
}

/// From the least number to the most.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    low: f32,
    high: f32,
}

impl Range {
    const NONE: Self = Range { low: f32::INFINITY, high: f32::NEG_INFINITY };

    fn add(&mut self, x: f32) {
        if x.is_finite() {
            (self.low, self.high) = (self.low.min(x), self.high.max(x));
        }
    }
}

/// How often numbers of a range come, in [`BINS`] parts of it.
struct Histogram {
    range: Range,
    counts: Vec<u64>,
}

const BINS: usize = 2048;
/// Bytes there are.
const LEVELS: usize = 256;

impl Histogram {
    fn of(range: Range) -> Self {
        // Zero is always in it.
        let range = Range { low: range.low.min(0.0), high: range.high.max(0.0) };
        Histogram { range, counts: vec![0; BINS] }
    }

    fn width(&self) -> f32 {
        (self.range.high - self.range.low) / BINS as f32
    }

    /// Counts a number, unless it is 0: for that there is a byte in any range, and half of what comes out of a `ReLU` would hide the rest.
    fn add(&mut self, x: f32) {
        let bin = (x - self.range.low) / self.width();
        if bin.is_finite() && x != 0.0 {
            self.counts[(bin as usize).min(BINS - 1)] += 1;
        }
    }

    fn range(&self, method: Calibration) -> Range {
        let (from, to) = match method {
            _ if self.counts.iter().all(|&count| count == 0) => return self.range,
            Calibration::MinMax => (0, BINS),
            Calibration::Percentile(percent) => self.percentile(percent),
            Calibration::Entropy => self.entropy(),
        };
        let at = |bin: usize| self.range.low + bin as f32 * self.width();
        Range {
            low: if from == 0 { self.range.low } else { at(from) },
            high: if to == BINS { self.range.high } else { at(to) },
        }
    }

    /// The bins between which lie all but the numbers beyond `percent` at either end.
    fn percentile(&self, percent: f32) -> (usize, usize) {
        let all = self.counts.iter().sum::<u64>() as f64;
        let beyond = all * (1.0 - f64::from(percent.clamp(50.0, 100.0)) / 100.0);
        let cut = |counts: &mut dyn Iterator<Item = &u64>| {
            let (mut sum, mut bins) = (0, 0);
            for count in counts {
                sum += count;
                if sum as f64 > beyond {
                    break;
                }
                bins += 1;
            }
            bins
        };
        let (from, behind) = (cut(&mut self.counts.iter()), cut(&mut self.counts.iter().rev()));
        (from, BINS - behind)
    }

    /// First the upper end is moved in for the least divergence, then the lower one. Neither passes zero.
    fn entropy(&self) -> (usize, usize) {
        const STEP: usize = 16;
        let zero = ((-self.range.low / self.width()) as usize).min(BINS);
        let ends = (zero.max(LEVELS)..=BINS).rev().filter(|end| end % STEP == 0 || *end == BINS);
        let to = best(ends, |&to| self.divergence(0, to)).unwrap_or(BINS);
        let begins = (0..=zero.min(to.saturating_sub(LEVELS))).step_by(STEP);
        let from = best(begins, |&from| self.divergence(from, to)).unwrap_or(0);
        (from, to)
    }

    /// `Σ p ln (p / q)` of the numbers `p` cut to the bins `from .. to`, and of the same in as many levels as there are bytes, `q`.
    fn divergence(&self, from: usize, to: usize) -> f64 {
        let inside = &self.counts[from..to];
        let mut cut = inside.to_vec();
        // What is beyond comes out as the outermost byte.
        cut[0] += self.counts[..from].iter().sum::<u64>();
        *cut.last_mut().unwrap_or(&mut 0) += self.counts[to..].iter().sum::<u64>();
        let all: u64 = cut.iter().sum();
        let mut divergence = 0.0;
        for level in 0..LEVELS {
            let edge = |level: usize| level * inside.len() / LEVELS;
            let bins = edge(level)..edge(level + 1);
            let (sum, filled) = (
                inside[bins.clone()].iter().sum::<u64>(),
                cut[bins.clone()].iter().filter(|&&count| count > 0).count(),
            );
            // Spread over the bins in which there is anything.
            let q = (sum as f64 / filled.max(1) as f64).max(1e-3);
            for &count in cut[bins].iter().filter(|&&count| count > 0) {
                divergence += count as f64 / all as f64 * (count as f64 / q).ln();
            }
        }
        divergence
    }
}

/// The first of `candidates` with the least `cost`.
fn best<T>(candidates: impl Iterator<Item = T>, cost: impl Fn(&T) -> f64) -> Option<T> {
    let costs = candidates.map(|candidate| (cost(&candidate), candidate));
    let least = costs.reduce(|least, next| if next.0 < least.0 { next } else { least });
    least.map(|(_, candidate)| candidate)
}

/// Every value of `N` in numbers, as bytes with the scales of `net` stand for it, for each of `samples`.
pub(super) fn watch_bytes<N: Network>(net: &N, x: &N::Input, mut seen: impl FnMut(usize, &[i8])) {
    let mut memory = Workspace::new();
    let room = network::room::<N>(&mut memory);
    let mut pass = super::pass::Inference::new(network::Inputs::slices(x), room, None);
    pass.seen = Some(&mut seen);
    net.run(&mut pass);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten thousand numbers from −1 to 1, most of them near 0, and one far away.
    fn histogram() -> Histogram {
        let mut histogram = Histogram::of(Range { low: -1.0, high: 100.0 });
        (0..10_000).for_each(|i| histogram.add((i as f32 / 5000.0 - 1.0).powi(3)));
        histogram.add(100.0);
        histogram
    }

    #[test]
    fn the_far_number_is_cut_off() {
        assert_eq!(histogram().range(Calibration::MinMax), Range { low: -1.0, high: 100.0 });
        let Range { low, high } = histogram().range(Calibration::Percentile(99.5));
        assert!(low < -0.9 && (0.9..1.1).contains(&high), "{low} to {high}");
        let Range { low, high } = histogram().range(Calibration::Entropy);
        assert!(low < -0.9 && (1.0..20.0).contains(&high), "{low} to {high}");
    }

    #[test]
    fn numbers_that_all_come_as_often_keep_their_range() {
        let mut histogram = Histogram::of(Range { low: -1.0, high: 1.0 });
        (0..40_960).for_each(|i| histogram.add(i as f32 / 20_480.0 - 1.0));
        assert_eq!(histogram.range(Calibration::Entropy), Range { low: -1.0, high: 1.0 });
    }
}
