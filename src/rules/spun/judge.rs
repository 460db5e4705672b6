//! From ranked candidates to a decision: is the form spun at all, and how sure is the best original?
//!
//! The confidence is a logistic function of a few features, fitted on development spins of clean text, part of
//! which come from the curated pairs themselves (`examples/spun_eval.rs`): on spins of an unseen source it is too high.

use super::rank::{Evidence, Ranked, rank};
use super::suspect::{Suspect, suspects};
use super::view::View;
use std::collections::HashSet;

/// Least mean gain of the language model (log10) for a foreign form to be reported, by what links the best candidate
/// to it: a curated pair, a thesaurus, word vectors alone.
const GAIN_FOREIGN: [f32; 3] = [0.0, 1.0, 2.5];
/// The same for a form that is French as well, in a document that has other damage.
const GAIN_ALSO_FRENCH: [f32; 3] = [1.0, 2.0, f32::INFINITY];
/// The same for a capitalised form: a name is likelier.
const GAIN_CAPITALISED: f32 = 3.5;
/// The same for a pair seen on pages, in a document where at least [`FAMILIAR`] other such pairs were found: the same
/// table was at work, so the pair is likely even where the language model is indifferent.
const GAIN_FAMILIAR: f32 = -1.0;
/// See [`GAIN_FAMILIAR`].
const FAMILIAR: usize = 2;
/// The same when the form clashes with the words around it.
const GAIN_CLASH: f32 = 1.0;
/// A foreign form at least this sure makes the document a spun one.
const HARD_HIT: f32 = 0.6;

/// What the confidence is computed from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Features {
    /// Softmax share of the best candidate.
    pub share: f32,
    /// Score of the best candidate above the second (natural log), at most 6.
    pub margin: f32,
    /// Mean gain of the language model, log10, at most 8.
    pub gain: f32,
    /// Whether a thesaurus or the curated table links the best candidate to the form.
    pub linked: bool,
    /// Whether the best candidate is a curated pair.
    pub curated: bool,
    /// Whether that pair was seen on a page.
    pub attested: bool,
    /// Whether the form is not French.
    pub foreign: bool,
    /// Number of occurrences.
    pub occurrences: usize,
    /// Whether an occurrence clashes with its surroundings as it stands.
    pub clash: bool,
    /// Whether the best candidate clashes somewhere.
    pub vetoed: bool,
    /// Whether a word that is as English as French follows or precedes: it may be an English term (`safety car`).
    pub beside_english: bool,
}

impl Features {
    /// The chance that the best candidate is the original.
    pub fn confidence(&self) -> f32 {
        let flag = |on: bool| f32::from(u8::from(on));
        let share = self.share.clamp(0.01, 0.999);
        let logit = -3.21
            + 0.67 * (share / (1.0 - share)).ln()
            + 0.18 * self.gain.clamp(0.0, 8.0)
            + 0.51 * flag(self.linked)
            + 2.39 * flag(self.curated)
            + 1.62 * flag(self.foreign)
            + 0.67 * flag(self.clash)
            - 0.50 * flag(self.vetoed)
            - 1.50 * flag(self.beside_english);
        let chance = 1.0 / (1.0 + (-logit).exp());
        // A form that is French as well has few rivals in the pool, so its share overstates: suggest, unless curated.
        if self.foreign || self.curated { chance } else { chance.min(0.8) }
    }
}

/// A suspect with its candidates and the verdict.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The form and where it stands.
    pub suspect: Suspect,
    /// Its possible originals, best first; never empty.
    pub ranked: Vec<Ranked>,
    /// What the confidence rests on.
    pub features: Features,
    /// The chance that the first candidate is right.
    pub confidence: f32,
}

/// Judges every suspect form of a text; only those that look spun come back.
pub fn judge(view: &View<'_>, evidence: Evidence) -> Vec<Judgement> {
    let first = suspects(view, false);
    if first.is_empty() {
        return Vec::new();
    }
    let words: HashSet<&str> = view.context.tokens.iter().map(|t| t.text(view.context.text)).collect();
    let mut found: Vec<Judgement> =
        first.into_iter().filter_map(|s| assess(view, s, &words, Setting::Unknown, evidence)).collect();
    if found.iter().any(|j| j.confidence >= HARD_HIT) {
        let attested = found.iter().filter(|j| j.features.attested && j.confidence >= HARD_HIT).count();
        let setting = if attested >= FAMILIAR { Setting::FamiliarTable } else { Setting::Spun };
        let known: HashSet<(String, bool)> =
            found.iter().map(|j| (j.suspect.form.clone(), j.suspect.capitalised)).collect();
        let more =
            suspects(view, true).into_iter().filter(|s| !known.contains(&(s.form.clone(), s.capitalised)));
        found.extend(more.filter_map(|s| assess(view, s, &words, setting, evidence)));
    }
    found
}

/// Ranks one suspect and decides whether it looks spun. Other damage in the document lowers the bar.
fn assess(
    view: &View<'_>,
    suspect: Suspect,
    words: &HashSet<&str>,
    setting: Setting,
    evidence: Evidence,
) -> Option<Judgement> {
    let pool = if evidence.vote { suspect.occurrences.len() } else { 1 };
    let ranked = rank(view, &suspect, &suspect.occurrences[..pool], words, evidence);
    let best = ranked.first()?;
    let features = Features {
        share: best.share,
        margin: ranked.get(1).map_or(6.0, |second| best.score - second.score).min(6.0),
        gain: best.gain.min(8.0),
        linked: best.sources.0 != 0,
        curated: best.sources.is_curated(),
        attested: best.sources.is_attested(),
        foreign: suspect.foreign,
        occurrences: suspect.occurrences.len(),
        clash: suspect.clashing() > 0,
        vetoed: best.vetoes > 0,
        beside_english: suspect.foreign
            && suspect.occurrences.iter().any(|o| {
                view.is_half_english(o.last + 1, o.last)
                    || (o.first > 0 && view.is_half_english(o.first - 1, o.first))
            }),
    };
    looks_spun(view, &suspect, &features, setting).then(|| {
        let confidence = features.confidence();
        Judgement { suspect, ranked, features, confidence }
    })
}

/// What the rest of the document says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    /// Nothing yet.
    Unknown,
    /// It was spun.
    Spun,
    /// It was spun with a table of which several pairs are known from pages.
    FamiliarTable,
}

/// Whether the evidence is enough to report the form at all.
fn looks_spun(view: &View<'_>, suspect: &Suspect, features: &Features, setting: Setting) -> bool {
    let at_start = suspect.occurrences.iter().all(|o| view.starts_sentence(o.first));
    let link = match features {
        Features { curated: true, .. } => 0,
        Features { linked: true, .. } => 1,
        _ => 2,
    };
    if setting == Setting::FamiliarTable
        && features.attested
        && !features.vetoed
        && features.gain >= GAIN_FAMILIAR
    {
        return true;
    }
    let clash = features.clash && !features.vetoed && features.gain >= GAIN_CLASH;
    if suspect.capitalised && !at_start {
        // A capitalised word is a name unless the French around it says otherwise.
        let repeated = setting != Setting::Unknown || features.occurrences >= 2;
        return (clash && features.linked) || (features.curated && repeated && features.gain >= GAIN_CLASH);
    }
    if !features.foreign {
        return clash || (features.gain >= GAIN_ALSO_FRENCH[link] && !features.vetoed);
    }
    if suspect.capitalised && !features.curated {
        return features.linked && features.share >= 0.5 && features.gain >= GAIN_CAPITALISED;
    }
    features.gain >= GAIN_FOREIGN[link]
}
