//! What can go wrong with a download, and what to say about it.

use super::{CONNECT, FetchOptions, Wanted};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why something could not be downloaded. Every message says what to do.
#[derive(Debug, Error)]
pub enum FetchError {
    /// Downloading is switched off.
    #[error(
        "{0} is not in the cache, and downloading is off (--offline or HF_HUB_OFFLINE): allow it, or pull the model on \
         a machine with a network, copy its directory here and run `retouche models add DIR`"
    )]
    Offline(String),
    /// No connection.
    #[error(
        "{url}: {reason}. Without a network: pull the model on another machine, copy its directory here and run \
         `retouche models add DIR`; with a mirror: --mirror URL or RETOUCHE_MIRROR"
    )]
    Unreachable {
        /// The address.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// The server has no such file, or refuses it.
    #[error("{url}: the server answers {status}: {hint}")]
    Status {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What to do.
        hint: &'static str,
    },
    /// The connection broke or stalled too often.
    #[error(
        "{url}: broken off after {have} bytes ({reason}); what came is kept: run the same command again to go on"
    )]
    Interrupted {
        /// The address.
        url: String,
        /// Bytes on disk.
        have: u64,
        /// The last reason.
        reason: String,
    },
    /// The server offers another size than is wanted.
    #[error("{url}: the server offers {offered} bytes where {wanted} are wanted: {hint}")]
    Size {
        /// The address.
        url: String,
        /// Bytes offered.
        offered: u64,
        /// Bytes wanted, or allowed.
        wanted: u64,
        /// What to do.
        hint: &'static str,
    },
    /// The disk is full.
    #[error(
        "{path}: no space left on the device{}: free some, or set RETOUCHE_MODELS to a directory with room",
        needed.map_or(String::new(), |n| format!(" ({:.1} MB still to come)", n as f64 / 1e6))
    )]
    NoSpace {
        /// The file that was written.
        path: PathBuf,
        /// Bytes that were still to come, if known.
        needed: Option<u64>,
    },
    /// A file here cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// An error for a status that brings no file.
pub fn refuse_status(url: &str, status: u16) -> Result<(), FetchError> {
    let hint = match status {
        200..=299 => return Ok(()),
        401 | 403 => "it refuses access; try a mirror (--mirror URL)",
        404 | 410 => "the file is not there any more; try a mirror (--mirror URL) or a newer retouche",
        _ => "try again later, or use a mirror (--mirror URL)",
    };
    Err(FetchError::Status { url: url.to_owned(), status, hint })
}

/// An error for a size that cannot be right.
pub fn refuse_size(url: &str, wanted: &Wanted<'_>, offered: Option<u64>) -> Result<(), FetchError> {
    let Some(offered) = offered else { return Ok(()) };
    let (wrong, limit, hint) = match wanted.size {
        Some(size) => {
            (offered != size, size, "it is another file; try a mirror (--mirror URL) or a newer retouche")
        }
        None => (
            offered > wanted.limit,
            wanted.limit,
            "that is more than any known model; nothing was downloaded",
        ),
    };
    if wrong {
        return Err(FetchError::Size { url: url.to_owned(), offered, wanted: limit, hint });
    }
    Ok(())
}

/// An error of the client in words.
pub fn reason(error: &ureq::Error, options: &FetchOptions) -> String {
    match error {
        ureq::Error::HostNotFound => "the host's name cannot be found".to_owned(),
        ureq::Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => {
            format!("no connection within {} seconds", CONNECT.as_secs())
        }
        ureq::Error::Timeout(_) => format!("the server said nothing for {:?} (--timeout)", options.timeout),
        ureq::Error::Io(e) => e.to_string(),
        other => other.to_string(),
    }
}

/// The same for an error while the body is read, which the client wraps.
pub fn read_reason(error: &io::Error, options: &FetchOptions) -> String {
    match error.get_ref().and_then(|e| e.downcast_ref::<ureq::Error>()) {
        Some(inner) => reason(inner, options),
        None if error.kind() == io::ErrorKind::TimedOut => {
            format!("the server said nothing for {:?} (--timeout)", options.timeout)
        }
        None => error.to_string(),
    }
}
