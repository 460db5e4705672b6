//! Models on Hugging Face by the name of their repository, as `OWNER/NAME`, listed in the catalogue or not.
//!
//! The Hub is asked which files a repository has, at which commit, and what those in large-file storage must be; of these
//! the ones that an engine of ours reads are planned, all from that one commit. What Hugging Face's own tools have
//! downloaded before is found where `hf-hub` says that they keep it. Its downloads are not used (docs/decisions.md).

use super::ModelError;
use super::card::Card;
use super::catalogue::{CatalogueEntry, Compression, is_model_name};
use super::fetch::FetchError;
use super::pull::{Pin, Planned};
use super::recognise::hugging_face as recognised;
use super::store::{self, BERT_ENGINE};
use hf_hub::{Cache, Repo};
use serde::Deserialize;
use std::path::PathBuf;

/// The revision that is meant when none is named.
pub const MAIN: &str = "main";
/// More bytes than the Hub's description of a repository will have.
pub const INDEX_LIMIT: u64 = 16 * 1024 * 1024;
/// The owner under which the catalogue lists Mozilla's models: nobody's there that we would ask for.
const MOZILLA: &str = "firefox";

/// What the Hub says of a repository at a revision.
#[derive(Deserialize)]
struct Repository {
    sha: String,
    siblings: Vec<Sibling>,
    #[serde(default, rename = "cardData")]
    card: serde_json::Value,
}

#[derive(Deserialize)]
struct Sibling {
    #[serde(rename = "rfilename")]
    path: String,
    #[serde(default)]
    size: Option<u64>,
    /// Where a file is in large-file storage, its digest is known.
    #[serde(default)]
    lfs: Option<Large>,
}

#[derive(Deserialize)]
struct Large {
    sha256: String,
    size: u64,
}

/// What was found out about a repository.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// The files that an engine reads.
    pub files: Vec<Planned>,
    /// The commit that they are of.
    pub commit: String,
    /// The licence that its authors name.
    pub licence: Option<String>,
}

/// An entry for a repository that the catalogue does not list; nothing where the name cannot be one.
pub fn entry(name: &str, revision: &str) -> Option<CatalogueEntry> {
    let owner = name.split_once('/').map(|(owner, _)| owner)?;
    (is_model_name(name) && owner != MOZILLA).then(|| CatalogueEntry {
        name: name.to_owned(),
        engine: BERT_ENGINE.to_owned(),
        source_lang: String::new(),
        target_lang: String::new(),
        licence: "unknown".to_owned(),
        origin: format!("{name} (Hugging Face)"),
        base: None,
        firefox: None,
        hugging_face: Some(revision.to_owned()),
        files: Vec::new(),
    })
}

/// Whether a text can be a branch, a tag, a commit, or a reference to a pull request (`refs/pr/4`).
pub fn is_revision(text: &str) -> bool {
    let safe = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    text.len() <= 100 && text.split('/').all(safe)
}

/// The address of the Hub's description of a repository.
pub fn index_address(name: &str, revision: &str) -> String {
    format!("https://huggingface.co/api/models/{name}/revision/{}?blobs=true", revision.replace('/', "%2F"))
}

/// The files of a repository that an engine reads, from the Hub's description of it.
///
/// # Errors
/// [`ModelError::Index`] when there is no model for our engines in it, with what it has instead.
pub fn plan(name: &str, index: &str) -> Result<Found, ModelError> {
    let wrong = |reason: String| ModelError::Index { server: "Hugging Face", name: name.to_owned(), reason };
    let found: Repository =
        serde_json::from_str(index).map_err(|e| wrong(format!("its answer is not what it was ({e})")))?;
    let hexadecimal = |s: &str, digits: usize| s.len() == digits && s.bytes().all(|b| b.is_ascii_hexdigit());
    if !hexadecimal(&found.sha, 40) {
        return Err(wrong(format!("`{}` is no commit", found.sha)));
    }
    let names: Vec<String> = found.siblings.iter().map(|file| file.path.clone()).collect();
    let roles = recognised(&names)
        .unwrap_or(Err("it has no config.json with model.safetensors or rust_model.ot"))
        .map_err(|reason| {
            wrong(format!("{reason}; another revision may have them (--revision refs/pr/1)"))
        })?;
    let file = |(path, role)| {
        let sibling = found.siblings.iter().find(|file| file.path == path);
        let large = sibling.and_then(|file| file.lfs.as_ref());
        let sha256 = large.map(|l| l.sha256.to_lowercase());
        if let Some(sha256) = sha256.as_ref().filter(|s| !hexadecimal(s, 64)) {
            return Err(wrong(format!("`{sha256}` is no SHA-256")));
        }
        Ok(Planned {
            url: format!("https://huggingface.co/{name}/resolve/{}/{path}", found.sha),
            path,
            role,
            compression: Compression::None,
            size: large.map(|l| l.size).or(sibling.and_then(|file| file.size)),
            pin: if sha256.is_some() { Pin::Index } else { Pin::None },
            sha256,
            packed_size: None,
            packed_sha256: None,
        })
    };
    Ok(Found {
        files: roles.into_iter().map(file).collect::<Result<_, _>>()?,
        licence: found.card["license"].as_str().map(str::to_owned),
        commit: found.sha.clone(),
    })
}

