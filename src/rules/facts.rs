//! What the tables say of a word, in one byte: asked for every word of every text, so it is remembered in little room.

use super::casing::is_nation;
use super::lexical::is_residue_in_some_case;
use super::spun::in_name::is_of_names;
use super::spun::suspect::{Nature, may_surprise, nature};
use crate::language::Language;
use crate::language::fingerprint::{self, Fingerprint};
use crate::text::token::{Token, TokenKind};
use std::cell::RefCell;

/// Letters of a spun word at least.
const SHORTEST: usize = 3;

/// What is known of a word, whatever its case. Nothing is known of words beyond ASCII: they are no English ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts(u8);

impl Facts {
    /// The three lowest bits: the word's nature, if it can be English at all, and for a French one whether it may stand
    /// for a homograph, and whether it may surprise.
    const KIND: u8 = 7;
    const STARTS_CURATED: u8 = 1 << 3;
    const STARTS_PHRASE: u8 = 1 << 4;
    const OF_NAMES: u8 = 1 << 5;
    const LISTED: u8 = 1 << 6;
    /// Tells a word of which nothing is known from a free slot.
    const LOOKED_UP: u8 = 1 << 7;

    /// How foreign the word is; `None` if it cannot be English at all.
    pub const fn nature(self) -> Option<Nature> {
        match self.0 & Self::KIND {
            1 => Some(Nature::Foreign),
            2..=4 => Some(Nature::Rare),
            5..=7 => Some(Nature::AlsoFrench),
            _ => None,
        }
    }

    /// Whether the word has to be looked at: it is foreign, or begins a curated phrase, or is hardly French and may
    /// stand for a homograph.
    pub const fn is_striking(self) -> bool {
        STRIKING[self.0 as usize]
    }

    /// Whether it is a French word that may stand for a homograph.
    pub const fn is_candidate(self) -> bool {
        matches!(self.0 & Self::KIND, 3 | 4 | 6 | 7)
    }

    /// Whether it is a French word that a curated pair says may stand for one, and rare enough to surprise where it is.
    pub const fn may_surprise(self) -> bool {
        matches!(self.0 & Self::KIND, 4 | 7)
    }

    /// Whether a curated phrase that may stand for one begins with it.
    pub const fn starts_curated(self) -> bool {
        self.0 & Self::STARTS_CURATED != 0
    }

    /// Whether any phrase of the tables does.
    pub const fn starts_phrase(self) -> bool {
        self.0 & Self::STARTS_PHRASE != 0
    }

    /// Whether it is one of the words of the names that spinners damage.
    pub const fn is_of_names(self) -> bool {
        self.0 & Self::OF_NAMES != 0
    }

    /// Whether a list of English words that translators leave in may have it, in this case or another.
    pub const fn is_listed(self) -> bool {
        self.0 & Self::LISTED != 0
    }

    /// Looks a lower-case word up.
    fn of(word: &str, language: Option<&Language>) -> Self {
        let flag = |on: bool, bit: u8| if on { bit } else { 0 };
        let mut facts = Self::LOOKED_UP
            | flag(is_of_names(word), Self::OF_NAMES)
            | flag(is_residue_in_some_case(word) || is_nation(word), Self::LISTED);
        if let Some(language) = language
            && word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')
        {
            let homographs = &language.homographs;
            facts |= flag(homographs.starts_curated_phrase(word), Self::STARTS_CURATED)
                | flag(homographs.starts_phrase(word), Self::STARTS_PHRASE);
            let standing = || u8::from(homographs.contains(word)) + u8::from(may_surprise(word, language));
            facts |= match Some(word).filter(|w| w.len() >= SHORTEST).and_then(|w| nature(language, w)) {
                None => 0,
                Some(Nature::Foreign) => 1,
                Some(Nature::Rare) => 2 + standing(),
                Some(Nature::AlsoFrench) => 5 + standing(),
            };
        }
        Self(facts)
    }
}

/// What [`Facts::is_striking`] says of each byte: this is asked of every word.
static STRIKING: [bool; 256] = {
    let mut striking = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let facts = Facts(byte as u8);
        striking[byte] = match facts.nature() {
            None => false,
            Some(Nature::Foreign) => true,
            Some(Nature::Rare) => facts.starts_curated() || facts.is_candidate(),
            Some(Nature::AlsoFrench) => facts.starts_curated(),
        };
        byte += 1;
    }
    striking
};

/// The facts of each token.
pub fn of_tokens(text: &str, tokens: &[Token], language: Option<&Language>) -> Vec<Facts> {
    let words = |known: &mut Known| {
        let facts = |token: &Token| match token.kind {
            TokenKind::Word => known.get(text, token, language),
            _ => Facts::default(),
        };
        tokens.iter().map(facts).collect()
    };
    KNOWN.with_borrow_mut(words)
}

thread_local! {
    // The tables are the same for every text, so that a thread may remember what they said.
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// Sets of slots; a power of two.
const SETS: usize = 1 << 14;
/// Slots that a word may be in. With two, 121 words of a text of 3,000 lines were looked up anew whenever it came.
const WAYS: usize = 4;

/// Remembers the facts of the last words, as [`WordCache`](crate::language::word_cache::WordCache) does, in less room:
/// a slot has the top seven bytes of the fingerprint and one byte of facts, and is nought when free.
struct Known(Box<[[u64; WAYS]; SETS]>);

impl Default for Known {
    fn default() -> Self {
        Self(Box::new([[0; WAYS]; SETS]))
    }
}

impl Known {
    /// The facts of a word, remembered or looked up.
    fn get(&mut self, text: &str, token: &Token, language: Option<&Language>) -> Facts {
        let Some(fingerprint) = fingerprint::lower_at(text, token.span.range()) else {
            return Facts::default();
        };
        let set = &mut self.0[(fingerprint >> (64 - SETS.trailing_zeros())) as usize];
        match set.iter().position(|&slot| is_of(slot, fingerprint)) {
            Some(at) => set.swap(0, at),
            None => {
                let facts = Facts::of(&token.text(text).to_ascii_lowercase(), language);
                set.rotate_right(1);
                set[0] = fingerprint & !0xff | u64::from(facts.0);
            }
        }
        Facts(set[0] as u8)
    }
}

/// Whether a slot is taken by the word with this fingerprint.
const fn is_of(slot: u64, word: Fingerprint) -> bool {
    (slot ^ word) >> 8 == 0 && slot as u8 != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Resources;
    use crate::text::token::tokenize;

    #[test]
    fn facts_do_not_depend_on_case_or_on_what_was_asked_before() {
        let language = Resources::embedded().language.as_ref();
        let text = "Entrance front shock NATO l’été York pick-up 24h";
        let once = of_tokens(text, &tokenize(text), language);
        let many: String = (0..70_000).map(|n| format!("mot{n} ")).collect();
        assert_eq!(of_tokens(&many, &tokenize(&many), language).len(), 70_000);
        let upper = "ENTRANCE FRONT SHOCK nato L’ÉTÉ york PICK-UP 24h";
        assert_eq!(of_tokens(upper, &tokenize(upper), language), once);
        assert_eq!(once[0].nature(), Some(Nature::Foreign));
        assert!(once[3].is_listed() && once[6].is_of_names() && !once[0].is_listed());
        assert_eq!(once[5], Facts::default());
    }
}
