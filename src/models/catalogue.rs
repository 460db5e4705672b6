//! The catalogue: models that can be had by name, where their files are, and what those files must be.
//!
//! It is data (`models/catalogue.toml`, compiled in); `--catalogue FILE` adds entries of the same form, and one of the
//! same name replaces the shipped one.

use super::ModelError;
use super::card::{self, Role};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The catalogue that ships.
const SHIPPED: &str = include_str!("../../models/catalogue.toml");

/// How a remote file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// As it is.
    #[default]
    None,
    /// gzip.
    Gz,
    /// Zstandard.
    Zst,
}

/// One file of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueFile {
    /// Its name in the store, relative to the model's directory.
    pub path: String,
    /// What it is for.
    pub role: Role,
    /// Its address, where that is not the entry's base and `path`; relative to the base if it has no scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How the address serves it.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub compression: Compression,
    /// Size in bytes once unpacked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// SHA-256 once unpacked; without one, the first pull pins what it gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

// serde wants a reference here.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_plain(compression: &Compression) -> bool {
    *compression == Compression::None
}

/// A model that can be pulled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueEntry {
    /// Its name, also its directory in the cache.
    pub name: String,
    /// What runs it: `student` or `bert`.
    pub engine: String,
    /// Source language, or `many`.
    pub source_lang: String,
    /// Target language, or `many`.
    pub target_lang: String,
    /// Its licence.
    pub licence: String,
    /// Who made it.
    pub origin: String,
    /// The address below which its files lie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The architecture to look for in Mozilla's index, for a Firefox model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firefox: Option<String>,
    /// The revision to look for on Hugging Face, for a repository that no catalogue lists.
    #[serde(skip)]
    pub hugging_face: Option<String>,
    /// The files; a Firefox entry without any takes what the index lists.
    #[serde(default)]
    pub files: Vec<CatalogueFile>,
}

/// Models that can be had by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    entries: Vec<CatalogueEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueToml {
    #[serde(default)]
    models: Vec<CatalogueEntry>,
}

impl Catalogue {
    /// The catalogue that ships, with the entries of `file` added.
    ///
    /// # Errors
    /// [`ModelError`] that names the file and what is wrong with it.
    pub fn read(file: Option<&Path>) -> Result<Self, ModelError> {
        let mut entries = parse(SHIPPED, Path::new("models/catalogue.toml"))?;
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|source| ModelError::Io { path: path.into(), source })?;
            for entry in parse(&text, path)? {
                entries.retain(|e| e.name != entry.name);
                entries.push(entry);
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { entries })
    }

    /// Every entry, by name.
    pub fn entries(&self) -> &[CatalogueEntry] {
        &self.entries
    }

    /// The entry of that name.
    pub fn get(&self, name: &str) -> Option<&CatalogueEntry> {
        self.entries.iter().find(|e| e.name == name)
    }
}

fn parse(text: &str, path: &Path) -> Result<Vec<CatalogueEntry>, ModelError> {
    let wrong = |reason: String| ModelError::Catalogue { path: path.into(), reason };
    let catalogue: CatalogueToml =
        toml::from_str(text).map_err(|e| wrong(e.to_string().trim().to_owned()))?;
    for entry in &catalogue.models {
        let name = &entry.name;
        if !is_model_name(name) {
            return Err(wrong(format!(
                "`{name}` is not a model name: one or two words of letters, digits, `.-_`"
            )));
        }
        if entry.base.is_some() == entry.firefox.is_some() {
            return Err(wrong(format!("`{name}` must have either `base` or `firefox`")));
        }
        if entry.base.is_some() && entry.files.is_empty() {
            return Err(wrong(format!("`{name}` lists no files")));
        }
        for file in &entry.files {
            if !card::stays_inside(&file.path) {
                return Err(wrong(format!(
                    "`{name}`: the file path `{}` leaves the model's directory",
                    file.path
                )));
            }
            let hexadecimal = |s: &String| s.len() == 64 && s.bytes().all(|b| b.is_ascii_hexdigit());
            if !file.sha256.as_ref().is_none_or(hexadecimal) {
                return Err(wrong(format!(
                    "`{name}`: the sha256 of `{}` is not 64 hexadecimal digits",
                    file.path
                )));
            }
        }
    }
    Ok(catalogue.models)
}

/// Whether a name can be that of a model in the store: one or two parts that are safe as directory names everywhere.
pub fn is_model_name(name: &str) -> bool {
    let safe = |part: &str| {
        !part.is_empty()
            && part.len() <= 100
            && !part.starts_with('.')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    name.split('/').count() <= 2 && name.split('/').all(safe)
}

/// The names most like one that is not known, best first.
pub fn near_names<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let known: Vec<&str> = known.collect();
    let mut near: Vec<String> =
        known.iter().filter(|k| !name.is_empty() && k.contains(name)).map(|k| (*k).to_owned()).collect();
    for candidate in similar::get_close_matches(name, &known, 3, 0.5) {
        if !near.iter().any(|n| n == candidate) {
            near.push(candidate.to_owned());
        }
    }
    near.truncate(4);
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_catalogue_is_valid_and_pins_the_french_student() {
        let catalogue = Catalogue::read(None).expect("valid");
        let entry = catalogue.get("firefox/fr-en").expect("listed");
        let total: u64 = entry.files.iter().filter_map(|f| f.size).sum();
        assert_eq!(total, 31_561_787 + 4_824_120 + 814_404);
        assert!(entry.files.iter().all(|f| f.sha256.is_some()));
        for name in ["Helsinki-NLP/opus-mt-fr-en", "facebook/nllb-200-distilled-600M", "facebook/m2m100_418M"]
        {
            let entry = catalogue.get(name).expect("listed");
            // A pickle can run code when it is read.
            assert!(entry.files.iter().all(|f| f.path != "pytorch_model.bin"), "{name}");
        }
    }

    #[test]
    fn hostile_or_broken_entries_are_refused_with_the_reason() {
        let with = |body: &str| {
            let entry = format!(
                "[[models]]\nengine='student'\nsource_lang='fr'\ntarget_lang='en'\nlicence='x'\norigin='x'\n{body}"
            );
            parse(&entry, Path::new("mine.toml")).expect_err("refused").to_string()
        };
        let file = "[[models.files]]\nrole='model'\npath=";
        assert!(with("name='../x'\nbase='http://h/'").contains("not a model name"));
        assert!(with("name='x'").contains("either `base` or `firefox`"));
        assert!(with("name='x'\nbase='http://h/'").contains("lists no files"));
        assert!(with(&format!("name='x'\nbase='h'\n{file}'../../etc/passwd'")).contains("leaves"));
        assert!(with(&format!("name='x'\nbase='h'\n{file}'m'\nsha256='12'")).contains("64 hexadecimal"));
        assert!(with(&format!("name='x'\nbase='h'\n{file}'m'\nhash='12'")).contains("mine.toml"));
    }

    #[test]
    fn near_names_help_a_typing_error_and_a_part_of_a_name() {
        let known = ["firefox/fr-en", "firefox/es-en", "facebook/m2m100_418M"];
        assert_eq!(near_names("firefox/fr-em", known.into_iter())[0], "firefox/fr-en");
        assert_eq!(near_names("m2m100", known.into_iter()), ["facebook/m2m100_418M"]);
        assert!(near_names("zzzz", known.into_iter()).is_empty());
    }
}
