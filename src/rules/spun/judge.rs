//! From ranked candidates to a decision: is the form spun at all, and how sure is the best original?
//!
//! The confidence is a logistic function of a few features, fitted on development spins whose synonyms come from a
//! source that the candidate table was denied (see `examples/spun_eval.rs`).

use super::rank::{Evidence, Ranked, rank};
use super::suspect::{Suspect, suspects};
use super::view::View;
use std::collections::HashSet;

/// Least mean gain of the language model (log10) for a foreign lower-case form to be reported.
const GAIN_FOREIGN: f32 = 2.0;
/// The same when the pair is curated.
const GAIN_CURATED: f32 = 0.5;
/// The same for a form that is French as well, in a document that has other damage.
const GAIN_ALSO_FRENCH: f32 = 3.5;
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
    /// Whether the form is not French.
    pub foreign: bool,
    /// Number of occurrences.
    pub occurrences: usize,
    /// Whether an occurrence clashes with its surroundings as it stands.
    pub clash: bool,
    /// Whether the best candidate clashes somewhere.
    pub vetoed: bool,
}

impl Features {
    /// The chance that the best candidate is the original.
    pub fn confidence(&self) -> f32 {
        let flag = |on: bool| f32::from(u8::from(on));
        let logit = -2.6
            + 1.0 * self.margin.min(5.0)
            + 0.25 * self.gain.min(6.0)
            + 0.5 * flag(self.linked)
            + 1.2 * flag(self.curated)
            + 0.5 * (self.occurrences.min(4) - 1) as f32
            + 0.6 * flag(self.clash)
            - 1.5 * flag(self.vetoed)
            - 1.5 * flag(!self.foreign);
        1.0 / (1.0 + (-logit).exp())
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
        first.into_iter().filter_map(|s| assess(view, s, &words, evidence)).collect();
    if found.iter().any(|j| j.confidence >= HARD_HIT) {
        let also_french = suspects(view, true).into_iter().filter(|s| !s.foreign);
        found.extend(also_french.filter_map(|s| assess(view, s, &words, evidence)));
    }
    found
}

/// Ranks one suspect and decides whether it looks spun.
fn assess(view: &View<'_>, suspect: Suspect, words: &HashSet<&str>, evidence: Evidence) -> Option<Judgement> {
    let pool = if evidence.vote { suspect.occurrences.len() } else { 1 };
    let ranked = rank(view, &suspect, &suspect.occurrences[..pool], words, evidence);
    let best = ranked.first()?;
    let features = Features {
        share: best.share,
        margin: ranked.get(1).map_or(6.0, |second| best.score - second.score).min(6.0),
        gain: best.gain.min(8.0),
        linked: best.sources.0 != 0,
        curated: best.sources.is_curated(),
        foreign: suspect.foreign,
        occurrences: suspect.occurrences.len(),
        clash: suspect.clashing() > 0,
        vetoed: best.vetoes > 0,
    };
    looks_spun(view, &suspect, &features).then(|| {
        let confidence = features.confidence();
        Judgement { suspect, ranked, features, confidence }
    })
}

fn looks_spun(view: &View<'_>, suspect: &Suspect, features: &Features) -> bool {
    let at_start = suspect.occurrences.iter().all(|o| view.starts_sentence(o.first));
    if !features.foreign {
        let least = if features.clash && !features.vetoed { GAIN_CLASH } else { GAIN_ALSO_FRENCH };
        return features.gain >= least
            && !features.vetoed
            && (!suspect.capitalised || features.clash || at_start);
    }
    if suspect.capitalised && !at_start {
        // A capitalised foreign word is a name unless the French around it says otherwise.
        return features.gain >= GAIN_CLASH
            && ((features.clash && !features.vetoed) || (features.curated && features.occurrences >= 2));
    }
    if suspect.capitalised && !features.curated {
        // At the start of a sentence, a name is likelier than a spun word.
        return features.linked && features.share >= 0.5 && features.gain >= GAIN_ALSO_FRENCH;
    }
    features.gain
        >= if features.curated {
            GAIN_CURATED
        } else if features.linked {
            GAIN_FOREIGN
        } else {
            GAIN_ALSO_FRENCH
        }
}
