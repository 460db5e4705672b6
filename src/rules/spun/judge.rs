//! From ranked candidates to a decision: is the form spun at all, and how sure is the best original?
//!
//! Two logistic functions, fitted by `scripts/resources/fit_confidence.py` on development spins and clean text: the
//! chance that a form is spun, and the chance that its best candidate is the original if it is. Their product is the
//! confidence. A document with one spun word has others, so what is found first counts as evidence in a second look,
//! which takes in words that are French forms as well.

use super::rank::{CHANCE, CLOSENESS, Document, Evidence, Ranked, Ranking, rank};
use super::suspect::{Suspect, suspects};
use super::view::View;
use super::vocabulary::Vocabulary;
use crate::rules::lexical::is_residue;
use std::cell::OnceCell;
use std::collections::HashSet;

/// Confidence from which spun words are restored unless the user says otherwise. Of what is restored on development
/// pages from here on, with originals left out of the fit, 95 to 96 % is right where the curated table has the pair and
/// 87 % where pairs were held out of it: 95 % where it lacks one pair in ten.
pub const APPLY_AT: f32 = 0.66;

/// Chance of being spun from which a form is reported when nothing else in the document is.
const REPORT_ALONE: f32 = 0.5;
/// The same in a document with other spun words.
const REPORT_TOGETHER: f32 = 0.08;
/// Spun words that a first look must find, in sum of their chances, for a second: on development data 0.8 costs one
/// second look of fifty in spun documents against 0.5, and saves more than a third of those in clean ones.
const LOOK_AGAIN: f32 = 0.8;
/// Spun words that must speak for another one, in sum of their chances.
const SPEAK: f32 = 0.5;

/// Forms known from pages that make a document one of the same spinner.
const FAMILIAR: usize = 2;
/// Chance of being spun of a further such form in it.
const SPUN_IF_FAMILIAR: f32 = 0.6;
/// Chance of being spun from which such a form's known original is taken, and the confidence in it.
const SURELY_SPUN: f32 = 0.9;
/// See [`SURELY_SPUN`]. Judgement of the author: too few attested pages to measure.
const RIGHT_IF_FAMILIAR: f32 = 0.93;

/// Logit assumed for a form that the cloze model cannot guess.
const NO_OWN_LOGIT: f32 = -3.0;

/// How many features a judgement has.
pub const FEATURES: usize = 33;
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
    "curated phrase",
    "closeness",
    "surprising",
    "topic gain",
    "cannot be guessed",
    "own topic",
    "score",
    "clash if French",
    "others",
    "others if French",
];
/// Most confidence in a lone form that may be there for another reason: it is French as well, or an English term (a phrase
/// that no listed pair has, a word beside one that is half English: `safety car`), or a word that translators leave in (`snaps`).
const OTHER_CAUSE: f32 = 0.6;
/// Confidence from which a lone form of all but the last kind is restored all the same. Of 380,000 clean words none
/// reaches it; of such spins on development pages four fifths do, 98 % of them right.
const SURE_ALL_THE_SAME: f32 = 0.85;
/// Place of the feature that says that a word beside is half English.
const HALF_ENGLISH: usize = OTHERS - 9;
/// Place of the first feature that the rest of the document fills in.
const OTHERS: usize = FEATURES - 2;
/// Weights of the chance that the form is spun, looked at alone, of a form that is not French.
const ALONE: [f32; FEATURES] = [
    -4.51, 0.00, 0.58, 0.12, -3.03, -2.29, 1.79, 0.42, 0.59, 0.16, 1.72, 0.03, -0.02, 1.86, -0.96, 2.51,
    -0.10, -2.18, -0.19, 0.45, -2.29, 0.42, -1.30, 0.78, -0.32, 0.00, -0.64, 0.00, -2.59, 0.76, 0.00, 0.00,
    0.00,
];
/// The same of one that is French as well, and clashes with the words around it or surprises.
const ALONE_FRENCH: [f32; FEATURES] = [
    -4.60, 0.00, 1.03, 0.77, 0.09, -0.46, 1.25, 0.24, 0.12, 0.23, 1.08, 0.00, 0.43, -1.16, -0.11, 1.58, 0.02,
    0.43, -1.08, -0.24, -0.86, 0.00, 0.00, 0.17, 0.83, -0.78, 0.89, -0.49, -1.40, 0.11, 1.25, 0.00, 0.00,
];
/// The same in a document that has other spun words.
const TOGETHER: [f32; FEATURES] = [
    -4.38, 1.71, 1.32, 0.17, -2.72, -1.52, 0.63, 0.23, 0.42, 0.37, 1.94, 0.59, 0.35, 0.65, -0.45, 1.14, 0.07,
    -0.11, 0.45, 0.15, -0.11, -0.41, -1.98, 1.41, 0.60, 0.53, 0.52, -2.02, -2.36, 0.18, 2.63, -0.15, -0.35,
];
/// Weights of the chance that the best candidate is the original, if the form is spun.
const RIGHT: [f32; FEATURES] = [
    -0.05, -0.07, -0.13, -0.17, 0.05, -0.04, 0.03, -0.28, 0.13, 0.04, 0.24, 0.06, 0.00, 0.05, -0.05, -0.45,
    0.91, -0.37, -0.07, 0.16, -0.12, -0.14, -0.14, 0.37, 0.14, 0.15, 0.20, 0.00, 0.00, 0.00, 0.00, 0.00,
    0.00,
];

