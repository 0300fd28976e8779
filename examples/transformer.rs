//! A transformer that learns to write, character by character, from any text.
//!
//! `cargo run --release --example transformer -- --text FILE` trains it on the first nine tenths of a text and judges it on the last; without a
//! text it reads the pages of the book. `… -- --prompt "Once"` goes on from there with what it learnt.
//!
//! With its defaults on the plays of Shakespeare as one file (`tinyshakespeare`, 1.1 MB, from karpathy/char-rnn), PyTorch reaches a loss
//! of 2.00 nats a character (this 1.99) with the same network, settings and number of steps: `benches/peers/transformer.py`.
#![forbid(unsafe_code)]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use firmnet::prelude::*;
use flate2::read::MultiGzDecoder;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use support::Run;
use support::pictures;

/// How many characters the network sees at once.
const CONTEXT: usize = 64;
/// The end of a line, the 95 characters that ASCII prints, and one for all others.
const CHARACTERS: usize = 97;

// ANCHOR: network
network! {
    /// What comes after each character, of up to 64.
    pub struct Writer {
        embedding: Embedding(CHARACTERS, 96),
        layer1: TransformerEncoderLayer(4, 384, norm_first = true, causal = true, rotary = true),
        layer2: TransformerEncoderLayer(4, 384, norm_first = true, causal = true, rotary = true),
        layer3: TransformerEncoderLayer(4, 384, norm_first = true, causal = true, rotary = true),
        norm: LayerNorm,
        next: Linear(CHARACTERS),
    }
    fn forward(text: [..CONTEXT]) -> [..CONTEXT, CHARACTERS] {
        next(norm(layer3(layer2(layer1(embedding(text))))))
    }
}
// ANCHOR_END: network

/// Trains a transformer to write, or writes with what it learnt.
#[derive(Parser)]
struct Args {
    /// The text to learn from, plain or as `.gz`; the book's own pages without it.
    #[arg(long)]
    text: Option<PathBuf>,
    /// How often the network is judged.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: u32,
    /// Steps in an epoch.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Pieces of text in a step.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// Learning rate of AdamW, from which it falls to zero along a cosine.
    #[arg(long, default_value_t = 2e-3)]
    lr: f32,
    #[command(flatten)]
    run: Run,
    /// Where the network and the pictures go.
    #[arg(long, default_value = "target/transformer")]
    out: PathBuf,
    /// Go on from this with the saved network, instead of training one.
    #[arg(long)]
    prompt: Option<String>,
    /// How daring the writing is: always the likeliest character at 0, as in the text at 1.
    #[arg(long, default_value_t = 0.8)]
    temperature: f32,
    /// How many characters are written.
    #[arg(long, default_value_t = 400)]
    length: usize,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let Some(prompt) = &args.prompt else { return train(&args) };
    let file = args.out.join("transformer.safetensors");
    ensure!(
        file.exists(),
        "{} is not there; train first: cargo run --release --example transformer",
        file.display()
    );
    let mut net = Writer::boxed_zero();
    net.load(file)?;
    write(&net, prompt, &args)
}

