//! Input files: globs, stdin, decompression by extension, and the choice of reader.

use super::{ReadError, jsonl, text, tsv};
use crate::text::document::Document;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The format of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum InputFormat {
    /// One document a file; blank lines separate paragraphs.
    Text,
    /// One JSON object a line.
    Jsonl,
    /// Tab-separated columns.
    Tsv,
}

/// How to read documents.
#[derive(Debug, Clone, Default)]
pub struct InputOptions {
    /// The format; by file extension when absent.
    pub format: Option<InputFormat>,
    /// The field (JSONL), or column number from 1 or header name (TSV), that holds the text.
    pub text_field: Option<String>,
    /// The field or column that holds the id.
    pub id_field: Option<String>,
    /// Counts the bytes read.
    pub read: BytesRead,
}

/// Bytes read from the input files so far (compressed, where they are): for progress.
pub type BytesRead = Arc<AtomicU64>;

/// Most bytes of one record; longer ones are rejected before they fill the memory.
pub const LONGEST_RECORD: usize = 256 << 20;

/// A reader that counts.
struct Counted<R> {
    inner: R,
    read: BytesRead,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Size of a regular file in bytes; `None` for stdin, a pipe or what is not there.
pub fn size(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|m| m.len())
}

/// An iterator over documents and what could not be read.
pub type Documents = Box<dyn Iterator<Item = Result<Document, ReadError>> + Send>;

/// Files named on the command line: globs are expanded, `-` and an empty list are stdin.
///
/// # Errors
/// A message for a bad pattern, or a pattern or name without a file.
pub fn expand(arguments: &[String]) -> Result<Vec<PathBuf>, String> {
    if arguments.is_empty() {
        return Ok(vec![PathBuf::from("-")]);
    }
    let mut files = Vec::new();
    for argument in arguments {
        let is_pattern = argument.contains(['*', '?', '[']) && !Path::new(argument).exists();
        if !is_pattern {
            files.push(PathBuf::from(argument));
            continue;
        }
        let matches = glob::glob(argument).map_err(|e| format!("{argument}: {e}"))?;
        let before = files.len();
        files.extend(matches.filter_map(Result::ok).filter(|p| p.is_file()));
        if files.len() == before {
            return Err(format!("{argument}: no file matches"));
        }
    }
    Ok(files)
}

/// The documents of all files, in order.
pub fn documents(files: Vec<PathBuf>, options: InputOptions) -> Documents {
    Box::new(files.into_iter().flat_map(move |file| of_file(&file, &options)))
}

fn of_file(path: &Path, options: &InputOptions) -> Documents {
    let name = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
    let reader = match open(path, &options.read) {
        Ok(reader) => reader,
        Err(source) => {
            return Box::new(std::iter::once(Err(ReadError::Io { file: name, record: 0, source })));
        }
    };
    match options.format.unwrap_or_else(|| format_of(path)) {
        InputFormat::Text => text::read(reader, name),
        InputFormat::Jsonl => jsonl::read(reader, name, options),
        InputFormat::Tsv => tsv::read(reader, name, options),
    }
}

/// The format that a file name tells; a compressed name tells by what stands before `.gz` or `.zst`.
fn format_of(path: &Path) -> InputFormat {
    let name = path.to_string_lossy().to_lowercase();
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    if name.ends_with(".jsonl") || name.ends_with(".ndjson") {
        InputFormat::Jsonl
    } else if name.ends_with(".tsv") {
        InputFormat::Tsv
    } else {
        InputFormat::Text
    }
}

fn open(path: &Path, read: &BytesRead) -> io::Result<Box<dyn BufRead + Send>> {
    let raw: Box<dyn Read + Send> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    let raw = Counted { inner: raw, read: Arc::clone(read) };
    Ok(match path.extension().and_then(|e| e.to_str()) {
        Some("gz") => Box::new(BufReader::with_capacity(1 << 17, flate2::read::MultiGzDecoder::new(raw))),
        Some("zst") => Box::new(BufReader::with_capacity(1 << 17, zstd::Decoder::new(raw)?)),
        _ => Box::new(BufReader::with_capacity(1 << 17, raw)),
    })
}

/// Lines of a reader as raw bytes without their line end, numbered from 1.
pub struct Lines {
    reader: Box<dyn BufRead + Send>,
    /// The file, for messages.
    pub file: String,
    number: u64,
    failed: bool,
}

impl Lines {
    /// Lines of `reader`, which messages call `file`.
    pub fn new(reader: Box<dyn BufRead + Send>, file: String) -> Self {
        Self { reader, file, number: 0, failed: false }
    }
}

impl Iterator for Lines {
    type Item = (u64, Result<String, ReadError>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let mut bytes = Vec::new();
        self.number += 1;
        let record = self.number;
        match read_record(&mut self.reader, &mut bytes, LONGEST_RECORD) {
            Ok(0) => None,
            Ok(length) if length > bytes.len() => Some((record, Err(too_long(&self.file, record, length)))),
            Ok(_) => {
                if bytes.last() == Some(&b'\n') {
                    bytes.pop();
                    if bytes.last() == Some(&b'\r') {
                        bytes.pop();
                    }
                }
                Some((record, utf8(bytes, &self.file, record)))
            }
            Err(source) => {
                // A truncated archive: what came before stands, nothing comes after.
                self.failed = true;
                Some((record, Err(ReadError::Io { file: self.file.clone(), record, source })))
            }
        }
    }
}

/// Appends a line with its end to `line`, at most `longest` bytes of it; returns the length of the whole line.
fn read_record(reader: &mut dyn BufRead, line: &mut Vec<u8>, longest: usize) -> io::Result<usize> {
    let mut length = 0;
    loop {
        let buffer = match reader.fill_buf() {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            buffer => buffer?,
        };
        let end = memchr::memchr(b'\n', buffer).map(|at| at + 1);
        let part = end.unwrap_or(buffer.len());
        let kept = part.min(longest - line.len());
        line.extend_from_slice(&buffer[..kept]);
        length += part;
        reader.consume(part);
        if end.is_some() || part == 0 {
            return Ok(length);
        }
    }
}

/// The error for a record that is over the limit.
pub fn too_long(file: &str, record: u64, length: usize) -> ReadError {
    let (length, most) = (length >> 20, LONGEST_RECORD >> 20);
    ReadError::Malformed {
        file: file.to_owned(),
        record,
        reason: format!("{length} MB long, and {most} MB is the most; cut it into several documents"),
    }
}

/// Bytes as text.
pub fn utf8(bytes: Vec<u8>, file: &str, record: u64) -> Result<String, ReadError> {
    String::from_utf8(bytes).map_err(|e| ReadError::Utf8 {
        file: file.to_owned(),
        record,
        at: e.utf8_error().valid_up_to(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_over_the_limit_is_measured_but_not_kept() {
        let mut reader = io::Cursor::new(b"abcdefgh\nij\nk");
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            let length = read_record(&mut reader, &mut line, 4).expect("read");
            if length == 0 {
                break;
            }
            lines.push((String::from_utf8(line).expect("text"), length));
        }
        assert_eq!(lines, [("abcd".into(), 9), ("ij\n".into(), 3), ("k".into(), 1)]);
    }
}
