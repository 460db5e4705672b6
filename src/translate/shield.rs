//! Shields: what keeps URLs, handles, code and English islands from being mangled by the translator.

use super::number::numbers;
use crate::text::ledger::{Ledger, Replacement};
use crate::text::offset::{Raw, Span};
use crate::text::protect::{Protection, protected_spans};
use crate::text::token::{TokenKind, tokenize};

/// Shields that one sentence can hold; the vocabulary has as many symbols.
const MOST: usize = 8;

/// The symbol that stands for the n-th shielded span, from 0.
pub fn symbol(n: usize) -> String {
    format!("⟦{}⟧", n + 1)
}

/// A sentence whose shielded spans are replaced by symbols.
#[derive(Debug, Clone, PartialEq)]
pub struct Shielded {
    /// What the engine is given.
    pub text: String,
    /// From the sentence to `text`.
    pub ledger: Ledger,
    /// What stands for the symbols in the target, in their order.
    pub originals: Vec<String>,
}

/// What the engine must not touch, in order, with what stands for it in the target: addresses, handles and code as
/// they are, and where `with_numbers` is set also numbers, as English writes them.
pub fn kept(sentence: &str, with_numbers: bool) -> Vec<(Span<Raw>, String)> {
    let mut kept: Vec<(Span<Raw>, String)> = protected_spans(sentence, &[])
        .into_iter()
        .filter(|p| p.protection != Protection::User)
        .map(|p| (p.span, p.span.of(sentence).to_owned()))
        .collect();
    if with_numbers {
        let addresses = kept.len();
        for number in numbers(sentence).into_iter().filter(|n| !n.in_word) {
            let span = Span::new(number.range.start, number.range.end);
            if !kept[..addresses].iter().any(|(address, _)| address.overlaps(&span)) {
                kept.push((span, number.in_english(sentence)));
            }
        }
        kept.sort_by_key(|(span, _)| *span);
    }
    kept
}

/// Replaces what the engine must not touch by symbols; `None` when there is nothing to shield, or too much.
pub fn shield(sentence: &str, with_numbers: bool) -> Option<Shielded> {
    let (spans, originals): (Vec<Span<Raw>>, Vec<String>) = kept(sentence, with_numbers).into_iter().unzip();
    if spans.is_empty() || spans.len() > MOST || sentence.contains(['⟦', '⟧']) {
        return None;
    }
    let replacements =
        spans.into_iter().enumerate().map(|(n, span)| Replacement { span, text: symbol(n) }).collect();
    let ledger = Ledger::new(sentence, replacements).ok()?;
    Some(Shielded { text: ledger.apply(sentence), ledger, originals })
}

impl Shielded {
    /// Puts the shielded texts back into a translation; `None` when a symbol was lost or doubled.
    pub fn restore(&self, translation: &str) -> Option<Ledger> {
        let mut replacements = Vec::new();
        for (n, original) in self.originals.iter().enumerate() {
            let symbol = symbol(n);
            let mut places = translation.match_indices(&symbol);
            let (at, _) = places.next()?;
            if places.next().is_some() {
                return None;
            }
            replacements.push(Replacement { span: Span::new(at, at + symbol.len()), text: original.clone() });
        }
        Ledger::new(translation, replacements).ok()
    }
}

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

/// Whether a whole sentence is English already, so that it passes through.
pub fn is_english(sentence: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_back_as_they_were() {
        let shielded = shield("Voir https://a.fr et @nom.", false).expect("two shields");
        assert_eq!(shielded.text, "Voir ⟦1⟧ et ⟦2⟧.");
        let back = shielded.restore("See ⟦2⟧ and ⟦1⟧.").expect("both there");
        assert_eq!(back.apply("See ⟦2⟧ and ⟦1⟧."), "See @nom and https://a.fr.");
        assert!(shielded.restore("See ⟦1⟧.").is_none());
    }

    #[test]
    fn numbers_are_shielded_on_demand() {
        let shielded = shield("Il y a 1 400 morts sur https://a.fr/12.", true).expect("two shields");
        assert_eq!(shielded.text, "Il y a ⟦1⟧ morts sur ⟦2⟧.");
        assert_eq!(shielded.originals, ["1,400", "https://a.fr/12"]);
    }

    #[test]
    fn english_sentences_pass_and_french_ones_do_not() {
        assert!(is_english("This is the best day of our lives."));
        assert!(!is_english("Le Wall Street Journal a publié une enquête."));
        assert!(!is_english("Bonjour !"));
    }
}
