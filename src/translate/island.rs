//! English islands: English inside French text, which is not to be translated.

use crate::text::offset::{Raw, Span};
use crate::text::token::{TokenKind, tokenize};

/// Common English words that are not French ones; three of them in a row of words make an island.
const ENGLISH: &[&str] = &[
    "the", "and", "of", "to", "is", "that", "for", "with", "was", "are", "this", "have", "not", "you",
    "they", "it", "be", "at", "his", "her", "from", "by", "will", "we", "he", "she", "but", "has", "were",
    "been", "their", "who", "what", "would", "there", "which", "an", "in",
];

/// Common French words that are not English ones.
const FRENCH: &[&str] = &[
    "le", "la", "les", "de", "des", "du", "et", "est", "un", "une", "que", "qui", "dans", "pour", "par",
    "au", "aux", "sur", "ce", "cette", "il", "elle", "ils", "elles", "nous", "vous", "ne", "pas", "avec",
    "sont", "été", "plus", "à", "l’", "d’", "l'", "d'", "qu’", "s’", "n’", "j’", "c’", "c'", "qu'", "n'",
    "s'",
];

/// Whether a text is English rather than French.
fn is_english(sentence: &str) -> bool {
    let (mut english, mut french, mut words) = (0, 0, 0);
    for token in tokenize(sentence) {
        if !matches!(token.kind, TokenKind::Word | TokenKind::Elision) {
            continue;
        }
        words += 1;
        let word = token.text(sentence).to_lowercase();
        english += usize::from(ENGLISH.contains(&word.as_str()));
        french += usize::from(FRENCH.contains(&word.as_str()));
    }
    words >= 3 && french == 0 && english >= 2 && english * 6 >= words
}

/// Quotation marks that open, each with the one that closes.
const MARKS: [(char, char); 3] = [('«', '»'), ('“', '”'), ('"', '"')];

/// The insides of quotation marks that are English, in order.
pub fn quoted(sentence: &str) -> Vec<Span<Raw>> {
    let mut islands = Vec::new();
    let mut at = 0;
    while let Some((open, closing)) = sentence[at..].char_indices().find_map(|(i, c)| {
        let (_, closing) = MARKS.iter().find(|(mark, _)| *mark == c)?;
        Some((at + i + c.len_utf8(), *closing))
    }) {
        let Some(length) = sentence[open..].find(closing) else { break };
        let inside = &sentence[open..open + length];
        let start = open + (inside.len() - inside.trim_start().len());
        // The stop belongs to the sentence around as much.
        let end = open + inside.trim_end_matches(|c: char| c.is_whitespace() || ",.;:".contains(c)).len();
        if start < end && is_english(inside) {
            islands.push(Span::new(start, end));
        }
        at = open + length + closing.len_utf8();
    }
    islands
}

/// Whether a whole sentence is English already, so that it passes through: what stands around quoted English is English
/// too, or hardly there.
pub fn is_english_throughout(sentence: &str) -> bool {
    if !is_english(sentence) {
        return false;
    }
    let mut around = String::new();
    let mut at = 0;
    for island in quoted(sentence) {
        around.push_str(&sentence[at..island.start]);
        at = island.end;
    }
    if at == 0 {
        return true;
    }
    around.push_str(&sentence[at..]);
    is_english(&around) || tokenize(&around).iter().filter(|token| token.kind == TokenKind::Word).count() < 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_sentences_pass_and_french_ones_do_not() {
        assert!(is_english_throughout("This is the best day of our lives."));
        assert!(is_english_throughout("“This is the best day of our lives,” he said to them."));
        assert!(!is_english_throughout("Le Wall Street Journal a publié une enquête."));
        assert!(!is_english_throughout("Bonjour !"));
        assert!(!is_english_throughout("\"This is not the right way,\" a-t-il dit."));
    }

    #[test]
    fn quotations_in_english_are_islands_and_those_in_french_are_not() {
        let inside =
            |sentence| quoted(sentence).iter().map(|s: &Span<Raw>| s.of(sentence)).collect::<Vec<_>>();
        assert_eq!(inside("Il dit « We have to go » et « nous partons »."), ["We have to go"]);
        assert_eq!(
            inside("“This is not it”, puis \"it was not to be\"."),
            ["This is not it", "it was not to be"]
        );
        assert_eq!(inside("Le film « The Wire » et \"sans fin"), [""; 0]);
    }
}
