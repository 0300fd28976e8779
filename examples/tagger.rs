//! Part-of-speech tagging: an LSTM reads a sentence, and says of every word what it is.
//!
//! `cargo run --release --example tagger -- --train TRAIN --test TEST` takes files with a word and its tag on each line, a tab
//! between, and an empty line after each sentence (gzip too), as are made from Universal Dependencies, or CoNLL-U itself. Without
//! them it trains on a few sentences of its own. `--tag "a sentence"` tags with what was learnt.
#![forbid(unsafe_code)]

mod support;

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use firmnet::prelude::*;
use flate2::read::MultiGzDecoder;
use rand::SeedableRng;
use rand::rngs::StdRng;
use support::pictures::{self, Curve, Panel};

/// Words that can be known; 0 stands for all others.
const WORDS: usize = 10_240;
/// Words in a sentence; what is longer is cut off.
const LONGEST: usize = 160;
/// The universal parts of speech.
const TAGS: [&str; 17] = [
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN",
    "PUNCT", "SCONJ", "SYM", "VERB", "X",
];

// ANCHOR: network
network! {
    /// The tagger of the PyTorch tutorial on sequence models, with a batch.
    pub struct Tagger {
        embedding: Embedding(WORDS, 64), lstm: LSTM(128), hidden2tag: Linear(TAGS.len()),
    }
    fn forward(words: [..LONGEST]) -> [..LONGEST, 17] {
        LogSoftmax(hidden2tag(lstm(embedding(words))))
    }
}

network! {
    /// The same, which reads the sentence in both directions.
    pub struct BothWays {
        embedding: Embedding(WORDS, 64), lstm: LSTM(128, bidirectional = true),
        hidden2tag: Linear(TAGS.len()),
    }
    fn forward(words: [..LONGEST]) -> [..LONGEST, 17] {
        LogSoftmax(hidden2tag(lstm(embedding(words))))
    }
}
// ANCHOR_END: network

type Words = Seq<u32, LONGEST>;
type Tagged = Seq<u8, LONGEST>;

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
    /// Where the random numbers come from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads; all cores with 0.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Read every sentence in both directions.
    #[arg(long)]
    bidirectional: bool,
    /// Where the network, its words and the learning curve go.
    #[arg(long, default_value = "target/tagger")]
    out: PathBuf,
    /// Tag this sentence with the saved network.
    #[arg(long)]
    tag: Option<String>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    if args.bidirectional { run::<BothWays>(&args) } else { run::<Tagger>(&args) }
}

fn run<N>(args: &Args) -> Result<()>
where
    N: Network<Input = Words, Output = Seq<[f32; TAGS.len()], LONGEST>>,
{
    match &args.tag {
        Some(sentence) => tag::<N>(sentence, &args.out),
        None => train::<N>(args),
    }
}

