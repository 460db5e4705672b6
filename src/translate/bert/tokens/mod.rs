//! Sentences to ids and ids to text, as the tokenisers of Python transformers do it.

mod bpe;
mod cutter;
pub mod languages;

use super::config::HubConfig;
use crate::models::ModelError;
pub use cutter::Encoded;
use cutter::{Cutter, SentencePiece};
use languages::Pair;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Pieces of M2M100 and NLLB that stand before those of SentencePiece, by id.
const BEFORE: [&str; 4] = ["<s>", "<pad>", "</s>", "<unk>"];
/// The unknown piece of M2M100 and NLLB.
const UNKNOWN: i64 = 3;

/// The vocabulary of a model.
pub struct Tokens {
    cutter: Cutter,
    /// What cuts the target language, where that is another and its vocabulary is there.
    target: Option<Cutter>,
    /// Texts of the pieces by id; nothing for those that are no text.
    names: Vec<Option<String>>,
    /// The piece of the source language, which goes before each sentence.
    language: Option<i64>,
    end: i64,
    /// The piece of the target language, with which each translation must begin.
    pub forced: Option<i64>,
}

impl Tokens {
    /// A Marian model's `source.spm`, `target.spm` (only needed to align given translations) and `vocab.json`.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] when one of them is damaged, or a piece has an id outside the model.
    pub fn marian(
        source: &[u8],
        target: Option<&[u8]>,
        vocabulary: &str,
        config: &HubConfig,
    ) -> Result<Self, ModelError> {
        let ids = numbered(vocabulary)?;
        let unknown =
            *ids.get("<unk>").ok_or_else(|| ModelError::invalid("vocab.json: it has no `<unk>`"))?;
        let cutter = |bytes: &[u8]| -> Result<Cutter, ModelError> {
            let pieces = SentencePiece::read(bytes, unknown, &|_, text| ids.get(text).copied())?;
            Ok(Cutter::Pieces(Box::new(pieces)))
        };
        let made = Self::new(cutter(source)?, &ids, &["</s>", "<unk>", "<pad>"], None, config)?;
        Ok(Self { target: target.map(cutter).transpose()?, ..made })
    }

    /// An M2M100 model's `sentencepiece.bpe.model` and `vocab.json`: the pieces of its languages come after those of the
    /// vocabulary. They are those of `special_tokens_map.json` if it names any, else M2M100's hundred.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] when one of them is damaged, or the model lacks a language.
    pub fn m2m100(
        pieces: &[u8],
        vocabulary: &str,
        special: Option<&str>,
        pair: &Pair,
        config: &HubConfig,
    ) -> Result<Self, ModelError> {
        let mut ids = numbered(vocabulary)?;
        let pieces = SentencePiece::read(pieces, UNKNOWN, &|_, text| ids.get(text).copied())?;
        let mut languages = special.map(additional).transpose()?.unwrap_or_default();
        if languages.is_empty() {
            languages = languages::of_m2m100();
        }
        number(&languages, ids.len(), &mut ids);
        let special: Vec<&str> = BEFORE.into_iter().chain(languages.iter().map(String::as_str)).collect();
        Self::new(Cutter::Pieces(Box::new(pieces)), &ids, &special, Some(pair), config)
    }

    /// An NLLB model's `sentencepiece.bpe.model` and `special_tokens_map.json`: ids are SentencePiece's, moved up by one, and
    /// then the languages'.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] when one of them is damaged, or the model lacks a language.
    pub fn nllb(bytes: &[u8], special: &str, pair: &Pair, config: &HubConfig) -> Result<Self, ModelError> {
        // SentencePiece has <unk>, <s> and </s> as its first three.
        let moved = |place: usize| i64::try_from(place).ok().filter(|&n| n > 2).map(|n| n + 1);
        let pieces = SentencePiece::read(bytes, UNKNOWN, &|place, _| moved(place))?;
        let (texts, _) = crate::models::sentencepiece::read(bytes)?;
        let mut ids: HashMap<String, i64> =
            texts.iter().enumerate().filter_map(|(n, p)| Some((p.text.to_owned(), moved(n)?))).collect();
        let languages = additional(special)?;
        number(&languages, texts.len() + 1, &mut ids);
        let special: Vec<&str> = languages.iter().map(String::as_str).collect();
        Self::new(Cutter::Pieces(Box::new(pieces)), &ids, &special, Some(pair), config)
    }

    /// A model's `tokenizer.json`; `pair` for one of many languages.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] when it is damaged, or the model lacks a language.
    pub fn fast(json: &str, pair: Option<&Pair>, config: &HubConfig) -> Result<Self, ModelError> {
        let cutter = Cutter::fast(json)?;
        let Cutter::Fast(tokenizer) = &cutter else { return Err(ModelError::invalid("tokenizer.json")) };
        let ids = tokenizer.get_vocab(true).into_iter().map(|(text, id)| (text, i64::from(id))).collect();
        let added = tokenizer.get_added_tokens_decoder();
        let special: Vec<String> =
            added.into_values().filter(|token| token.special).map(|token| token.content).collect();
        let special: Vec<&str> = special.iter().map(String::as_str).collect();
        Self::new(cutter, &ids, &special, pair, config)
    }

