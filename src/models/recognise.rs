//! What a directory without a card holds, told by the names of its files.

use super::ModelError;
use super::card::{Card, CardFile, Role};
use super::store::{BERT_ENGINE, STUDENT_ENGINE};
use super::unpack::digest;
use std::collections::BTreeMap;
use std::path::Path;

/// Files of the Hugging Face layout besides weights and `config.json`.
const HUGGING_FACE: [(&str, Role); 8] = [
    ("generation_config.json", Role::Config),
    ("source.spm", Role::SourceVocabulary),
    ("target.spm", Role::TargetVocabulary),
    ("sentencepiece.bpe.model", Role::Vocabulary),
    ("spiece.model", Role::Vocabulary),
    ("vocab.json", Role::Tokenizer),
    ("tokenizer.json", Role::Tokenizer),
    ("special_tokens_map.json", Role::Tokenizer),
];

/// A card for a directory without one: a model in Hugging Face layout (`config.json`, safetensors or `rust_model.ot`),
/// or a Marian student (one `*.bin`, one or two `*.spm`, perhaps a shortlist).
///
/// # Errors
/// [`ModelError::Card`] that says what is missing.
pub fn card_from_files(dir: &Path) -> Result<Card, ModelError> {
    let io = |source| ModelError::Io { path: dir.into(), source };
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .map_err(io)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    let (engine, roles) = match hugging_face(&names) {
        Some(found) => (BERT_ENGINE, found),
        None => (STUDENT_ENGINE, student(&names)),
    };
    let roles = roles.map_err(|reason| ModelError::Card { path: dir.into(), reason: reason.to_owned() })?;
    let mut files = Vec::new();
    for (path, role) in roles {
        let found = digest(&dir.join(&path))?;
        files.push(CardFile { path, role, size: found.size, sha256: found.sha256 });
    }
    Ok(Card {
        name: dir.file_name().map_or_else(|| "model".to_owned(), |n| n.to_string_lossy().into_owned()),
        version: String::new(),
        engine: engine.to_owned(),
        origin: "a local directory without a model card".to_owned(),
        licence: "unknown".to_owned(),
        files,
        more: BTreeMap::new(),
    })
}

pub(super) type Roles = Result<Vec<(String, Role)>, &'static str>;

/// The files of a model in Hugging Face layout; nothing if it is none.
pub(super) fn hugging_face(names: &[String]) -> Option<Roles> {
    let has = |name: &str| names.iter().any(|n| n == name);
    if !has("config.json") {
        return None;
    }
    let Some(weights) = ["model.safetensors", "rust_model.ot"].into_iter().find(|w| has(w)) else {
        let pickle = "its weights are a pickle, which can run code and is never read: convert them to model.safetensors";
        return has("pytorch_model.bin").then_some(Err(pickle));
    };
    let mut roles = vec![("config.json".to_owned(), Role::Config), (weights.to_owned(), Role::Model)];
    roles.extend(HUGGING_FACE.iter().filter(|(n, _)| has(n)).map(|(n, role)| ((*n).to_owned(), *role)));
    Some(Ok(roles))
}

/// The files of a Marian student.
fn student(names: &[String]) -> Roles {
    let with = |suffix: &str| names.iter().filter(|n| n.ends_with(suffix)).cloned().collect::<Vec<_>>();
    // A lexical shortlist is a `.bin` too (`lex.50.50.fren.s2t.bin`).
    let is_shortlist = |n: &String| n.starts_with("lex") || n.starts_with("shortlist");
    let (shortlists, weights): (Vec<String>, Vec<String>) = with(".bin").into_iter().partition(is_shortlist);
    let mut roles = match (weights.as_slice(), with(".spm").as_slice()) {
        ([model], [one]) => vec![(model.clone(), Role::Model), (one.clone(), Role::Vocabulary)],
        // `source.spm`/`target.spm`, `srcvocab.*.spm`/`trgvocab.*.spm`: source sorts first in both.
        ([model], [a, b]) => vec![
            (model.clone(), Role::Model),
            (a.clone(), Role::SourceVocabulary),
            (b.clone(), Role::TargetVocabulary),
        ],
        _ => {
            return Err(
                "it has no model.toml, not one .bin with one or two .spm (a Marian student), and no config.json \
                        with model.safetensors or rust_model.ot (Hugging Face layout)",
            );
        }
    };
    if let [shortlist] = shortlists.as_slice() {
        roles.push((shortlist.clone(), Role::Shortlist));
    }
    Ok(roles)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card_of(files: &[&str]) -> Result<Card, ModelError> {
        let dir = tempfile::tempdir().expect("a directory");
        for file in files {
            std::fs::write(dir.path().join(file), file).expect("written");
        }
        card_from_files(dir.path())
    }

    #[test]
    fn students_and_hugging_face_models_are_told_apart() {
        let student =
            card_of(&["model.pten.bin", "vocab.pten.spm", "lex.50.50.pten.s2t.bin"]).expect("a student");
        assert_eq!(student.engine, "student");
        assert_eq!(student.file(Role::Model).map(|f| f.path.as_str()), Some("model.pten.bin"));
        assert!(student.file(Role::Shortlist).is_some());
        let names = ["config.json", "model.safetensors", "source.spm", "target.spm", "vocab.json"];
        let marian = card_of(&names).expect("Hugging Face layout");
        assert_eq!((marian.engine.as_str(), marian.files.len()), ("bert", 5));
    }

    #[test]
    fn a_pickle_is_refused_with_the_way_round_it() {
        let error =
            card_of(&["config.json", "pytorch_model.bin", "source.spm", "target.spm"]).expect_err("a pickle");
        assert!(error.to_string().contains("convert them to model.safetensors"), "{error}");
        assert!(card_of(&["readme.txt"]).expect_err("nothing").to_string().contains("no model.toml"));
    }
}
