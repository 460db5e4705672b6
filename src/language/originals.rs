//! What the tables say of the words that may hide behind a spun one: looked up once, when first asked for.

use super::Language;
use super::cloze::Target;
use super::elision::takes_elision;
use super::frequency::Frequency;
use super::homograph::Homograph;
use super::language_model::Word;
use super::lexicon::Features;
use super::topics::Meaning;
use std::sync::OnceLock;

/// One possible original, as every table sees it.
#[derive(Debug, Clone, Copy)]
pub struct Original {
    /// To the language models.
    pub word: Word,
    /// To the cloze model; `None` for a word that it cannot guess.
    pub target: Option<Target>,
    /// What it is about.
    pub meaning: Meaning,
    /// What it can be in French.
    pub grammar: Features,
    /// Whether French elides before it.
    pub elided_before: bool,
    /// How common it is.
    pub frequency: Frequency,
}

/// The possible originals, by their number in the table of homographs.
#[derive(Debug)]
pub struct Originals(Vec<OnceLock<Option<Original>>>);

impl Originals {
    /// Room for `count` originals, none of them looked up.
    pub fn new(count: usize) -> Self {
        Self(std::iter::repeat_with(OnceLock::new).take(count).collect())
    }

    /// What the tables say of a candidate; `None` for one that the French lexicon lacks.
    pub fn get(&self, candidate: &Homograph, language: &Language) -> Option<Original> {
        *self.0.get(usize::from(candidate.number))?.get_or_init(|| {
            let word = language.model.look_up(candidate.original, &language.frequencies);
            Some(Original {
                word,
                target: language.cloze.target(word),
                meaning: language.topics.meaning(word),
                grammar: language.lexicon.get(candidate.original)?,
                elided_before: takes_elision(candidate.original),
                frequency: language.frequencies.get(candidate.original),
            })
        })
    }
}
