//! A run whose results are many files: shards of a fixed number of input records, and what a resumed run needs to know.
//!
//! A shard is cut by counting input records, so that it does not depend on threads or on when a run was interrupted. It
//! gets its final name only when it is whole and synced; a shard under its final name is never written again.

use crate::formats::WriteError;
use crate::formats::output::{Sink, sync_directory};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Input records of a shard unless another number is asked for.
pub const RECORDS: usize = 1000;

/// What makes two runs the same: a resumed run must equal the one that began the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of retouche.
    pub version: String,
    /// The verb and what changes its results (rules, model, format, fields), as `name=value`.
    pub settings: Vec<String>,
    /// The input files with their sizes in bytes; 0 for what is no file.
    pub inputs: Vec<(String, u64)>,
    /// Input records of a shard.
    pub shard_records: usize,
    /// Whether every shard is written.
    pub complete: bool,
}

/// Why a directory cannot take the results.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// The directory holds another run, or one that may go on.
    #[error("{directory} already holds a run; add --resume to go on with it, or name another directory")]
    Occupied {
        /// The directory.
        directory: PathBuf,
    },
    /// The run that began the directory is not this one.
    #[error(
        "{directory} was begun by another run ({difference}); repeat its command, or name another directory"
    )]
    Different {
        /// The directory.
        directory: PathBuf,
        /// What differs.
        difference: String,
    },
    /// The manifest cannot be read.
    #[error("{path}: not the manifest of a run ({reason}); name another directory")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The directory cannot be made or written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// A directory of shards.
#[derive(Debug)]
pub struct Shards {
    directory: PathBuf,
    manifest: Manifest,
    /// Ends of a shard's file names, one a file.
    suffixes: &'static [&'static str],
}

impl Shards {
    /// Opens a directory for a run. A new run needs one without a run in it; `resume` goes on with the same run, or
    /// begins it. What an interrupted run left under temporary names is removed.
    ///
    /// # Errors
    /// [`ShardError`]; nothing is changed then.
    pub fn open(
        directory: &Path,
        manifest: Manifest,
        suffixes: &'static [&'static str],
        resume: bool,
    ) -> Result<Self, ShardError> {
        let shards = Self { directory: directory.to_owned(), manifest, suffixes };
        let failed = |source| WriteError { path: directory.to_owned(), source };
        fs::create_dir_all(directory).map_err(failed)?;
        let path = shards.manifest_path();
        match fs::read(&path) {
            Ok(bytes) => {
                if !resume {
                    return Err(ShardError::Occupied { directory: directory.to_owned() });
                }
                let begun: Manifest = serde_json::from_slice(&bytes)
                    .map_err(|e| ShardError::Manifest { path, reason: e.to_string() })?;
                if let Some(difference) = difference(&begun, &shards.manifest) {
                    return Err(ShardError::Different { directory: directory.to_owned(), difference });
                }
                for entry in fs::read_dir(directory).map_err(failed)?.flatten() {
                    let name = entry.file_name();
                    let name = name.to_string_lossy();
                    if name.starts_with(".retouche-") && name.ends_with(".tmp") {
                        fs::remove_file(entry.path()).map_err(failed)?;
                    }
                }
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                if shards.is_finished(0) {
                    return Err(ShardError::Occupied { directory: directory.to_owned() });
                }
                shards.write_manifest()?;
            }
            Err(e) => return Err(failed(e).into()),
        }
        Ok(shards)
    }

    /// Input records of a shard.
    pub fn records(&self) -> usize {
        self.manifest.shard_records
    }

    /// Where a shard's results go, without the end of the name where there are several.
    pub fn output(&self, shard: usize) -> PathBuf {
        match self.suffixes {
            [one] => self.directory.join(format!("part-{shard:05}.{one}")),
            _ => self.directory.join(format!("part-{shard:05}")),
        }
    }

    /// Whether all files of a shard stand under their final names.
    pub fn is_finished(&self, shard: usize) -> bool {
        let exists = |suffix: &&str| self.directory.join(format!("part-{shard:05}.{suffix}")).exists();
        self.suffixes.iter().all(exists)
    }

    /// Says in the manifest that the run is complete.
    ///
    /// # Errors
    /// [`WriteError`] when it cannot be written.
    pub fn complete(mut self) -> Result<(), WriteError> {
        self.manifest.complete = true;
        self.write_manifest()
    }

    fn manifest_path(&self) -> PathBuf {
        self.directory.join("run.json")
    }

    fn write_manifest(&self) -> Result<(), WriteError> {
        let path = self.manifest_path();
        let failed = |source| WriteError { path: path.clone(), source };
        let mut text = serde_json::to_vec_pretty(&self.manifest).map_err(|e| failed(e.into()))?;
        text.push(b'\n');
        let mut temporary = Sink::temporary(&path)?;
        temporary.write_all(&text).and_then(|()| temporary.as_file().sync_all()).map_err(failed)?;
        temporary.persist(&path).map_err(|e| failed(e.error))?;
        sync_directory(&self.directory)
    }
}

/// What differs between two runs, beyond how far they are.
fn difference(begun: &Manifest, now: &Manifest) -> Option<String> {
    if begun.version != now.version {
        return Some(format!("version {} then, {} now", begun.version, now.version));
    }
    let changed = now.settings.iter().find(|s| !begun.settings.contains(s));
    if let Some(setting) = changed.or_else(|| begun.settings.iter().find(|s| !now.settings.contains(s))) {
        return Some(format!("setting {setting}"));
    }
    if begun.inputs != now.inputs {
        return Some("other input files, or their sizes changed".to_owned());
    }
    (begun.shard_records != now.shard_records).then(|| format!("shards of {} records", begun.shard_records))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(rules: &str) -> Manifest {
        Manifest {
            version: "1".to_owned(),
            settings: vec![format!("rules={rules}")],
            inputs: vec![("a.jsonl".to_owned(), 10)],
            shard_records: 2,
            complete: false,
        }
    }

    #[test]
    fn a_directory_goes_on_only_with_its_own_run() {
        let directory = tempfile::tempdir().expect("a directory");
        let open = |rules: &str, resume| Shards::open(directory.path(), manifest(rules), &["jsonl"], resume);
        open("a", false).expect("a new run");
        assert!(matches!(open("a", false), Err(ShardError::Occupied { .. })));
        assert!(matches!(open("b", true), Err(ShardError::Different { .. })));
        let shards = open("a", true).expect("the same run");
        assert!(!shards.is_finished(0));
        fs::write(shards.output(0), "x").expect("written");
        assert!(shards.is_finished(0));
    }
}
