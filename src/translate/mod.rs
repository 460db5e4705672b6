//! Translation: sentences in, checked and aligned translations out, whatever engine does the work.
//!
//! A sentence is first prepared (English passes through, capitals are lowered, addresses and names shielded, length bounded),
//! then all prepared sentences go to the engine in batches of similar length on all cores, then each result is
//! restored, aligned and checked. What fails its checks is tried once more another way, and flagged if that fails too.

#[cfg(feature = "rust-bert")]
pub mod bert;
pub mod check;
pub mod device;
pub mod engine;
pub mod forward;
pub mod guard;
mod island;
mod names;
mod number;
mod places;
mod prepare;
pub mod reading;
pub mod shield;
pub mod student;
pub mod truecase;

use crate::align;
use crate::models::ModelError;
use crate::models::store::{self, Entry};
use crate::text::offset::{Source, Span, Target};
use device::{Device, EngineOptions};
use engine::{Engine, EngineOutput};
use guard::Guarded;
use prepare::{Prepared, WAYS, Way};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Pieces of source text in one batch: enough to fill the matrix kernels, few enough for the cache.
const BATCH_PIECES: usize = 1200;

/// Opens a model with the engine that its card names.
///
/// # Errors
/// [`ModelError`] when its files are not what its card says, this build lacks the engine, or the engine the device.
pub fn open(entry: &Entry, options: EngineOptions) -> Result<Arc<dyn Engine>, ModelError> {
    match entry.card.engine.as_str() {
        #[cfg(feature = "rust-bert")]
        store::BERT_ENGINE => Ok(Arc::new(bert::BertEngine::open(entry, options)?)),
        _ => {
            let files = store::load(entry)?;
            if let Device::Cuda(_) = options.device {
                let reason = "the engine `student` runs on the processor";
                return Err(ModelError::Device { device: options.device.to_string(), reason });
            }
            Ok(Arc::new(student::StudentEngine::new(&files, options.beam)?))
        }
    }
}

/// A translated sentence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Translation {
    /// The translation.
    pub target: String,
    /// Words of the source.
    pub source_tokens: Vec<Span<Source>>,
    /// Words of the target.
    pub target_tokens: Vec<Span<Target>>,
    /// Alignment: indices into both, sorted.
    pub pairs: Vec<(usize, usize)>,
    /// Mean log-probability of a target piece, if the engine gives it.
    pub score: Option<f32>,
    /// What the checks found.
    pub flags: Vec<String>,
}

/// Translates sentences with an engine, on several threads.
pub struct Translator {
    engine: Guarded,
    threads: usize,
    deduplicate: bool,
}

impl Translator {
    /// A translator that uses `threads` threads (0: one a core).
    pub fn new(engine: Arc<dyn Engine>, threads: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let engine = Guarded::new(engine);
        Self { engine, threads: if threads == 0 { cores } else { threads }, deduplicate: true }
    }

    /// Whether equal sentences of one call are translated once (they are unless switched off, for measuring).
    #[must_use]
    pub fn with_deduplication(mut self, on: bool) -> Self {
        self.deduplicate = on;
        self
    }

    /// Identity of the model.
    pub fn identity(&self) -> String {
        self.engine.identity()
    }

    /// Translates sentences, one result for each, in order.
    pub fn translate(&self, sources: &[&str]) -> Vec<Translation> {
        let (unique, place) = self.unique(sources);
        let mut results = self.attempt(&unique, Way::Usual);
        for &way in &WAYS[1..] {
            let mut failed: Vec<usize> =
                (0..unique.len()).filter(|&i| !results[i].flags.is_empty()).collect();
            failed.retain(|&i| Prepared::is_news(unique[i], way, &self.engine));
            let again: Vec<&str> = failed.iter().map(|&i| unique[i]).collect();
            for (i, result) in failed.into_iter().zip(self.attempt(&again, way)) {
                if check::harm(&result.flags) < check::harm(&results[i].flags) {
                    results[i] = result;
                }
            }
        }
        place.into_iter().map(|i| results[i].clone()).collect()
    }

    /// The distinct sentences, and for each sentence which of them it is.
    fn unique<'s>(&self, sources: &[&'s str]) -> (Vec<&'s str>, Vec<usize>) {
        if !self.deduplicate {
            return (sources.to_vec(), (0..sources.len()).collect());
        }
        let (mut unique, mut seen) = (Vec::new(), HashMap::new());
        let place = sources
            .iter()
            .map(|&s| {
                *seen.entry(s).or_insert_with(|| {
                    unique.push(s);
                    unique.len() - 1
                })
            })
            .collect();
        (unique, place)
    }

    /// One way of translating every sentence.
    fn attempt(&self, sources: &[&str], way: Way) -> Vec<Translation> {
        let prepared: Vec<Prepared> = sources.iter().map(|s| Prepared::new(s, way, &self.engine)).collect();
        let parts: Vec<&str> = prepared.iter().flat_map(Prepared::engine_parts).collect();
        let mut outputs = self.run_batches(&parts).into_iter();
        prepared.iter().map(|p| p.finish(&mut outputs)).collect()
    }

    /// Runs the engine over all parts: sorted by length, cut into batches, shared out to the threads.
    fn run_batches(&self, parts: &[&str]) -> Vec<EngineOutput> {
        let lengths: Vec<usize> = parts.iter().map(|p| self.engine.pieces(p)).collect();
        let mut order: Vec<usize> = (0..parts.len()).collect();
        // Longest first: the last batches are short, so no thread waits long for another.
        order.sort_by_key(|&i| (std::cmp::Reverse(lengths[i]), i));
        let mut batches: Vec<&[usize]> = Vec::new();
        let mut rest = order.as_slice();
        while !rest.is_empty() {
            let mut sum = 0;
            let fits = rest.iter().take_while(|&&i| {
                sum += lengths[i];
                sum <= BATCH_PIECES
            });
            let (batch, later) = rest.split_at(fits.count().max(1));
            batches.push(batch);
            rest = later;
        }
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                let sentences: Vec<&str> = batch.iter().map(|&i| parts[i]).collect();
                done.extend(batch.iter().copied().zip(self.engine.translate(&sentences)));
            }
            done
        };
        let mut outputs = vec![EngineOutput::default(); parts.len()];
        let threads = self.threads.min(batches.len()).max(1);
        let finished: Vec<Vec<(usize, EngineOutput)>> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut all = vec![work()];
            all.extend(others.into_iter().map(|t| t.join().unwrap_or_default()));
            all
        });
        for (i, output) in finished.into_iter().flatten() {
            outputs[i] = output;
        }
        outputs
    }
}

/// A source taken over as it is: every word aligned with itself.
fn passed_through(source: &str) -> Translation {
    let source_tokens: Vec<Span<Source>> = align::words(source);
    Translation {
        target: source.to_owned(),
        pairs: (0..source_tokens.len()).map(|i| (i, i)).collect(),
        target_tokens: align::words(source),
        source_tokens,
        score: None,
        flags: Vec::new(),
    }
}
