//! The model store: cards, where models live, and whether their bytes can be trusted.

pub mod add;
pub mod card;
pub mod catalogue;
pub mod fetch;
pub mod firefox;
pub mod hugging_face;
pub mod lock;
pub mod marian;
pub mod mirror;
pub mod pull;
mod recognise;
pub mod sentencepiece;
pub mod store;
pub mod tensors;
pub mod unpack;

use std::path::PathBuf;
use thiserror::Error;

/// Why a model cannot be used. Every message names the file and says what to do.
#[derive(Debug, Error)]
pub enum ModelError {
    /// No model of that name or path.
    #[error(
        "no model named `{name}`{}: `retouche models list --all` shows those that are here and those that can be \
         pulled; a directory works too",
        did_you_mean(near)
    )]
    Unknown {
        /// The name.
        name: String,
        /// Names like it.
        near: Vec<String>,
    },
    /// A model of the catalogue that is not in the cache.
    #[error("`{0}` is not here yet: `retouche models pull {0}` fetches it")]
    NotHere(String),
    /// The model inside the program cannot be removed.
    #[error("`{0}` is compiled into the program and cannot be removed")]
    Embedded(String),
    /// A name that cannot be a model's.
    #[error(
        "`{0}` cannot be a model's name: one or two words of letters, digits and `.-_`; give one with --name"
    )]
    Name(String),
    /// A revision that cannot be one.
    #[error(
        "`{0}` cannot be a revision: a branch (`main`), a tag, a commit, or a pull request (`refs/pr/4`)"
    )]
    Revision(String),
    /// The name is in use.
    #[error(
        "`{name}` is taken ({path}): remove it first (`retouche models rm {name}`), or choose another with --name"
    )]
    Taken {
        /// The name.
        name: String,
        /// Where its model is.
        path: PathBuf,
    },
    /// There is no cache directory.
    #[error("this platform names no cache directory: set RETOUCHE_MODELS to a directory for models")]
    NoCache,
    /// A model for an engine that is not there.
    #[error(
        "`{name}` needs the engine `{engine}`, which this build does not have{}",
        if engine == store::BERT_ENGINE { ": build with `--features rust-bert` (scripts/setup_libtorch.sh)" } else { "" }
    )]
    Engine {
        /// The model.
        name: String,
        /// The engine.
        engine: String,
    },
    /// A device that the engine cannot use.
    #[error("`--device {device}` cannot be had: {reason}; `--device auto` or `cpu` works")]
    Device {
        /// The device.
        device: String,
        /// Why not.
        reason: &'static str,
    },
    /// The catalogue is not valid.
    #[error("{path}: the catalogue is not valid: {reason}")]
    Catalogue {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The lock is not valid.
    #[error("{path}: the lock is not valid: {reason}; remove it to pin anew")]
    Lock {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A server's index of models does not help.
    #[error("{server}, asked for `{name}`: {reason}")]
    Index {
        /// Whose index it is.
        server: &'static str,
        /// The model.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// A download that is not what it should be.
    #[error("{url}: {reason}: {hint}")]
    Wrong {
        /// The address.
        url: String,
        /// How it differs.
        reason: String,
        /// What to do.
        hint: &'static str,
    },
    /// A directory that is not the model it is said to be.
    #[error("{path}: {reason}")]
    Mismatch {
        /// The directory.
        path: PathBuf,
        /// How it differs.
        reason: String,
    },
    /// A download failed.
    #[error(transparent)]
    Fetch(#[from] fetch::FetchError),
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
    /// A [`ModelError::Unknown`] with the names of `known` that are most like it.
    pub(crate) fn unknown(name: &str, known: impl Iterator<Item = String>) -> Self {
        let known: Vec<String> = known.collect();
        let near = catalogue::near_names(name, known.iter().map(String::as_str));
        Self::Unknown { name: name.to_owned(), near }
    }

    /// An [`ModelError::Invalid`] from a message.
    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid(reason.into())
    }
}

fn did_you_mean(near: &[String]) -> String {
    if near.is_empty() {
        return String::new();
    }
    format!(" (did you mean `{}`?)", near.join("`, `"))
}
