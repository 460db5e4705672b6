//! Progress on stderr: a bar on a terminal, JSON lines for programs, or nothing.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
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
}

impl Progress {
    /// Starts counting.
    pub fn new(mode: ProgressMode) -> Self {
        let bar = (mode == ProgressMode::Auto && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        let start = Instant::now();
        Self { bar, json: mode == ProgressMode::Json, start, shown: start, documents: 0, words: 0 }
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

    fn show(&self) {
        let seconds = self.start.elapsed().as_secs_f64().max(1e-3);
        let (documents, words) = (self.documents as f64 / seconds, self.words as f64 / seconds);
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} documents, {documents:.1}/s, {words:.0} words/s", self.documents));
        }
        if self.json {
            let line = serde_json::json!({
                "documents": self.documents, "words": self.words, "seconds": seconds,
                "documents_per_second": documents, "words_per_second": words,
            });
            eprintln!("{line}");
        }
    }
}
