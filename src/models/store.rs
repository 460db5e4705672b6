//! Where models live: inside the program, in the user's cache, or in a directory that the user names.

use super::card::{Card, CardFile, Role};
use super::catalogue::Catalogue;
use super::unpack::digest;
use super::{ModelError, hugging_face, marian, recognise, sentencepiece, tensors};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// A model's bytes, checked against its card, by role.
#[derive(Debug, Clone)]
pub struct ModelFiles {
    /// What the model says of itself.
    pub card: Card,
    /// The weights.
    pub model: Cow<'static, [u8]>,
    /// The source vocabulary.
    pub source_vocabulary: Cow<'static, [u8]>,
    /// The target vocabulary; the same bytes where one vocabulary serves both.
    pub target_vocabulary: Cow<'static, [u8]>,
}

/// A model that can be used, and where it is.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its card.
    pub card: Card,
    /// Where it lives.
    pub place: Place,
}

/// Where a model lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Compiled into the program.
    Embedded,
    /// A directory.
    Directory(PathBuf),
}

/// The engine of Marian students, as cards name it.
pub const STUDENT_ENGINE: &str = "student";
/// The engine of models in Hugging Face layout, as cards name it.
pub const BERT_ENGINE: &str = "bert";

/// Whether this build can run a model of that engine.
pub fn has_engine(engine: &str) -> bool {
    engine == STUDENT_ENGINE || (cfg!(feature = "rust-bert") && engine == BERT_ENGINE)
}

/// A file compiled into the program.
struct EmbeddedFile {
    path: &'static str,
    bytes: &'static [u8],
}

/// A model or table compiled into the program.
struct EmbeddedModel {
    card: &'static str,
    files: &'static [EmbeddedFile],
}

/// Compiles `models/<dir>/<file>` in.
macro_rules! embedded_file {
    ($dir:literal, $file:literal) => {
        EmbeddedFile { path: $file, bytes: include_bytes!(concat!("../../models/", $dir, "/", $file)) }
    };
}

/// The French–English student, the model that is used unless another is named.
static STUDENT: EmbeddedModel = EmbeddedModel {
    card: include_str!("../../models/fr-en/model.toml"),
    files: &[
        embedded_file!("fr-en", "model.bin"),
        embedded_file!("fr-en", "source.spm"),
        embedded_file!("fr-en", "target.spm"),
    ],
};

/// The directory of models that the user added or downloaded: `RETOUCHE_MODELS`, or the platform's cache directory.
pub fn cache_dir() -> Option<PathBuf> {
    std::env::var_os("RETOUCHE_MODELS")
        .map(PathBuf::from)
        .or_else(|| dirs::cache_dir().map(|dir| dir.join("retouche").join("models")))
}

/// Every model at hand: the embedded one first, then those in the cache, by name.
pub fn list() -> Vec<Entry> {
    let mut entries = Vec::new();
    if let Ok(card) = embedded_card() {
        entries.push(Entry { card, place: Place::Embedded });
    }
    let mut cached: Vec<Entry> = cache_dir()
        .into_iter()
        .flat_map(|dir| directories_with_card(&dir, 2))
        .filter_map(|dir| Some(Entry { card: read_card(&dir).ok()?, place: Place::Directory(dir) }))
        .collect();
    cached.sort_by(|a, b| a.card.name.cmp(&b.card.name));
    entries.extend(cached);
    entries
}

/// The entry of a model by name (`fr-en`, `fr-en/student`, …) or directory.
///
/// # Errors
/// [`ModelError::Unknown`] when there is none; the card's own errors for a directory.
pub fn find(name: &str) -> Result<Entry, ModelError> {
    let path = Path::new(name);
    if path.is_dir() {
        return Ok(Entry { card: read_card(path)?, place: Place::Directory(path.into()) });
    }
    let mut entries = list();
    if let Some(at) = entries.iter().position(|e| e.card.name == name) {
        return Ok(entries.swap_remove(at));
    }
    // `fr-en` for `fr-en/student`, as long as only one is meant.
    let is_short_for = |e: &Entry| e.card.name.split('/').next() == Some(name);
    if let Some(at) = entries.iter().position(is_short_for)
        && entries.iter().filter(|e| is_short_for(e)).count() == 1
    {
        return Ok(entries.swap_remove(at));
    }
    if let Some((card, dir)) = hugging_face::downloaded(name) {
        return Ok(Entry { card, place: Place::Directory(dir) });
    }
    let catalogue = Catalogue::read(None)?;
    if catalogue.get(name).is_some() {
        return Err(ModelError::NotHere(name.to_owned()));
    }
    let known = entries.into_iter().map(|e| e.card.name);
    Err(ModelError::unknown(name, known.chain(catalogue.entries().iter().map(|e| e.name.clone()))))
}

