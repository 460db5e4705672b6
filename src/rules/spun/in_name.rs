//! Spun words inside names: `Wall Avenue Journal` for Wall Street Journal, `Main Wazir` for Major Wazir.
//!
//! A list of names is turned into patterns with one word left out. A stretch of the text that fits a pattern, is no
//! name itself, and whose odd word is a known synonym of the lost one, is that name. Names of two words leave a
//! single word to go by, so they need a curated pair.

use super::judge::{Judgement, judge};
use super::rank::{Evidence, capitalise};
use super::view::View;
use crate::language::Language;
use crate::language::english_names;
use crate::language::homograph::Sources;
use crate::rules::context::UserLexicon;
use crate::rules::{Candidate, Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::text::document::Lang;
use crate::text::offset::Span;
use crate::text::token::TokenKind;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;

/// Confidence by what supports the repair. Judgement of the author: too few attested cases to measure.
mod confidence {
    /// Three words or more, and the pair is curated.
    pub const LONG_CURATED: f32 = 0.97;
    /// Three words or more, and a thesaurus has the pair.
    pub const LONG: f32 = 0.93;
    /// Two words, curated pair.
    pub const SHORT_CURATED: f32 = 0.75;
    /// A rank before a name that a handle follows, in a spun document.
    pub const RANK_WITH_HANDLE: f32 = 0.95;
    /// A rank before a name that a handle follows.
    pub const RANK_ALONE: f32 = 0.9;
}

/// Military and civil ranks that are spelt alike in English and French.
const RANKS: &[&str] = &["major", "colonel", "commandant", "cardinal", "consul", "sergent"];

/// Names with one word left out, each word in lower case and `*` for the gap → the words that fill it.
struct Names {
    patterns: FxHashMap<String, Vec<&'static str>>,
    whole: FxHashSet<String>,
    longest: usize,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names { patterns: FxHashMap::default(), whole: FxHashSet::default(), longest: 0 };
    for name in english_names::all() {
        let words: Vec<&'static str> = name.split(' ').collect();
        names.longest = names.longest.max(words.len());
        names.whole.insert(name.to_lowercase());
        for gap in 0..words.len() {
            names.patterns.entry(pattern(&words, gap)).or_default().push(words[gap]);
        }
    }
    names
});

fn pattern(words: &[&str], gap: usize) -> String {
    let mut out = String::new();
    for (i, word) in words.iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        if i == gap { out.push('*') } else { out.push_str(&word.to_lowercase()) }
    }
    out
}

/// `spun/in-name`: see the module.
pub struct InName;

static INFO: RuleInfo = RuleInfo {
    id: "spun/in-name",
    category: Category::SpinnerInName,
    summary: "restores English names in which a synonym spinner replaced one word",
    lang: Lang::Fr,
    fires: &[
        Example {
            damaged: "Il l’a dit au Wall Avenue Journal la semaine dernière.",
            repaired: "Il l’a dit au Wall Street Journal la semaine dernière.",
        },
        Example {
            damaged: "Selon le New York Instances, l’accord est prêt.",
            repaired: "Selon le New York Times, l’accord est prêt.",
        },
        Example {
            damaged: "– Main Wazir Akbar Mohmand (@AkbarMohmand2) 1er septembre 2021",
            repaired: "– Major Wazir Akbar Mohmand (@AkbarMohmand2) 1er septembre 2021",
        },
    ],
    silent: &[
        "Le Wall Street Journal et le Financial Times en font leur une.",
        "Le Main Square Festival attire 120 000 personnes à Arras.",
        "Sunset Boulevard et Abbey Road sont ses disques préférés.",
        "La rivière Main traverse Francfort-sur-le-Main.",
    ],
};

impl Rule for InName {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let Some(view) = View::of(context) else { return };
        let mut done = 0;
        // A name begins with a capitalised word and has another.
        for pair in context.capitalised.windows(2).filter(|pair| pair[1] - pair[0] < NAMES.longest) {
            let at = pair[0];
            if at < done || view.kind(at) != Some(TokenKind::Word) {
                continue;
            }
            if let Some((finding, next)) = name_at(&view, at).or_else(|| rank_at(&view, at)) {
                out.push(finding);
                done = next;
            }
        }
    }
}

/// The words of the names, in lower case.
static WORDS: LazyLock<FxHashSet<String>> =
    LazyLock::new(|| english_names::all().flat_map(|name| name.split(' ')).map(str::to_lowercase).collect());

/// Whether a lower-case word is one of the names' words: a damaged name still has all but one.
pub fn is_of_names(word: &str) -> bool {
    WORDS.contains(word)
}

/// The same of a token, in whatever case.
fn has_word_at(view: &View<'_>, at: usize) -> bool {
    view.facts(at).is_of_names() || (!view.text(at).is_ascii() && is_of_names(&view.lower(at)))
}

