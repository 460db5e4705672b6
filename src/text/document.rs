//! The document: one input text with its identity and the fields that pass through untouched.

use serde_json::{Map, Value};

/// One input text, as read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// Identity within the run: the id field, the file name, or a running number.
    pub id: String,
    /// The text as it was read, before any repair.
    pub raw: String,
    /// The record's other fields, written back unchanged.
    pub meta: Map<String, Value>,
}

impl Document {
    /// A document without other fields.
    pub fn new(id: impl Into<String>, raw: impl Into<String>) -> Self {
        Self { id: id.into(), raw: raw.into(), meta: Map::new() }
    }
}

/// Language of a text that retouche reads or writes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// French: repaired and translated.
    #[default]
    Fr,
    /// English: repaired only.
    En,
}

impl Lang {
    /// The ISO 639-1 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }
}
