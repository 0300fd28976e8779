//! Part-of-speech tagging: an LSTM, or the encoder of a transformer, reads a sentence, and says of every word what it is.
//!
//! `cargo run --release --example tagger -- --train TRAIN --test TEST` takes files with a word and its tag on each line, a tab
//! between, and an empty line after each sentence (gzip too), as are made from Universal Dependencies, or CoNLL-U itself. Without
//! them it trains on a few sentences of its own. `--tag "a sentence"` tags with what was learnt.
//!
//! On the English Web Treebank of Universal Dependencies, 12,193 sentences to learn from and 25,094 words to be judged on, one run each:
//!
//! | `--model` | `--epochs` | test accuracy | `benches/peers/tagger.py` |
//! |---|---|---|---|
//! | `lstm` | 5 | 88.61 % | 88.6 % |
//! | `bidirectional` | 4 | 90.33 % | 90.7 % |
//! | `characters` | 5 | 93.07 % | 93.63 % |
//! | `characters` | 8 | 94.16 % | 94.10 % |
//! | `transformer` | 5 | 87.48 % | 87.87 % |
#![forbid(unsafe_code)]

mod networks;
#[path = "../support/mod.rs"]
mod support;
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use firmnet::prelude::*;
use networks::{BothWays, Characters, Encoder, Tagger, Tags};
use rand::SeedableRng;
use rand::rngs::StdRng;
use support::Run;
use support::pictures::{self, Curve, Panel};
use words::{LONGEST, Sentence, TAGS, Vocabulary, read, sentences};

/// Their tags, each by its place in [`TAGS`].
type Tagged = Seq<u8, LONGEST>;

/// What reads the sentence.
#[derive(Clone, Copy, ValueEnum)]
enum Model {
    /// An LSTM, from the first word to the last.
    Lstm,
    /// An LSTM in both directions.
    Bidirectional,
    /// The same, which also knows how each word is spelt.
    Characters,
    /// The encoder of a transformer.
    Transformer,
}

/// Trains an LSTM tagger, or tags a sentence with what it learnt.
#[derive(Parser)]
struct Args {
    /// Words with tags, to learn from.
    #[arg(long)]
    train: Option<PathBuf>,
    /// Words with tags, to be judged on; without them, those of the training.
    #[arg(long)]
    test: Option<PathBuf>,
    /// How often the sentences are gone through.
    #[arg(long, default_value_t = 5)]
    epochs: u32,
    /// Sentences in a step.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// Learning rate of Adam.
    #[arg(long, default_value_t = 2e-3)]
    lr: f32,
    #[command(flatten)]
    run: Run,
    /// What reads the sentences.
    #[arg(long, value_enum, default_value = "lstm")]
    model: Model,
    /// Where the network, its words and the learning curve go.
    #[arg(long, default_value = "target/tagger")]
    out: PathBuf,
    /// Tag this sentence with the saved network.
    #[arg(long)]
    tag: Option<String>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    match args.model {
        Model::Lstm => run::<Tagger>(&args),
        Model::Bidirectional => run::<BothWays>(&args),
        Model::Characters => run::<Characters>(&args),
        Model::Transformer => run::<Encoder>(&args),
    }
}

fn run<N: Tags>(args: &Args) -> Result<()> {
    match &args.tag {
        Some(sentence) => tag::<N>(sentence, &args.out),
        None => train::<N>(args),
    }
}

// ANCHOR: train
fn train<N: Tags>(args: &Args) -> Result<()> {
    let start = Instant::now();
    let train = match &args.train {
        Some(path) => read(path)?,
        None => sentences(include_str!("../data/tagged.tsv"))?,
    };
    let vocabulary = Vocabulary::of(&train);
    let test = match &args.test {
        Some(path) => samples::<N>(&vocabulary, &read(path)?)?,
        None => samples::<N>(&vocabulary, &train)?,
    };
    let train = samples::<N>(&vocabulary, &train)?;
    println!("{}\n", N::summary());

    let mut rng = StdRng::seed_from_u64(args.run.seed);
    let mut net = N::boxed(&mut rng);
    let mut trainer = Trainer::new(Adam::new(args.lr), NllLoss::new())
        .epochs(args.epochs)
        .batch_size(args.batch as usize)
        .seed(args.run.seed)
        .threads(args.run.threads)
        .progress();
    let history = trainer.fit(&mut *net, &train, &test)?;
    // ANCHOR_END: train
    let seconds = start.elapsed().as_secs_f64();
    let accuracy = trainer.evaluate(&net, &test).metric.context("there are no words to tag")?;

    fs::create_dir_all(&args.out)
        .with_context(|| format!("{} cannot be made", args.out.display()))?;
    net.save(args.out.join("tagger.safetensors"))?;
    fs::write(args.out.join("words.txt"), vocabulary.words.join("\n"))?;
    let of = |value: &dyn Fn(&Epoch) -> Option<f32>| {
        history.epochs.iter().filter_map(value).map(f64::from).collect()
    };
    let curves = vec![
        Curve { name: "training", values: of(&|epoch| epoch.train.metric) },
        Curve { name: "test", values: of(&|epoch| epoch.validation?.metric) },
    ];
    let panel = Panel { title: "accuracy", curves, digits: 3 };
    pictures::learning_curve(&args.out.join("learning-curve.svg"), "Tagger", &[panel])?;
    println!("the network, its words and the learning curve are in {}\n", args.out.display());
    let accuracy = accuracy * 100.0;
    println!("test accuracy: {accuracy:.2} %  ({} epochs, {seconds:.1} s)", args.epochs);
    Ok(())
}

// ANCHOR: tag
fn tag<N: Tags>(sentence: &str, out: &Path) -> Result<()> {
    let words = out.join("words.txt");
    let missing = || format!("{} is not there: train first", words.display());
    let vocabulary = Vocabulary::from_text(&fs::read_to_string(&words).with_context(missing)?);
    let mut net = N::boxed_zero();
    net.load(out.join("tagger.safetensors"))?;

    let words: Vec<&str> = sentence.split_whitespace().collect();
    let mut memory = Workspace::new();
    let tags = net.forward(&N::read(&vocabulary, &words)?, &mut memory);
    for (word, scores) in words.iter().zip(tags) {
        println!("{word}\t{}", TAGS[argmax(scores)]);
    }
    Ok(())
}
// ANCHOR_END: tag

/// What goes in for each sentence, and its tags.
fn samples<N: Tags>(
    vocabulary: &Vocabulary,
    sentences: &[Sentence],
) -> Result<Vec<(N::Input, Tagged)>> {
    let samples = sentences.iter().map(|sentence| {
        let words: Vec<&str> = sentence.iter().map(|(word, _)| &word[..]).collect();
        let tags: Vec<u8> = sentence.iter().map(|&(_, tag)| tag).collect();
        Ok((N::read(vocabulary, &words)?, Tagged::truncated(&tags)?))
    });
    samples.collect()
}
