//! From ranked candidates to a decision: is the form spun at all, and how sure is the best original?
//!
//! Two logistic functions, fitted by `scripts/resources/fit_confidence.py` on development spins and clean text: the
//! chance that a form is spun, and the chance that its best candidate is the original if it is. Their product is the
//! confidence. A document with one spun word has others, so what is found first counts as evidence in a second look,
//! which takes in words that are French forms as well.

use super::rank::{Evidence, Ranked, Ranking, rank};
use super::suspect::{Suspect, suspects};
use super::view::View;
use std::collections::HashSet;

/// Chance of being spun from which a form is reported when nothing else in the document is.
const REPORT_ALONE: f32 = 0.4;
/// The same in a document with other spun words.
const REPORT_TOGETHER: f32 = 0.25;
/// Evidence of other spun words from which words that are French as well are looked at.
const LOOK_AGAIN: f32 = 0.5;

/// How many features a judgement has.
pub const FEATURES: usize = 25;
/// Names of the features, in order; the first is constant.
pub const FEATURE_NAMES: [&str; FEATURES] = [
    "one",
    "foreign",
    "English excess",
    "French frequency",
    "capitalised",
    "at sentence start",
    "clash",
    "vetoed",
    "gain",
    "best chance",
    "curated",
    "attested",
    "cloze gain",
    "adjacent English",
    "English around",
    "log occurrences",
    "logit of share",
    "phrase",
    "names beside",
    "names beside if capitalised",
    "quoted",
    "foreign and vetoed",
    "beside half English",
    "others",
    "others if French",
];
/// Place of the first feature that the rest of the document fills in.
const OTHERS: usize = FEATURES - 2;
/// Weights of the chance that the form is spun, looked at alone.
const ALONE: [f32; FEATURES] = [
    0.20, 0.54, 0.58, -0.41, -4.46, -2.87, 1.69, 0.43, 0.98, 1.13, 1.24, 0.22, 0.19, -0.24, 0.22, 2.27,
    -0.51, -2.51, 0.46, 0.27, -2.70, 0.43, -2.55, 0.00, 0.00,
];
/// The same in a document that has other spun words.
const TOGETHER: [f32; FEATURES] = [
    -3.51, 1.60, 1.24, 0.77, -3.39, -2.60, 2.61, 0.22, 0.69, 0.94, 1.32, 1.05, 0.34, -0.87, 0.17, 0.21,
    -0.06, -1.21, 0.01, 1.14, -1.72, 0.25, -2.78, -0.25, -0.53,
];
/// Weights of the chance that the best candidate is the original, if the form is spun.
const RIGHT: [f32; FEATURES] = [
    -0.65, -0.43, 0.18, 0.12, 0.67, 0.12, -0.48, -1.08, 0.10, -0.04, -0.39, 0.25, -0.01, 0.90, 0.28, -0.67,
    1.12, -0.14, 0.04, 0.02, 0.16, -0.97, 0.02, 0.00, 0.00,
];

/// A suspect with its candidates and the verdict.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The form and where it stands.
    pub suspect: Suspect,
    /// Its possible originals, best first; never empty.
    pub ranked: Vec<Ranked>,
    /// What the verdict rests on, as in [`FEATURE_NAMES`].
    pub features: [f32; FEATURES],
    /// The chance that the form is spun.
    pub spun: f32,
    /// The chance that the first candidate is the original.
    pub confidence: f32,
}

impl Judgement {
    /// Whether the form is reported.
    pub fn is_reported(&self) -> bool {
        let together = self.features[OTHERS] > 0.0;
        self.spun >= if together { REPORT_TOGETHER } else { REPORT_ALONE }
    }

    /// Computes both chances from the features.
    fn decide(&mut self, weights: &[f32; FEATURES]) {
        self.spun = chance(&self.features, weights);
        self.confidence = self.spun * chance(&self.features, &RIGHT);
    }
}

fn chance(features: &[f32; FEATURES], weights: &[f32; FEATURES]) -> f32 {
    let logit: f32 = features.iter().zip(weights).map(|(f, w)| f * w).sum();
    1.0 / (1.0 + (-logit).exp())
}

/// Judges every suspect form of a text; only those that look spun come back.
pub fn judge(view: &View<'_>, evidence: Evidence) -> Vec<Judgement> {
    let mut found = assess_all(view, evidence);
    found.retain(Judgement::is_reported);
    found
}

