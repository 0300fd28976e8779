//! Spoken digits: convolutions and a GRU over the pitches that are heard.
//!
//! `cargo run --release --example speech -- --data DIR` trains on 2,700 recordings of six people and judges on 300 others; `… -- --predict FILE.wav` says
//! which digit is spoken in a file.
//!
//! With its defaults it gets 99.0 % of the test recordings right, and so does the same network in PyTorch, with the same settings:
//! `benches/peers/speech.py`.
#![forbid(unsafe_code)]

mod mel;
mod recordings;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use firmnet::prelude::*;
use mel::{BANDS, Frame};
use rand::SeedableRng;
use rand::rngs::StdRng;
use recordings::{Recording, Sound};
use support::Run;
use support::pictures;

/// Frames of the longest recording that is heard whole: 2.4 seconds.
const LONGEST: usize = 150;

// ANCHOR: network
network! {
    /// Which digit is spoken.
    pub struct Speech {
        conv1: Conv1d(64, 3, padding = 1), conv2: Conv1d(64, 3, stride = 2, padding = 1),
        gru: GRU(64, last = true), fc: Linear(10),
    }
    fn forward(frames: [..LONGEST, BANDS]) -> [10] {
        // Convolutions go along the last axis, recurrent layers along the first.
        let x = ReLU(conv2(ReLU(conv1(Transpose(0, 1)(frames)))));
        fc(Dropout(0.4)(gru(Dropout(0.2)(Transpose(0, 1)(x)))))
    }
}
// ANCHOR_END: network

/// Trains a network on spoken digits, or says with it which digit a file holds.
#[derive(Parser)]
struct Args {
    /// The folder with the recordings; the tones of a telephone without it, unless `../shared/data/spoken-digits` is there.
    #[arg(long)]
    data: Option<PathBuf>,
    /// How often the recordings are gone through.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: u32,
    /// Recordings in a step.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// The highest learning rate of AdamW.
    #[arg(long, default_value_t = 3e-3)]
    lr: f32,
    #[command(flatten)]
    run: Run,
    /// Where the network and the pictures go.
    #[arg(long, default_value = "target/speech")]
    out: PathBuf,
    /// Say which digit is spoken in this wav, with the saved network.
    #[arg(long)]
    predict: Option<PathBuf>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    match &args.predict {
        Some(file) => predict(file, &args.out.join("speech.safetensors")),
        None => train(&args),
    }
}

fn train(args: &Args) -> Result<()> {
    let start = Instant::now();
    let recordings = match args.data.clone().or_else(|| support::shared("spoken-digits")) {
        Some(folder) => recordings::read(&folder)?,
        None => {
            println!(
                "Without `--data`, the digits are the tones of a telephone. Spoken ones are in the free spoken digit dataset (on\n\
                 GitHub, Jakobovski/free-spoken-digit-dataset): its folder `recordings` is what `--data` takes.\n"
            );
            recordings::made_up()
        }
    };
    let sample = |recording: &Recording| Ok((heard(&recording.sound)?, recording.digit));
    let (test, train): (Vec<_>, Vec<_>) = recordings.iter().partition(|recording| recording.test);
    let test = test.into_iter().map(sample).collect::<Result<Vec<_>>>()?;
    let train = train.into_iter().map(sample).collect::<Result<Vec<_>>>()?;
    println!("{} recordings to learn from, {} held back", train.len(), test.len());
    println!("{}\n", Speech::summary());

    // ANCHOR: train
    let mut net = Speech::boxed(&mut StdRng::seed_from_u64(args.run.seed));
    let steps = args.epochs * train.len().div_ceil(args.batch as usize) as u32;
    let mut trainer = Trainer::new(AdamW::new(args.lr), CrossEntropyLoss::new())
        .epochs(args.epochs)
        .batch_size(args.batch as usize)
        .seed(args.run.seed)
        .threads(args.run.threads)
        .schedule_by_step(OneCycleLr::new(args.lr.into(), steps))
        .clip_norm(1.0)
        .progress();
    let history = trainer.fit(&mut *net, &train, &test)?;
    // ANCHOR_END: train
    let seconds = start.elapsed().as_secs_f64();

    let mut confusion = Confusion::new(10);
    trainer.predict(&net, &test, |_, logits, &digit| confusion.add(digit.into(), argmax(logits)));
    println!("\n{confusion}");
    fs::create_dir_all(&args.out)
        .with_context(|| format!("{} cannot be made", args.out.display()))?;
    net.save(args.out.join("speech.safetensors"))?;
    pictures::training(&args.out.join("learning-curve.svg"), "Spoken digits", &history, "test")?;
    let classes = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let title = format!("{} test recordings", test.len());
    let count = |is: usize, said: usize| confusion.count(is, said);
    pictures::confusion(&args.out.join("confusion.svg"), &title, &classes, count)?;
    println!("the network and two pictures are in {}\n", args.out.display());
    let accuracy = confusion.accuracy() * 100.0;
    println!("test accuracy: {accuracy:.2} %  ({} epochs, {seconds:.1} s)", args.epochs);
    Ok(())
}

/// What the network hears of a sound.
fn heard(sound: &Sound) -> Result<Seq<Frame, LONGEST>> {
    Ok(Seq::truncated(&mel::frames(&sound.samples, sound.rate))?)
}

fn predict(wav: &Path, file: &Path) -> Result<()> {
    ensure!(
        file.exists(),
        "{} is not there; train first: cargo run --release --example speech",
        file.display()
    );
    let mut net = Speech::boxed_zero();
    net.load(file)?;
    let mut memory = Workspace::new();
    let logits = net.forward(&heard(&recordings::open(wav)?)?, &mut memory);
    let best = argmax(logits);
    let sure = 100.0 / logits.iter().map(|logit| (logit - logits[best]).exp()).sum::<f32>();
    println!("{}: this is a {best}  ({sure:.1} % sure)", wav.display());
    Ok(())
}
