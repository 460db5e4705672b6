//! The engine `bert` (cargo feature `rust-bert`): Marian models in Hugging Face layout, run by rust-bert on libtorch.
//!
//! It is the engine for models that users bring, not the fast one. rust-bert's own generator is passed over: it wants
//! its own tokeniser, which cuts some sentences differently, and hands out neither scores nor attention.

mod beam;
mod config;
mod decode;
mod tokens;
mod weights;

use super::engine::{Engine, EngineOutput};
use super::student::original_offsets;
use crate::models::ModelError;
use crate::models::card::Role;
use crate::models::store::{self, Entry, Place};
use config::HubConfig;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use tokens::Tokens;
use weights::Loaded;

/// Sentences longer than this many pieces are split: OPUS-MT is trained on sentences.
const LONGEST: usize = 200;

/// A Marian model run by libtorch.
pub struct BertEngine {
    // libtorch's tensors may move between threads but not be shared; it has threads of its own inside.
    loaded: Mutex<Loaded>,
    tokens: Tokens,
    config: HubConfig,
    identity: String,
}

impl BertEngine {
    /// Opens a model whose card the store has found. Its files are checked against the card first.
    ///
    /// # Errors
    /// [`ModelError`] that says which file is at fault.
    pub fn open(entry: &Entry) -> Result<Self, ModelError> {
        store::verify(entry)?;
        let config = HubConfig::parse(&read(entry, Role::Config, "config.json")?)?;
        let source = path(entry, Role::SourceVocabulary, "source.spm")?;
        let source = std::fs::read(&source).map_err(|e| ModelError::Io { path: source, source: e })?;
        let tokens = Tokens::read(&source, &read(entry, Role::Tokenizer, "vocab.json")?, config.vocab_size)?;
        let weights = path(entry, Role::Model, "")?;
        let name = &entry.card.name;
        // rust-bert and tch report some mistakes by panicking.
        let loaded = std::panic::catch_unwind(|| weights::load(&weights, &config))
            .unwrap_or_else(|_| Err(ModelError::Invalid(format!("the engine fails over `{name}`"))))?;
        Ok(Self { loaded: Mutex::new(loaded), tokens, config, identity: entry.card.identity() })
    }
}

/// The path of the file that plays a role, by name where several do.
fn path(entry: &Entry, role: Role, name: &str) -> Result<PathBuf, ModelError> {
    let Place::Directory(dir) = &entry.place else { return Err(ModelError::invalid("it is no directory")) };
    let mut files = entry.card.files.iter().filter(|f| f.role == role);
    let found = files.find(|f| name.is_empty() || f.path.ends_with(name));
    let found = found.ok_or_else(|| ModelError::Mismatch {
        path: dir.clone(),
        reason: format!("a Marian model needs `{name}`, and its card names none"),
    })?;
    Ok(dir.join(&found.path))
}

fn read(entry: &Entry, role: Role, name: &str) -> Result<String, ModelError> {
    let path = path(entry, role, name)?;
    std::fs::read_to_string(&path).map_err(|source| ModelError::Io { path, source })
}

impl Engine for BertEngine {
    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn pieces(&self, sentence: &str) -> usize {
        self.tokens.count(sentence) + 1
    }

    fn longest(&self) -> usize {
        LONGEST.min(usize::try_from(self.config.max_position_embeddings).unwrap_or(LONGEST) / 2)
    }

    fn copies_shields(&self) -> bool {
        false
    }

    fn translate(&self, sentences: &[&str]) -> Vec<EngineOutput> {
        let encoded: Vec<(Vec<i64>, Vec<Range<usize>>)> = sentences
            .iter()
            .map(|sentence| {
                let (normalised, pieces) = self.tokens.encode(sentence);
                let original = original_offsets(sentence, &normalised);
                let mut ids: Vec<i64> = pieces.iter().map(|(id, _)| *id).collect();
                ids.push(self.config.eos_token_id);
                let mut spans: Vec<Range<usize>> =
                    pieces.iter().map(|(_, r)| original(r.start, false)..original(r.end, true)).collect();
                spans.push(sentence.len()..sentence.len());
                (ids, spans)
            })
            .collect();
        let ids: Vec<Vec<i64>> = encoded.iter().map(|(ids, _)| ids.clone()).collect();
        // A panic in another call leaves the weights as they were.
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let decoded = decode::translate(&loaded, &self.config, &ids);
        encoded
            .into_iter()
            .zip(decoded)
            .map(|((_, source_pieces), d)| {
                let (text, target_pieces) = self.tokens.decode(&d.pieces);
                EngineOutput {
                    text,
                    source_pieces,
                    target_pieces,
                    attention: d.attention,
                    score: Some(d.score),
                    truncated: !d.ended,
                    failed: false,
                }
            })
            .collect()
    }
}
