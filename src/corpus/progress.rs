//! Progress on stderr: a bar on a terminal, JSON lines for programs, or nothing.

use crate::formats::input::BytesRead;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ProgressMode {
    /// A bar when stderr is a terminal, else nothing.
    #[default]
    Auto,
    /// Nothing.
    None,
    /// One JSON object a second.
    Json,
}

/// Counts documents and words and shows them.
pub struct Progress {
    bar: Option<ProgressBar>,
    json: bool,
    start: Instant,
    shown: Instant,
    documents: u64,
    words: u64,
    read: BytesRead,
    /// Bytes of all input, where that is known.
    total: Option<u64>,
}

impl Progress {
    /// Starts counting; `read` counts bytes of input, of which there are `total`.
    pub fn new(mode: ProgressMode, read: BytesRead, total: Option<u64>) -> Self {
        let bar = (mode == ProgressMode::Auto && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        let start = Instant::now();
        Self {
            bar,
            json: mode == ProgressMode::Json,
            start,
            shown: start,
            documents: 0,
            words: 0,
            read,
            total,
        }
    }

    /// Counts some documents.
    pub fn add(&mut self, documents: u64, words: u64) {
        self.documents += documents;
        self.words += words;
        if self.shown.elapsed() >= Duration::from_secs(1) {
            self.shown = Instant::now();
            self.show();
        }
    }

    /// Shows the last count and takes the bar away.
    pub fn finish(self) {
        self.show();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// How long the rest of the input takes if it goes on as so far. Reading runs a little ahead of the work.
    fn seconds_left(&self, seconds: f64) -> Option<f64> {
        let read = self.read.load(Ordering::Relaxed);
        let total = self.total.filter(|&total| read > 0 && total >= read)?;
        Some(seconds * (total - read) as f64 / read as f64)
    }

    fn show(&self) {
        let seconds = self.start.elapsed().as_secs_f64().max(1e-3);
        let (documents, words) = (self.documents as f64 / seconds, self.words as f64 / seconds);
        if let Some(bar) = &self.bar {
            let left = self.seconds_left(seconds).map_or_else(String::new, |left| {
                format!(", {} left", indicatif::HumanDuration(Duration::from_secs_f64(left)))
            });
            let message = format!("{} documents, {documents:.1}/s, {words:.0} words/s{left}", self.documents);
            bar.set_message(message);
        }
        if self.json {
            let line = serde_json::json!({
                "documents": self.documents, "words": self.words, "seconds": seconds,
                "documents_per_second": documents, "words_per_second": words,
                "seconds_left": self.seconds_left(seconds),
            });
            eprintln!("{line}");
        }
    }
}