    fn new(
        cutter: Cutter,
        ids: &HashMap<String, i64>,
        special: &[&str],
        pair: Option<&Pair>,
        config: &HubConfig,
    ) -> Result<Self, ModelError> {
        let size = config.vocab_size;
        let mut names = vec![None; usize::try_from(size).unwrap_or(0)];
        let special: HashSet<&str> = special.iter().copied().collect();
        for (piece, &id) in ids {
            let slot = usize::try_from(id).ok().and_then(|id| names.get_mut(id)).ok_or_else(|| {
                ModelError::Invalid(format!(
                    "the vocabulary: `{piece}` has the id {id}, the model {size} rows"
                ))
            })?;
            *slot = (!special.contains(piece.as_str())).then(|| piece.clone());
        }
        let language = |of: fn(&Pair) -> &String| pair.map(|p| languages::id(of(p), ids)).transpose();
        Ok(Self {
            cutter,
            target: None,
            names,
            language: language(|p| &p.source)?,
            forced: language(|p| &p.target)?,
            end: config.eos_token_id,
        })
    }

    /// The ids of a sentence, with its language and its end, and for each its bytes in the sentence.
    pub fn encode(&self, sentence: &str) -> Encoded {
        let (mut ids, mut spans) = self.cutter.cut(sentence);
        if let Some(language) = self.language {
            ids.insert(0, language);
            spans.insert(0, 0..0);
        }
        ids.push(self.end);
        spans.push(sentence.len()..sentence.len());
        (ids, spans)
    }

    /// The ids of a translation, without its language and its end.
    pub fn encode_target(&self, text: &str) -> Encoded {
        self.target.as_ref().unwrap_or(&self.cutter).cut(text)
    }

    /// The text of target pieces and the bytes of each in it.
    pub fn decode(&self, ids: &[i64]) -> (String, Vec<Range<usize>>) {
        let name = |id: i64| usize::try_from(id).ok().and_then(|id| self.names.get(id)?.as_deref());
        let mut text = String::new();
        let mut ranges: Vec<Range<usize>> = Vec::with_capacity(ids.len());
        // Bytes of a character that pieces spell one by one, and the first of those pieces.
        let (mut spelt, mut first) = (Vec::new(), 0);
        for (n, &id) in ids.iter().enumerate() {
            let piece = name(id).unwrap_or_default();
            if let Some(byte) = byte(piece) {
                if spelt.is_empty() {
                    first = n;
                }
                spelt.push(byte);
                ranges.push(text.len()..text.len());
                continue;
            }
            spell(&mut text, &mut spelt, &mut ranges[first..]);
            let piece = piece.replace('▁', " ");
            // No space at the beginning.
            let piece = if text.is_empty() { piece.trim_start() } else { &piece };
            let start = text.len();
            text.push_str(piece);
            ranges.push(start..text.len());
        }
        spell(&mut text, &mut spelt, &mut ranges[first..]);
        (text, ranges)
    }
}

/// The byte of a piece that stands for one, `<0x0A>`.
fn byte(piece: &str) -> Option<u8> {
    let digits = piece.strip_prefix("<0x")?.strip_suffix('>')?;
    (digits.len() == 2).then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

/// Appends spelt bytes to the text; each of their pieces stands for all of them.
fn spell(text: &mut String, spelt: &mut Vec<u8>, ranges: &mut [Range<usize>]) {
    if spelt.is_empty() {
        return;
    }
    let start = text.len();
    text.push_str(&String::from_utf8_lossy(spelt));
    ranges.fill(start..text.len());
    spelt.clear();
}

/// `vocab.json`: pieces and their ids.
fn numbered(vocabulary: &str) -> Result<HashMap<String, i64>, ModelError> {
    serde_json::from_str(vocabulary).map_err(|e| ModelError::Invalid(format!("vocab.json: {e}")))
}

/// The languages of `special_tokens_map.json`.
fn additional(special: &str) -> Result<Vec<String>, ModelError> {
    #[derive(serde::Deserialize)]
    struct Special {
        #[serde(default)]
        additional_special_tokens: Vec<String>,
    }
    let special: Special = serde_json::from_str(special)
        .map_err(|e| ModelError::Invalid(format!("special_tokens_map.json: {e}")))?;
    Ok(special.additional_special_tokens)
}

/// Gives languages the ids from `first` on.
fn number(languages: &[String], first: usize, ids: &mut HashMap<String, i64>) {
    let numbers = (first..).map(|n| i64::try_from(n).unwrap_or(i64::MAX));
    ids.extend(languages.iter().cloned().zip(numbers));
}
