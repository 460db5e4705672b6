//! What the engine reads in place of a word that repair was not sure enough to restore.
//!
//! An English word in a French sentence makes a student garble the whole of it. The best guess at what stood there,
//! though too unsure to be written down, is seldom far off: nearly always it is a word of the same meaning. So the engine
//! reads the guess, and the translation is aligned with the text as it stands.

use super::Translation;
use crate::align;
use crate::text::ledger::{Ledger, Replacement};
use crate::text::offset::{Clean, Source, Span};

/// The flag of a segment whose translation rests on such a guess.
pub const GUESSED: &str = "suggestion_read";

/// A sentence as the engine reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    text: String,
    ledger: Ledger,
}

impl Reading {
    /// The sentence with some words read otherwise; `None` where there are none, or they do not fit it.
    pub fn new(source: &str, words: Vec<Replacement>) -> Option<Self> {
        if words.is_empty() {
            return None;
        }
        let ledger = Ledger::new(source, words).ok()?;
        Some(Self { text: ledger.apply(source), ledger })
    }

    /// What the engine reads.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The translation of what was read as one of the sentence that stands there, flagged as [`GUESSED`].
    pub fn of_source(&self, source: &str, mut read: Translation) -> Translation {
        let source_tokens: Vec<Span<Source>> = align::words(source);
        let place = |token: &Span<Source>| {
            let there = self.ledger.to_raw(Span::<Clean>::new(token.start, token.end));
            let first = source_tokens.partition_point(|t| t.end <= there.start);
            first..source_tokens.partition_point(|t| t.start < there.end).max(first)
        };
        let mut pairs: Vec<(usize, usize)> = read
            .pairs
            .iter()
            .filter_map(|&(from, to)| Some((read.source_tokens.get(from)?, to)))
            .flat_map(|(token, to)| place(token).map(move |from| (from, to)))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        read.flags.push(GUESSED.to_owned());
        Translation { source_tokens, pairs, ..read }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_translation_of_what_was_read_is_aligned_with_what_stands_there() {
        let source = "Une page web page claire.";
        let words = vec![Replacement { span: Span::new(9, 17), text: "page".to_owned() }];
        let reading = Reading::new(source, words).expect("it fits");
        assert_eq!(reading.text(), "Une page page claire.");
        let read = Translation {
            source_tokens: align::words(reading.text()),
            pairs: vec![(0, 0), (2, 3), (3, 2), (4, 4)],
            ..Translation::default()
        };
        let whole = reading.of_source(source, read);
        assert_eq!(whole.pairs, [(0, 0), (2, 3), (3, 3), (4, 2), (5, 4)]);
        assert_eq!(whole.source_tokens.len(), 6);
        assert_eq!(whole.flags, [GUESSED]);
        assert_eq!(Reading::new(source, vec![]), None);
    }
}
