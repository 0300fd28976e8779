//! The classifier of the example `mnist`, which says what the generator's samples show.

use std::fmt;
use std::path::Path;

use anyhow::Result;
use firmnet::data::{Image, Mnist, Scale};
use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

network! {
    /// The network of the example `mnist`.
    pub struct MnistCnn: [1, 28, 28] -> [10] {
        conv1: Conv2d(32, 3), ReLU,
        conv2: Conv2d(64, 3), ReLU,
        MaxPool2d(2), Dropout2d(0.25), Flatten,
        fc1: Linear(128), ReLU, Dropout(0.5),
        fc2: Linear(10), LogSoftmax,
    }
}

/// Says which digit an image shows.
pub struct Judge {
    net: Box<MnistCnn>,
    memory: Workspace,
}

/// What a judge said of some images.
#[derive(Default)]
pub struct Verdict {
    /// For each digit, how many images show it.
    pub counts: [usize; 10],
    /// The sum of the confidences, for each digit.
    pub confidence: [f64; 10],
    /// Images of which the judge is at least 90 % sure.
    pub recognised: usize,
}

impl Judge {
    /// The classifier that the example `mnist` or this one has saved; without either, one that is trained now, for an epoch of the
    /// first `samples` images, and saved as `own`.
    pub fn load_or_train(mnist: &Mnist, samples: usize, saved: &Path, own: &Path) -> Result<Judge> {
        let mut net = MnistCnn::boxed(&mut StdRng::seed_from_u64(1));
        match [saved, own].into_iter().find(|path| net.load(path).is_ok()) {
            Some(path) => println!("the judge is {}", path.display()),
            None => {
                println!("no judge is saved, so one is trained for an epoch");
                let samples = mnist.train[..samples].iter();
                let samples: Vec<_> = samples.map(|(x, label)| (as_mnist(x), *label)).collect();
                Trainer::new(Adam::new(1e-3), NllLoss::new()).batch_size(64).progress().fit(
                    &mut *net,
                    &samples,
                    (),
                )?;
                net.save(own)?;
            }
        }
        Ok(Judge { net, memory: Workspace::new() })
    }

    /// The digit that an image of −1 to 1 shows, and how sure that is, from 0 to 1.
    pub fn judge(&mut self, image: &Image<28, 28>) -> (usize, f32) {
        let output = self.net.forward(&as_mnist(image), &mut self.memory);
        let digit = argmax(output);
        (digit, output[digit].exp())
    }

    /// The verdict on all of `images`.
    pub fn verdict<'a>(&mut self, images: impl IntoIterator<Item = &'a Image<28, 28>>) -> Verdict {
        let mut verdict = Verdict::default();
        for image in images {
            let (digit, confidence) = self.judge(image);
            verdict.counts[digit] += 1;
            verdict.confidence[digit] += f64::from(confidence);
            verdict.recognised += usize::from(confidence >= 0.9);
        }
        verdict
    }
}

impl Verdict {
    /// How sure the judge is on average, from 0 to 1.
    pub fn mean_confidence(&self) -> f64 {
        self.confidence.iter().sum::<f64>() / self.counts.iter().sum::<usize>() as f64
    }

    /// The share of images of which the judge is at least 90 % sure.
    pub fn recognised(&self) -> f64 {
        self.recognised as f64 / self.counts.iter().sum::<usize>() as f64
    }
}

/// A line for each digit: how many show it, and how sure the judge is of them.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "digit  samples  mean confidence")?;
        for (digit, (count, sum)) in self.counts.iter().zip(self.confidence).enumerate() {
            match count {
                0 => writeln!(f, "{digit:5}        0                -")?,
                _ => writeln!(f, "{digit:5} {count:8} {:14.1} %", 100.0 * sum / *count as f64)?,
            }
        }
        Ok(())
    }
}

/// An image of −1 to 1 as the classifier has learned to see it.
fn as_mnist(image: &Image<28, 28>) -> Image<28, 28> {
    let Scale { mean, std } = Scale::MNIST;
    image.map(|rows| rows.map(|row| row.map(|x| (0.5 * (x + 1.0) - mean) / std)))
}
