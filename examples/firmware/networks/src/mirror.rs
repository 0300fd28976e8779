//! Digits in a mirror: what the network of `digits` has learnt is half wrong there, and the device learns the rest itself.

use firmnet::network::Rng;
use firmnet::prelude::*;

use crate::digits::{Digits, Image};

// ANCHOR: networks
network! {
    /// What the first layer of `digits` sees in an image; it stays as it is, in flash.
    pub struct Features: [1, 28, 28] -> [32] { Flatten, fc1: Linear(32), ReLU }
}

network! {
    /// The last layer, which is in RAM and learns.
    pub struct Head: [32] -> [10] { fc2: Linear(10) }
}

const DIGITS: Digits = include_weights!(Digits, "../data/digits.safetensors");
static FEATURES: Features = Features { fc1: DIGITS.fc1 };
/// What the last layer begins with.
pub const HEAD: Head = Head { fc2: DIGITS.fc2 };
// ANCHOR_END: networks

// ANCHOR: learner
/// All that learning takes, of a size that the compiler knows.
pub struct Learner {
    /// What is learnt.
    pub head: Head,
    grad: Head,
    state: State<[Head; 0]>,
    image: Image,
    seeing: Arena<{ Features::INFERENCE.len(1) }>,
    learning: Arena<{ Head::TRAINING.len(1) }>,
}

impl Learner {
    /// One that knows what `digits` knows.
    pub const fn new() -> Self {
        Learner {
            head: HEAD,
            grad: Head::ZERO,
            state: State::new(),
            image: [[[0.0; 28]; 28]],
            seeing: Arena::new(),
            learning: Arena::new(),
        }
    }

    /// Which digit it sees.
    pub fn read(&mut self, sample: &Sample) -> usize {
        let features = *self.see(sample);
        crate::largest(self.head.forward(&features, &mut self.learning))
    }

    /// One step of gradient descent, after somebody has said which digit it is.
    pub fn learn(&mut self, sample: &Sample, rng: &mut impl Rng) {
        let features = *self.see(sample);
        let mut pass =
            self.head.forward_training(core::slice::from_ref(&features), &mut self.learning, rng);
        pass.loss(&CrossEntropyLoss::new(), &[sample.label]);
        pass.gradient(&self.head, &mut self.grad);
        Sgd::new(0.01).step(&mut self.head, &self.grad, &mut self.state);
    }

    fn see(&mut self, sample: &Sample) -> &[f32; 32] {
        for (row, pixels) in self.image[0].iter_mut().zip(&sample.pixels) {
            // Mirrored, left and right.
            for (x, pixel) in row.iter_mut().rev().zip(pixels) {
                *x = f32::from(*pixel) / 255.0;
            }
        }
        FEATURES.forward(&self.image, &mut self.seeing)
    }
}
// ANCHOR_END: learner

impl Default for Learner {
    fn default() -> Self {
        Self::new()
    }
}

/// An image of MNIST's test set with its label.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Sample {
    /// Which digit it shows.
    pub label: u8,
    /// 0 black, 255 white.
    pub pixels: [[u8; 28]; 28],
}

/// How often each sample is learnt from.
pub const PASSES: usize = 4;

/// The samples to learn from, and those to judge by, as `host mirror` wrote them.
pub fn samples() -> (impl Iterator<Item = Sample>, impl Iterator<Item = Sample>) {
    let (learn, judge) = SAMPLES.split_at(300);
    (learn.iter().map(Sample::of), judge.iter().map(Sample::of))
}

const SAMPLE: usize = 1 + 28 * 28;
static SAMPLES: &[[u8; SAMPLE]] = include_bytes!("../data/mirror.bin").as_chunks().0;

impl Sample {
    fn of(bytes: &[u8; SAMPLE]) -> Sample {
        let (label, pixels) = bytes.split_at(1);
        let mut sample =
            Sample { label: label.first().copied().unwrap_or_default(), pixels: [[0; 28]; 28] };
        for (to, &from) in sample.pixels.as_flattened_mut().iter_mut().zip(pixels) {
            *to = from;
        }
        sample
    }
}
