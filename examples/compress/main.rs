//! The network of the `mnist` example, made small in four steps, each of which is measured.
//!
//! `cargo run --release --example compress` begins with what `mnist` has saved, and trains it itself where there is nothing.
#![forbid(unsafe_code)]

mod pack;
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use firmnet::compress::{Clusters, Mask, narrow};
use firmnet::data::Image;
use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use support::Run;

// ANCHOR: networks
network! {
    /// The network of the PyTorch MNIST example: the teacher.
    pub struct Wide: [1, 28, 28] -> [10] {
        conv1: Conv2d(32, 3), Relu,
        conv2: Conv2d(64, 3), Relu,
        MaxPool2d(2), Dropout2d(0.25), Flatten,
        fc1: Linear(128), Relu, Dropout(0.5),
        fc2: Linear(10), LogSoftmax,
    }
}

network! {
    /// The same layers with a quarter of the channels: the student.
    pub struct Narrow: [1, 28, 28] -> [10] {
        conv1: Conv2d(8, 3), Relu,
        conv2: Conv2d(16, 3), Relu,
        MaxPool2d(2), Flatten,
        fc1: Linear(32), Relu,
        fc2: Linear(10), LogSoftmax,
    }
}
// ANCHOR_END: networks

/// Makes a trained network small.
#[derive(Parser)]
struct Args {
    /// The network to begin with; trained first where there is no such file.
    #[arg(long, default_value = "target/mnist/mnist.safetensors")]
    net: PathBuf,
    /// How often the images are gone through after each step.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: u32,
    /// Images in a step.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// The highest learning rate of Adam.
    #[arg(long, default_value_t = 2e-3)]
    lr: f32,
    /// The share of the weights that is pruned.
    #[arg(long, default_value_t = 0.8, value_parser = share)]
    prune: f64,
    /// Different numbers in a tensor, beside 0.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u8).range(1..))]
    clusters: u8,
    #[command(flatten)]
    run: Run,
    /// Train on the first images only.
    #[arg(long, default_value_t = 60_000)]
    samples: usize,
    /// Where the networks go.
    #[arg(long, default_value = "target/compress")]
    out: PathBuf,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "a share is from 0 to 1".into())
}

/// An image, with its label and what the teacher says of it.
type Taught = (Image<28, 28>, (u8, [f32; 10]));

