//! Gestures from the sensors of a watch: a 1-D convolutional network on windows of two seconds, and a GRU that takes each sample when it
//! comes.
//!
//! `cargo run --release --example gestures -- --data DIR` trains both on the first seven of ten people who do shoulder exercises, and judges them on
//! the other three. `… -- --watch N` listens to series N with the saved GRU.
//!
//! With its defaults the CNN knows 87.7 % of the windows and the GRU 88.7 % at the same times; in PyTorch the same networks know 86.1 % and 86.7 %,
//! with the same settings: `benches/peers/gestures.py` (one run each; another seed moves the CNN by half a point and the GRU by three). A random forest on
//! statistics of the windows knows 78.1 %.
#![forbid(unsafe_code)]

mod networks;
mod pieces;
mod sensors;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use firmnet::prelude::*;
use networks::{Cnn, GESTURES, Listener, RATE, WINDOW};
use pieces::Passage;
use rand::SeedableRng;
use rand::rngs::StdRng;
use sensors::{Recordings, Series};
use support::Run;
use support::pictures;

/// Trains two networks to tell gestures apart, or listens with one of them.
#[derive(Parser)]
struct Args {
    /// The folder with `samples.csv.gz` and `series.tsv`; made up without it, unless `../shared/data/imu-exercises` is there.
    #[arg(long)]
    data: Option<PathBuf>,
    /// How often the windows are gone through.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: u32,
    /// Windows in a step of the convolutional network, and passages in a step of the GRU.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// The highest learning rate of AdamW.
    #[arg(long, default_value_t = 3e-3)]
    lr: f32,
    #[command(flatten)]
    run: Run,
    /// Where the networks and the pictures go.
    #[arg(long, default_value = "target/gestures")]
    out: PathBuf,
    /// Listen to the series of this number with the saved GRU.
    #[arg(long)]
    watch: Option<usize>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let recordings = match args.data.clone().or_else(|| support::shared("imu-exercises")) {
        Some(folder) => sensors::read(&folder)?,
        None => {
            println!(
                "Without `--data`, the gestures are made up. The recordings of Burns et al. (2018) come with the Python package\n\
                 `seglearn`: `examples/data/gestures.py` writes them into a folder.\n"
            );
            sensors::made_up()
        }
    };
    match args.watch {
        Some(number) => watch(&args, &recordings, number),
        None => train(&args, &recordings),
    }
}

fn train(args: &Args, recordings: &Recordings) -> Result<()> {
    let start = Instant::now();
    let (held_back, learned): (Vec<&Series>, Vec<&Series>) =
        recordings.series.iter().partition(|series| series.subject > 7);
    let (windows, test_windows) = (pieces::windows(&learned), pieces::windows(&held_back));
    ensure!(!windows.is_empty() && !test_windows.is_empty(), "no series is two seconds long");
    println!("{} windows to learn from, {} held back\n", windows.len(), test_windows.len());

    // ANCHOR: train
    println!("{}\n", Cnn::summary());
    let seed = |epoch: u32| args.run.seed + (u64::from(epoch) << 32);
    let drawn = Stream(|epoch| pieces::drawn_windows(&learned, seed(epoch)));
    let mut cnn = Cnn::boxed(&mut StdRng::seed_from_u64(args.run.seed));
    let mut trainer = trainer(args, windows.len());
    let cnn_history = trainer.fit(&mut *cnn, drawn, &test_windows)?;
    // ANCHOR_END: train
    let mut by_window = Confusion::new(GESTURES);
    trainer.predict(&cnn, &test_windows, |_, logits, &gesture| {
        by_window.add(gesture.into(), argmax(logits));
    });

    println!("\n{}\n", Listener::summary());
    let (passages, test_passages) = (pieces::passages(&learned), pieces::passages(&held_back));
    let drawn = Stream(|epoch| pieces::drawn_passages(&learned, seed(epoch)));
    let mut gru = Listener::boxed(&mut StdRng::seed_from_u64(args.run.seed));
    let mut trainer = self::trainer(args, passages.len());
    let gru_history = trainer.fit(&mut *gru, drawn, &test_passages)?;
    let by_sample = listen(&gru, &held_back);
    let seconds = start.elapsed().as_secs_f64();
    let compared = compare(&gru, &test_passages)?;

    fs::create_dir_all(&args.out)
        .with_context(|| format!("{} cannot be made", args.out.display()))?;
    cnn.save(args.out.join("cnn.safetensors"))?;
    gru.save(args.out.join("gru.safetensors"))?;
    let names: Vec<&str> = recordings.names.iter().map(String::as_str).collect();
    for (network, title, history, confusion) in [
        ("cnn", "windows of two seconds", &cnn_history, &by_window),
        ("gru", "sample by sample", &gru_history, &by_sample),
    ] {
        println!("\n{title}:\n{confusion}");
        let picture = |name: &str| args.out.join(format!("{network}-{name}.svg"));
        pictures::training(&picture("learning-curve"), title, history, "held back")?;
        let count = |is: usize, said: usize| confusion.count(is, said);
        pictures::confusion(&picture("confusion"), title, &names, count)?;
    }
    println!("{compared} samples, one by one, gave the bits that they gave in batches");
    println!("the networks and four pictures are in {}\n", args.out.display());
    println!(
        "accuracy on people never seen: {:.1} % of windows with the CNN, {:.1} % at the same times with the GRU  ({} epochs, {seconds:.1} s)",
        100.0 * by_window.accuracy(),
        100.0 * by_sample.accuracy(),
        args.epochs
    );
    Ok(())
}