/// Reads a model's files and checks each against its card and its format.
///
/// # Errors
/// [`ModelError`] that names the file at fault.
pub fn load(entry: &Entry) -> Result<ModelFiles, ModelError> {
    if entry.card.engine != STUDENT_ENGINE {
        let (name, engine) = (entry.card.name.clone(), entry.card.engine.clone());
        return Err(ModelError::Engine { name, engine });
    }
    let read = |role: Role| -> Result<Cow<'static, [u8]>, ModelError> {
        let file = entry.card.file(role).or_else(|| entry.card.file(Role::Vocabulary)).ok_or_else(|| {
            ModelError::invalid(format!("`{}` names no file for {role:?}", entry.card.name))
        })?;
        checked(entry, file)
    };
    let files = ModelFiles {
        card: entry.card.clone(),
        model: read(Role::Model)?,
        source_vocabulary: read(Role::SourceVocabulary)?,
        target_vocabulary: read(Role::TargetVocabulary)?,
    };
    let summary = marian::validate(&files.model)?;
    for (bytes, rows) in [
        (&files.source_vocabulary, summary.source_vocabulary),
        (&files.target_vocabulary, summary.target_vocabulary),
    ] {
        let pieces = sentencepiece::validate(bytes)?;
        if pieces > rows {
            let reason = format!("the vocabulary has {pieces} pieces but the model only {rows} rows");
            return Err(ModelError::Invalid(reason));
        }
    }
    Ok(files)
}

/// Checks every file of a model against its card.
///
/// # Errors
/// [`ModelError`] that names the first file that is missing or altered.
pub fn verify(entry: &Entry) -> Result<(), ModelError> {
    for file in &entry.card.files {
        match &entry.place {
            Place::Embedded => {
                checked(entry, file)?;
            }
            Place::Directory(dir) => {
                let path = dir.join(&file.path);
                file.check_digest(&digest(&path)?, &path)?;
            }
        }
    }
    Ok(())
}

/// Checks that a model's files are what its engine reads, as far as this build knows the engine.
///
/// # Errors
/// [`ModelError`] with the first thing that is wrong.
pub fn check_format(entry: &Entry) -> Result<(), ModelError> {
    match (entry.card.engine.as_str(), &entry.place) {
        (STUDENT_ENGINE, _) => load(entry).map(|_| ()),
        (BERT_ENGINE, Place::Directory(dir)) => {
            let weights = entry.card.file(Role::Model);
            weights.map_or(Ok(()), |file| tensors::list(&dir.join(&file.path)).map(|_| ()))
        }
        _ => Ok(()),
    }
}

/// The bytes of one file, checked.
fn checked(entry: &Entry, file: &CardFile) -> Result<Cow<'static, [u8]>, ModelError> {
    match &entry.place {
        Place::Embedded => {
            let found = STUDENT.files.iter().find(|f| f.path == file.path);
            let embedded =
                found.ok_or_else(|| ModelError::invalid(format!("`{}` is not embedded", file.path)))?;
            file.check(embedded.bytes, Path::new(embedded.path))?;
            Ok(Cow::Borrowed(embedded.bytes))
        }
        Place::Directory(dir) => {
            let path = dir.join(&file.path);
            let bytes =
                std::fs::read(&path).map_err(|source| ModelError::Io { path: path.clone(), source })?;
            file.check(&bytes, &path)?;
            Ok(Cow::Owned(bytes))
        }
    }
}

fn embedded_card() -> Result<Card, ModelError> {
    Card::parse(STUDENT.card, Path::new("models/fr-en/model.toml"))
}

/// The card of a directory: its `model.toml`, or one made from the files that are recognised.
///
/// # Errors
/// [`ModelError`] when there is no model.
pub fn read_card(dir: &Path) -> Result<Card, ModelError> {
    let path = dir.join("model.toml");
    if path.is_file() {
        let text =
            std::fs::read_to_string(&path).map_err(|source| ModelError::Io { path: path.clone(), source })?;
        return Card::parse(&text, &path);
    }
    recognise::card_from_files(dir)
}

/// Directories below `root`, at most `depth` levels down, that hold a card.
fn directories_with_card(root: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(root) else { return found };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|p| p.is_dir() && !is_hidden(p)) {
        if path.join("model.toml").is_file() {
            found.push(path);
        } else if depth > 1 {
            found.extend(directories_with_card(&path, depth - 1));
        }
    }
    found
}

/// Whether a directory is one in which a model is still being put together.
fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_model_is_what_its_card_says() {
        let entry = find("fr-en").expect("the embedded student");
        assert_eq!(entry.place, Place::Embedded);
        verify(&entry).expect("its files match its card");
        load(&entry).expect("its files are valid");
    }

    #[test]
    fn a_directory_without_a_model_is_named_in_the_error() {
        let dir = tempfile::tempdir().expect("a directory");
        let error = find(&dir.path().to_string_lossy()).expect_err("nothing there");
        assert!(error.to_string().contains("no model.toml"), "{error}");
        assert!(matches!(find("zzzzzz"), Err(ModelError::Unknown { .. })));
        let near = find("firefox/fr-em").expect_err("misspelt").to_string();
        assert!(near.contains("`firefox/fr-en`"), "{near}");
    }

    #[test]
    fn a_flipped_byte_in_a_file_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        for file in STUDENT.files {
            std::fs::write(dir.path().join(file.path), file.bytes).expect("written");
        }
        std::fs::write(dir.path().join("model.toml"), STUDENT.card).expect("written");
        let name = dir.path().to_string_lossy().into_owned();
        verify(&find(&name).expect("found")).expect("intact");
        let mut bytes = STUDENT.files[0].bytes.to_vec();
        bytes[1000] ^= 1;
        std::fs::write(dir.path().join(STUDENT.files[0].path), bytes).expect("written");
        let error = verify(&find(&name).expect("found")).expect_err("altered");
        assert!(error.to_string().contains("model.bin") && error.to_string().contains("SHA-256"), "{error}");
    }
}