/// The longest damaged name that begins at token `at`, and the token after it.
fn name_at(view: &View<'_>, at: usize) -> Option<(Finding, usize)> {
    let mut length = 1;
    while length < NAMES.longest
        && view.kind(at + length) == Some(TokenKind::Word)
        && !view.breaks_between(at + length - 1, at + length)
    {
        length += 1;
    }
    if !(at..at + length).any(|i| has_word_at(view, i)) {
        return None;
    }
    (2..=length).rev().find_map(|n| damaged(view, at, n))
}

fn damaged(view: &View<'_>, at: usize, n: usize) -> Option<(Finding, usize)> {
    let strange = (at..at + n).filter(|&i| !has_word_at(view, i)).count();
    if strange > 1 && view.context.user.names.is_empty() {
        return None;
    }
    let words: Vec<String> = (at..at + n).map(|i| view.lower(i).into_owned()).collect();
    let whole = Span::new(view.context.tokens[at].span.start, view.context.tokens[at + n - 1].span.end);
    if NAMES.whole.contains(&words.join(" ")) || view.context.is_protected(whole) {
        return None;
    }
    let slices: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut hits = Vec::new();
    for (gap, word) in words.iter().enumerate() {
        if !view.is_capitalised(at + gap) {
            continue;
        }
        let known = NAMES.patterns.get(&pattern(&slices, gap)).into_iter().flatten().copied();
        for original in known.chain(users(view, &slices, gap)) {
            if let Some(curated) = link(view.language, word, &original.to_lowercase()) {
                hits.push((gap, original, curated));
            }
        }
    }
    // Two names within reach: which one is anybody's guess.
    let [(gap, original, curated)] = hits[..] else { return None };
    if n == 2 && !curated {
        return None;
    }
    let confidence = match (n, curated) {
        (2, _) => confidence::SHORT_CURATED,
        (_, true) => confidence::LONG_CURATED,
        (_, false) => confidence::LONG,
    };
    let restored: Vec<&str> = (0..n).map(|i| if i == gap { original } else { view.text(at + i) }).collect();
    let why = vec![
        format!("name: {}", restored.join(" ")),
        format!("“{}” is a synonym of “{original}”", view.text(at + gap)),
    ];
    Some((finding(view, at + gap, original.to_owned(), confidence, why), at + n))
}

/// The words that fill the gap in the user's own names.
fn users<'v>(view: &View<'v>, words: &[&str], gap: usize) -> Vec<&'v str> {
    let user: &'v UserLexicon = view.context.user;
    let fills = |name: &'v String| {
        let parts: Vec<&str> = name.split(' ').collect();
        let fits = parts.len() == words.len()
            && parts.iter().zip(words).enumerate().all(|(i, (a, b))| (i == gap) != (a.to_lowercase() == **b));
        fits.then(|| parts[gap])
    };
    user.names.iter().filter_map(fills).collect()
}

/// Whether the tables say that `spun` may stand for `original`: `Some(true)` for a curated pair. The words of names
/// (street, times) are originals in the table though they are no French forms.
fn link(language: &Language, spun: &str, original: &str) -> Option<bool> {
    /// ln chance from which a pair links two names.
    const LIKELY: f32 = -5.5;
    let candidates = language.homographs.candidates(spun);
    let found = candidates.iter().find(|c| c.original == original)?;
    let curated = found.sources.is_curated();
    (curated || found.sources.0 & Sources::THESAURI.0 != 0 || found.chance >= LIKELY).then_some(curated)
}

/// A spun rank before a person's name that a handle in brackets follows: `Main Wazir Akbar Mohmand (@…)`.
fn rank_at(view: &View<'_>, at: usize) -> Option<(Finding, usize)> {
    let mut end = at + 1;
    while view.kind(end) == Some(TokenKind::Word)
        && view.is_capitalised(end)
        && !view.breaks_between(end - 1, end)
    {
        end += 1;
    }
    let has_handle = view.text(end) == "(" && view.text(end + 1) == "@";
    if !(2..=5).contains(&(end - at - 1)) || !has_handle {
        return None;
    }
    let candidates = view.language.homographs.candidates(&view.lower(at));
    let rank = candidates.iter().find(|c| RANKS.contains(&c.original) && c.sources.is_curated())?;
    let spun_document = judge(view, Evidence::default()).iter().any(|j: &Judgement| j.confidence >= 0.9);
    let confidence = if spun_document { confidence::RANK_WITH_HANDLE } else { confidence::RANK_ALONE };
    let why = vec![
        format!("a rank before a person’s name: “{}” is a synonym of “{}”", view.text(at), rank.original),
        "the name is that of an account".to_owned(),
    ];
    Some((finding(view, at, capitalise(rank.original), confidence, why), end))
}

fn finding(view: &View<'_>, token: usize, text: String, confidence: f32, why: Vec<String>) -> Finding {
    Finding {
        span: view.context.tokens[token].span,
        category: Category::SpinnerInName,
        rule: INFO.id,
        candidates: vec![Candidate { text: text.clone(), score: 0.0 }],
        proposal: Proposal::Replace(text),
        confidence: Confidence::new(confidence),
        why,
    }
}
