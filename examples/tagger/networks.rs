//! Four networks that tag the words of a sentence, and what each reads of a word.

use anyhow::Result;
use firmnet::prelude::*;

use crate::words::{AFFIXES, LONGEST, TAGS, Vocabulary, WORDS, affix, looks};

// ANCHOR: network
network! {
    /// The tagger of the PyTorch tutorial on sequence models, with a batch.
    pub struct Tagger {
        embedding: Embedding(WORDS, 64), lstm: LSTM(128), hidden2tag: Linear(TAGS.len()),
    }
    fn forward(words: [..LONGEST]) -> [..words, 17] {
        LogSoftmax(hidden2tag(lstm(embedding(words))))
    }
}

network! {
    /// The same, which reads the sentence in both directions.
    pub struct BothWays {
        embedding: Embedding(WORDS, 64), lstm: LSTM(128, bidirectional = true),
        hidden2tag: Linear(TAGS.len()),
    }
    fn forward(words: [..LONGEST]) -> [..words, 17] {
        LogSoftmax(hidden2tag(lstm(embedding(words))))
    }
}
// ANCHOR_END: network

// ANCHOR: characters
network! {
    /// In both directions, with the characters that each word begins and ends with, and what it looks like: so much is known of words
    /// that were never seen.
    pub struct Characters {
        word: Embedding(WORDS, 64),
        ending: Embedding(AFFIXES, 32), short_ending: Embedding(AFFIXES, 16), beginning: Embedding(AFFIXES, 16),
        lstm: LSTM(128, bidirectional = true), hidden2tag: Linear(TAGS.len()),
    }
    fn forward(
        words: [..LONGEST], endings: [..words], short_endings: [..words], beginnings: [..words], looks: [..words, 4],
    ) -> [..words, 17] {
        let spelling = Concat(ending(endings), short_ending(short_endings), beginning(beginnings), dim = 1);
        let x = Dropout(Concat(word(words), spelling, looks, dim = 1), p = 0.3);
        LogSoftmax(hidden2tag(Dropout(lstm(x), p = 0.3)))
    }
}
// ANCHOR_END: characters

// ANCHOR: transformer
network! {
    /// Two layers of a transformer's encoder in the place of the LSTM.
    pub struct Encoder {
        embedding: Embedding(WORDS, 128),
        layer1: TransformerEncoderLayer(4, 256, norm_first = true),
        layer2: TransformerEncoderLayer(4, 256, norm_first = true),
        norm: LayerNorm, hidden2tag: Linear(TAGS.len()),
    }
    fn forward(words: [..LONGEST]) -> [..words, 17] {
        let x = PositionalEncoding(embedding(words));
        LogSoftmax(hidden2tag(norm(layer2(layer1(x)))))
    }
}
// ANCHOR_END: transformer

/// The ids of a sentence's words.
type Words = Seq<u32, LONGEST>;

// ANCHOR: reads
/// A network that tags words, and what it reads of them.
pub trait Tags: Network<Output = Seq<[f32; TAGS.len()], LONGEST>> {
    /// What goes in for a sentence; what is longer than [`LONGEST`] is cut off.
    fn read(vocabulary: &Vocabulary, sentence: &[&str]) -> Result<Self::Input>;
}
// ANCHOR_END: reads

fn words(vocabulary: &Vocabulary, sentence: &[&str]) -> Result<Words> {
    let ids: Vec<u32> = sentence.iter().map(|word| vocabulary.id(word)).collect();
    Ok(Words::truncated(&ids)?)
}

impl Tags for Tagger {
    fn read(vocabulary: &Vocabulary, sentence: &[&str]) -> Result<Words> {
        words(vocabulary, sentence)
    }
}

impl Tags for BothWays {
    fn read(vocabulary: &Vocabulary, sentence: &[&str]) -> Result<Words> {
        words(vocabulary, sentence)
    }
}

impl Tags for Encoder {
    fn read(vocabulary: &Vocabulary, sentence: &[&str]) -> Result<Words> {
        words(vocabulary, sentence)
    }
}

impl Tags for Characters {
    fn read(vocabulary: &Vocabulary, sentence: &[&str]) -> Result<Self::Input> {
        let affixes = |first: bool, count: usize| -> Result<Words> {
            let ids: Vec<u32> = sentence.iter().map(|word| affix(word, first, count)).collect();
            Ok(Words::truncated(&ids)?)
        };
        let looks: Vec<[f32; 4]> = sentence.iter().map(|word| looks(word)).collect();
        Ok((
            words(vocabulary, sentence)?,
            affixes(false, 3)?,
            affixes(false, 2)?,
            affixes(true, 3)?,
            Seq::truncated(&looks)?,
        ))
    }
}