fn main() -> Result<()> {
    let args = Args::parse();
    let start = Instant::now();
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("{} cannot be made", args.out.display()))?;
    let mnist = support::mnist(args.samples)?;
    let teacher = teacher(&args, &mnist.train)?;
    let train = taught(&teacher, mnist.train);
    let test = taught(&teacher, mnist.test);
    println!("\n{:<36}{:>9}{:>12}{:>10}", "", "accuracy", "parameters", "file");
    let first = report("trained", &*teacher, &test, &args.out)?;

    // ANCHOR: narrow
    let mut net = Narrow::boxed_zero();
    for kept in narrow(&*teacher, &mut *net)? {
        println!("  {}: channels {:?} of {}", kept.layer, kept.kept, kept.of);
    }
    // ANCHOR_END: narrow
    report("narrow: the strongest channels", &*net, &test, &args.out)?;

    // ANCHOR: distil
    learner(&args).fit(&mut *net, &train, ())?;
    // ANCHOR_END: distil
    report("  taught by the wide network", &*net, &test, &args.out)?;

    // ANCHOR: prune
    let mask = Mask::by_magnitude(&*net, args.prune, weights);
    mask.apply(&mut *net);
    report(&format!("pruned by {:.0} %", 100.0 * args.prune), &*net, &test, &args.out)?;
    learner(&args).after_step(move |net| mask.apply(net)).fit(&mut *net, &train, ())?;
    // ANCHOR_END: prune
    report("  taught again", &*net, &test, &args.out)?;

    // ANCHOR: cluster
    let clusters = Clusters::of(&mut *net, args.clusters.into(), weights);
    report(&format!("{} different numbers and 0", args.clusters), &*net, &test, &args.out)?;
    let shared = clusters.clone();
    learner(&args).after_step(move |net| shared.share(net)).fit(&mut *net, &train, ())?;
    // ANCHOR_END: cluster
    report("  taught again", &*net, &test, &args.out)?;

    // The score that counts is that of the file.
    let file = args.out.join("packed.safetensors.gz");
    pack::write(&file, &*net, &clusters)?;
    let mut unpacked = Narrow::boxed_zero();
    pack::read(&file, &mut *unpacked)?;
    let last = accuracy(&*unpacked, &test);
    println!("{:<36}{last:>7.2} %{:>12}{:>10}", "packed", nonzero(&*unpacked), size(&file)?);

    println!("\nthe networks are in {}", args.out.display());
    println!(
        "test accuracy: {first:.2} % in {} became {last:.2} % in {}  ({:.1} s)",
        size(&args.out.join("trained.safetensors"))?,
        size(&file)?,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// What `mnist` has saved, or what it would have.
fn teacher(args: &Args, images: &[(Image<28, 28>, u8)]) -> Result<Box<Wide>> {
    let mut net = Wide::boxed(&mut StdRng::seed_from_u64(args.run.seed));
    if args.net.exists() {
        net.load(&args.net)?;
        return Ok(net);
    }
    println!("{} is not there, so the network is trained first", args.net.display());
    let mut trainer = Trainer::new(Adam::new(1e-3), NllLoss::new())
        .epochs(2)
        .batch_size(64)
        .seed(args.run.seed)
        .threads(args.run.threads)
        .schedule(StepLr::new(1).gamma(0.7))
        .progress();
    trainer.fit(&mut *net, images, ())?;
    Ok(net)
}

// ANCHOR: taught
/// Each image with what the teacher says of it beside its label.
fn taught(teacher: &Wide, images: Vec<(Image<28, 28>, u8)>) -> Vec<Taught> {
    let mut said = Vec::with_capacity(images.len());
    let mut memory = Workspace::new();
    for (image, _) in &images {
        said.push(*teacher.forward(image, &mut memory));
    }
    let pairs = images.into_iter().zip(said);
    pairs.map(|((image, label), said)| (image, (label, said))).collect()
}

/// Learns from the labels and from the teacher.
fn learner(args: &Args) -> Trainer<Narrow, (u8, [f32; 10]), Adam, DistillationLoss> {
    let steps = args.epochs * args.samples.min(60_000).div_ceil(args.batch as usize) as u32;
    Trainer::new(Adam::new(args.lr), DistillationLoss::new())
        .epochs(args.epochs)
        .batch_size(args.batch as usize)
        .seed(args.run.seed)
        .threads(args.run.threads)
        .schedule_by_step(OneCycleLr::new(args.lr.into(), steps))
}
// ANCHOR_END: taught

fn weights(name: &str) -> bool {
    name.ends_with("weight")
}

/// Prints the score of `net`, and writes it to a file in `out`.
fn report<N>(step: &str, net: &N, test: &[Taught], out: &Path) -> Result<f32>
where
    N: Network<Input = Image<28, 28>, Output = [f32; 10]>,
{
    let name = step.trim().split([' ', ':']).next().unwrap_or("net");
    let file = out.join(name).with_extension("safetensors");
    net.save(&file)?;
    let accuracy = accuracy(net, test);
    println!("{step:<36}{accuracy:>7.2} %{:>12}{:>10}", nonzero(net), size(&file)?);
    Ok(accuracy)
}

/// In percent.
fn accuracy<N>(net: &N, test: &[Taught]) -> f32
where
    N: Network<Input = Image<28, 28>, Output = [f32; 10]>,
{
    let score = Trainer::new(Sgd::new(0.0), DistillationLoss::new()).evaluate(net, test);
    100.0 * score.metric.unwrap_or(f32::NAN)
}

/// Parameters that are not 0.
fn nonzero<N: Network>(net: &N) -> usize {
    (0..N::TENSORS.len()).flat_map(|i| net.tensor(i)).filter(|&&x| x != 0.0).count()
}

/// Of a file, in kilobytes.
fn size(file: &Path) -> Result<String> {
    Ok(format!("{:.1} KB", std::fs::metadata(file)?.len() as f64 / 1000.0))
}
