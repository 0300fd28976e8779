//! A generator that learns to write digits, from a discriminator that learns to tell them from real ones (Goodfellow et al. 2014).
//!
//! `cargo run --release --example gan` trains the two on MNIST and draws a sheet of samples after each epoch; `… -- --conv` has
//! convolutions. `benches/peers/gan.py` trains the same networks with PyTorch.
//!
//! How sure the classifier is of the samples on average, and of real digits (one run each; the linear layers before a judge that had learned
//! for a single epoch):
//!
//! | | here | PyTorch | real digits |
//! |---|---|---|---|
//! | `--epochs 5` | 65.1 % | 67.7 % | 97.4 % |
//! | `--conv` | 90.6 % | 90.7 % | 98.7 % |
#![forbid(unsafe_code)]

mod adversaries;
mod judge;
mod networks;
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::time::Instant;

use adversaries::{Average, Gan, GanLoss, Player};
use anyhow::{Context, Result, ensure};
use clap::Parser;
use firmnet::data::{Image, Mnist, Scale};
use firmnet::init;
use firmnet::prelude::*;
use firmnet::sample::Sample;
use indicatif::{ProgressBar, ProgressStyle};
use judge::Judge;
use networks::{ConvDiscriminator, ConvGenerator, Discriminator, Generator};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use support::Run;
use support::pictures::{self, Curve, Panel};

/// What is judged in the end.
const SAMPLES: usize = 5000;

/// Trains a generator of digits.
#[derive(Parser)]
struct Args {
    /// How often the 60,000 images are gone through: 20 times, and 8 times with --conv.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: Option<u32>,
    /// Images in a step.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// Learning rate of both Adams: 2e-4 all along; 1e-3 with --conv, and along half a wave of the cosine down to 0.
    #[arg(long)]
    lr: Option<f32>,
    /// How much of the averaged generator stays in each step: 0.999 with --conv, else 0, with which the latest generator makes the samples.
    #[arg(long)]
    average: Option<f32>,
    /// How fast the discriminator learns beside the generator: 0.3 times with --conv, else as fast.
    #[arg(long)]
    pace: Option<f32>,
    /// What the two networks make small.
    #[arg(long, value_enum, default_value_t = GanLoss::NonSaturating)]
    loss: GanLoss,
    /// Convolutional networks.
    #[arg(long)]
    conv: bool,
    #[command(flatten)]
    run: Run,
    /// Train on the first images only.
    #[arg(long, default_value_t = 60_000)]
    samples: usize,
    /// Where the generator and the pictures go.
    #[arg(long, default_value = "target/gan")]
    out: PathBuf,
    /// The classifier that judges the samples: what the example `mnist` saves. One is trained when it is not there.
    #[arg(long, default_value = "target/mnist/mnist.safetensors")]
    judge: PathBuf,
}

fn main() -> Result<()> {
    let args = Args::parse();
    rayon::ThreadPoolBuilder::new().num_threads(args.run.threads).build_global()?;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/mnist");
    // From −1 to 1, as `Tanh` gives.
    let mnist = Mnist::load_scaled(folder, Scale { mean: 0.5, std: 0.5 })?;
    let samples = args.samples.min(mnist.train.len());
    ensure!(samples >= args.batch as usize, "--samples is at least a batch, {}", args.batch);
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("{} cannot be made", args.out.display()))?;
    let own = args.out.join("judge.safetensors");
    let mut judge = Judge::load_or_train(&mnist, samples, &args.judge, &own)?;
    let verdict = judge.verdict(mnist.test[..1000].iter().map(|sample| &sample.0));
    let confidence = 100.0 * verdict.mean_confidence();
    println!("of the first 1000 real test digits it is {confidence:.1} % sure on average\n");

    let real: Vec<_> = mnist.train[..samples].iter().map(|sample| sample.0).collect();
    if args.conv {
        train::<ConvGenerator, ConvDiscriminator, 32>(&args, real, judge)
    } else {
        train::<Generator, Discriminator, 10>(&args, real, judge)
    }
}

