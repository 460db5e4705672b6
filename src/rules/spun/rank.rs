//! Ranking the possible originals of a suspect form over all its occurrences.
//!
//! The score of a candidate is in log10: what the language model gains by it at each occurrence, minus a penalty
//! wherever it does not agree with the words around, plus the weighted prior of its source, minus a penalty when the
//! very word stands unspun elsewhere in the document (the spinner replaces all occurrences).

use super::suspect::{Occurrence, Suspect};
use super::view::View;
use crate::language::homograph::Sources;
use crate::language::{agreement, elision};
use std::collections::HashSet;

/// Weight of log10 of the source prior. Chosen on the development spins.
const PRIOR_WEIGHT: f32 = 2.0;
/// Cost of a candidate that the elision around it rules out, at each occurrence.
const ELISION_PENALTY: f32 = 4.0;
/// Cost of a candidate of the wrong gender, number or part of speech, at each occurrence.
const AGREEMENT_PENALTY: f32 = 1.5;
/// Cost of a candidate that stands unspun elsewhere in the same case.
const PRESENT_PENALTY: f32 = 1.5;

/// A candidate with its pooled evidence.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// The French word, lower case.
    pub original: &'static str,
    /// Pooled score, log10.
    pub score: f32,
    /// Mean gain of the language model over the form as it stands, log10 per occurrence.
    pub gain: f32,
    /// Source prior.
    pub prior: f32,
    /// Sources.
    pub sources: Sources,
    /// At how many occurrences elision or agreement rules it out.
    pub vetoes: usize,
}

/// Switches for measuring what each kind of evidence is worth. All on by default.
#[derive(Debug, Clone, Copy)]
pub struct Evidence {
    /// The language model.
    pub model: bool,
    /// Elision and agreement.
    pub agreement: bool,
    /// Pooling over the document.
    pub vote: bool,
    /// Candidates that only embedding neighbours give.
    pub embeddings: bool,
    /// Curated pairs.
    pub curated: bool,
    /// Source bits to leave out, for measuring on spins made from such a source.
    pub without_sources: u8,
}

impl Default for Evidence {
    fn default() -> Self {
        Self { model: true, agreement: true, vote: true, embeddings: true, curated: true, without_sources: 0 }
    }
}

/// Ranks the candidates of a suspect, best first. `occurrences` are the ones to pool.
pub fn rank(
    view: &View<'_>,
    suspect: &Suspect,
    occurrences: &[Occurrence],
    words: &HashSet<String>,
    evidence: Evidence,
) -> Vec<Ranked> {
    let mut candidates = view.language.homographs.candidates(&suspect.form);
    let mut mask = !evidence.without_sources;
    if !evidence.embeddings {
        mask &= !16;
    }
    if !evidence.curated {
        mask &= !Sources::CURATED.0;
    }
    candidates.retain(|c| c.sources.0 & mask != 0);
    let mut ranked: Vec<Ranked> = candidates
        .into_iter()
        .map(|c| Ranked {
            original: c.original,
            score: PRIOR_WEIGHT * c.prior.max(0.01).log10(),
            gain: 0.0,
            prior: c.prior,
            sources: c.sources,
            vetoes: 0,
        })
        .collect();
    let written = if suspect.capitalised { capitalise } else { str::to_owned };
    for candidate in &mut ranked {
        if words.contains(&written(candidate.original)) {
            candidate.score -= PRESENT_PENALTY;
        }
    }
    for occurrence in occurrences {
        add_occurrence(view, suspect, occurrence, &mut ranked, evidence);
    }
    let n = occurrences.len().max(1) as f32;
    for candidate in &mut ranked {
        candidate.gain /= n;
    }
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.original.cmp(b.original)));
    ranked
}

fn add_occurrence(
    view: &View<'_>,
    suspect: &Suspect,
    occurrence: &Occurrence,
    ranked: &mut [Ranked],
    evidence: Evidence,
) {
    let lexicon = &view.language.lexicon;
    let before = view.model_before(occurrence.first);
    let after = view.model_after(occurrence.last);
    let spun: Vec<_> = suspect.form.split(' ').map(|w| view.look_up(w)).collect();
    let as_it_stands = view.language.model.fit(before, &spun, &after);
    let word_before = view.word_before(occurrence.first);
    let farther = if occurrence.first > 0 { view.word_before(occurrence.first - 1) } else { "".into() };
    let demand = agreement::demand([&farther, &word_before], &view.word_after(occurrence.last), lexicon);
    for candidate in ranked {
        let gain = view.language.model.fit(before, &[view.look_up(candidate.original)], &after) - as_it_stands;
        candidate.gain += gain;
        if evidence.model {
            candidate.score += gain;
        }
        if !evidence.agreement {
            continue;
        }
        if !elision::agrees(&word_before, candidate.original) {
            candidate.score -= ELISION_PENALTY;
            candidate.vetoes += 1;
        } else if lexicon.get(candidate.original).is_some_and(|f| !agreement::fits(f, demand)) {
            candidate.score -= AGREEMENT_PENALTY;
            candidate.vetoes += 1;
        }
    }
}

/// The word with its first letter in upper case.
pub fn capitalise(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
