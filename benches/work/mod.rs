//! Whole networks, and what is done with each over and over: for the criterion bench, the counts of instructions, and the comparison with
//! other libraries.

pub mod expected;
pub mod given;
pub mod networks;
pub mod numbers;
mod runs;

use std::hint::black_box;
use std::time::{Duration, Instant};

use firmnet::prelude::*;

use given::{sample, samples, sentence, steps};
use networks::*;
use numbers::classes;
use runs::{Audio, Gan, Inference, One, Training, WithDropout};

/// Something that is timed.
pub trait Work {
    /// How many runs from the start are compared with PyTorch's.
    const CHECKED: usize;
    /// After how many runs it is to start anew, so that no training goes on until there is nothing left to learn.
    const RUNS: u64;

    /// Goes back to the start.
    fn restart(&mut self);
    /// Does the work once, and shows what comes out.
    fn run(&mut self, see: impl FnMut(&[f32]));

    /// How long `runs` runs take, without the new starts and the first run after each, which makes what is needed.
    fn time(&mut self, runs: u64) -> Duration {
        let (mut taken, mut left) = (Duration::ZERO, runs);
        while left > 0 {
            self.restart();
            self.run(|y| _ = black_box(y));
            let runs = left.min(Self::RUNS);
            let start = Instant::now();
            (0..runs).for_each(|_| self.run(|y| _ = black_box(y)));
            taken += start.elapsed();
            left -= runs;
        }
        taken
    }

    /// What comes out of the first runs.
    fn first(&mut self) -> Vec<f32> {
        let mut first = vec![];
        self.restart();
        (0..Self::CHECKED).for_each(|_| self.run(|y| first.extend(y)));
        first
    }

    /// Compares it with what PyTorch gives.
    ///
    /// # Panics
    /// Where it differs.
    fn check(&mut self, name: &str) {
        expected::compare(name, &self.first());
    }
}

/// What is done with each workload: `small` and `large` show them.
pub trait Visitor {
    /// `work` makes the workload `name`.
    fn visit<W: Work + 'static>(&mut self, name: &'static str, work: impl FnOnce() -> W);
}

/// Shows the workloads whose instructions are counted too to `visitor`.
pub fn small(visitor: &mut impl Visitor) {
    visitor.visit("w1a", || One::<Controller>::new(sample(1)));
    visitor.visit("w1b", || One::<Mlp>::new(sample(1)));
    visitor.visit("w3-inference", || One::<Tagger>::new(sentence()));
    visitor.visit("w3-training", || {
        let tags: [u8; WORDS] = classes(WORDS).try_into().expect("a tag for each word");
        Training::<Tagger, _, _>::new(
            vec![sentence()],
            CrossEntropyLoss::new(),
            vec![Seq::from(tags)],
        )
    });
    visitor.visit("w5", Audio::new);
}

/// Shows the others.
pub fn large(visitor: &mut impl Visitor) {
    visitor.visit("w2-inference-1", || One::<MnistCnn>::new(sample(1)));
    visitor.visit("w2-inference-64", || Inference::<MnistCnn>::new(samples(64, 1)));
    visitor.visit("w2-training", || {
        WithDropout(Training::new(samples(64, 1), NllLoss::new(), classes(64)))
    });
    visitor.visit("w4-training", Gan::new);
    visitor.visit("w6-inference", || One::<Transformer>::new(steps(1)));
    visitor.visit("w6-training", || {
        Training::<Transformer, _, _>::new(vec![steps(1)], MseLoss::new(), vec![steps(2)])
    });
    visitor.visit("w8", || One::<ResNet8>::new(sample(1)));
}