/// One cycle of the learning rate over all epochs.
fn trainer<N: Network, T>(args: &Args, samples: usize) -> Trainer<N, T, AdamW, CrossEntropyLoss> {
    let steps = args.epochs * samples.div_ceil(args.batch as usize) as u32;
    Trainer::new(AdamW::new(args.lr), CrossEntropyLoss::new())
        .epochs(args.epochs)
        .batch_size(args.batch as usize)
        .seed(args.run.seed)
        .threads(args.run.threads)
        .schedule_by_step(OneCycleLr::new(args.lr.into(), steps))
        .clip_norm(1.0)
        .progress()
}

// ANCHOR: listen
/// What the GRU, which hears each series from its beginning, says where a window ends.
fn listen(gru: &Listener, held_back: &[&Series]) -> Confusion {
    let mut confusion = Confusion::new(GESTURES);
    let mut stream = Listener::stream();
    for series in held_back {
        stream.reset();
        for (heard, sample) in (1..).zip(&series.samples) {
            let logits = gru.step(sample, &mut stream);
            if heard >= WINDOW && heard % (WINDOW / 2) == 0 {
                confusion.add(series.gesture.into(), argmax(logits));
            }
        }
    }
    confusion
}
// ANCHOR_END: listen

// ANCHOR: compare
/// How many samples were compared, in batches and one by one: all give the same bits.
fn compare(gru: &Listener, passages: &[Passage]) -> Result<usize> {
    let (mut memory, mut stream, mut compared) = (Workspace::new(), Listener::stream(), 0);
    for batch in passages.chunks(16) {
        let batch: Vec<_> = batch.iter().map(|passage| passage.0).collect();
        for (samples, whole) in batch.iter().zip(gru.forward_batch(&batch, &mut memory).iter()) {
            stream.reset();
            for (sample, whole) in samples.iter().zip(whole) {
                let alone = gru.step(sample, &mut stream);
                let same = alone.map(f32::to_bits) == whole.map(f32::to_bits);
                ensure!(same, "in a batch {whole:?}, one by one {alone:?}");
                compared += 1;
            }
        }
    }
    Ok(compared)
}
// ANCHOR_END: compare

fn watch(args: &Args, recordings: &Recordings, number: usize) -> Result<()> {
    let file = args.out.join("gru.safetensors");
    ensure!(
        file.exists(),
        "{} is not there; train first: cargo run --release --example gestures",
        file.display()
    );
    let series = recordings
        .series
        .get(number)
        .with_context(|| format!("there are {} series, counted from 0", recordings.series.len()))?;
    let mut gru = Listener::boxed_zero();
    gru.load(file)?;
    let mut stream = Listener::stream();
    for (heard, sample) in (1..).zip(&series.samples) {
        let logits = gru.step(sample, &mut stream);
        if heard % RATE == 0 {
            let best = argmax(logits);
            let sure = 100.0 / logits.iter().map(|y| (y - logits[best]).exp()).sum::<f32>();
            println!("{:>3} s  {}  ({sure:.0} % sure)", heard / RATE, recordings.names[best]);
        }
    }
    println!("it is {}", recordings.names[usize::from(series.gesture)]);
    Ok(())
}
