//! What rules ask about language: lexicons, frequencies, the language model, homographs, names.

pub mod agreement;
mod bytes;
pub mod cloze;
mod dense;
pub mod elision;
pub mod english_names;
pub mod exonyms;
pub mod fingerprint;
pub mod frequency;
pub mod gazetteer;
pub mod homograph;
pub mod language_model;
pub mod lexicon;
mod name_index;
pub mod originals;
pub mod topics;
pub mod word_cache;

pub use bytes::TableError;
use cloze::Cloze;
use frequency::Frequencies;
use gazetteer::Gazetteer;
use homograph::Homographs;
use language_model::LanguageModel;
use lexicon::Lexicon;
use originals::Originals;
use std::sync::OnceLock;
use topics::Topics;

/// The tables about French (and about English as far as it hides in French), compiled into the program.
#[derive(Debug)]
pub struct Language {
    /// French full forms with their features.
    pub lexicon: Lexicon,
    /// French and English word frequencies.
    pub frequencies: Frequencies,
    /// The French trigram model.
    pub model: LanguageModel,
    /// French words that an English-looking word may stand for.
    pub homographs: Homographs,
    /// The neural model that guesses a homograph from its surroundings.
    pub cloze: Cloze,
    /// What words are about.
    pub topics: Topics,
    /// What all of these say of the homographs.
    pub originals: Originals,
}

impl Language {
    /// Opens the tables that ship with the program, in place.
    pub fn embedded() -> Result<Self, TableError> {
        let homographs = Homographs::open(
            include_bytes!("../../models/language/homographs.bin"),
            include_str!("../../data/spinner_pairs.tsv"),
        )?;
        Ok(Self {
            originals: Originals::new(homographs.originals()),
            lexicon: Lexicon::open(include_bytes!("../../models/language/lexicon.bin"))?,
            frequencies: Frequencies::open(include_bytes!("../../models/language/frequency.bin"))?,
            model: LanguageModel::open(include_bytes!("../../models/language/fr-trigram.bin"))?,
            homographs,
            cloze: Cloze::open(include_bytes!("../../models/language/fr-cloze.bin"))?,
            topics: Topics::open(include_bytes!("../../models/language/fr-topics.bin"))?,
        })
    }
}

/// Every lexicon and table that rules use, bundled with the program.
#[derive(Debug)]
pub struct Resources {
    /// Lexicon, frequencies, language model and homographs. `None` only when the build embedded damaged tables (a
    /// test makes sure that it does not): rules that need them then stay silent.
    pub language: Option<Language>,
    /// Names, and what a machine makes of them.
    pub gazetteer: Gazetteer,
}

impl Resources {
    /// The resources compiled into the program; opened once, shared by all threads.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<Resources> = OnceLock::new();
        EMBEDDED
            .get_or_init(|| Self { language: Language::embedded().ok(), gazetteer: Gazetteer::embedded() })
    }
}

#[cfg(test)]
mod tests;
