//! Reading documents and writing results; one file a format.

pub mod input;
pub mod json_text;
pub mod jsonl;
pub mod moses;
pub mod output;
pub mod text;
pub mod tmx;
pub mod tsv;

use std::path::PathBuf;
use thiserror::Error;

/// Why a record could not be read. The run goes on with the next record.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file cannot be opened or read further; what was read before it stands.
    #[error("{file}: record {record}: {source}")]
    Io {
        /// The file.
        file: String,
        /// The record that was being read, from 1.
        record: u64,
        /// What the system or the decompressor said.
        source: std::io::Error,
    },
    /// Bytes that are not UTF-8.
    #[error("{file}: record {record}: not UTF-8 at byte {at}; convert it, for example with iconv")]
    Utf8 {
        /// The file.
        file: String,
        /// The record, from 1.
        record: u64,
        /// First bad byte of the record.
        at: usize,
    },
    /// A record that is not what its format says.
    #[error("{file}: record {record}: {reason}")]
    Malformed {
        /// The file.
        file: String,
        /// The record, from 1.
        record: u64,
        /// What is wrong and what to do.
        reason: String,
    },
}

/// Why results could not be written. The run ends.
#[derive(Debug, Error)]
#[error("{path}: {source}")]
pub struct WriteError {
    /// The file, or `stdout`.
    pub path: PathBuf,
    /// What the system said.
    pub source: std::io::Error,
}
