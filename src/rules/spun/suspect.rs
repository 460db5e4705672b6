//! Suspects: words of the text that may have replaced a French one, grouped by their exact form.
//!
//! A spinner replaces every occurrence of a form (lower case and Capitalised apart) by the same synonym, so the
//! occurrences of one form share one original and are judged together.

use super::view::View;
use crate::language::agreement;
use crate::language::elision::{self, Onset};
use crate::language::word_cache::WordCache;
use crate::text::offset::{Raw, Span};
use crate::text::token::TokenKind;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// How many orders of magnitude more English than French a word is when it counts as foreign.
const FOREIGN_EXCESS: f32 = 1.5;
/// The same for a word that the French lexicon lacks.
const UNKNOWN_EXCESS: f32 = 0.4;
/// Words of a spun phrase at most.
const LONGEST_PHRASE: usize = 4;

/// One place where a suspect form stands.
#[derive(Debug, Clone)]
pub struct Occurrence {
    /// First token.
    pub first: usize,
    /// Last token (the same but for phrases).
    pub last: usize,
    /// Place in the text.
    pub span: Span<Raw>,
    /// What in the text clashes with the form as it stands; empty when nothing does.
    pub clashes: Vec<String>,
}

/// All occurrences of one suspect form.
#[derive(Debug, Clone)]
pub struct Suspect {
    /// The form in lower case.
    pub form: String,
    /// Whether it is Capitalised in the text (beyond the start of a sentence).
    pub capitalised: bool,
    /// Whether the form is not French at all.
    pub foreign: bool,
    /// Where it stands.
    pub occurrences: Vec<Occurrence>,
}

impl Suspect {
    /// How many occurrences clash with their surroundings.
    pub fn clashing(&self) -> usize {
        self.occurrences.iter().filter(|o| !o.clashes.is_empty()).count()
    }
}

/// How foreign a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// English, and not French: a hard hit.
    Foreign,
    /// In the French lexicon, but far more common in English (`affect`, `shock`).
    Rare,
    /// A French form that some English word's synonym is spelt like.
    AlsoFrench,
}

/// What a lower-case word is, if it can be a spun one at all. Most words of a text leave at the first test.
pub fn nature(view: &View<'_>, word: &str) -> Option<Nature> {
    if word.len() < 3 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    // The tables are the same for every text, so that a thread may remember what they said.
    NATURES.with_borrow_mut(|natures| natures.get_or(word, || looked_up(view, word)))
}

thread_local! {
    static NATURES: RefCell<WordCache<Option<Nature>>> = RefCell::default();
}

fn looked_up(view: &View<'_>, word: &str) -> Option<Nature> {
    let frequency = view.language.frequencies.get(word);
    if !frequency.in_english() {
        return None;
    }
    let excess = frequency.english_excess();
    if excess < UNKNOWN_EXCESS {
        return Some(Nature::AlsoFrench);
    }
    if !view.language.lexicon.contains(word) {
        return Some(Nature::Foreign);
    }
    Some(if excess >= FOREIGN_EXCESS { Nature::Rare } else { Nature::AlsoFrench })
}

/// Finds the suspects of a text. With `also_french`, words that are French forms are suspects too.
pub fn suspects(view: &View<'_>, also_french: bool) -> Vec<Suspect> {
    let mut groups: BTreeMap<(String, bool), Suspect> = BTreeMap::new();
    let mut covered = 0;
    for i in 0..view.context.tokens.len() {
        if i < covered || view.kind(i) != Some(TokenKind::Word) {
            continue;
        }
        let word = view.lower(i);
        let Some(nature) = nature(view, &word) else { continue };
        let homographs = &view.language.homographs;
        let foreign = nature == Nature::Foreign;
        // A rare French word is looked at when it clashes with the words around it.
        let wanted = foreign
            || also_french
            || (nature == Nature::Rare
                && homographs.contains(&word)
                && !clashes(view, i, i, &word).is_empty());
        let found = if foreign || homographs.starts_phrase(&word) { phrase(view, i) } else { None };
        let (form, last) = match found {
            Some(found) => found,
            None if wanted && has_candidates(view, &word) => (word.into_owned(), i),
            None => continue,
        };
        let span = Span::new(view.context.tokens[i].span.start, view.context.tokens[last].span.end);
        if view.context.is_protected(span) || !is_plain(view, i, last) {
            continue;
        }
        if !view.is_french_around(i, last) || view.is_quoted(i) {
            continue;
        }
        covered = last + 1;
        let capitalised = view.is_capitalised(i);
        let clashes = clashes(view, i, last, &form);
        // A phrase is as foreign as its least French word.
        let foreign = foreign || last > i;
        let suspect = groups.entry((form.clone(), capitalised)).or_insert_with(|| Suspect {
            form,
            capitalised,
            foreign,
            occurrences: Vec::new(),
        });
        suspect.occurrences.push(Occurrence { first: i, last, span, clashes });
    }
    groups.into_values().collect()
}

/// Whether a thesaurus or the word vectors can name an original.
fn has_candidates(view: &View<'_>, word: &str) -> bool {
    view.language.homographs.contains(word) || view.language.vectors.contains(word)
}

/// The longest known spun phrase that begins at token `i`.
fn phrase(view: &View<'_>, i: usize) -> Option<(String, usize)> {
    let mut form = view.lower(i).into_owned();
    let mut found = None;
    for last in i + 1..i + LONGEST_PHRASE {
        if view.kind(last) != Some(TokenKind::Word) || view.breaks_between(last - 1, last) {
            break;
        }
        form.push(' ');
        form.push_str(&view.lower(last));
        if view.language.homographs.contains(&form) {
            found = Some((form.clone(), last));
        }
    }
    found
}

/// Whether the word is written as a spinner writes it: lower case or Capitalised, and no part of a larger name.
fn is_plain(view: &View<'_>, first: usize, last: usize) -> bool {
    let text = view.text(first);
    let capitalised = view.is_capitalised(first);
    if text.chars().skip(1).any(char::is_uppercase) {
        return false;
    }
    let name_like = |at: usize| {
        view.kind(at) == Some(TokenKind::Word) && view.is_capitalised(at) && !view.starts_sentence(at)
    };
    // A short word after a number is a unit of measure.
    if text.len() <= 3 && first > 0 && view.kind(first - 1) == Some(TokenKind::Number) {
        return false;
    }
    let before = first > 0 && !view.breaks_between(first - 1, first) && name_like(first - 1);
    let after = !view.breaks_between(last, last + 1) && name_like(last + 1);
    if capitalised {
        // A capital beside a capital is a name: `spun/in-name` reads those.
        !before && !after
    } else {
        !(before && after)
    }
}

/// What clashes with the form as it stands.
fn clashes(view: &View<'_>, first: usize, last: usize, form: &str) -> Vec<String> {
    let mut found = Vec::new();
    let before = view.word_before(first);
    if !elision::agrees(&before, form) {
        let sort = if elision::demand(&before) == Onset::Consonant { "vowel" } else { "consonant" };
        found.push(format!("elision: {} + {sort}", view.text(first - 1)));
    }
    let lexicon = &view.language.lexicon;
    let farther = if first > 0 { view.word_before(first - 1) } else { "".into() };
    let demand = agreement::demand([&farther, &before], &view.word_after(last), lexicon);
    if let Some(features) = lexicon.get(form)
        && !features.noun().is_empty()
        && demand.after_determiner
        && !features.noun().or(features.adjective()).meets(demand.allowed)
    {
        found.push(format!("agreement: {before} … {form}"));
    }
    found
}
