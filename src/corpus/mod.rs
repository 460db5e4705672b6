//! Running documents through a function on all cores, in order, with memory that does not grow with the input.

pub mod progress;
pub mod shards;

use crate::formats::ReadError;
use crate::text::document::Document;
use crossbeam_channel::bounded;
use std::collections::BTreeMap;

/// Raw text in one unit of work: enough to outweigh the hand-over between threads.
const UNIT_BYTES: usize = 64 << 10;
/// The same on one thread, where nothing is handed over: little enough to stay in the nearest cache.
const UNIT_BYTES_ALONE: usize = 4 << 10;
/// Documents in one unit of work at most.
const UNIT_DOCUMENTS: usize = 256;

/// Some documents, and the read errors that stood among them.
#[derive(Default)]
pub struct Unit {
    /// The documents, in order.
    pub documents: Vec<Document>,
    /// What could not be read.
    pub rejects: Vec<ReadError>,
}

impl Unit {
    fn bytes(&self) -> usize {
        self.documents.iter().map(|d| d.raw.len()).sum()
    }
}

/// Cuts the input into units of at least so many bytes.
fn units(
    input: impl Iterator<Item = Result<Document, ReadError>> + Send,
    least: usize,
) -> impl Iterator<Item = Unit> + Send {
    let mut input = input.peekable();
    std::iter::from_fn(move || {
        input.peek()?;
        let mut unit = Unit::default();
        let mut bytes = 0;
        while let Some(item) = input.next() {
            match item {
                Ok(document) => {
                    bytes += document.raw.len();
                    unit.documents.push(document);
                }
                Err(reject) => unit.rejects.push(reject),
            }
            if bytes >= least || unit.documents.len() >= UNIT_DOCUMENTS || input.peek().is_none() {
                break;
            }
        }
        Some(unit)
    })
}

/// What came of a unit.
pub struct Done<R> {
    /// The results, one a document, in order.
    pub results: Vec<R>,
    /// What could not be read.
    pub rejects: Vec<ReadError>,
    /// Bytes of raw text that the results stand for.
    pub bytes: usize,
}

/// Applies `work` to units of documents on `jobs` threads (0: one a core) and hands the results to `sink` in the
/// order of the input. Stops early when `sink` fails. With `batches`, `work` gains from many documents at once.
///
/// # Errors
/// The first error of `sink`.
pub fn in_order<R: Send, E>(
    input: impl Iterator<Item = Result<Document, ReadError>> + Send,
    jobs: usize,
    batches: bool,
    work: impl Fn(&[Document]) -> Vec<R> + Sync,
    mut sink: impl FnMut(Done<R>) -> Result<(), E>,
) -> Result<(), E> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = if jobs == 0 { cores } else { jobs };
    let apply =
        |unit: Unit| Done { bytes: unit.bytes(), results: work(&unit.documents), rejects: unit.rejects };
    if jobs == 1 {
        let least = if batches { UNIT_BYTES } else { UNIT_BYTES_ALONE };
        for unit in units(input, least) {
            sink(apply(unit))?;
        }
        return Ok(());
    }
    // Bounded on both sides: a slow writer holds back the workers, and they the reader.
    let (to_workers, from_reader) = bounded::<(u64, Unit)>(2 * jobs);
    let (to_sink, from_workers) = bounded(2 * jobs);
    let apply = &apply;
    std::thread::scope(move |scope| {
        scope.spawn(move || {
            for numbered in (0..).zip(units(input, UNIT_BYTES)) {
                if to_workers.send(numbered).is_err() {
                    break;
                }
            }
        });
        for _ in 0..jobs {
            let (from_reader, to_sink, apply) = (from_reader.clone(), to_sink.clone(), apply);
            scope.spawn(move || {
                for (number, unit) in from_reader {
                    if to_sink.send((number, apply(unit))).is_err() {
                        break;
                    }
                }
            });
        }
        drop((from_reader, to_sink));
        let (mut waiting, mut next) = (BTreeMap::new(), 0);
        // By value: when the sink fails, the channel closes and the workers end instead of waiting for ever.
        for (number, done) in from_workers {
            waiting.insert(number, done);
            while let Some(done) = waiting.remove(&next) {
                next += 1;
                sink(done)?;
            }
        }
        Ok(())
    })
}
