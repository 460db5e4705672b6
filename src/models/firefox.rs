//! Mozilla's index of Firefox translation models: which files a language pair has, where, and what they must be.
//!
//! The index is a collection of Firefox's Remote Settings, one record a file. `fxtranslate` can read it too
//! (feature `discovery`), but keeps neither sizes nor the digest of the packed file, which resuming and the cap on
//! unpacking need, and picks each file's newest version on its own, so that files of two releases could meet.

use super::ModelError;
use super::card::Role;
use super::catalogue::{CatalogueEntry, Compression};
use super::pull::{Pin, Planned};
use serde::Deserialize;

/// The records of all models.
pub const RECORDS: &str = "https://firefox.settings.services.mozilla.com/v1/buckets/main/collections/translations-models-v2/records";
/// What errors call the index.
const INDEX: &str = "Mozilla's index of models";
/// The host of their files.
const ATTACHMENTS: &str = "https://firefox-settings-attachments.cdn.mozilla.net/";
/// The major version of the model format that our engine reads.
const MAJOR: u64 = 3;
/// More bytes than the index, of some hundred kilobytes, will have for long.
pub const RECORDS_LIMIT: u64 = 32 * 1024 * 1024;

#[derive(Deserialize)]
struct Records {
    data: Vec<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    file_type: String,
    version: String,
    source_language: String,
    target_language: String,
    #[serde(default)]
    architecture: Option<String>,
    decompressed_hash: String,
    #[serde(default)]
    decompressed_size: Option<u64>,
    attachment: Attachment,
}

#[derive(Debug, Deserialize)]
struct Attachment {
    location: String,
    size: u64,
    hash: String,
}

impl Record {
    fn role(&self) -> Option<Role> {
        Some(match self.file_type.as_str() {
            "model" => Role::Model,
            "lex" => Role::Shortlist,
            "vocab" => Role::Vocabulary,
            "srcvocab" => Role::SourceVocabulary,
            "trgvocab" => Role::TargetVocabulary,
            _ => return None,
        })
    }

    /// Sorts by version; one for testing (`3.0a1`) stands below the release that it leads to.
    fn age(&self) -> (Vec<u64>, bool) {
        let number = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>();
        let parts = self.version.split('.').map(|p| number(p).parse().unwrap_or(0)).collect();
        (parts, !self.version.contains(|c: char| c.is_ascii_alphabetic()))
    }

    fn is_release(&self, same: &Self) -> bool {
        self.version == same.version && self.architecture == same.architecture
    }

    fn planned(&self, path: &str, role: Role) -> Planned {
        let packed = self.attachment.location.rsplit_once('.').map(|(_, extension)| extension);
        Planned {
            path: path.to_owned(),
            role,
            url: format!("{ATTACHMENTS}{}", self.attachment.location),
            compression: match packed {
                Some("zst") => Compression::Zst,
                Some("gz") => Compression::Gz,
                _ => Compression::None,
            },
            size: self.decompressed_size,
            sha256: Some(self.decompressed_hash.to_lowercase()),
            packed_size: Some(self.attachment.size),
            packed_sha256: Some(self.attachment.hash.to_lowercase()),
            pin: Pin::Index,
        }
    }
}

