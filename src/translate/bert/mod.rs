//! The engine `bert` (cargo feature `rust-bert`): Marian, M2M100 and NLLB models in Hugging Face layout, run by rust-bert on
//! libtorch.
//!
//! It is the engine for models that users bring, not the fast one. rust-bert encodes; its own generator is passed over: it wants
//! its own tokeniser, which cuts some sentences differently, and hands out neither scores nor attention, and its
//! decoder computes much that a step does not need.

mod align;
mod beam;
mod config;
mod decode;
mod decoder;
mod network;
mod steps;
mod tokens;
mod weights;

use super::device::{Device, EngineOptions};
use super::engine::{Engine, EngineOutput};
use crate::models::ModelError;
use crate::models::card::{Card, Role};
use crate::models::store::{self, Entry, Place};
use config::{HubConfig, Kind};
use decoder::Head;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use tokens::languages::Pair;
use tokens::{Encoded, Tokens};
use weights::{Loaded, Weights};

/// Sentences longer than this many pieces are split: the models are trained on sentences.
const LONGEST: usize = 200;

/// Values from which on a model is not shared out to our threads but run on libtorch's: its matrices are large enough for
/// them, and rust-bert would fill as much memory again for each of ours before it can be told where the weights are.
const LARGE: usize = 200_000_000;

/// A model run by libtorch.
pub struct BertEngine {
    // libtorch's tensors may move between threads but not be used by two; these are one model, over the same weights. Each
    // runs on one thread: within a step of decoding libtorch's own threads spend nearly all their time waiting for each other.
    models: Vec<Mutex<Loaded>>,
    /// Which model waits for the next that finds none free.
    next: AtomicUsize,
    tokens: Tokens,
    config: HubConfig,
    /// The heads that the alignment is read from.
    heads: Vec<Head>,
    identity: String,
}

impl BertEngine {
    /// Opens a model whose card the store has found. Its files are checked against the card first.
    ///
    /// # Errors
    /// [`ModelError`] that says which file is at fault, or that the device cannot be had.
    pub fn open(entry: &Entry, options: EngineOptions) -> Result<Self, ModelError> {
        store::verify(entry)?;
        let device = device(options.device)?;
        let generation = read_if_there(entry, "generation_config.json")?;
        let mut config = HubConfig::parse(&read(entry, "config.json")?, generation.as_deref())?;
        config.num_beams = options.beam.unwrap_or(config.num_beams);
        let heads = align::heads_of(&entry.card, &config)?.unwrap_or_else(|| align::usual_heads(&config));
        let name = &entry.card.name;
        // The libraries report some mistakes by panicking.
        let guarded = || -> Result<(Tokens, Vec<Mutex<Loaded>>), ModelError> {
            let tokens = read_tokens(entry, &config)?;
            let weights = Weights::read(&weights_path(entry)?, &config, device)?;
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let threads = if options.threads == 0 { cores } else { options.threads };
            let shared = device == tch::Device::Cpu && weights.values() < LARGE;
            let (ours, libtorchs) = if shared { (threads, 1) } else { (1, threads) };
            tch::set_num_threads(i32::try_from(libtorchs).unwrap_or(1));
            let model = |_| Loaded::new(&weights, &config).map(Mutex::new);
            Ok((tokens, (0..ours).map(model).collect::<Result<_, _>>()?))
        };
        let (tokens, models) = std::panic::catch_unwind(guarded)
            .unwrap_or_else(|_| Err(ModelError::Invalid(format!("the engine fails over `{name}`"))))?;
        Ok(Self { models, next: AtomicUsize::new(0), tokens, config, heads, identity: entry.card.identity() })
    }