fn train<G, D, const Z: usize>(
    args: &Args,
    mut real: Vec<Image<28, 28>>,
    mut judge: Judge,
) -> Result<()>
where
    G: Network<Input = [f32; Z], Output = Image<28, 28>>,
    D: Network<Input = Image<28, 28>, Output = [f32; 1]>,
{
    let start = Instant::now();
    println!("{}\n{}\n", G::summary(), D::summary());
    let mut rng = StdRng::seed_from_u64(args.run.seed);
    // The same noise for each sheet, so that one sees what becomes of a sample.
    let shown = noise(60, &mut rng);
    let epochs = args.epochs.unwrap_or(if args.conv { 8 } else { 20 });
    let batch = args.batch as usize;
    let (mut losses, mut confidences) = ([vec![], vec![]], vec![]);
    // ANCHOR: train
    let base = args.lr.unwrap_or(if args.conv { 1e-3 } else { 2e-4 });
    let pace = args.pace.unwrap_or(if args.conv { 0.3 } else { 1.0 });
    let decay = args.average.unwrap_or(if args.conv { 0.999 } else { 0.0 });
    let fall = CosineAnnealingLr::new(epochs * (real.len() / batch) as u32);
    let lr = |step| if args.conv { fall.lr(base, step) } else { base };
    let adam = Adam::new(base).betas(0.5, 0.999);
    let generator = G::boxed(&mut rng);
    let mut gan = Gan {
        average: Average::new(&*generator, decay),
        generator: Player::new(generator, adam),
        discriminator: Player::new(D::boxed(&mut rng), adam),
        loss: args.loss,
    };
    // Steps of the discriminator for each one of the generator.
    let turns = if args.loss == GanLoss::WassersteinGp { 5 } else { 1 };
    let mut taken = 0;
    for epoch in 1..=epochs {
        let bar = bar(epoch, epochs, real.len() / batch);
        let (mut sums, mut steps) = ([0.0, 0.0], [0_u32, 0]);
        real.shuffle(&mut rng);
        for (step, real) in real.chunks_exact(batch).enumerate() {
            gan.generator.adam.set_lr(lr(taken));
            gan.discriminator.adam.set_lr(pace * lr(taken));
            taken += 1;
            sums[0] += gan.discriminator_step(real, &noise(batch, &mut rng), &mut rng);
            steps[0] += 1;
            if (step + 1) % turns == 0 {
                sums[1] += gan.generator_step(&noise(batch, &mut rng), &mut rng);
                steps[1] += 1;
            }
            bar.inc(1);
        }
        // ANCHOR_END: train
        bar.finish_and_clear();
        for (losses, (sum, steps)) in losses.iter_mut().zip(sums.into_iter().zip(steps)) {
            losses.push(f64::from(sum / steps.max(1) as f32));
        }
        let [discriminator, generator] = losses.each_ref().map(|losses| losses[losses.len() - 1]);
        let verdict = judge.verdict(&samples(&*gan.average.net, &noise(1000, &mut rng)));
        confidences.push(verdict.mean_confidence());
        println!(
            "epoch {epoch}/{epochs}  loss of discriminator {discriminator:.4}, generator {generator:.4}   confidence {:.1} %   {:.1} s",
            100.0 * verdict.mean_confidence(),
            start.elapsed().as_secs_f64()
        );
        let sheet = args.out.join(format!("samples-{epoch:03}.svg"));
        draw(&sheet, epoch, &samples(&*gan.average.net, &shown), &mut judge)?;
    }
    let seconds = start.elapsed().as_secs_f64();

    gan.average.net.save(args.out.join("generator.safetensors"))?;
    let [discriminator, generator] = losses;
    let loss = Panel {
        title: "loss",
        curves: vec![
            Curve { name: "discriminator", values: discriminator },
            Curve { name: "generator", values: generator },
        ],
        digits: 3,
    };
    let confidence = Panel {
        title: "confidence of the judge",
        curves: vec![Curve { name: "samples", values: confidences }],
        digits: 3,
    };
    pictures::learning_curve(&args.out.join("learning-curve.svg"), "GAN", &[loss, confidence])?;
    println!("\nthe generator, its samples and a learning curve are in {}\n", args.out.display());
    // ANCHOR: judge
    let verdict = judge.verdict(&samples(&*gan.average.net, &noise(SAMPLES, &mut rng)));
    println!("{verdict}");
    // ANCHOR_END: judge
    println!(
        "mean confidence: {:.1} %, at least 90 % sure of {:.1} % of {SAMPLES} samples; digits 0 to 9: {:?}  ({epochs} epochs, {seconds:.1} s)",
        100.0 * verdict.mean_confidence(),
        100.0 * verdict.recognised(),
        verdict.counts,
    );
    Ok(())
}

// ANCHOR: samples
/// Noise from N(0, 1).
fn noise<const Z: usize>(count: usize, rng: &mut impl Rng) -> Vec<[f32; Z]> {
    let mut noise = vec![[0.0; Z]; count];
    init::normal(Sample::flatten_mut(&mut noise), 0.0, 1.0, rng);
    noise
}

/// What the generator makes of `noise`, as in use after training.
fn samples<G: Network<Input = [f32; Z], Output = Image<28, 28>>, const Z: usize>(
    generator: &G,
    noise: &[[f32; Z]],
) -> Vec<Image<28, 28>> {
    generator.forward_batch(noise, &mut Workspace::new()).to_vec()
}
// ANCHOR_END: samples

/// Draws `images` with what the judge says of each.
fn draw(path: &Path, epoch: u32, images: &[Image<28, 28>], judge: &mut Judge) -> Result<()> {
    let captioned = images.iter().map(|image| {
        let (digit, confidence) = judge.judge(image);
        let ink = image[0].map(|row| row.map(|x| 0.5 * (x + 1.0)));
        (ink, format!("{digit}, {:.0} %", 100.0 * confidence))
    });
    let title = format!("samples after epoch {epoch}, and what the judge says of them");
    pictures::digits(path, &title, &captioned.collect::<Vec<_>>())
}

/// A bar for the steps of an epoch. Where there is no terminal, nothing is shown.
fn bar(epoch: u32, epochs: u32, steps: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {percent}%  {eta} left");
    let bar = ProgressBar::new(steps as u64).with_prefix(format!("epoch {epoch}/{epochs}"));
    match style {
        Ok(style) => bar.with_style(style.progress_chars("━╸─")),
        Err(_) => bar,
    }
}
