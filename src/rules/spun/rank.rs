//! Ranking the possible originals of a suspect form over all its occurrences.
//!
//! Candidates come from the thesauri and from the homographs nearest in meaning by word vectors. Each gets a few
//! features; the score is their weighted sum, and a softmax over the scores is the chance of each. The weights were
//! fitted by `scripts/resources/fit_ranker.py` on development spins, part of them of the tables themselves; the
//! weight of a curated pair and of an original that stands unspun elsewhere were set by hand.

use super::suspect::{Occurrence, Suspect};
use super::view::View;
use crate::language::homograph::Sources;
use crate::language::{agreement, elision};
use std::collections::{HashMap, HashSet};

/// Neighbours by word vectors to consider besides the thesauri's candidates.
const NEIGHBOURS: usize = 250;
/// Cosine below which a neighbour is not considered.
const LEAST_COSINE: f32 = 0.25;
/// Cosine assumed for a word without a vector.
const NO_COSINE: f32 = 0.1;
/// log10 prior of a candidate that no thesaurus gives.
const NO_PRIOR: f32 = -1.5;

/// log10 prior of a curated pair that no thesaurus has.
const CURATED_PRIOR: f32 = -0.25;

/// How many features a candidate has.
pub const FEATURES: usize = 10;
/// Names of the features, in order.
pub const FEATURE_NAMES: [&str; FEATURES] = [
    "model gain",
    "elision clash",
    "agreement clash",
    "log prior",
    "cosine",
    "curated",
    "present unspun",
    "number mismatch",
    "log French frequency",
    "log English frequency",
];
/// Weights of the features.
const WEIGHTS: [f32; FEATURES] = [1.0, -3.0, -2.9, 4.1, 5.2, 2.0, -1.5, -1.2, 0.7, -0.7];

/// A candidate with its pooled evidence.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// The French word, lower case.
    pub original: &'static str,
    /// Weighted sum of the features.
    pub score: f32,
    /// Softmax of the scores.
    pub share: f32,
    /// The features, as in [`FEATURE_NAMES`].
    pub features: [f32; FEATURES],
    /// Mean gain of the language model over the form as it stands, log10 per occurrence.
    pub gain: f32,
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
    /// Word vectors.
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

/// Ranks the candidates of a suspect, best first. `occurrences` are the ones to pool; `words` those of the text.
pub fn rank(
    view: &View<'_>,
    suspect: &Suspect,
    occurrences: &[Occurrence],
    words: &HashSet<&str>,
    evidence: Evidence,
) -> Vec<Ranked> {
    let mut ranked = pool(view, suspect, words, evidence);
    for occurrence in occurrences {
        add_occurrence(view, suspect, occurrence, &mut ranked);
    }
    let n = occurrences.len().max(1) as f32;
    for candidate in &mut ranked {
        candidate.gain = candidate.features[0] / n;
        // Occurrences resemble each other, so their evidence adds up more slowly than their number.
        for feature in &mut candidate.features[..3] {
            *feature /= n.sqrt();
        }
        if !evidence.model {
            candidate.features[0] = 0.0;
        }
        if !evidence.agreement {
            candidate.features[1..3].fill(0.0);
        }
        candidate.score = candidate.features.iter().zip(WEIGHTS).map(|(f, w)| f * w).sum();
    }
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.original.cmp(b.original)));
    let best = ranked.first().map_or(0.0, |c| c.score);
    let total: f32 = ranked.iter().map(|c| (c.score - best).exp()).sum();
    for candidate in &mut ranked {
        candidate.share = (candidate.score - best).exp() / total.max(1e-9);
    }
    ranked
}

/// The candidates with the features that do not depend on the place.
fn pool(view: &View<'_>, suspect: &Suspect, words: &HashSet<&str>, evidence: Evidence) -> Vec<Ranked> {
    let language = view.language;
    let mut mask = !evidence.without_sources;
    if !evidence.curated {
        mask &= !(Sources::CURATED.0 | Sources::ATTESTED.0);
    }
    let mut found: HashMap<&'static str, (Sources, Option<f32>)> = language
        .homographs
        .candidates(&suspect.form)
        .into_iter()
        .filter(|c| c.sources.0 & mask != 0)
        .map(|c| (c.original, (Sources(c.sources.0 & mask), None)))
        .collect();
    let vector = if evidence.embeddings { language.vectors.get(&suspect.form) } else { None };
    if let Some(vector) = &vector {
        for (word, (_, cosine)) in &mut found {
            *cosine = language.vectors.cosine(vector, word);
        }
        // For a form that is French as well, nearness alone is too weak a link to look at.
        let neighbours = if suspect.foreign { NEIGHBOURS } else { 0 };
        for (word, cosine) in language.vectors.nearest(vector, neighbours) {
            if cosine >= LEAST_COSINE {
                found.entry(word).or_insert((Sources(0), Some(cosine)));
            }
        }
    }
    let written = |word: &str| if suspect.capitalised { capitalise(word) } else { word.to_owned() };
    found
        .into_iter()
        .filter(|(original, _)| *original != suspect.form)
        .map(|(original, (sources, cosine))| {
            let frequency = language.frequencies.get(original);
            let prior = match sources.0 & !(Sources::CURATED.0 | Sources::ATTESTED.0) {
                0 if sources.is_curated() => CURATED_PRIOR,
                0 => NO_PRIOR,
                bits => Sources(bits).prior().log10(),
            };
            let flag = |on: bool| f32::from(u8::from(on));
            let features = [
                0.0,
                0.0,
                0.0,
                prior,
                cosine.unwrap_or(NO_COSINE),
                flag(sources.is_curated()),
                flag(words.contains(written(original).as_str())),
                flag(looks_plural(&suspect.form) != looks_plural(original)),
                frequency.fr + 5.0,
                frequency.en + 5.0,
            ];
            Ranked { original, score: 0.0, share: 0.0, features, gain: 0.0, sources, vetoes: 0 }
        })
        .collect()
}

/// Adds what one place says to features 0 to 2.
fn add_occurrence(view: &View<'_>, suspect: &Suspect, occurrence: &Occurrence, ranked: &mut [Ranked]) {
    let lexicon = &view.language.lexicon;
    let before = view.model_before(occurrence.first);
    let after = view.model_after(occurrence.last);
    let spun: Vec<_> = suspect.form.split(' ').map(|w| view.look_up(w)).collect();
    let as_it_stands = view.language.model.fit(before, &spun, &after);
    let word_before = view.word_before(occurrence.first);
    let farther = if occurrence.first > 0 { view.word_before(occurrence.first - 1) } else { "".into() };
    let demand = agreement::demand([&farther, &word_before], &view.word_after(occurrence.last), lexicon);
    for candidate in ranked {
        candidate.features[0] +=
            view.language.model.fit(before, &[view.look_up(candidate.original)], &after) - as_it_stands;
        if !elision::agrees(&word_before, candidate.original) {
            candidate.features[1] += 1.0;
            candidate.vetoes += 1;
        } else if lexicon.get(candidate.original).is_some_and(|f| !agreement::fits(f, demand)) {
            candidate.features[2] += 1.0;
            candidate.vetoes += 1;
        }
    }
}

/// Whether an English word (or a French one spelt alike) has the look of a plural.
fn looks_plural(word: &str) -> bool {
    word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is")
}

/// The word with its first letter in upper case.
pub fn capitalise(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
