//! Suspects: words of the text that may have replaced a French one, grouped by their exact form.
//!
//! A spinner replaces every occurrence of a form (lower case and Capitalised apart) by the same synonym, so the
//! occurrences of one form share one original and are judged together.

use super::view::{Surroundings, View};
use crate::language::Language;
use crate::language::agreement;
use crate::language::elision::{self, Onset};
use crate::language::fingerprint;
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
/// log10 probability below which a French word is looked at, though nothing else speaks against it.
const SURPRISING: f32 = -5.75;
/// The same of a word that is less likely there than elsewhere.
const UNLIKELY: f32 = -4.5;
/// log10 probability of a word by itself from which it is hardly ever [`SURPRISING`], and not asked for.
const COMMON: f32 = -3.6;
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
    /// Whether it is a French word that the language model did not expect here.
    pub surprising: bool,
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

/// How foreign a lower-case word is; `None` if it cannot be English.
pub fn nature(language: &Language, word: &str) -> Option<Nature> {
    let Language { frequencies, lexicon, homographs, .. } = language;
    let frequency = frequencies.get(word);
    if !frequency.in_english() {
        // Too rare for the lists of frequencies, but a thesaurus has it.
        let rare = !frequency.in_french() && homographs.contains(word) && !lexicon.contains(word);
        let foreign = rare || (word.contains('-') && is_foreign_compound(language, word));
        return foreign.then_some(Nature::Foreign);
    }
    let excess = frequency.english_excess();
    if excess < UNKNOWN_EXCESS {
        return Some(Nature::AlsoFrench);
    }
    if !lexicon.contains(word) {
        return Some(Nature::Foreign);
    }
    Some(if excess >= FOREIGN_EXCESS { Nature::Rare } else { Nature::AlsoFrench })
}

/// Whether a lower-case French word can be one that is not expected where it stands: a curated pair has it, and it is not too
/// common.
pub fn may_surprise(word: &str, language: &Language) -> bool {
    let Language { homographs, model, frequencies, .. } = language;
    homographs.is_curated(word) && model.frequency(model.look_up(word, frequencies)) < COMMON
}

/// Prefixes that the French lexicon does not have as words, but French compounds do (`co-auteur`).
const PREFIXES: [&str; 8] = ["co", "pre", "post", "multi", "micro", "euro", "cyber", "neo"];

/// Whether a hyphenated word that no list has (unlike `week-end`) is made of English words, one of them not French.
fn is_foreign_compound(language: &Language, word: &str) -> bool {
    let parts = || word.split('-').skip_while(|part| PREFIXES.contains(part));
    let Language { frequencies, lexicon, .. } = language;
    !lexicon.contains(word)
        && parts().all(|p| frequencies.get(p).in_english())
        && parts().any(|p| frequencies.get(p).english_excess() >= UNKNOWN_EXCESS && !lexicon.contains(p))
}

/// Finds the suspects of a text. With `also_french`, words that are French forms are suspects wherever they stand;
/// without, where they clash with the words around them or surprise.
pub fn suspects(view: &View<'_>, also_french: bool) -> Vec<Suspect> {
    let mut groups: BTreeMap<(String, bool), Suspect> = BTreeMap::new();
    let mut covered = 0;
    for (i, facts) in view.context.facts.iter().enumerate() {
        if i < covered {
            continue;
        }
        let surprising = facts.may_surprise() && is_surprising(view, i);
        let may_be_spun =
            || facts.is_striking() || surprising || facts.is_candidate() && is_after_elision(view, i);
        if !(also_french || may_be_spun()) {
            continue;
        }
        let Some(nature) = facts.nature() else { continue };
        let (is_candidate, starts_curated) = (facts.is_candidate(), facts.starts_curated());
        let foreign = nature == Nature::Foreign;
        // A rare French word is looked at when it clashes with the words around it, any other behind a wrong elision.
        let wanted = || {
            let may_be = || nature == Nature::Rare || is_after_elision(view, i);
            let clashing = || may_be() && !clashes(view, i, i, &view.lower(i)).is_empty();
            foreign || (is_candidate && (also_french || surprising || clashing()))
        };
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
            None if wanted() => (i, i, view.lower(i).into_owned()),
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
            surprising,
        });
    }
    groups.into_values().collect()
}

/// The longest spun phrase over token `i` that a table knows; it begins at `earliest` at the earliest, or two words
/// before the token (`point of view`).
fn known_phrase(view: &View<'_>, i: usize, earliest: usize) -> Option<(usize, usize, String)> {
    let mut found: Option<(usize, usize, String)> = None;
    for first in (i.saturating_sub(2).max(earliest)..=i).rev() {
        if !view.facts(first).starts_phrase() || !may_start_phrase(view, first) {
            continue;
        }
        for last in i.max(first + 1)..first + LONGEST_PHRASE {
            let longest = found.as_ref().map_or(0, |(from, to, _)| to - from);
            if last - first <= longest || !one_line(view, first, last) || is_name(view, first, last) {
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

thread_local! {
    // The tables are the same for every text, so that a thread may remember what they said.
    static STARTS: RefCell<WordCache<bool>> = RefCell::default();
}

/// Whether a phrase of the tables begins with token `first` and the one after it.
fn may_start_phrase(view: &View<'_>, first: usize) -> bool {
    if !one_line(view, first, first + 1) {
        return false;
    }
    let (one, two) = (view.context.tokens[first].span, view.context.tokens[first + 1].span);
    let as_written = &view.context.text[one.start..two.end];
    let homographs = &view.language.homographs;
    STARTS.with_borrow_mut(|known| match fingerprint::lower(as_written) {
        Some(both) if as_written.as_bytes()[one.len()] == b' ' && one.end + 1 == two.start => {
            known.get_or_at(both, || homographs.has_phrase_from(&as_written.to_ascii_lowercase()))
        }
        _ => {
            let both = joined(view, first, first + 1);
            known.get_or(&both, || homographs.has_phrase_from(&both))
        }
    })
}

/// Whether the tokens are words of one line.
fn one_line(view: &View<'_>, from: usize, to: usize) -> bool {
    (from..=to).all(|at| view.kind(at) == Some(TokenKind::Word))
        && (from..to).all(|at| !view.breaks_between(at, at + 1))
}

/// Whether a word after the first is capitalised (`Royal Navy`): a spinner capitalises a phrase as a whole.
fn is_name(view: &View<'_>, from: usize, to: usize) -> bool {
    (from + 1..=to).any(|at| view.is_capitalised(at))
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
    let foreign = |at: usize| !view.is_capitalised(at) && view.facts(at).nature() == Some(Nature::Foreign);
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

/// Whether a French word is one that the language model did not expect where it stands. Names and first words of a
/// sentence often are, so lower case only.
fn is_surprising(view: &View<'_>, i: usize) -> bool {
    if view.is_capitalised(i) {
        return false;
    }
    let (model, word) = (&view.language.model, view.model_word(i));
    let score = model.score(view.model_before(i), word);
    score < SURPRISING || score < UNLIKELY && score < model.frequency(word)
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
    let farther = if first > 0 { view.word_before(first - 1) } else { "".into() };
    let after = [view.word_after(last), view.word_after(last + 1)];
    let demand = agreement::demand([&farther, &before], [&after[0], &after[1]], |word| view.features(word));
    if let Some(features) = view.features(form)
        && !features.noun().is_empty()
        && demand.after_determiner
        && !features.noun().or(features.adjective()).meets(demand.allowed)
    {
        found.push(format!("agreement: {before} … {form}"));
    }
    found
}
