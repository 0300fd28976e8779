//! The PyTorch MNIST example: trains a convolutional network on 60,000 handwritten digits, and judges it on 10,000 others.
//!
//! `cargo run --release --example mnist` trains for two epochs; `… -- --predict IMAGE.png` says which digit an image shows.
#![forbid(unsafe_code)]

mod support;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use firmnet::data::Scale;
use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use support::Run;
use support::pictures;

// ANCHOR: network
network! {
    /// The network of the PyTorch MNIST example.
    pub struct MnistCnn: [1, 28, 28] -> [10] {
        conv1: Conv2d(32, 3), Relu,
        conv2: Conv2d(64, 3), Relu,
        MaxPool2d(2), Dropout2d(0.25), Flatten,
        fc1: Linear(128), Relu, Dropout(0.5),
        fc2: Linear(10), LogSoftmax,
    }
}
// ANCHOR_END: network

/// Trains the MNIST example, or classifies an image with what it learnt.
#[derive(Parser)]
struct Args {
    /// How often the 60,000 images are gone through.
    #[arg(long, default_value_t = 2)]
    epochs: u32,
    /// Images in a step.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// Learning rate of Adam.
    #[arg(long, default_value_t = 1e-3)]
    lr: f32,
    /// By what the learning rate is multiplied after each epoch.
    #[arg(long, default_value_t = 0.7)]
    gamma: f64,
    #[command(flatten)]
    run: Run,
    /// Train on the first images only.
    #[arg(long, default_value_t = 60_000)]
    samples: usize,
    /// Where the network and the pictures go.
    #[arg(long, default_value = "target/mnist")]
    out: PathBuf,
    /// Classify this image of a digit with the saved network.
    #[arg(long)]
    predict: Option<PathBuf>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    match &args.predict {
        Some(image) => predict(image, &args.out.join("mnist.safetensors")),
        None => train(&args),
    }
}

fn train(args: &Args) -> Result<()> {
    let start = Instant::now();
    let mnist = support::mnist(args.samples)?;
    let images = &mnist.train;
    println!("{}\n", MnistCnn::summary());

    // ANCHOR: train
    let mut rng = StdRng::seed_from_u64(args.run.seed);
    let mut net = MnistCnn::boxed(&mut rng);
    let mut trainer = Trainer::new(Adam::new(args.lr), NllLoss::new())
        .epochs(args.epochs)
        .batch_size(args.batch as usize)
        .seed(args.run.seed)
        .threads(args.run.threads)
        .schedule(StepLr::new(1).gamma(args.gamma))
        .progress();
    let history = trainer.fit(&mut *net, images, &mnist.test)?;
    // ANCHOR_END: train
    let seconds = start.elapsed().as_secs_f64();

    // ANCHOR: judge
    let mut confusion = Confusion::new(10);
    let mut wrong = vec![];
    trainer.predict(&net, &mnist.test, |i, output, &label| {
        let said = argmax(output);
        confusion.add(label.into(), said);
        if said != usize::from(label) {
            wrong.push((
                mnist.test[i].0[0].map(|row| row.map(paper_to_ink)),
                format!("{label} → {said}"),
            ));
        }
    });
    println!("\n{confusion}");
    // ANCHOR_END: judge

    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("{} cannot be made", args.out.display()))?;
    net.save(args.out.join("mnist.safetensors"))?;
    draw(&args.out, &history, &confusion, &wrong)?;
    println!("the network and three pictures are in {}\n", args.out.display());
    let accuracy = confusion.accuracy() * 100.0;
    println!("test accuracy: {accuracy:.2} %  ({} epochs, {seconds:.1} s)", args.epochs);
    Ok(())
}

/// The learning curve, the confusion matrix, and the digits that were taken for others.
fn draw(out: &Path, history: &History, confusion: &Confusion, wrong: &[Wrong]) -> Result<()> {
    pictures::training(&out.join("learning-curve.svg"), "MNIST", history, "test")?;
    let classes: Vec<_> = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"].into();
    let count = |is: usize, said: usize| confusion.count(is, said);
    pictures::confusion(&out.join("confusion.svg"), "10,000 test digits", &classes, count)?;
    let title = format!("{} digits taken for others (is → said)", wrong.len());
    pictures::digits(&out.join("wrong.svg"), &title, &wrong[..wrong.len().min(120)])
}

type Wrong = ([[f32; 28]; 28], String);

/// A number as the network sees it, as a share of ink.
fn paper_to_ink(x: f32) -> f32 {
    x * Scale::MNIST.std + Scale::MNIST.mean
}

fn predict(image: &Path, file: &Path) -> Result<()> {
    ensure!(
        file.exists(),
        "{} is not there; train first: cargo run --release --example mnist",
        file.display()
    );
    let mut net = MnistCnn::boxed_zero();
    net.load(file)?;
    let digit = support::digit::read(image)?;
    let input = digit
        .map(|rows| rows.map(|row| row.map(|ink| (ink - Scale::MNIST.mean) / Scale::MNIST.std)));
    let mut memory = Workspace::new();
    let output = net.forward(&input, &mut memory);
    let best = argmax(output);
    println!("{}: this is a {best}  ({:.1} % sure)", image.display(), output[best].exp() * 100.0);
    Ok(())
}