fn train(args: &Args) -> Result<()> {
    let start = Instant::now();
    let text = ids(&match &args.text {
        Some(path) => read(path)?,
        None => pages()?,
    });
    let (learned, held_back) = text.split_at(text.len() * 9 / 10);
    ensure!(held_back.len() > CONTEXT, "a text to learn from has at least {} characters", {
        10 * (CONTEXT + 1)
    });
    println!("{}\n", Writer::summary());
    println!("{} characters to learn from, {} held back", learned.len(), held_back.len());

    // ANCHOR: data
    // Each character of a piece is followed by the next one, which is what the network is to say.
    let piece = |text: &[u32], at: usize| {
        let (x, target) = (&text[at..at + CONTEXT], &text[at + 1..=at + CONTEXT]);
        (Seq::truncated(x).expect("some steps"), Seq::truncated(target).expect("some steps"))
    };
    let (seed, pieces) = (args.run.seed, args.steps * args.batch);
    // In each epoch, pieces from anywhere.
    let random = Stream(|epoch: u32| {
        let mut rng = StdRng::seed_from_u64(seed + (u64::from(epoch) << 32));
        (0..pieces).map(move |_| piece(learned, rng.random_range(0..learned.len() - CONTEXT)))
    });
    let validation: Vec<(Seq<u32, CONTEXT>, Seq<u32, CONTEXT>)> =
        (0..held_back.len() - CONTEXT).step_by(CONTEXT).map(|at| piece(held_back, at)).collect();
    // ANCHOR_END: data

    // ANCHOR: train
    let mut net = Writer::boxed(&mut StdRng::seed_from_u64(seed));
    let mut trainer = Trainer::new(AdamW::new(args.lr), CrossEntropyLoss::new())
        .epochs(args.epochs)
        .batch_size(args.batch as usize)
        .seed(seed)
        .threads(args.run.threads)
        .schedule_by_step(CosineAnnealingLr::new(args.epochs * args.steps))
        .clip_norm(1.0)
        .progress();
    let history = trainer.fit(&mut *net, random, &validation)?;
    // ANCHOR_END: train
    let seconds = start.elapsed().as_secs_f64();

    // How much it helps to have read more.
    let mut losses = [0.0; CONTEXT];
    trainer.predict(&net, &validation, |_, outputs, targets| {
        for ((loss, output), target) in losses.iter_mut().zip(outputs).zip(targets.iter()) {
            *loss += CrossEntropyLoss::new().value(&[*output], &[*target]);
        }
    });
    let losses = losses.map(|loss| f64::from(loss) / validation.len() as f64);
    fs::create_dir_all(&args.out)
        .with_context(|| format!("{} cannot be made", args.out.display()))?;
    net.save(args.out.join("transformer.safetensors"))?;
    draw(&args.out, &history, &losses)?;
    println!("the network and two pictures are in {}\n", args.out.display());
    let prompt: String = held_back[..CONTEXT / 2].iter().map(|&id| character(id)).collect();
    write(&net, &prompt, args)?;

    let loss = losses.iter().sum::<f64>() / CONTEXT as f64;
    let steps = args.epochs * args.steps;
    println!(
        "\nvalidation loss: {loss:.3} nats a character, as if chosen from {:.1}  ({steps} steps, {seconds:.1} s)",
        loss.exp()
    );
    Ok(())
}

// ANCHOR: write
/// Prints the prompt, and goes on from it.
fn write(net: &Writer, prompt: &str, args: &Args) -> Result<()> {
    let mut rng = StdRng::seed_from_u64(args.run.seed);
    let mut stream = Box::new(Writer::stream());
    let mut out = std::io::stdout().lock();
    write!(out, "{prompt}")?;
    let mut before = ids(prompt);
    let mut last = before.pop().unwrap_or(0);
    for id in before {
        net.step(&id, &mut stream);
    }
    for _ in 0..args.length {
        let logits = net.step(&last, &mut stream);
        last = draw_one(logits, args.temperature, &mut rng) as u32;
        write!(out, "{}", character(last))?;
        out.flush()?;
    }
    writeln!(out)?;
    Ok(())
}

/// One of the classes, each as likely as `softmax(logits / temperature)` says.
fn draw_one(logits: &[f32], temperature: f32, rng: &mut impl Rng) -> usize {
    let best = argmax(logits);
    let weight = |logit: f32| ((logit - logits[best]) / temperature.max(1e-6)).exp();
    let mut left = rng.random::<f32>() * logits.iter().map(|&logit| weight(logit)).sum::<f32>();
    for (class, &logit) in logits.iter().enumerate() {
        left -= weight(logit);
        if left < 0.0 {
            return class;
        }
    }
    best
}
// ANCHOR_END: write

/// The number of each character.
fn ids(text: &str) -> Vec<u32> {
    let id = |c| match c {
        '\n' => 0,
        ' '..='~' => u32::from(c) - 31,
        _ => CHARACTERS as u32 - 1,
    };
    text.chars().map(id).collect()
}

/// The character of a number.
fn character(id: u32) -> char {
    match id {
        0 => '\n',
        _ => char::from_u32(id + 31).filter(|c| *c <= '~').unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

fn read(path: &Path) -> Result<String> {
    let cannot = || format!("{} cannot be read", path.display());
    let mut file = fs::File::open(path).with_context(cannot)?;
    let mut text = String::new();
    match path.extension().is_some_and(|end| end == "gz") {
        true => MultiGzDecoder::new(file).read_to_string(&mut text),
        false => file.read_to_string(&mut text),
    }
    .with_context(cannot)?;
    Ok(text)
}

/// The pages of the book, one after the other.
fn pages() -> Result<String> {
    let folder = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/book/src"))?;
    let mut pages = folder.map(|page| Ok(page?.path())).collect::<Result<Vec<_>>>()?;
    pages.retain(|page| page.extension().is_some_and(|end| end == "md"));
    pages.sort();
    pages.iter().map(|page| read(page)).collect()
}

/// The learning curve, and the loss by how many characters were seen.
fn draw(out: &Path, history: &History, losses: &[f64]) -> Result<()> {
    let curve = out.join("learning-curve.svg");
    pictures::training(&curve, "a transformer", history, "held back")?;
    let title = "loss by the characters that were seen";
    pictures::curve(&out.join("loss-by-length.svg"), title, ["characters", "loss"], losses)
}
