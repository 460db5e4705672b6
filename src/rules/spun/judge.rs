//! From ranked candidates to a decision: is the form spun at all, and how sure is the best original?
//!
//! Two logistic functions ([`super::weights`]) give the chance that a form is spun, and the chance that its best candidate is
//! the original if it is. Their product is the confidence. A page with one spun word has others, so what is found first
//! counts as evidence in a second look near it ([`super::company`]), which takes in words that are French forms as well.

use super::company::Company;
use super::rank::{CHANCE, CLOSENESS, Document, Evidence, MOST_COUNTED, Ranked, Ranking, rank};
use super::suspect::{Occurrence, Suspect, suspects};
use super::view::View;
use super::vocabulary::Vocabulary;
use super::weights::{
    ALONE, ALONE_FRENCH, FEATURES, HALF_ENGLISH, OTHERS, RIGHT, SKIM, SKIM_FRENCH, SKIM_SURPRISING, Skim,
    TOGETHER, chance,
};
use crate::rules::lexical::is_residue;
use std::cell::OnceCell;
use std::collections::HashSet;

/// Confidence from which spun words are restored unless the user says otherwise. Of what is restored on development
/// pages from here on, 95 to 97 % is right where the curated table has the pair, 88 to 90 % where pairs were held out of
/// it, and 97 to 98 % with the pairs of another hand, of which it has most.
pub const APPLY_AT: f32 = 0.68;

/// Chance of being spun from which a form that is not French is reported when nothing else near it is.
const REPORT_ALONE: f32 = 0.2;
/// The same of one that is French as well and clashes or surprises.
const REPORT_ALONE_FRENCH: f32 = 0.35;
/// The same of a form that is not French near other spun words.
const REPORT_TOGETHER: f32 = 0.08;
/// The same of one that is French as well: with 0.08, twice as much would be suggested in vain on development pages, and one
/// spin in twenty-five more found.
const REPORT_FRENCH: f32 = 0.2;
/// Spun words that a first look must find near each other, in sum of their chances, for a second: on development data 0.5 finds one
/// French form of seventy more, but makes `fix` a tenth slower, and clean files of thousands of words get twice the suggestions.
const LOOK_AGAIN: f32 = 0.8;
/// Spun words that must speak for another one, in sum of their chances.
const SPEAK: f32 = 0.5;
/// Spun words that count, at most, in sum of their chances.
const MOST_COMPANY: f32 = 2.0;

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

/// Most confidence in a lone form that may be there for another reason: it is French as well, or an English term (a phrase
/// that no listed pair has, a word beside one that is half English: `safety car`), or a word that translators leave in (`snaps`).
const OTHER_CAUSE: f32 = 0.6;
/// Confidence from which a lone form of all but the last kind is restored all the same.
const SURE_ALL_THE_SAME: f32 = 0.88;
/// Candidates that the first look tries.
const SKIMMED: usize = 4;

/// A suspect with its candidates and the verdict.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The form and where it stands.
    pub suspect: Suspect,
    /// Its possible originals, best first; never empty.
    pub ranked: Vec<Ranked>,
    /// The cloze model's logit of the form as it stands; see [`Ranking`].
    pub own_logit: Option<f32>,
    /// What the verdict rests on, as in [`super::weights::FEATURE_NAMES`].
    pub features: [f32; FEATURES],
    /// The chance that the form is spun.
    pub spun: f32,
    /// The chance that the first candidate is the original.
    pub confidence: f32,
}

impl Judgement {
    /// Whether the form is reported.
    pub fn is_reported(&self) -> bool {
        let least = match (self.has_company(), self.suspect.foreign) {
            (false, true) => REPORT_ALONE,
            (false, false) => REPORT_ALONE_FRENCH,
            (true, true) => REPORT_TOGETHER,
            (true, false) => REPORT_FRENCH,
        };
        self.spun >= least
    }

    /// Whether other spun words near it speak for this one.
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
    let company_of = |found: &[Judgement]| Company::of(found.iter().map(|j| (&j.suspect, j.spun)));
    let mut company = company_of(&found);
    if company.most() < LOOK_AGAIN {
        return found;
    }
    let attested = |j: &&Judgement| j.spun >= SPEAK && j.ranked.iter().any(|c| c.sources.is_attested());
    document.familiar = evidence.curated && found.iter().filter(attested).count() >= FAMILIAR;
    if document.familiar {
        found = found.into_iter().filter_map(|j| assess(view, j.suspect, document, evidence)).collect();
        company = company_of(&found);
    }
    let known: HashSet<(String, bool)> =
        found.iter().map(|j| (j.suspect.form.clone(), j.suspect.capitalised)).collect();
    let more = suspects(view, true)
        .into_iter()
        .filter(|s| {
            !known.contains(&(s.form.clone(), s.capitalised))
                && company.beside(&s.occurrences, 0.0) >= LOOK_AGAIN
        })
        .filter(|s| {
            s.foreign || !evidence.skim || is_worth_reading(view, s, &SKIM_FRENCH, document, evidence)
        });
    found.extend(more.filter_map(|s| {
        let mut judgement = assess(view, s, document, evidence)?;
        judgement.spun = 0.0;
        Some(judgement)
    }));
    for judgement in &mut found {
        let others = company.beside(&judgement.suspect.occurrences, judgement.spun).min(MOST_COMPANY);
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
    let Ranking { ranked, own_logit, .. } = ranking;
    let mut judgement = Judgement { suspect, ranked, own_logit, features, spun: 0.0, confidence: 0.0 };
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

/// What the judgement of a suspect rests on, as in [`super::weights::FEATURE_NAMES`], before the rest of the document speaks; `None`
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
    // In a long text something is odd about one occurrence or other of any word.
    let share_of = |odd: fn(&Occurrence) -> bool| {
        suspect.occurrences.iter().filter(|o| odd(o)).count() as f32 / suspect.occurrences.len() as f32
    };
    let clashing = share_of(|o| !o.clashes.is_empty());
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
        clashing,
        flag(best.vetoes > 0),
        best.gain.clamp(-3.0, 8.0),
        best.features[CHANCE].max(-8.0),
        curated,
        flag(best.sources.is_attested()),
        cloze_gain.clamp(-4.0, 12.0),
        most(|a| a.adjacent_english),
        most(|a| a.english).min(3.0),
        (suspect.occurrences.len().min(MOST_COUNTED) as f32).ln(),
        (share / (1.0 - share)).ln(),
        flag(suspect.form.contains(' ')),
        beside,
        if suspect.capitalised { beside } else { 0.0 },
        flag(suspect.occurrences.iter().all(|o| o.quoted)),
        flag(suspect.foreign && best.vetoes > 0),
        flag(suspect.foreign && half_english),
        flag(suspect.form.contains(' ')) * curated,
        best.features[CLOSENESS],
        if suspect.foreign { 0.0 } else { share_of(|o| o.surprising) },
        best.on_topic() - ranking.own_topic,
        flag(ranking.own_logit.is_none()),
        ranking.own_topic,
        best.score,
        if suspect.foreign { 0.0 } else { clashing },
        0.0,
        0.0,
    ])
}
