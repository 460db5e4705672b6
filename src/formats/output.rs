//! Output: how a record is written in each format, and where.

use super::{WriteError, moses, tmx, tsv};
use crate::record::Record;
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The format of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum OutputFormat {
    /// One record a line (`docs/record.schema.json`).
    Jsonl,
    /// One segment a line, as JSON with its document's id.
    Segments,
    /// Document, segment, source, target, alignment, score, flags.
    Tsv,
    /// TMX 1.4b.
    Tmx,
    /// `OUTPUT.fr`, `OUTPUT.en`, `OUTPUT.align`; needs --output.
    Moses,
    /// The repaired French.
    Clean,
    /// The English.
    English,
}

impl OutputFormat {
    /// Ends of the names of the files that a run in this format writes.
    pub const fn suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Jsonl | Self::Segments => &["jsonl"],
            Self::Tsv => &["tsv"],
            Self::Tmx => &["tmx"],
            Self::Moses => &["fr", "en", "align"],
            Self::Clean | Self::English => &["txt"],
        }
    }
}

#[derive(Serialize)]
struct SegmentLine<'a> {
    id: &'a str,
    #[serde(flatten)]
    segment: &'a crate::record::SegmentRecord,
}

/// The text of one record in a format; Moses has three texts, every other format one.
pub fn render(record: &Record, format: OutputFormat) -> [String; 3] {
    let one = |text: String| [text, String::new(), String::new()];
    match format {
        OutputFormat::Jsonl => one(json_line(record)),
        OutputFormat::Segments => one(record
            .segments
            .iter()
            .map(|segment| json_line(&SegmentLine { id: &record.id, segment }))
            .collect()),
        OutputFormat::Tsv => one(record
            .segments
            .iter()
            .map(|s| {
                let score = s.score.map_or_else(String::new, |score| format!("{score:.4}"));
                let cells = [
                    tsv::cell(&record.id),
                    s.n.to_string(),
                    tsv::cell(&s.source),
                    tsv::cell(&s.target),
                    s.alignment.clone(),
                    score,
                    s.flags.join(" "),
                ];
                cells.join("\t") + "\n"
            })
            .collect()),
        OutputFormat::Tmx => one(tmx::units(record)),
        OutputFormat::Moses => moses::lines(record),
        OutputFormat::Clean => one(ended(record.clean.clone())),
        OutputFormat::English => one(english(record)),
    }
}

/// One line of JSON. The record's types have no map with other keys than strings, so this cannot fail.
pub fn json_line(value: &impl Serialize) -> String {
    serde_json::to_string(value).map_or_else(|_| String::new(), |line| line + "\n")
}

/// The English text, laid out as the clean text: the white space between segments is kept.
fn english(record: &Record) -> String {
    let chars: Vec<char> = record.clean.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    for (n, segment) in record.segments.iter().enumerate() {
        // Gaps are counted in code points; other units fall back on a space or a line end.
        let gap: String = match record.offsets {
            crate::text::unit::OffsetUnit::Chars => {
                chars.get(at..segment.clean[0]).unwrap_or(&[]).iter().collect()
            }
            _ if n == 0 => String::new(),
            _ => "\n".to_owned(),
        };
        out.push_str(&gap);
        out.push_str(&segment.target);
        at = segment.clean[1];
    }
    ended(out)
}

