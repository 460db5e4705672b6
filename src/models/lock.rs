//! `models.lock` in the cache: what the first pull of a model brought, so that a later one cannot bring something else.
//!
//! The catalogue pins what its authors have seen. For the rest, trust is given once, at the first download, and this
//! file remembers to what. It outlives `models rm`.

use super::ModelError;
use super::card::CardFile;
use super::unpack::written;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};

const HEADER: &str = "# What `retouche models pull` brought first. Later pulls must match it; `--repin` replaces an entry.\n\n";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LockedModel {
    name: String,
    files: Vec<CardFile>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct LockToml {
    #[serde(default)]
    models: Vec<LockedModel>,
}

/// The pins of a cache.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    content: LockToml,
}

impl Lock {
    /// Reads the lock of the cache at `root`; an absent one is empty.
    ///
    /// # Errors
    /// [`ModelError::Lock`] when it is damaged.
    pub fn read(root: &Path) -> Result<Self, ModelError> {
        let path = root.join("models.lock");
        let content = match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|e| ModelError::Lock {
                path: path.clone(),
                reason: e.to_string().trim().to_owned(),
            })?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => LockToml::default(),
            Err(source) => return Err(ModelError::Io { path, source }),
        };
        Ok(Self { path, content })
    }

    /// The pin of one file.
    pub fn pin(&self, name: &str, path: &str) -> Option<&CardFile> {
        let model = self.content.models.iter().find(|m| m.name == name)?;
        model.files.iter().find(|f| f.path == path)
    }

    /// Pins the files of a model, and writes the lock whole.
    ///
    /// # Errors
    /// [`ModelError`] when it cannot be written.
    pub fn set(&mut self, name: &str, files: &[CardFile]) -> Result<(), ModelError> {
        self.content.models.retain(|m| m.name != name);
        self.content.models.push(LockedModel { name: name.to_owned(), files: files.to_vec() });
        self.content.models.sort_by(|a, b| a.name.cmp(&b.name));
        let text = toml::to_string_pretty(&self.content)
            .map_err(|e| ModelError::Lock { path: self.path.clone(), reason: e.to_string() })?;
        let io = |source| written(&self.path, source);
        let dir = self.path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(dir).map_err(io)?;
        file.write_all(HEADER.as_bytes()).and_then(|()| file.write_all(text.as_bytes())).map_err(io)?;
        file.persist(&self.path).map_err(|e| io(e.error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::card::Role;

    #[test]
    fn pins_are_kept_and_replaced_by_name() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = |size| CardFile { path: "m".into(), role: Role::Model, size, sha256: "ab".into() };
        let mut lock = Lock::read(dir.path()).expect("empty");
        lock.set("b/x", &[file(1)]).expect("written");
        lock.set("a", &[file(2)]).expect("written");
        lock.set("b/x", &[file(3)]).expect("written");
        let lock = Lock::read(dir.path()).expect("read");
        assert_eq!(lock.pin("b/x", "m").map(|f| f.size), Some(3));
        assert_eq!(lock.pin("a", "m").map(|f| f.size), Some(2));
        assert!(lock.pin("a", "other").is_none());
        std::fs::write(dir.path().join("models.lock"), "models = 3").expect("written");
        assert!(Lock::read(dir.path()).expect_err("damaged").to_string().contains("models.lock"));
    }
}
