//! Shields: what keeps URLs, handles, code and English islands from being mangled by the translator.

use super::island;
use super::number::numbers;
use crate::text::ledger::{Ledger, Replacement};
use crate::text::offset::{Clean, Raw, Span};
use crate::text::protect::{Protection, protected_spans};

/// Shields that one sentence can hold; the vocabulary has as many symbols.
pub const MOST: usize = 8;

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

/// What the engine must not touch, in order, with what stands for it in the target: addresses, handles, code and quoted
/// English as they are, and where `with_numbers` is set also numbers, as English writes them.
pub fn kept(sentence: &str, with_numbers: bool) -> Vec<(Span<Raw>, String)> {
    let mut kept: Vec<(Span<Raw>, String)> = protected_spans(sentence, &[])
        .into_iter()
        .filter(|p| p.protection != Protection::User)
        .map(|p| (p.span, p.span.of(sentence).to_owned()))
        .collect();
    for island in island::quoted(sentence) {
        kept.retain(|(span, _)| !span.overlaps(&island));
        kept.push((island, island.of(sentence).to_owned()));
    }
    kept.sort_by_key(|(span, _)| *span);
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

/// Replaces what the engine must not touch, and as many names as there are symbols left, by symbols; `None` when there is
/// nothing to shield, or too much.
pub fn shield(sentence: &str, names: &[(Span<Raw>, String)], with_numbers: bool) -> Option<Shielded> {
    let mut kept = kept(sentence, with_numbers);
    for name in names.iter().take(MOST.saturating_sub(kept.len())) {
        if !kept.iter().any(|(span, _)| span.overlaps(&name.0)) {
            kept.push(name.clone());
        }
    }
    kept.sort_by_key(|(span, _)| *span);
    let (spans, originals): (Vec<Span<Raw>>, Vec<String>) = kept.into_iter().unzip();
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

    /// What `restored`, the ledger of a translation, put back as it was in the sentence: its places there and in the
    /// restored translation.
    pub fn copies(&self, translation: &str, restored: &Ledger) -> Vec<(Span<Raw>, Span<Clean>)> {
        let places = self.ledger.replacements().iter().zip(&self.originals).enumerate();
        places
            .filter_map(|(n, (replaced, original))| {
                let symbol = symbol(n);
                let at = translation.find(&symbol)?;
                let to = restored.to_clean(Span::new(at, at + symbol.len()));
                (replaced.span.end - replaced.span.start == original.len()).then_some((replaced.span, to))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_back_as_they_were() {
        let shielded = shield("Voir https://a.fr et @nom.", &[], false).expect("two shields");
        assert_eq!(shielded.text, "Voir ⟦1⟧ et ⟦2⟧.");
        let back = shielded.restore("See ⟦2⟧ and ⟦1⟧.").expect("both there");
        assert_eq!(back.apply("See ⟦2⟧ and ⟦1⟧."), "See @nom and https://a.fr.");
        assert!(shielded.restore("See ⟦1⟧.").is_none());
    }

    #[test]
    fn numbers_are_shielded_on_demand() {
        let shielded = shield("Il y a 1 400 morts sur https://a.fr/12.", &[], true).expect("two shields");
        assert_eq!(shielded.text, "Il y a ⟦1⟧ morts sur ⟦2⟧.");
        assert_eq!(shielded.originals, ["1,400", "https://a.fr/12"]);
    }

    #[test]
    fn quoted_english_is_one_symbol() {
        let shielded = shield("Il a dit : « We have to go now », puis rien.", &[], false).expect("a shield");
        assert_eq!(shielded.text, "Il a dit : « ⟦1⟧ », puis rien.");
        assert_eq!(shielded.originals, ["We have to go now"]);
    }
}