/// Text that ends with a line end.
pub fn ended(mut text: String) -> String {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Where results go: stdout, or files that get their final name only when they are whole.
pub struct Sink {
    parts: Vec<Part>,
    format: OutputFormat,
}

struct Part {
    path: PathBuf,
    writer: Box<dyn Write>,
    temporary: Option<tempfile::NamedTempFile>,
}

impl Sink {
    /// Opens the output. `None` is stdout.
    ///
    /// # Errors
    /// [`WriteError`] when a file cannot be made, or Moses is asked of stdout.
    pub fn open(output: Option<&Path>, format: OutputFormat) -> Result<Self, WriteError> {
        let parts = match (output, format) {
            (None, OutputFormat::Moses) => {
                let source = io::Error::other("Moses needs three files: name them with --output PREFIX");
                return Err(WriteError { path: "stdout".into(), source });
            }
            (None, _) => vec![Part {
                path: "stdout".into(),
                writer: Box::new(BufWriter::with_capacity(1 << 16, io::stdout())),
                temporary: None,
            }],
            (Some(prefix), OutputFormat::Moses) => ["fr", "en", "align"]
                .iter()
                .map(|suffix| file_part(&PathBuf::from(format!("{}.{suffix}", prefix.display()))))
                .collect::<Result<_, _>>()?,
            (Some(path), _) => vec![file_part(path)?],
        };
        let mut sink = Self { parts, format };
        if format == OutputFormat::Tmx {
            sink.write(&[tmx::header(), String::new(), String::new()])?;
        }
        Ok(sink)
    }

    /// Writes the texts of one record, as [`render`] gives them.
    ///
    /// # Errors
    /// [`WriteError`] when the system refuses, for example a full disk or a closed pipe.
    pub fn write(&mut self, texts: &[String; 3]) -> Result<(), WriteError> {
        for (part, text) in self.parts.iter_mut().zip(texts) {
            part.writer
                .write_all(text.as_bytes())
                .map_err(|source| WriteError { path: part.path.clone(), source })?;
        }
        Ok(())
    }

    /// Flushes, syncs and gives files their final name.
    ///
    /// # Errors
    /// [`WriteError`] when the system refuses; nothing stands under the final name then.
    pub fn finish(mut self) -> Result<(), WriteError> {
        if self.format == OutputFormat::Tmx {
            self.write(&[tmx::FOOTER.to_owned(), String::new(), String::new()])?;
        }
        for mut part in self.parts {
            let failed = |source| WriteError { path: part.path.clone(), source };
            part.writer.flush().map_err(failed)?;
            drop(part.writer);
            if let Some(temporary) = part.temporary {
                temporary.as_file().sync_all().map_err(failed)?;
                temporary.persist(&part.path).map_err(|e| failed(e.error))?;
                sync_directory(directory_of(&part.path))?;
            }
        }
        Ok(())
    }

    /// A file that stands beside `path` under a temporary name until it is persisted.
    ///
    /// # Errors
    /// [`WriteError`] when it cannot be made.
    pub fn temporary(path: &Path) -> Result<tempfile::NamedTempFile, WriteError> {
        tempfile::Builder::new()
            .prefix(".retouche-")
            .suffix(".tmp")
            .tempfile_in(directory_of(path))
            .map_err(|source| WriteError { path: path.to_owned(), source })
    }
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the names in a directory last through a power cut, where the system lets directories be synced.
///
/// # Errors
/// [`WriteError`] when the system refuses.
pub fn sync_directory(directory: &Path) -> Result<(), WriteError> {
    if cfg!(unix) {
        let failed = |source| WriteError { path: directory.to_owned(), source };
        File::open(directory).and_then(|d| d.sync_all()).map_err(failed)?;
    }
    Ok(())
}

fn file_part(path: &Path) -> Result<Part, WriteError> {
    let failed = |source| WriteError { path: path.to_owned(), source };
    let temporary = Sink::temporary(path)?;
    let file: File = temporary.reopen().map_err(failed)?;
    let plain = BufWriter::with_capacity(1 << 16, file);
    let writer: Box<dyn Write> = match path.extension().and_then(|e| e.to_str()) {
        Some("gz") => Box::new(flate2::write::GzEncoder::new(plain, flate2::Compression::default())),
        Some("zst") => Box::new(zstd::Encoder::new(plain, 3).map_err(failed)?.auto_finish()),
        _ => Box::new(plain),
    };
    Ok(Part { path: path.to_owned(), writer, temporary: Some(temporary) })
}
