//! Sentences with tags, the words that are known, and what can be said of any word.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::read::MultiGzDecoder;

/// Words that can be known; 0 stands for all others.
pub const WORDS: usize = 10_240;
/// Words in a sentence; what is longer is cut off.
pub const LONGEST: usize = 160;
/// Beginnings and endings that are told apart; several may have the same id.
pub const AFFIXES: usize = 4096;
/// The universal parts of speech.
pub const TAGS: [&str; 17] = [
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN",
    "PUNCT", "SCONJ", "SYM", "VERB", "X",
];

/// The words that are known: those that come at least twice.
pub struct Vocabulary {
    /// The most frequent first.
    pub words: Vec<String>,
    ids: HashMap<String, u32>,
}

/// Words with the place of their tag in [`TAGS`].
pub type Sentence = Vec<(String, u8)>;

impl Vocabulary {
    /// Of the words of `sentences`.
    pub fn of(sentences: &[Sentence]) -> Self {
        let mut counts = HashMap::<&str, usize>::new();
        for (word, _) in sentences.iter().flatten() {
            *counts.entry(word).or_default() += 1;
        }
        let mut words: Vec<_> = counts.into_iter().filter(|&(_, count)| count > 1).collect();
        // The most frequent first, in an order that does not change from run to run.
        words.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        Self::new(words.into_iter().take(WORDS - 1).map(|(word, _)| word.to_string()).collect())
    }

    /// One word a line, the most frequent first.
    pub fn from_text(text: &str) -> Self {
        Self::new(text.lines().map(str::to_string).collect())
    }

    fn new(words: Vec<String>) -> Self {
        let ids = words.iter().cloned().zip(1..).collect();
        Vocabulary { words, ids }
    }

    /// Of a word; 0 if it is not known.
    pub fn id(&self, word: &str) -> u32 {
        self.ids.get(word).copied().unwrap_or(0)
    }
}

/// The id of the first or the last `count` characters of a word, in lower case: their FNV-1a hash.
pub fn affix(word: &str, first: bool, count: usize) -> u32 {
    let letters: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let affix: String = match first {
        true => letters.iter().take(count).collect(),
        false => letters[letters.len().saturating_sub(count)..].iter().collect(),
    };
    let hash = affix
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash % AFFIXES as u32
}

/// Whether a word begins with a capital, is all capitals, has a digit, has a hyphen.
pub fn looks(word: &str) -> [f32; 4] {
    let capital = word.starts_with(char::is_uppercase);
    let all = capital && word.chars().count() > 1 && !word.contains(char::is_lowercase);
    [capital, all, word.contains(|c: char| c.is_ascii_digit()), word.contains('-')].map(f32::from)
}

/// The sentences of a file.
pub fn read(path: &Path) -> Result<Vec<Sentence>> {
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
pub fn sentences(text: &str) -> Result<Vec<Sentence>> {
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