// ANCHOR: train
fn train<N>(args: &Args) -> Result<()>
where
    N: Network<Input = Words, Output = Seq<[f32; TAGS.len()], LONGEST>>,
{
    let start = Instant::now();
    let train = match &args.train {
        Some(path) => read(path)?,
        None => sentences(include_str!("data/tagged.tsv"))?,
    };
    let vocabulary = Vocabulary::of(&train);
    let test = match &args.test {
        Some(path) => vocabulary.samples(&read(path)?)?,
        None => vocabulary.samples(&train)?,
    };
    let train = vocabulary.samples(&train)?;
    println!("{}\n", N::summary());

    let mut rng = StdRng::seed_from_u64(args.seed);
    let mut net = N::boxed(&mut rng);
    let mut trainer = Trainer::new(Adam::new(args.lr), NllLoss::new())
        .epochs(args.epochs)
        .batch_size(args.batch as usize)
        .seed(args.seed)
        .threads(args.threads)
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
fn tag<N>(sentence: &str, out: &Path) -> Result<()>
where
    N: Network<Input = Words, Output = Seq<[f32; TAGS.len()], LONGEST>>,
{
    let words = out.join("words.txt");
    let missing = || format!("{} is not there: train first", words.display());
    let vocabulary = Vocabulary::from_text(&fs::read_to_string(&words).with_context(missing)?);
    let mut net = N::boxed_zero();
    net.load(out.join("tagger.safetensors"))?;

    let words: Vec<&str> = sentence.split_whitespace().collect();
    let ids: Vec<u32> = words.iter().map(|word| vocabulary.id(word)).collect();
    let mut memory = Workspace::new();
    let tags = net.forward(&Words::new(&ids)?, &mut memory);
    for (word, scores) in words.iter().zip(tags) {
        println!("{word}\t{}", TAGS[argmax(scores)]);
    }
    Ok(())
}
// ANCHOR_END: tag

/// The words that are known: those that come at least twice.
struct Vocabulary {
    words: Vec<String>,
    ids: HashMap<String, u32>,
}

/// Words with the place of their tag in [`TAGS`].
type Sentence = Vec<(String, u8)>;

impl Vocabulary {
    fn of(sentences: &[Sentence]) -> Self {
        let mut counts = HashMap::<&str, usize>::new();
        for (word, _) in sentences.iter().flatten() {
            *counts.entry(word).or_default() += 1;
        }
        let mut words: Vec<_> = counts.into_iter().filter(|&(_, count)| count > 1).collect();
        // The most frequent first, in an order that does not change from run to run.
        words.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        Self::new(words.into_iter().take(WORDS - 1).map(|(word, _)| word.to_string()).collect())
    }

    fn from_text(text: &str) -> Self {
        Self::new(text.lines().map(str::to_string).collect())
    }

    fn new(words: Vec<String>) -> Self {
        let ids = words.iter().cloned().zip(1..).collect();
        Vocabulary { words, ids }
    }

    fn id(&self, word: &str) -> u32 {
        self.ids.get(word).copied().unwrap_or(0)
    }

    fn samples(&self, sentences: &[Sentence]) -> Result<Vec<(Words, Tagged)>> {
        let samples = sentences.iter().map(|sentence| {
            let words: Vec<u32> = sentence.iter().map(|(word, _)| self.id(word)).collect();
            let tags: Vec<u8> = sentence.iter().map(|&(_, tag)| tag).collect();
            Ok((Words::truncated(&words)?, Tagged::truncated(&tags)?))
        });
        samples.collect()
    }
}

fn read(path: &Path) -> Result<Vec<Sentence>> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut text = String::new();
    match bytes.starts_with(&[0x1f, 0x8b]) {
        true => MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text),
        false => (&bytes[..]).read_to_string(&mut text),
    }
    .with_context(|| format!("{} is not text", path.display()))?;
    sentences(&text).with_context(|| path.display().to_string())
}

/// Of word–tag lines, or of CoNLL-U, where the word is in the second column and its tag in the fourth.
fn sentences(text: &str) -> Result<Vec<Sentence>> {
    let (mut sentences, mut sentence) = (vec![], Sentence::new());
    for (number, line) in (1..).zip(text.lines()) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (word, tag) = match columns[..] {
            [word, tag] => (word, tag),
            // Words that were put together or left out are lines of their own: 3-4, 5.1.
            [id, word, _, tag, ..] if id.parse::<u32>().is_ok() => (word, tag),
            _ if line.trim().is_empty() => {
                sentences.extend((!sentence.is_empty()).then(|| std::mem::take(&mut sentence)));
                continue;
            }
            [_] if line.starts_with('#') => continue,
            [_, _, _, ..] => continue,
            _ => anyhow::bail!("line {number} has no tag: {line:?}"),
        };
        let tag = TAGS.iter().position(|&known| known == tag);
        let tag = tag.with_context(|| format!("line {number} has a tag that is none: {line:?}"))?;
        sentence.push((word.to_string(), tag as u8));
    }
    sentences.extend((!sentence.is_empty()).then_some(sentence));
    ensure!(!sentences.is_empty(), "there is no sentence in it");
    Ok(sentences)
}
