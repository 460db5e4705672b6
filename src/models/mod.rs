//! The model store: cards, where models live, and whether their bytes can be trusted.

pub mod card;
pub mod marian;
pub mod sentencepiece;
pub mod store;

use std::path::PathBuf;
use thiserror::Error;

/// Why a model cannot be used. Every message names the file and says what to do.
#[derive(Debug, Error)]
pub enum ModelError {
    /// No model of that name or path.
    #[error("no model named `{0}`: `retouche models list` shows those that are here; a directory works too")]
    Unknown(String),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The card is not valid.
    #[error("{path}: the model card is not valid: {reason}")]
    Card {
        /// The card.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file is not what its card says.
    #[error("{path}: {reason}; the file is damaged or was changed: get it again")]
    Altered {
        /// The file.
        path: PathBuf,
        /// How it differs.
        reason: String,
    },
    /// A file is not a model, or a hostile one.
    #[error("not a valid model file: {0}")]
    Invalid(String),
}

impl ModelError {
    /// An [`ModelError::Invalid`] from a message.
    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid(reason.into())
    }
}
