//! The French full-form lexicon: which forms exist, what they can be, and their lemma.
//!
//! Source: Dicollecte as packaged by Debian (hunspell-fr-comprehensive, MPL-2.0), expanded with its po:/is: tags by
//! `scripts/resources/build_lexicon.py` into a finite-state map from form to one u64, whose bits are read here.

use super::bytes::{Reader, TableError};

/// The lexicon, read in place.
#[derive(Debug)]
pub struct Lexicon {
    map: fst::Map<&'static [u8]>,
    endings: Vec<&'static str>,
}

/// A set of gender–number pairs: bit 0 masculine singular, 1 masculine plural, 2 feminine singular, 3 feminine plural.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agreement(pub u8);

impl Agreement {
    /// Masculine singular.
    pub const MS: Self = Self(1);
    /// Masculine plural.
    pub const MP: Self = Self(2);
    /// Feminine singular.
    pub const FS: Self = Self(4);
    /// Feminine plural.
    pub const FP: Self = Self(8);
    /// Any singular.
    pub const SINGULAR: Self = Self(5);
    /// Any plural.
    pub const PLURAL: Self = Self(10);
    /// Anything: no constraint.
    pub const ANY: Self = Self(15);

    /// Whether the set is empty: the form is no such thing.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the two sets have a pair in common.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The pairs that either has.
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The pairs that both have.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// What one form can be: the union of its analyses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features(u64);

impl Features {
    const fn bit(self, n: u32) -> bool {
        self.0 >> n & 1 == 1
    }

    /// Gender and number as a noun; empty when it is none.
    pub const fn noun(self) -> Agreement {
        Agreement((self.0 & 15) as u8)
    }

    /// Gender and number as an adjective; empty when it is none.
    pub const fn adjective(self) -> Agreement {
        Agreement((self.0 >> 4 & 15) as u8)
    }

    /// Gender and number as a past participle; empty when it is none.
    pub const fn participle(self) -> Agreement {
        Agreement((self.0 >> 8 & 15) as u8)
    }

    /// Gender and number as a determiner or pronoun; empty when it is neither.
    pub const fn determiner(self) -> Agreement {
        Agreement((self.0 >> 48 & 15) as u8)
    }

    /// Whether it can be a finite verb.
    pub const fn is_finite_verb(self) -> bool {
        self.bit(12)
    }

    /// Whether it can be an infinitive.
    pub const fn is_infinitive(self) -> bool {
        self.bit(13)
    }

    /// Whether it can be a present participle.
    pub const fn is_present_participle(self) -> bool {
        self.bit(14)
    }

    /// Whether it can be an adverb.
    pub const fn is_adverb(self) -> bool {
        self.bit(15)
    }

    /// Whether it can be a preposition.
    pub const fn is_preposition(self) -> bool {
        self.bit(16)
    }

    /// Whether it can be a conjunction.
    pub const fn is_conjunction(self) -> bool {
        self.bit(17)
    }

    /// Whether it can be a determiner.
    pub const fn is_determiner(self) -> bool {
        self.bit(18)
    }

    /// Whether it can be a pronoun.
    pub const fn is_pronoun(self) -> bool {
        self.bit(19)
    }

    /// Whether it can be a proper noun.
    pub const fn is_proper_noun(self) -> bool {
        self.bit(20)
    }

    /// Whether it is a proper noun and nothing else.
    pub const fn is_only_proper_noun(self) -> bool {
        self.bit(20) && self.0 & 0xff_fff & !(1 << 20) == 0 && self.0 & 0xfff == 0
    }

    /// Whether it can be a verb in the third person singular.
    pub const fn is_third_singular(self) -> bool {
        self.bit(26)
    }

    /// Whether it can be a verb in the third person plural.
    pub const fn is_third_plural(self) -> bool {
        self.bit(29)
    }

    /// Whether it can be a noun, common or proper.
    pub const fn is_noun(self) -> bool {
        !self.noun().is_empty() || self.is_proper_noun()
    }

    const fn strip(self) -> usize {
        (self.0 >> 30 & 31) as usize
    }

    const fn ending(self) -> usize {
        (self.0 >> 35 & 0x1fff) as usize
    }
}

impl Lexicon {
    /// Opens a table in place.
    pub fn open(bytes: &'static [u8]) -> Result<Self, TableError> {
        let mut reader = Reader::new("lexicon", "RTLX0001", bytes)?;
        let length = reader.length("lemma endings")?;
        let endings = reader.text("lemma endings", length)?.lines().collect();
        Ok(Self { map: reader.map()?, endings })
    }

    /// What a lower-case form can be; `None` when it is not French (or not known). Apostrophes are straight.
    pub fn get(&self, form: &str) -> Option<Features> {
        self.map.get(form).map(Features)
    }

    /// Whether the lower-case form is known.
    pub fn contains(&self, form: &str) -> bool {
        self.map.contains_key(form)
    }

    /// The lemma of a lower-case form: the noun, adjective or verb it is a form of.
    pub fn lemma(&self, form: &str) -> Option<String> {
        let features = self.get(form)?;
        let kept = form.chars().count().checked_sub(features.strip())?;
        let stem: String = form.chars().take(kept).collect();
        Some(stem + self.endings.get(features.ending())?)
    }

    /// How many forms there are.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there is no form at all.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }
}