/// A first look without the neural model and with the likeliest candidates only: weights of the chance that a form is
/// spun, and the chance below which the first look is the last. Fitted by `scripts/resources/fit_skim.py`.
struct Skim {
    weights: [f32; FEATURES],
    worth_reading: f32,
}

/// For forms that are foreign or clash. This threshold and that of [`SKIM_SURPRISING`] cost one in a thousand of
/// 4,313 development spins that are not French, and one in two hundred of 1,542 that are.
const SKIM: Skim = Skim {
    weights: [
        -1.31, 0.45, 0.65, 0.08, -4.47, -3.17, 0.98, -0.45, 1.01, 0.62, 2.29, 0.23, 0.00, 1.24, -0.90, 2.44,
        0.00, -1.33, -0.31, 1.07, -2.35, 0.00, -1.57, 0.00, 0.15, 1.76, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00,
    ],
    worth_reading: 0.4,
};
/// For French forms in a document with other spun words: loses one in two hundred of 1,037 development spins.
const SKIM_FRENCH: Skim = Skim {
    weights: [
        -6.10, 0.00, 1.50, 0.52, -0.62, 0.21, 3.86, -0.81, 0.98, 0.37, 2.17, 0.62, 0.00, 0.56, 0.02, 0.32,
        0.00, 2.37, 0.30, -1.28, -0.45, 0.00, 0.00, 0.00, 0.66, 0.74, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00,
    ],
    worth_reading: 0.001,
};
/// For French forms that surprise, in any document.
const SKIM_SURPRISING: Skim = Skim {
    weights: [
        -3.51, 0.00, 1.33, 0.26, 0.00, -1.84, 0.00, 0.44, 0.72, 0.16, 0.69, 0.00, 0.00, -2.18, -0.21, 2.19,
        0.00, 0.65, 0.18, 0.00, 0.31, 0.00, 0.00, 0.00, 1.47, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
    ],
    worth_reading: 0.4,
};
/// Candidates that the first look tries.
const SKIMMED: usize = 8;

/// A suspect with its candidates and the verdict.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The form and where it stands.
    pub suspect: Suspect,
    /// Its possible originals, best first; never empty.
    pub ranked: Vec<Ranked>,
    /// The cloze model's logit of the form as it stands; see [`Ranking`].
    pub own_logit: Option<f32>,
    /// How near the form as it stands is to what is talked of; see [`Ranking`].
    pub own_topic: f32,
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
        self.spun >= if self.has_company() { REPORT_TOGETHER } else { REPORT_ALONE }
    }

    /// Whether the document has other spun words that speak for this one.
    pub fn has_company(&self) -> bool {
        self.features[OTHERS] > 0.0
    }

    /// Computes both chances from the features.
    fn decide(&mut self, weights: &[f32; FEATURES]) {
        self.spun = chance(&self.features, weights);
        let confidence = self.spun * chance(&self.features, &RIGHT);
        let unlisted_phrase =
            self.suspect.form.contains(' ') && self.ranked.first().is_none_or(|c| !c.sources.is_curated());
        let may_belong = !self.suspect.foreign || unlisted_phrase || self.features[HALF_ENGLISH] > 0.0;
        let other = is_residue(&self.suspect.form) || may_belong && confidence < SURE_ALL_THE_SAME;
        self.confidence = if !self.has_company() && other { confidence.min(OTHER_CAUSE) } else { confidence };
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
    let (words, topic) = (Vocabulary::of(view), OnceCell::new());
    let mut document = Document { words: &words, topic: &topic, familiar: false };
    let mut found: Vec<Judgement> = first
        .into_iter()
        .filter(|s| {
            let skim = if s.foreign || s.clashing() > 0 { &SKIM } else { &SKIM_SURPRISING };
            !evidence.skim || is_worth_reading(view, s, skim, document, evidence)
        })
        .filter_map(|s| assess(view, s, document, evidence))
        .collect();
    let alone: f32 = found.iter().map(|j| j.spun).sum();
    if alone < LOOK_AGAIN {
        return found;
    }
    let attested = |j: &&Judgement| j.spun >= SPEAK && j.ranked.iter().any(|c| c.sources.is_attested());
    document.familiar = evidence.curated && found.iter().filter(attested).count() >= FAMILIAR;
    if document.familiar {
        found = found.into_iter().filter_map(|j| assess(view, j.suspect, document, evidence)).collect();
    }
    let known: HashSet<(String, bool)> =
        found.iter().map(|j| (j.suspect.form.clone(), j.suspect.capitalised)).collect();
    let more = suspects(view, true)
        .into_iter()
        .filter(|s| !known.contains(&(s.form.clone(), s.capitalised)))
        .filter(|s| {
            s.foreign || !evidence.skim || is_worth_reading(view, s, &SKIM_FRENCH, document, evidence)
        });
    found.extend(more.filter_map(|s| {
        let mut judgement = assess(view, s, document, evidence)?;
        judgement.spun = 0.0;
        Some(judgement)
    }));
    for judgement in &mut found {
        let others = (alone - judgement.spun).clamp(0.0, 2.0);
        // What little the others weigh is no evidence: the verdict of the first look stands.
        if others < SPEAK {
            continue;
        }
        judgement.features[OTHERS] = others;
        judgement.features[OTHERS + 1] = if judgement.suspect.foreign { 0.0 } else { others };
        judgement.decide(&TOGETHER);
        if document.familiar && judgement.ranked.first().is_some_and(|best| best.sources.is_attested()) {
            if judgement.spun >= SURELY_SPUN {
                judgement.confidence = judgement.confidence.max(RIGHT_IF_FAMILIAR);
            }
            judgement.spun = judgement.spun.max(SPUN_IF_FAMILIAR);
        }
    }
    found
}

