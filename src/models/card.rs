//! The model card: the TOML beside a model's files that says what they are and where they come from.

use super::ModelError;
use super::unpack::Digested;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The weights.
    Model,
    /// The vocabulary of the source language.
    SourceVocabulary,
    /// The vocabulary of the target language.
    TargetVocabulary,
    /// One vocabulary for both languages.
    Vocabulary,
    /// A lexical shortlist.
    Shortlist,
    /// What the model's layers are (`config.json`).
    Config,
    /// Pieces and ids of a tokeniser (`vocab.json`, `tokenizer.json`).
    Tokenizer,
    /// A lexicon, frequency list or other table.
    Table,
}

/// One file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardFile {
    /// Path relative to the card.
    pub path: String,
    /// What it is for.
    pub role: Role,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
}

/// A model card. Fields that this version does not know are kept in `more`, so that cards can grow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Name, `pair/variant` for a translation model.
    pub name: String,
    /// Version or date.
    #[serde(default)]
    pub version: String,
    /// What runs it: `student`, `bert`, or `table`.
    pub engine: String,
    /// Where it comes from.
    pub origin: String,
    /// Its licence (SPDX where there is one).
    pub licence: String,
    /// The files.
    pub files: Vec<CardFile>,
    /// Everything else the card says: languages, data, architecture, scores.
    #[serde(flatten)]
    pub more: BTreeMap<String, toml::Value>,
}

impl Card {
    /// Reads a card.
    ///
    /// # Errors
    /// [`ModelError::Card`] that names `path` and the field.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ModelError> {
        let card: Self = toml::from_str(text)
            .map_err(|e| ModelError::Card { path: path.into(), reason: e.to_string().trim().to_owned() })?;
        for file in &card.files {
            if !stays_inside(&file.path) {
                let reason = format!("the file path `{}` leaves the model's directory", file.path);
                return Err(ModelError::Card { path: path.into(), reason });
            }
        }
        Ok(card)
    }

    /// How many hypotheses of a sentence the model's translations go on with (`beam`): 1 unless the card says
    /// otherwise, as students are made for, and 16 at most.
    pub fn beam(&self) -> usize {
        let beam = self.more.get("beam").and_then(toml::Value::as_integer);
        beam.map_or(1, |beam| beam.clamp(1, 16) as usize)
    }

    /// The file that plays a role, if the card has one.
    pub fn file(&self, role: Role) -> Option<&CardFile> {
        self.files.iter().find(|f| f.role == role)
    }

    /// `name@sha256:…`, the identity that records carry: first 16 digits of the weights' digest.
    pub fn identity(&self) -> String {
        let digest = self.file(Role::Model).or(self.files.first()).map_or("", |f| f.sha256.as_str());
        format!("{}@sha256:{}", self.name, digest.get(..16).unwrap_or(digest))
    }
}

impl CardFile {
    /// Checks bytes against the card.
    ///
    /// # Errors
    /// [`ModelError::Altered`] when the size or the digest differs.
    pub fn check(&self, bytes: &[u8], path: &Path) -> Result<(), ModelError> {
        self.check_digest(&Digested { size: bytes.len() as u64, sha256: sha256_hex(bytes) }, path)
    }

    /// Checks a size and digest against the card.
    ///
    /// # Errors
    /// [`ModelError::Altered`] when one of them differs.
    pub fn check_digest(&self, found: &Digested, path: &Path) -> Result<(), ModelError> {
        let altered = |reason| ModelError::Altered { path: path.into(), reason };
        if found.size != self.size {
            return Err(altered(format!("it has {} bytes, its card says {}", found.size, self.size)));
        }
        if found.sha256 != self.sha256.to_lowercase() {
            return Err(altered(format!("its SHA-256 is {}, its card says {}", found.sha256, self.sha256)));
        }
        Ok(())
    }
}

/// Whether a path of a card or catalogue stays inside the model's directory, on every platform.
pub fn stays_inside(path: &str) -> bool {
    let normal = |c| matches!(c, std::path::Component::Normal(_));
    !path.is_empty() && !path.contains(['\\', ':', '\0']) && Path::new(path).components().all(normal)
}

/// SHA-256 of `bytes` in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = r#"
        name = "fr-en/student"
        engine = "student"
        origin = "trained here"
        licence = "MPL-2.0"
        source_lang = "fr"
        [[files]]
        path = "model.bin"
        role = "model"
        size = 3
        sha256 = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
    "#;

    #[test]
    fn a_flipped_byte_is_refused() {
        let card = Card::parse(CARD, Path::new("model.toml")).expect("a valid card");
        let file = card.file(Role::Model).expect("a model file");
        assert!(file.check(b"abc", Path::new("model.bin")).is_ok());
        assert!(matches!(file.check(b"abd", Path::new("model.bin")), Err(ModelError::Altered { .. })));
        assert!(matches!(file.check(b"ab", Path::new("model.bin")), Err(ModelError::Altered { .. })));
        assert_eq!(card.identity(), "fr-en/student@sha256:BA7816BF8F01CFEA");
    }

    #[test]
    fn a_card_cannot_point_outside_its_directory() {
        let hostile = CARD.replace("model.bin", "../../etc/passwd");
        assert!(matches!(Card::parse(&hostile, Path::new("model.toml")), Err(ModelError::Card { .. })));
    }
}
