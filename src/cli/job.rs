//! What the verbs that read documents and write results have in common: one loop, to one output or to shards.

use super::CliError;
use super::common::{InputArgs, Rejects, WorkArgs};
use crate::corpus::progress::Progress;
use crate::corpus::shards::{self, Manifest, Shards};
use crate::corpus::{Done, in_order};
use crate::formats::ReadError;
use crate::formats::input::size;
use crate::formats::output::{OutputFormat, Sink};
use crate::text::document::Document;
use std::path::Path;

/// What became of one document.
pub struct Rendered {
    /// Its texts, one for each file of the output.
    pub texts: [String; 3],
    /// Words, for the progress display.
    pub words: u64,
    /// Whether the verb has something to report (`scan`, `fix --check`).
    pub notable: bool,
}

impl Rendered {
    /// A document whose output is one text.
    pub fn one(text: String, notable: bool) -> Self {
        Self { texts: [text, String::new(), String::new()], words: 0, notable }
    }
}

/// How a verb writes.
pub struct Job<'a> {
    /// What to read.
    pub input: &'a InputArgs,
    /// How to work.
    pub work: &'a WorkArgs,
    /// How results are framed.
    pub format: OutputFormat,
    /// Ends of the names of a shard's files.
    pub suffixes: &'static [&'static str],
    /// Threads that take documents; 0 is one a core.
    pub jobs: usize,
    /// Whether the work gains from many documents at once.
    pub batches: bool,
    /// What changes the results, as `name=value`: a resumed run must have the same.
    pub settings: Vec<String>,
}

/// How a job ended.
pub struct Ended {
    /// What could not be read.
    pub rejects: Rejects,
    /// Whether a document had something to report.
    pub notable: bool,
}

impl Job<'_> {
    /// Puts every document through `render` and writes what comes out, in order.
    ///
    /// # Errors
    /// [`CliError`] when the input is not there, or the output fails.
    pub fn run(&self, render: impl Fn(&[Document]) -> Vec<Rendered> + Sync) -> Result<Ended, CliError> {
        let files = self.input.files()?;
        let (input, read) = self.input.documents(files.clone());
        let total = files.iter().map(|f| size(f)).collect::<Option<Vec<u64>>>().map(|s| s.iter().sum());
        let mut progress = Progress::new(self.work.progress, read, total);
        let mut rejects = Rejects::open(self.input.rejects.as_ref())?;
        let mut notable = false;
        let mut input = input.peekable();
        let directory = self.work.output.as_deref().filter(|path| is_directory(path));
        let Some(directory) = directory else {
            if self.work.resume {
                let what = "--resume goes on with a run whose --output is a directory (`-o DIR/`)";
                return Err(CliError::Usage(what.to_owned()));
            }
            let sink = Sink::open(self.work.output.as_deref(), self.format)?;
            notable |= self.drive(input, sink, &render, &mut rejects, &mut progress)?;
            progress.finish();
            return Ok(Ended { rejects, notable });
        };
        let manifest = Manifest {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            settings: self.settings.clone(),
            inputs: files.iter().map(|f| (f.display().to_string(), size(f).unwrap_or(0))).collect(),
            shard_records: self.work.shard.unwrap_or(shards::RECORDS),
            complete: false,
        };
        let shards = Shards::open(directory, manifest, self.suffixes, self.work.resume)?;
        for shard in 0.. {
            if input.peek().is_none() {
                break;
            }
            let items = input.by_ref().take(shards.records());
            if shards.is_finished(shard) {
                // The reader passes over what is done; what it rejects is said again, so that the end is the same.
                let again: Vec<ReadError> = items.filter_map(Result::err).collect();
                rejects.report(&again)?;
            } else {
                let sink = Sink::open(Some(&shards.output(shard)), self.format)?;
                notable |= self.drive(items, sink, &render, &mut rejects, &mut progress)?;
            }
        }
        shards.complete()?;
        progress.finish();
        Ok(Ended { rejects, notable })
    }

    /// Some input to one output.
    fn drive(
        &self,
        input: impl Iterator<Item = Result<Document, ReadError>> + Send,
        mut sink: Sink,
        render: &(impl Fn(&[Document]) -> Vec<Rendered> + Sync),
        rejects: &mut Rejects,
        progress: &mut Progress,
    ) -> Result<bool, CliError> {
        let mut notable = false;
        in_order(input, self.jobs, self.batches, render, |done: Done<Rendered>| -> Result<(), CliError> {
            rejects.report(&done.rejects)?;
            progress.add(done.results.len() as u64, done.results.iter().map(|r| r.words).sum());
            for rendered in &done.results {
                notable |= rendered.notable;
                sink.write(&rendered.texts)?;
            }
            Ok(())
        })?;
        sink.finish()?;
        Ok(notable)
    }
}

/// Whether an output is a directory: it is one, or its name ends as one's.
pub fn is_directory(output: &Path) -> bool {
    output.is_dir() || output.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR])
}
