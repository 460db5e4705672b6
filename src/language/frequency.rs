//! How common a word is in French and in English.
//!
//! Source: wordfreq (CC BY-SA 4.0), both languages in one finite-state map from word to two bytes. The difference of
//! the two logarithms is the best single sign that a word of a French text is not French.

use super::bytes::{Reader, TableError};

/// Log frequency given to a word that a list lacks: just below the rarest that the table keeps (10^-7.6).
pub const ABSENT: f32 = -8.0;

/// Frequencies of words in both languages.
#[derive(Debug)]
pub struct Frequencies {
    map: fst::Map<&'static [u8]>,
}

/// One word's frequencies: log10 of its share of running words; [`ABSENT`] when a list lacks it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frequency {
    /// In French.
    pub fr: f32,
    /// In English.
    pub en: f32,
}

impl Frequency {
    /// Neither language knows the word.
    pub const UNKNOWN: Self = Self { fr: ABSENT, en: ABSENT };

    /// How many orders of magnitude more common in English than in French.
    pub fn english_excess(self) -> f32 {
        self.en - self.fr
    }

    /// Whether the French list has the word.
    pub fn in_french(self) -> bool {
        self.fr > ABSENT
    }

    /// Whether the English list has the word.
    pub fn in_english(self) -> bool {
        self.en > ABSENT
    }
}

impl Frequencies {
    /// Opens a table in place.
    pub fn open(bytes: &'static [u8]) -> Result<Self, TableError> {
        let mut reader = Reader::new("frequencies", "RTFQ0001", bytes)?;
        let side = reader.length("side text")?;
        reader.take("side text", side)?;
        Ok(Self { map: reader.map()? })
    }

    /// The frequencies of a lower-case word (straight apostrophes).
    pub fn get(&self, word: &str) -> Frequency {
        let value = self.map.get(word).unwrap_or(0);
        let log10 = |step: u64| if step == 0 { ABSENT } else { step as f32 / 20.0 - 9.0 };
        Frequency { fr: log10(value >> 8 & 255), en: log10(value & 255) }
    }
}
