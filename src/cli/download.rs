//! How a download looks: a bar on a terminal, one line a file otherwise, and plain words about what was trusted.

use super::models::ModelsError;
use crate::models::fetch::{FetchOptions, Fetcher};
use crate::models::mirror::Places;
use crate::models::pull::{News, Pin, Pulled};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

/// A downloader as the command line and the environment want it.
///
/// # Errors
/// [`ModelsError`] for a timeout that is no sensible time and a mirror that is no web address.
pub fn fetcher(mirror: Option<String>, timeout: f64) -> Result<Fetcher, ModelsError> {
    if !(timeout > 0.0 && timeout <= 86_400.0) {
        return Err(ModelsError::Timeout(timeout));
    }
    let places = Places::from_environment(mirror);
    if let Some(wrong) = places.not_an_address() {
        return Err(ModelsError::Mirror(wrong.to_owned()));
    }
    let timeout = Duration::from_secs_f64(timeout);
    Ok(Fetcher::new(FetchOptions { timeout, places, ..FetchOptions::default() }))
}

/// Progress of a pull on stderr.
pub struct Bars {
    terminal: bool,
    bar: Option<(String, ProgressBar)>,
}

impl Bars {
    /// No file yet.
    pub fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), bar: None }
    }

    /// Shows a piece of news.
    pub fn tell(&mut self, news: &News<'_>) {
        match news {
            News::Progress(path, have, total) if self.terminal => {
                if self.bar.as_ref().is_none_or(|(name, _)| name != path) {
                    self.finish();
                    self.bar = Some(((*path).to_owned(), bar(path)));
                }
                if let Some((_, bar)) = &self.bar {
                    if let Some(total) = total {
                        bar.set_length(*total);
                    }
                    bar.set_position(*have);
                }
            }
            News::Progress(..) => {}
            News::Done(file, pin) => {
                self.finish();
                let by = match pin {
                    Pin::Catalogue => "as the catalogue says",
                    Pin::Lock => "as first pulled",
                    Pin::Index => "as the server's index says",
                    Pin::None => "not known before",
                };
                eprintln!("{}: {:.1} MB, SHA-256 {} ({by})", file.path, file.size as f64 / 1e6, file.sha256);
            }
        }
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Default for Bars {
    fn default() -> Self {
        Self::new()
    }
}

fn bar(path: &str) -> ProgressBar {
    let bar = ProgressBar::no_length().with_message(path.to_owned());
    let template = "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// Says which files were taken on trust.
pub fn say_pinned(pulled: &Pulled) {
    if !pulled.pinned.is_empty() {
        eprintln!(
            "retouche: the catalogue has no SHA-256 for {}: what came is pinned in models.lock, and later pulls must \
             match it",
            pulled.pinned.join(", ")
        );
    }
}