/// The files of a Firefox entry: those that the catalogue pins, found by their digest, or the newest release of the
/// pair, all of its files from that one release.
///
/// # Errors
/// [`ModelError::Index`] when the index cannot be read or has no such model.
pub fn plan(entry: &CatalogueEntry, index: &str) -> Result<Vec<Planned>, ModelError> {
    let wrong = |reason: String| ModelError::Index { server: INDEX, name: entry.name.clone(), reason };
    let records: Records =
        serde_json::from_str(index).map_err(|e| wrong(format!("it is not what it was ({e})")))?;
    let records: Vec<Record> = records
        .data
        .into_iter()
        // The collection holds records of other kinds too.
        .filter_map(|value| serde_json::from_value::<Record>(value).ok())
        .filter(|r| r.source_language == entry.source_lang && r.target_language == entry.target_lang)
        .collect();
    if !entry.files.is_empty() {
        return entry.files.iter().map(|file| {
            let digest = file.sha256.as_deref().unwrap_or_default();
            let found = records.iter().find(|r| {
                r.role() == Some(file.role) && (digest.is_empty() || r.decompressed_hash.eq_ignore_ascii_case(digest))
            });
            let record = found.ok_or_else(|| {
                wrong(format!("it no longer lists the `{}` that the catalogue names ({digest}): a newer retouche may know its successor", file.path))
            })?;
            let mut planned = record.planned(&file.path, file.role);
            planned.size = file.size.or(planned.size);
            if file.sha256.is_some() {
                planned.pin = Pin::Catalogue;
            }
            Ok(planned)
        }).collect();
    }
    let wanted = entry.firefox.as_deref();
    let model = records
        .iter()
        .filter(|r| r.role() == Some(Role::Model) && r.age().0.first() == Some(&MAJOR))
        .max_by_key(|r| (r.architecture.as_deref() == wanted, r.age()))
        .ok_or_else(|| wrong(format!("it lists no model of format {MAJOR} for this pair")))?;
    let mut planned = Vec::new();
    for (role, path) in [
        (Role::Model, "model.bin"),
        (Role::Shortlist, "shortlist.bin"),
        (Role::Vocabulary, "vocabulary.spm"),
        (Role::SourceVocabulary, "source.spm"),
        (Role::TargetVocabulary, "target.spm"),
    ] {
        // Our own names: those of the index would be another thing to distrust.
        planned.extend(
            records
                .iter()
                .find(|r| r.role() == Some(role) && r.is_release(model))
                .map(|r| r.planned(path, role)),
        );
    }
    let has = |role| planned.iter().any(|p| p.role == role);
    let has_both = has(Role::SourceVocabulary) && has(Role::TargetVocabulary);
    if !has(Role::Vocabulary) && !has_both {
        return Err(wrong(format!("release {} of this pair has no vocabulary", model.version)));
    }
    Ok(planned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::catalogue::Catalogue;
    use serde_json::json;

    fn record(kind: &str, version: &str, architecture: &str, digest: &str) -> serde_json::Value {
        json!({
            "name": "../../evil", "fileType": kind, "version": version, "architecture": architecture,
            "sourceLanguage": "es", "targetLanguage": "en", "decompressedHash": digest, "decompressedSize": 5,
            "attachment": { "location": format!("main/{digest}.zst"), "size": 3, "hash": "ab" }
        })
    }

    fn planned(records: Vec<serde_json::Value>) -> Result<Vec<Planned>, ModelError> {
        let catalogue = Catalogue::read(None).expect("valid");
        let entry = catalogue.get("firefox/es-en").expect("listed");
        plan(entry, &json!({ "data": records }).to_string())
    }

    #[test]
    fn all_files_come_from_one_release_of_the_wanted_architecture() {
        let files = planned(vec![
            json!({ "id": "something else" }),
            record("model", "3.0", "tiny", "t0"),
            record("vocab", "3.0", "tiny", "t1"),
            record("model", "3.0", "base-memory", "b0"),
            record("vocab", "3.0", "base-memory", "b1"),
            record("lex", "3.0", "base-memory", "b2"),
            record("vocab", "3.1", "base-memory", "later"),
            record("model", "3.0a1", "base-memory", "alpha"),
            record("model", "4.0", "base-memory", "another format"),
        ])
        .expect("found");
        let got: Vec<_> =
            files.iter().map(|f| (f.path.as_str(), f.sha256.as_deref().unwrap_or(""))).collect();
        assert_eq!(got, [("model.bin", "b0"), ("shortlist.bin", "b2"), ("vocabulary.spm", "b1")]);
        assert_eq!(files[0].url, "https://firefox-settings-attachments.cdn.mozilla.net/main/b0.zst");
        assert_eq!(files[0].compression, Compression::Zst);
    }

    #[test]
    fn a_pair_without_a_usable_release_is_said_so() {
        let lacking = planned(vec![record("model", "3.0", "tiny", "x")]).expect_err("no vocabulary");
        assert!(lacking.to_string().contains("no vocabulary"), "{lacking}");
        assert!(
            planned(vec![record("model", "9.0", "tiny", "x")])
                .expect_err("none")
                .to_string()
                .contains("format 3")
        );
        let catalogue = Catalogue::read(None).expect("valid");
        let entry = catalogue.get("firefox/fr-en").expect("listed");
        assert!(matches!(plan(entry, "<html>"), Err(ModelError::Index { .. })));
        let gone = plan(entry, "{\"data\": []}").expect_err("not listed");
        assert!(gone.to_string().contains("no longer lists"), "{gone}");
    }
}