/// An error of asking the Hub: it answers alike for what it has not and for what it shows to some only.
pub fn refused(error: FetchError, name: &str, revision: &str) -> ModelError {
    match error {
        FetchError::Status { status: status @ (401 | 403 | 404 | 410), .. } => ModelError::Index {
            server: "Hugging Face",
            name: name.to_owned(),
            reason: format!(
                "it shows nothing of that name and the revision `{revision}` to everybody (it answers {status}); \
                 `retouche models list --all` shows the names of the catalogue"
            ),
        },
        other => other.into(),
    }
}

/// The model that Hugging Face's tools have downloaded under that name, if they have, where they keep it (`HF_HUB_CACHE`,
/// `HF_HOME`, or the home directory) and as far as an engine of ours reads it.
pub fn downloaded(name: &str) -> Option<(Card, PathBuf)> {
    entry(name, MAIN)?;
    let named = std::env::var_os("HF_HUB_CACHE").filter(|dir| !dir.is_empty());
    let cache = match named {
        Some(dir) => Cache::new(dir.into()),
        // `hf-hub` panics where there is no home.
        None if std::env::var_os("HF_HOME").is_some() || dirs::home_dir().is_some() => Cache::from_env(),
        None => return None,
    };
    let config = cache.repo(Repo::model(name.to_owned())).get("config.json")?;
    let dir = config.parent()?.to_owned();
    let card = store::read_card(&dir).ok()?;
    let origin = format!("{name} (Hugging Face), as its tools downloaded it");
    Some((Card { name: name.to_owned(), origin, ..card }, dir))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn description(files: serde_json::Value) -> String {
        json!({ "id": "o/n", "sha": COMMIT, "cardData": { "license": "apache-2.0" }, "siblings": files })
            .to_string()
    }

    #[test]
    fn what_an_engine_reads_is_planned_from_one_commit() {
        let digest = "AB".repeat(32);
        let found = plan(
            "o/n",
            &description(json!([
                { "rfilename": "README.md", "size": 10 },
                { "rfilename": "config.json", "size": 20 },
                { "rfilename": "onnx/model.safetensors", "size": 1 },
                { "rfilename": "model.safetensors", "size": 30, "lfs": { "sha256": digest, "size": 30, "pointerSize": 1 } },
                { "rfilename": "pytorch_model.bin", "size": 30 },
                { "rfilename": "vocab.json" },
            ])),
        )
        .expect("a model");
        assert_eq!((found.commit.as_str(), found.licence.as_deref()), (COMMIT, Some("apache-2.0")));
        let told: Vec<_> = found.files.iter().map(|f| (f.path.as_str(), f.size, f.pin)).collect();
        assert_eq!(
            told,
            [
                ("config.json", Some(20), Pin::None),
                ("model.safetensors", Some(30), Pin::Index),
                ("vocab.json", None, Pin::None)
            ]
        );
        assert_eq!(found.files[1].sha256, Some("ab".repeat(32)));
        let address = format!("https://huggingface.co/o/n/resolve/{COMMIT}/model.safetensors");
        assert_eq!(found.files[1].url, address);
    }

    #[test]
    fn a_repository_without_a_model_for_us_is_refused_with_the_reason() {
        let refused = |index: &str| plan("o/n", index).expect_err("refused").to_string();
        let pickle = refused(&description(
            json!([{ "rfilename": "config.json" }, { "rfilename": "pytorch_model.bin" }]),
        ));
        assert!(pickle.contains("pickle") && pickle.contains("--revision refs/pr/1"), "{pickle}");
        assert!(refused(&description(json!([{ "rfilename": "a.txt" }]))).contains("no config.json"));
        assert!(refused("<html>").contains("Hugging Face, asked for `o/n`"));
        let files = json!([{ "rfilename": "config.json" }, { "rfilename": "model.safetensors" }]);
        assert!(refused(&description(files).replace(COMMIT, "../../x")).contains("no commit"));
    }

    #[test]
    fn names_and_revisions_are_told_from_others() {
        assert!(entry("Helsinki-NLP/opus-mt-de-en", MAIN).is_some());
        for name in ["fr-en", "firefox/fr-em", "a/b/c", "../x", "a/..", "a/b?c"] {
            assert!(entry(name, MAIN).is_none(), "{name}");
        }
        assert!(["main", "v1.0", "refs/pr/4", COMMIT].into_iter().all(is_revision));
        assert!(!["", "../x", "a//b", "a?b", "a b", "/a", "a%2Fb"].into_iter().any(is_revision));
        assert_eq!(
            index_address("o/n", "refs/pr/4"),
            "https://huggingface.co/api/models/o/n/revision/refs%2Fpr%2F4?blobs=true"
        );
    }
}