    /// A model that is free, or will be.
    fn model(&self) -> MutexGuard<'_, Loaded> {
        let free = self.models.iter().find_map(|model| match model.try_lock() {
            Ok(model) => Some(model),
            // A panic in another call leaves the weights as they were.
            Err(TryLockError::Poisoned(model)) => Some(model.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        free.unwrap_or_else(|| {
            let next = self.next.fetch_add(1, Ordering::Relaxed) % self.models.len();
            self.models[next].lock().unwrap_or_else(PoisonError::into_inner)
        })
    }
}

impl BertEngine {
    /// Reads the alignment from other heads of the cross-attention than the card names: `(layer, head)`, from 0.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] when the model has no such head.
    pub fn with_heads(mut self, heads: Vec<(usize, usize)>) -> Result<Self, ModelError> {
        align::exist(&heads, &self.config)?;
        self.heads = heads;
        Ok(self)
    }

    /// The layers of the decoder and the heads of each.
    pub fn heads(&self) -> (usize, usize) {
        let size = |n: i64| usize::try_from(n).unwrap_or(0);
        (size(self.config.decoder_layers), size(self.config.decoder_attention_heads))
    }

    /// Aligns given translations, `(source, target)`, by making the model say them: outputs with the given text and
    /// the attention of its pieces.
    pub fn align(&self, pairs: &[(&str, &str)]) -> Vec<EngineOutput> {
        let sources: Vec<Encoded> = pairs.iter().map(|(source, _)| self.tokens.encode(source)).collect();
        let targets: Vec<Encoded> =
            pairs.iter().map(|(_, target)| self.tokens.encode_target(target)).collect();
        let source_ids: Vec<Vec<i64>> = sources.iter().map(|(ids, _)| ids.clone()).collect();
        let target_ids: Vec<&[i64]> = targets.iter().map(|(ids, _)| ids.as_slice()).collect();
        let (config, forced) = (&self.config, self.tokens.forced);
        let attention = decode::attend(&self.model(), config, &self.heads, &source_ids, forced, &target_ids);
        EngineOutput::of_pairs(pairs, sources, targets, attention)
    }
}

/// libtorch's name of a device.
fn device(wanted: Device) -> Result<tch::Device, ModelError> {
    let there = usize::try_from(tch::Cuda::device_count()).unwrap_or(0);
    match wanted {
        Device::Cpu => Ok(tch::Device::Cpu),
        Device::Auto => Ok(if tch::Cuda::is_available() { tch::Device::Cuda(0) } else { tch::Device::Cpu }),
        Device::Cuda(n) if tch::Cuda::is_available() && n < there => Ok(tch::Device::Cuda(n)),
        Device::Cuda(_) => {
            let reason = if tch::Cuda::is_available() {
                "there is no device of that number"
            } else {
                "this libtorch has no CUDA, or the machine no device for it"
            };
            Err(ModelError::Device { device: wanted.to_string(), reason })
        }
    }
}

/// The tokeniser that transformers would use: for Marian SentencePiece, else `tokenizer.json` before SentencePiece.
fn read_tokens(entry: &Entry, config: &HubConfig) -> Result<Tokens, ModelError> {
    let fast = read_if_there(entry, "tokenizer.json")?;
    let pair = pair(&entry.card);
    match (config.kind, fast) {
        (Kind::Marian, Some(json)) if find(entry, "source.spm").is_none() => {
            Tokens::fast(&json, None, config)
        }
        (Kind::Marian, _) => {
            let target = find(entry, "target.spm").map(|_| bytes(entry, "target.spm")).transpose()?;
            let source = bytes(entry, "source.spm")?;
            Tokens::marian(&source, target.as_deref(), &read(entry, "vocab.json")?, config)
        }
        (Kind::M2m100, Some(json)) => Tokens::fast(&json, Some(&pair), config),
        (Kind::M2m100, None) => {
            let pieces = bytes(entry, "sentencepiece.bpe.model")?;
            match read_if_there(entry, "vocab.json")? {
                Some(vocabulary) => {
                    let special = read_if_there(entry, "special_tokens_map.json")?;
                    Tokens::m2m100(&pieces, &vocabulary, special.as_deref(), &pair, config)
                }
                None => Tokens::nllb(&pieces, &read(entry, "special_tokens_map.json")?, &pair, config),
            }
        }
    }
}

/// The languages that the card names; French and English where it names none, or many.
fn pair(card: &Card) -> Pair {
    let named = |key: &str| {
        let value = card.more.get(key).and_then(toml::Value::as_str);
        value.filter(|language| *language != "many").map(str::to_owned)
    };
    let usual = Pair::default();
    Pair {
        source: named("source_lang").unwrap_or(usual.source),
        target: named("target_lang").unwrap_or(usual.target),
    }
}

/// The path of a file that the card names.
fn find(entry: &Entry, name: &str) -> Option<PathBuf> {
    let Place::Directory(dir) = &entry.place else { return None };
    let file = entry.card.files.iter().find(|f| f.path == name || f.path.ends_with(&format!("/{name}")))?;
    Some(dir.join(&file.path))
}

fn bytes(entry: &Entry, name: &str) -> Result<Vec<u8>, ModelError> {
    let path = find(entry, name).ok_or_else(|| lacking(entry, name))?;
    std::fs::read(&path).map_err(|source| ModelError::Io { path, source })
}

fn read(entry: &Entry, name: &str) -> Result<String, ModelError> {
    String::from_utf8(bytes(entry, name)?)
        .map_err(|_| ModelError::Invalid(format!("{name}: it is not UTF-8")))
}

fn read_if_there(entry: &Entry, name: &str) -> Result<Option<String>, ModelError> {
    find(entry, name).map(|_| read(entry, name)).transpose()
}

fn weights_path(entry: &Entry) -> Result<PathBuf, ModelError> {
    let Place::Directory(dir) = &entry.place else { return Err(lacking(entry, "model.safetensors")) };
    let file = entry.card.file(Role::Model).ok_or_else(|| lacking(entry, "model.safetensors"))?;
    Ok(dir.join(&file.path))
}

fn lacking(entry: &Entry, name: &str) -> ModelError {
    let path = match &entry.place {
        Place::Directory(dir) => dir.clone(),
        Place::Embedded => PathBuf::new(),
    };
    ModelError::Mismatch { path, reason: format!("the model needs `{name}`, and its card names none") }
}

impl Engine for BertEngine {
    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn pieces(&self, sentence: &str) -> usize {
        self.tokens.encode(sentence).0.len()
    }

    fn longest(&self) -> usize {
        LONGEST.min(self.config.longest() / 2)
    }

    fn copies_shields(&self) -> bool {
        false
    }

    fn translate(&self, sentences: &[&str]) -> Vec<EngineOutput> {
        let encoded: Vec<Encoded> = sentences.iter().map(|sentence| self.tokens.encode(sentence)).collect();
        let ids: Vec<Vec<i64>> = encoded.iter().map(|(ids, _)| ids.clone()).collect();
        let (config, forced) = (&self.config, self.tokens.forced);
        let decoded = decode::translate(&self.model(), config, &self.heads, &ids, forced);
        encoded
            .into_iter()
            .zip(decoded)
            .map(|((_, source), d)| EngineOutput {
                score: Some(d.score),
                truncated: !d.ended,
                ..EngineOutput::aligned(source, self.tokens.decode(&d.pieces), d.attention)
            })
            .collect()
    }
}
