//! Suspects: words of the text that may have replaced a French one, grouped by their exact form.
//!
//! A spinner replaces every occurrence of a form (lower case and Capitalised apart) by the same synonym, so the
//! occurrences of one form share one original and are judged together.

use super::view::{Surroundings, View};
use crate::language::Language;
use crate::language::agreement;
use crate::language::elision::{self, Onset};
use crate::language::homograph::is_link;
use crate::language::word_cache::WordCache;
use crate::text::offset::{Raw, Span};
use crate::text::token::TokenKind;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// How many orders of magnitude more English than French a word is when it counts as foreign.
const FOREIGN_EXCESS: f32 = 1.5;
/// The same for a word that the French lexicon lacks.
const UNKNOWN_EXCESS: f32 = 0.4;
/// Letters of a spun word at least.
const SHORTEST: usize = 3;
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
    /// What language the words near it speak.
    pub around: Surroundings,
    /// How many of the words right beside it are capitalised.
    pub names_beside: usize,
    /// Whether it stands in a short quotation or in brackets.
    pub quoted: bool,
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

/// What the tables say of one word.
#[derive(Debug, Clone, Copy)]
struct Entry {
    nature: Option<Nature>,
    /// Whether it may stand for a homograph.
    is_candidate: bool,
    /// Whether a curated phrase that may stand for one begins with it.
    starts_curated: bool,
    /// Whether any phrase of the tables does.
    starts_phrase: bool,
}

/// What the tables say of a word, in whatever case, if it can be English at all.
fn entry(view: &View<'_>, word: &str) -> Option<Entry> {
    if !word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-') {
        return None;
    }
    // The tables are the same for every text, so that a thread may remember what they said.
    Some(KNOWN.with_borrow_mut(|known| known.get_or_lower(word, |word| looked_up(view, word))))
}

thread_local! {
    static KNOWN: RefCell<WordCache<Entry>> = RefCell::default();
}

/// What the tables say of a word.
fn looked_up(view: &View<'_>, word: &str) -> Entry {
    let homographs = &view.language.homographs;
    Entry {
        nature: if word.len() < SHORTEST { None } else { nature(view, word) },
        is_candidate: homographs.contains(word),
        starts_curated: homographs.starts_curated_phrase(word),
        starts_phrase: homographs.starts_phrase(word),
    }
}