/// Whether a suspect may turn out to be spun, as far as can be told without the neural model: the first stage of a
/// cascade (Viola and Jones 2001).
fn is_worth_reading(
    view: &View<'_>,
    suspect: &Suspect,
    skim: &Skim,
    document: Document<'_>,
    evidence: Evidence,
) -> bool {
    let evidence = Evidence { cloze: false, ..evidence };
    let ranking = rank_pooled(view, suspect, document, evidence, SKIMMED);
    features(view, suspect, &ranking, evidence)
        .is_some_and(|features| chance(&features, &skim.weights) >= skim.worth_reading)
}

/// Ranks one suspect and judges it on its own.
fn assess(
    view: &View<'_>,
    suspect: Suspect,
    document: Document<'_>,
    evidence: Evidence,
) -> Option<Judgement> {
    let ranking = rank_pooled(view, &suspect, document, evidence, usize::MAX);
    let features = features(view, &suspect, &ranking, evidence)?;
    let Ranking { ranked, own_logit, own_topic } = ranking;
    let mut judgement =
        Judgement { suspect, ranked, own_logit, own_topic, features, spun: 0.0, confidence: 0.0 };
    judgement.decide(if judgement.suspect.foreign { &ALONE } else { &ALONE_FRENCH });
    Some(judgement)
}

/// Ranks a suspect by all its occurrences, or by the first where the vote is switched off.
fn rank_pooled(
    view: &View<'_>,
    suspect: &Suspect,
    document: Document<'_>,
    evidence: Evidence,
    most: usize,
) -> Ranking {
    let pool = if evidence.vote { suspect.occurrences.len() } else { 1 };
    rank(view, suspect, &suspect.occurrences[..pool], document, evidence, most)
}

/// What the judgement of a suspect rests on, as in [`FEATURE_NAMES`], before the rest of the document speaks; `None`
/// where there is no candidate.
fn features(
    view: &View<'_>,
    suspect: &Suspect,
    ranking: &Ranking,
    evidence: Evidence,
) -> Option<[f32; FEATURES]> {
    let best = ranking.ranked.first()?;
    let flag = |on: bool| f32::from(u8::from(on));
    let frequency = suspect.form.split([' ', '-']).map(|w| view.frequency(w));
    let excess = frequency.clone().map(|f| f.english_excess()).fold(-9.0, f32::max);
    let rarest = frequency.map(|f| f.fr).fold(0.0, f32::min);
    let cloze_gain = if evidence.model && evidence.cloze {
        best.logit - ranking.own_logit.unwrap_or(NO_OWN_LOGIT)
    } else {
        0.0
    };
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
    let curated = match best.sources {
        sources if sources.is_further() => 0.5,
        sources => flag(sources.is_curated()),
    };
    Some([
        1.0,
        flag(suspect.foreign),
        excess.clamp(-2.0, 4.0),
        rarest + 7.0,
        flag(suspect.capitalised && !at_start),
        flag(at_start),
        flag(clashing > 0),
        flag(best.vetoes > 0),
        best.gain.clamp(-3.0, 8.0),
        best.features[CHANCE].max(-8.0),
        curated,
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
        flag(suspect.form.contains(' ')) * curated,
        best.features[CLOSENESS],
        flag(!suspect.foreign && suspect.occurrences.iter().any(|o| o.surprising)),
        best.on_topic() - ranking.own_topic,
        flag(ranking.own_logit.is_none()),
        ranking.own_topic,
        best.score,
        flag(!suspect.foreign && clashing > 0),
        0.0,
        0.0,
    ])
}