/// Judges every suspect form of a text, reported or not.
pub fn assess_all(view: &View<'_>, evidence: Evidence) -> Vec<Judgement> {
    let first = suspects(view, false);
    if first.is_empty() {
        return Vec::new();
    }
    let words: HashSet<&str> = view.context.tokens.iter().map(|t| t.text(view.context.text)).collect();
    let assess = |s: Suspect| assess(view, s, &words, evidence);
    let mut found: Vec<Judgement> = first.into_iter().filter_map(assess).collect();
    let alone: f32 = found.iter().map(|j| j.spun).sum();
    if alone < LOOK_AGAIN {
        return found;
    }
    let known: HashSet<(String, bool)> =
        found.iter().map(|j| (j.suspect.form.clone(), j.suspect.capitalised)).collect();
    let more = suspects(view, true).into_iter().filter(|s| !known.contains(&(s.form.clone(), s.capitalised)));
    found.extend(more.filter_map(|s| {
        let mut judgement = assess(s)?;
        judgement.spun = 0.0;
        Some(judgement)
    }));
    for judgement in &mut found {
        let others = (alone - judgement.spun).clamp(0.0, 2.0);
        judgement.features[OTHERS] = others;
        judgement.features[OTHERS + 1] = if judgement.suspect.foreign { 0.0 } else { others };
        judgement.decide(&TOGETHER);
    }
    found
}

/// Ranks one suspect and judges it on its own.
fn assess(view: &View<'_>, suspect: Suspect, words: &HashSet<&str>, evidence: Evidence) -> Option<Judgement> {
    let pool = if evidence.vote { suspect.occurrences.len() } else { 1 };
    let Ranking { candidates: ranked, own_logit } =
        rank(view, &suspect, &suspect.occurrences[..pool], words, evidence);
    let best = ranked.first()?;
    let flag = |on: bool| f32::from(u8::from(on));
    let frequency = suspect.form.split(' ').map(|w| view.frequency(w));
    let excess = frequency.clone().map(|f| f.english_excess()).fold(-9.0, f32::max);
    let rarest = frequency.map(|f| f.fr).fold(0.0, f32::min);
    let cloze_gain =
        if evidence.model && evidence.cloze { best.logit - own_logit.unwrap_or(-3.0) } else { 0.0 };
    let most = |count: fn(&super::view::Surroundings) -> usize| {
        suspect.occurrences.iter().map(|o| count(&o.around)).max().unwrap_or(0) as f32
    };
    let clashing = suspect.occurrences.iter().filter(|o| !o.clashes.is_empty()).count();
    let at_start = suspect.occurrences.iter().all(|o| view.starts_sentence(o.first));
    let beside = suspect.occurrences.iter().map(|o| o.names_beside).max().unwrap_or(0) as f32;
    // A word that is as English as French beside a foreign one: the two may be an English term (`safety car`).
    let half_english = suspect.occurrences.iter().any(|o| {
        view.is_half_english(o.last + 1, o.last)
            || (o.first > 0 && view.is_half_english(o.first - 1, o.first))
    });
    let share = best.share.clamp(0.01, 0.999);
    let features = [
        1.0,
        flag(suspect.foreign),
        excess.clamp(-2.0, 4.0),
        rarest + 7.0,
        flag(suspect.capitalised && !at_start),
        flag(at_start),
        flag(clashing > 0),
        flag(best.vetoes > 0),
        best.gain.clamp(-3.0, 8.0),
        best.features[4].max(-8.0),
        flag(best.sources.is_curated()),
        flag(best.sources.is_attested()),
        cloze_gain.clamp(-4.0, 12.0),
        most(|a| a.adjacent_english),
        most(|a| a.english).min(3.0),
        (suspect.occurrences.len() as f32).ln(),
        (share / (1.0 - share)).ln(),
        flag(suspect.form.contains(' ')),
        beside,
        if suspect.capitalised { beside } else { 0.0 },
        flag(suspect.occurrences.iter().all(|o| o.quoted)),
        flag(suspect.foreign && best.vetoes > 0),
        flag(suspect.foreign && half_english),
        0.0,
        0.0,
    ];
    let mut judgement = Judgement { suspect, ranked, features, spun: 0.0, confidence: 0.0 };
    judgement.decide(&ALONE);
    Some(judgement)
}
