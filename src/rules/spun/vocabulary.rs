//! Which words a text has, by case and number: what is still there was not spun, or its sibling was.

use super::view::{View, fold};
use crate::language::fingerprint::{self, Fingerprint};
use crate::text::token::TokenKind;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// The words of a text. A spinner takes lower case and Capitalised, singular and plural for different words.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// By the lower-case form without its final `s`: one bit for each case and number.
    forms: FxHashMap<Fingerprint, u8>,
}

impl Vocabulary {
    /// The words of a text.
    pub fn of(view: &View<'_>) -> Self {
        let mut vocabulary = Self::default();
        vocabulary.forms.reserve(view.context.tokens.len() / 2);
        for token in view.context.tokens.iter().filter(|t| t.kind == TokenKind::Word) {
            let text = token.text(view.context.text);
            let mut letters = text.chars();
            let capitalised = letters.next().is_some_and(char::is_uppercase);
            // Capitals inside a word: an acronym or a brand.
            if letters.any(char::is_uppercase) {
                continue;
            }
            let (stem, plural) = stem_at(view.context.text, token.span.range());
            *vocabulary.forms.entry(stem).or_insert(0) |= bit(capitalised, plural);
        }
        vocabulary
    }

    /// Whether the text has a lower-case word, written in lower case or Capitalised.
    pub fn has(&self, word: &str, capitalised: bool) -> bool {
        let (stem, plural) = stem_at(word, 0..word.len());
        self.forms.get(&stem).is_some_and(|forms| forms & bit(capitalised, plural) != 0)
    }

    /// Whether the text has the word in its other number or in the other case.
    pub fn has_sibling(&self, word: &str, capitalised: bool) -> bool {
        let (stem, plural) = stem_at(word, 0..word.len());
        let siblings = bit(capitalised, !plural) | bit(!capitalised, plural);
        self.forms.get(&stem).is_some_and(|forms| forms & siblings != 0)
    }
}

/// The lower-case form of the word at a place of a text without its final `s`, and whether it has one.
fn stem_at(text: &str, place: Range<usize>) -> (Fingerprint, bool) {
    let split = |word: &str| word.strip_suffix(['s', 'S']).map_or(word.len(), str::len);
    let word = &text[place.clone()];
    let end = place.start + split(word);
    if let Some(stem) = fingerprint::lower_at(text, place.start..end) {
        return (stem, end < place.end);
    }
    let lower = fold(word);
    let stem = &lower[..split(&lower)];
    (fingerprint::lower(stem).unwrap_or_else(|| fingerprint::exact(stem)), stem.len() < lower.len())
}

fn bit(capitalised: bool, plural: bool) -> u8 {
    1 << (2 * u8::from(capitalised) + u8::from(plural))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Resources;
    use crate::rules::context::{Context, UserLexicon};
    use crate::text::document::Lang;

    #[test]
    fn cases_and_numbers_are_told_apart() {
        let resources = Resources::embedded();
        let Some(language) = &resources.language else { panic!("damaged tables") };
        let user = UserLexicon::default();
        let context = Context::new("Les fronts et le Front du FRONT, sur place.", Lang::Fr, resources, &user);
        let vocabulary = Vocabulary::of(&View { context: &context, language });
        assert!(vocabulary.has("fronts", false));
        assert!(vocabulary.has("front", true));
        assert!(!vocabulary.has("front", false));
        assert!(vocabulary.has_sibling("front", false));
        assert!(!vocabulary.has_sibling("place", false));
    }
}
