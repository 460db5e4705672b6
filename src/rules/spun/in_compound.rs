//! Spun parts of compounds: `arrière-compensates` for arrière-pays, `Hat-Vert` for Cap-Vert.
//!
//! A spinner goes by letters, so it replaces the parts of a hyphenated word like words of their own. What is left is no
//! French compound, but becomes one that the lexicon or the language model knows when the part is put back: hardly
//! anything else does that.

use super::rank::cased;
use super::suspect::{Nature, nature};
use super::view::{View, fold};
use crate::language::Language;
use crate::language::word_cache::WordCache;
use crate::rules::{Candidate, Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::text::document::Lang;
use crate::text::offset::Span;
use crate::text::token::TokenKind;
use std::cell::RefCell;

/// Confidence where one compound alone is possible. Judgement of the author: too few cases to measure.
const ONE: f32 = 0.93;
/// The same where there are others.
const ONE_OF_MANY: f32 = 0.5;

/// `spun/in-compound`: see the module.
pub struct InCompound;

static INFO: RuleInfo = RuleInfo {
    id: "spun/in-compound",
    category: Category::SpinnerHomograph,
    summary: "restores hyphenated words of which a synonym spinner replaced one part",
    lang: Lang::Fr,
    fires: &[
        Example {
            damaged: "Il faut un permis d’arrière-compensates pour y camper.",
            repaired: "Il faut un permis d’arrière-pays pour y camper.",
        },
        Example {
            damaged: "L’archipel du Hat-Vert compte dix îles.",
            repaired: "L’archipel du Cap-Vert compte dix îles.",
        },
    ],
    silent: &[
        "Il a pris le ferry-boat, un week-end, avec son beau-frère.",
        "L’équipe de Manchester-City a gagné en demi-finale.",
        "Le ministre parle d’une offre (take-over bid).",
        "Le check-up du post-doctorant a pris une demi-journée.",
    ],
};

impl Rule for InCompound {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let Some(view) = View::of(context) else { return };
        let mut done = 0;
        for hyphen in memchr::memchr_iter(b'-', context.text.as_bytes()) {
            let token = context.tokens.partition_point(|t| t.span.end <= hyphen);
            if token >= done
                && view.kind(token) == Some(TokenKind::Word)
                && context.tokens[token].span.start < hyphen
            {
                done = token + 1;
                out.extend(restored(&view, token));
            }
        }
    }
}

thread_local! {
    // The tables are the same for every text, so that a thread may remember what they said.
    static KNOWN: RefCell<WordCache<bool>> = RefCell::default();
}

/// What is to be done about a hyphenated word, if anything.
fn restored(view: &View<'_>, token: usize) -> Option<Finding> {
    let (span, text) = (view.context.tokens[token].span, view.text(token));
    let is_sound = KNOWN.with_borrow_mut(|known| known.get_or(text, || is_known(view.language, &fold(text))));
    if is_sound || view.context.is_protected(span) {
        return None;
    }
    let mut start = 0;
    text.split('-').find_map(|part| {
        let at = start;
        start += part.len() + 1;
        let [before, after] = [&text[..at], &text[at + part.len()..]].map(fold);
        let originals = originals(view.language, part, &before, &after);
        let whole = |original: &str| format!("{before}{original}{after}");
        let best = originals.first()?;
        let confidence = if originals.len() == 1 { ONE } else { ONE_OF_MANY };
        let written = |original: &str| cased(original, part.starts_with(char::is_uppercase));
        Some(Finding {
            span: Span::new(span.start + at, span.start + at + part.len()),
            category: Category::SpinnerHomograph,
            rule: INFO.id,
            proposal: Proposal::Replace(written(best)),
            confidence: Confidence::new(confidence),
            why: vec![
                format!("“{part}” is not French, nor is “{text}”"),
                format!("“{}” is, and “{}” is a synonym of “{best}”", whole(best), part.to_lowercase()),
            ],
            candidates: originals
                .iter()
                .map(|original| Candidate { text: written(original), score: confidence })
                .collect(),
        })
    })
}

/// The curated originals of a part that is not French, beside others that are, with which the whole is a known compound; the
/// likeliest first.
fn originals(language: &Language, part: &str, before: &str, after: &str) -> Vec<&'static str> {
    let plain = part.bytes().skip(1).all(|b| b.is_ascii_lowercase()) && part.is_ascii();
    let lower = part.to_ascii_lowercase();
    let suspect = plain
        && language.homographs.is_curated(&lower)
        && nature(language, &lower) == Some(Nature::Foreign)
        && before.split('-').chain(after.split('-')).all(|p| p.is_empty() || is_french(language, p));
    if !suspect {
        return Vec::new();
    }
    let chance = |original: &str| {
        let whole = format!("{before}{original}{after}");
        is_known(language, &whole)
            .then(|| language.model.frequency(language.model.look_up(&whole, &language.frequencies)))
    };
    let mut found: Vec<(&'static str, f32)> = language
        .homographs
        .candidates(&lower)
        .into_iter()
        .filter(|c| c.sources.is_curated())
        .filter_map(|c| Some((c.original, chance(c.original)?)))
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found.into_iter().map(|(original, _)| original).collect()
}

/// Whether a part is a French word, and not one that is hardly met in French (`over`).
fn is_french(language: &Language, part: &str) -> bool {
    language.lexicon.contains(part) && !matches!(nature(language, part), Some(Nature::Foreign | Nature::Rare))
}

/// Whether a lower-case compound is known in French.
fn is_known(language: &Language, compound: &str) -> bool {
    language.lexicon.contains(compound)
        || language.model.id(compound).is_some()
        || language.frequencies.get(compound).in_french()
}