/// What a word of the tables is.
fn nature(view: &View<'_>, word: &str) -> Option<Nature> {
    let frequency = view.language.frequencies.get(word);
    if !frequency.in_english() {
        // Too rare for the lists of frequencies, but a thesaurus has it.
        let rare = !frequency.in_french()
            && view.language.homographs.contains(word)
            && !view.language.lexicon.contains(word);
        let foreign = rare || (word.contains('-') && is_foreign_compound(view, word));
        return foreign.then_some(Nature::Foreign);
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

/// Whether a hyphenated word that no list has is made of English words, one of them not French.
fn is_foreign_compound(view: &View<'_>, word: &str) -> bool {
    let parts = || word.split('-');
    let Language { frequencies, lexicon, .. } = view.language;
    parts().all(|p| frequencies.get(p).in_english())
        && parts().any(|p| frequencies.get(p).english_excess() >= UNKNOWN_EXCESS && !lexicon.contains(p))
}

/// Finds the suspects of a text. With `also_french`, words that are French forms are suspects too.
pub fn suspects(view: &View<'_>, also_french: bool) -> Vec<Suspect> {
    let mut groups: BTreeMap<(String, bool), Suspect> = BTreeMap::new();
    let mut covered = 0;
    for i in 0..view.context.tokens.len() {
        if i < covered || view.kind(i) != Some(TokenKind::Word) || view.text(i).len() < SHORTEST {
            continue;
        }
        let Some(Entry { nature: Some(nature), is_candidate, starts_curated, .. }) =
            entry(view, view.text(i))
        else {
            continue;
        };
        let foreign = nature == Nature::Foreign;
        let may_be = is_candidate && (nature == Nature::Rare || is_after_elision(view, i));
        if !(foreign || also_french || starts_curated || may_be) {
            continue;
        }
        let word = view.lower(i);
        // A rare French word is looked at when it clashes with the words around it, any other behind a wrong elision.
        let wanted =
            foreign || (is_candidate && also_french) || (may_be && !clashes(view, i, i, &word).is_empty());
        // French words may make an English phrase (`web site`); which ones do is known for curated pairs only.
        let known = !foreign && (also_french || starts_curated);
        let phrase = if foreign {
            Some(phrase(view, i, covered))
        } else if known {
            known_phrase(view, i, i)
        } else {
            None
        };
        let (first, last, form) = match phrase {
            Some(phrase) => phrase,
            None if wanted => (i, i, word.into_owned()),
            None => continue,
        };
        let span = Span::new(view.context.tokens[first].span.start, view.context.tokens[last].span.end);
        if view.context.is_protected(span) || !is_plain(view, first) {
            continue;
        }
        let around = view.surroundings(first, last);
        if around.english > around.french + 1 {
            continue;
        }
        covered = last + 1;
        let capitalised = view.is_capitalised(first);
        let clashes = clashes(view, first, last, &form);
        let suspect = groups.entry((form.clone(), capitalised)).or_insert_with(|| Suspect {
            form,
            capitalised,
            // A phrase is as foreign as its least French word.
            foreign,
            occurrences: Vec::new(),
        });
        suspect.occurrences.push(Occurrence {
            first,
            last,
            span,
            clashes,
            around,
            names_beside: names_beside(view, first, last),
            quoted: view.is_quoted(first),
        });
    }
    groups.into_values().collect()
}

/// The longest spun phrase over token `i` that a table knows; it begins at `earliest` at the earliest, or two words
/// before the token (`point of view`).
fn known_phrase(view: &View<'_>, i: usize, earliest: usize) -> Option<(usize, usize, String)> {
    let mut found: Option<(usize, usize, String)> = None;
    for first in (i.saturating_sub(2).max(earliest)..=i).rev() {
        if !entry(view, view.text(first)).is_some_and(|e| e.starts_phrase) {
            continue;
        }
        for last in i.max(first + 1)..first + LONGEST_PHRASE {
            let longest = found.as_ref().map_or(0, |(from, to, _)| to - from);
            if last - first <= longest || !one_line(view, first, last) {
                continue;
            }
            let form = joined(view, first, last);
            if view.language.homographs.contains(&form) {
                found = Some((first, last, form));
            }
        }
    }
    found
}

/// Whether the tokens are words of one line.
fn one_line(view: &View<'_>, from: usize, to: usize) -> bool {
    (from..=to).all(|at| view.kind(at) == Some(TokenKind::Word))
        && (from..to).all(|at| !view.breaks_between(at, at + 1))
}

/// The words of the tokens, in lower case.
fn joined(view: &View<'_>, from: usize, to: usize) -> String {
    (from..=to).map(|at| view.lower(at)).collect::<Vec<_>>().join(" ")
}

/// The spun phrase that token `i`, a foreign word, belongs to: one that a table knows, or else a run of foreign words
/// with the small words that link them.
fn phrase(view: &View<'_>, i: usize, covered: usize) -> (usize, usize, String) {
    if let Some(known) = known_phrase(view, i, covered) {
        return known;
    }
    let foreign = |at: usize| {
        !view.is_capitalised(at) && entry(view, view.text(at)).and_then(|e| e.nature) == Some(Nature::Foreign)
    };
    let mut last = i;
    for at in i + 1..i + LONGEST_PHRASE {
        if !one_line(view, i, at) || !(foreign(at) || is_link(&view.lower(at))) {
            break;
        }
        if foreign(at) {
            last = at;
        }
    }
    (i, last, joined(view, i, last))
}

/// Whether a word without a vowel at its head stands behind an elided one: `l’focus`.
fn is_after_elision(view: &View<'_>, i: usize) -> bool {
    let vowel = |c: char| matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'h' | 'y');
    i > 0 && view.kind(i - 1) == Some(TokenKind::Elision) && !view.text(i).starts_with(vowel)
}

/// Whether the word is written as a spinner writes it: lower case or Capitalised.
fn is_plain(view: &View<'_>, first: usize) -> bool {
    let text = view.text(first);
    if text.chars().skip(1).any(char::is_uppercase) {
        return false;
    }
    // A short word after a number is a unit of measure.
    !(text.len() <= 3 && first > 0 && view.kind(first - 1) == Some(TokenKind::Number))
}

/// How many of the two words beside the form are capitalised within their sentence: it may be part of a name.
fn names_beside(view: &View<'_>, first: usize, last: usize) -> usize {
    let name_like = |at: usize| {
        view.kind(at) == Some(TokenKind::Word) && view.is_capitalised(at) && !view.starts_sentence(at)
    };
    let before = first > 0 && !view.breaks_between(first - 1, first) && name_like(first - 1);
    let after = !view.breaks_between(last, last + 1) && name_like(last + 1);
    usize::from(before) + usize::from(after)
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
    let demand =
        agreement::demand([&farther, &before], [&view.word_after(last), &view.word_after(last + 1)], lexicon);
    if let Some(features) = lexicon.get(form)
        && !features.noun().is_empty()
        && demand.after_determiner
        && !features.noun().or(features.adjective()).meets(demand.allowed)
    {
        found.push(format!("agreement: {before} … {form}"));
    }
    found
}
