//! `retouche.toml`: the user's own words and defaults. Found upward from the working directory; the command line wins.

use crate::rules::context::UserLexicon;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Name of the settings file.
pub const FILE_NAME: &str = "retouche.toml";

/// What a settings file may say. Unknown keys are errors, so that a typing mistake shows.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Confidence from which findings are applied.
    pub apply_at: Option<f32>,
    /// Rules, families or categories that are switched off.
    pub disable: Vec<String>,
    /// Model for translation.
    pub model: Option<String>,
    /// Damaged form = what it stands for.
    pub glossary: BTreeMap<String, String>,
    /// Names to leave as they are.
    pub names: Names,
    /// Words and phrases that must not change.
    pub protect: Protect,
}

/// `[names]`
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Names {
    /// The names.
    pub list: Vec<String>,
}

/// `[protect]`
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Protect {
    /// The words and phrases.
    pub list: Vec<String>,
}

/// Why settings could not be read.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{0}: {1}")]
    Io(PathBuf, std::io::Error),
    /// The file is not valid.
    #[error("{0}: {1}")]
    Invalid(PathBuf, String),
}

impl Settings {
    /// Reads `path`, or the nearest `retouche.toml` upward from the working directory, or the defaults.
    ///
    /// # Errors
    /// [`SettingsError`] that names the file.
    pub fn find(path: Option<&Path>) -> Result<Self, SettingsError> {
        let found = path.map(Path::to_owned).or_else(|| {
            let here = std::env::current_dir().ok()?;
            here.ancestors().map(|dir| dir.join(FILE_NAME)).find(|file| file.is_file())
        });
        let Some(file) = found else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(&file).map_err(|e| SettingsError::Io(file.clone(), e))?;
        toml::from_str(&text).map_err(|e| SettingsError::Invalid(file, e.to_string()))
    }

    /// The user's own words, as rules ask for them.
    pub fn lexicon(&self) -> UserLexicon {
        UserLexicon {
            glossary: self.glossary.iter().map(|(damaged, meant)| (damaged.clone(), meant.clone())).collect(),
            names: self.names.list.clone(),
            protect: self.protect.list.iter().chain(&self.names.list).cloned().collect(),
        }
    }
}
