//! Ranking the possible originals of a suspect form over all its occurrences.
//!
//! The tables name the candidates and how likely each was replaced by the form; the two language models, elision and
//! agreement say how well each fits where the form stands. The score is a weighted sum, and a softmax over the scores
//! is the chance of each. The weights are fitted by `scripts/resources/fit_ranker.py` on development spins.

use super::suspect::{Occurrence, Suspect};
use super::view::View;
use super::vocabulary::Vocabulary;
use crate::language::cloze::Guess;
use crate::language::homograph::{Homograph, Sources};
use crate::language::originals::Original;
use crate::language::topics::{Meaning, Topic, Topics};
use crate::language::{Language, agreement, elision};
use std::cell::OnceCell;

/// Logit assumed for a word that the cloze model cannot guess.
const NO_LOGIT: f32 = -2.0;

/// What a pair seen on pages gains in a document with others of them. Set by hand: only seed pages show it.
const FAMILIAR: f32 = 5.0;

/// Occurrences from which on more of them say no more: the documents that the weights were fitted on hardly have as many.
pub const MOST_COUNTED: usize = 4;

/// How many features a candidate has.
pub const FEATURES: usize = 19;
/// Names of the features, in order.
pub const FEATURE_NAMES: [&str; FEATURES] = [
    "model gain",
    "cloze logit",
    "elision clash",
    "agreement clash",
    "ln chance",
    "curated",
    "attested",
    "present unspun",
    "cannot be guessed",
    "log French frequency",
    "log English frequency",
    "sibling present",
    "ln chance if curated",
    "further",
    "ln chance if further",
    "word of the phrase",
    "closeness",
    "topic of the sentence",
    "topic of the text",
];
/// Place of the ln chance among them, and of the closeness.
pub const CHANCE: usize = 4;
/// See [`CHANCE`].
pub const CLOSENESS: usize = 16;
/// How many of them, from the first, are sums over the occurrences.
const POOLED: usize = 4;
/// Place of two more such sums: how near the candidate is to what the sentences are about, and the whole text.
const TOPIC: usize = FEATURES - 2;
/// Weights of the features.
const WEIGHTS: [f32; FEATURES] = [
    0.45, 0.39, -1.44, -1.08, 0.76, 0.33, 1.20, -2.51, 2.26, 0.46, -0.01, 0.60, -0.62, -1.00, 0.07, 0.60,
    0.55, 4.16, 3.49,
];

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
    /// Mean gain of the trigram model over the form as it stands, log10 per occurrence.
    pub gain: f32,
    /// Mean logit of the cloze model.
    pub logit: f32,
    /// Sources.
    pub sources: Sources,
    /// At how many occurrences elision or agreement rules it out.
    pub vetoes: usize,
    /// What the tables say of it.
    tables: Original,
}

impl Ranked {
    /// How near it is to what the sentences and the whole text are about, over all occurrences.
    pub fn on_topic(&self) -> f32 {
        self.features[TOPIC..].iter().sum()
    }
}

/// Candidates, best first, and how well the form itself fits where it first stands.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// The candidates.
    pub ranked: Vec<Ranked>,
    /// The cloze model's logit of the form as it stands; `None` when it cannot be guessed, or is not asked.
    pub own_logit: Option<f32>,
    /// As [`Ranked::on_topic`], of the form as it stands; 0 for a phrase, and where the cloze model is not asked.
    pub own_topic: f32,
}

/// Switches for measuring what each kind of evidence is worth. All on by default.
#[derive(Debug, Clone, Copy)]
pub struct Evidence {
    /// Both language models.
    pub model: bool,
    /// The neural one of them.
    pub cloze: bool,
    /// Elision and agreement.
    pub agreement: bool,
    /// Pooling over the document.
    pub vote: bool,
    /// Word vectors and translations; without them the thesauri speak alone.
    pub embeddings: bool,
    /// Curated pairs.
    pub curated: bool,
    /// Dropping hopeless suspects before the neural model reads them; off only to gather what to fit by.
    pub skim: bool,
}

impl Default for Evidence {
    fn default() -> Self {
        Self {
            model: true,
            cloze: true,
            agreement: true,
            vote: true,
            embeddings: true,
            curated: true,
            skim: true,
        }
    }
}

/// What the document as a whole says to a ranking.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// The words of the text.
    pub words: &'a Vocabulary,
    /// What it is about, once that was asked for.
    pub topic: &'a OnceCell<Topic>,
    /// Whether several spun forms of the text are known from pages of one spinner: then its other pairs are likely.
    pub familiar: bool,
}

/// Ranks the candidates of a suspect, best first: the `most` that the tables name first. `occurrences` are the ones to
/// pool.
pub fn rank(
    view: &View<'_>,
    suspect: &Suspect,
    occurrences: &[Occurrence],
    document: Document<'_>,
    evidence: Evidence,
    most: usize,
) -> Ranking {
    let mut ranked = pool(view, suspect, document.words, evidence, most);
    let Language { cloze, topics, .. } = view.language;
    let (mut own_logit, mut own_topic) = (None, 0.0);
    for (n, occurrence) in occurrences.iter().enumerate() {
        let reading = (evidence.model && evidence.cloze).then(|| {
            let (guess, sentence) = view.guess(occurrence.first, occurrence.last);
            Reading { guess, sentence, text: document.topic.get_or_init(|| view.topic()) }
        });
        if let Some(reading) = &reading {
            let own = view.look_up(&suspect.form);
            if n == 0 {
                own_logit = cloze.target(own).map(|own| reading.guess.logit(own));
            }
            own_topic += reading.likeness(topics, topics.meaning(own)).iter().sum::<f32>();
        }
        add_occurrence(view, suspect, occurrence, reading.as_ref(), &mut ranked);
    }
    let n = occurrences.len().max(1) as f32;
    // Occurrences resemble each other, so their evidence adds up more slowly than their number, and soon no more.
    let pooled = (occurrences.len().clamp(1, MOST_COUNTED) as f32).sqrt() / n;
    let scale = if evidence.embeddings { pooled } else { 0.0 };
    for candidate in &mut ranked {
        candidate.gain = candidate.features[0] / n;
        candidate.logit = candidate.features[1] / n;
        for feature in &mut candidate.features[..POOLED] {
            *feature *= pooled;
        }
        candidate.features[TOPIC..].iter_mut().for_each(|feature| *feature *= scale);
        if !evidence.model {
            candidate.features[0] = 0.0;
        }
        if !evidence.agreement {
            candidate.features[2..POOLED].fill(0.0);
            candidate.vetoes = 0;
        }
        candidate.score = candidate.features.iter().zip(WEIGHTS).map(|(f, w)| f * w).sum();
        if document.familiar && candidate.sources.is_attested() {
            candidate.score += FAMILIAR;
        }
    }
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.original.cmp(b.original)));
    let best = ranked.first().map_or(0.0, |c| c.score);
    let total: f32 = ranked.iter().map(|c| (c.score - best).exp()).sum();
    for candidate in &mut ranked {
        candidate.share = (candidate.score - best).exp() / total.max(1e-9);
    }
    Ranking { ranked, own_logit, own_topic: scale * own_topic }
}

/// The candidates with the features that do not depend on the place.
fn pool(
    view: &View<'_>,
    suspect: &Suspect,
    words: &Vocabulary,
    evidence: Evidence,
    most: usize,
) -> Vec<Ranked> {
    let language = view.language;
    // One more, since the form itself may be among them. Without word vectors some are not admitted.
    let listed = if evidence.embeddings { most.saturating_add(1) } else { usize::MAX };
    view.first_candidates(&suspect.form, listed)
        .into_iter()
        .filter_map(|candidate| admitted(candidate, evidence))
        .filter(|c| {
            c.original != suspect.form && (c.sources.is_curated() || !is_same_word(c.original, &suspect.form))
        })
        .take(most)
        .filter_map(|candidate| {
            let flag = |on: bool| f32::from(u8::from(on));
            let tables = language.originals.get(&candidate, language)?;
            let Homograph { original, chance, sources, closeness, .. } = candidate;
            let contained = suspect.form.split([' ', '-']).any(|word| word == original);
            let features = [
                0.0,
                0.0,
                0.0,
                0.0,
                chance,
                flag(sources.is_curated()),
                flag(sources.is_attested()),
                // A spinner replaces a word throughout, so what still stands there was not it; but the `site` of a
                // `web site` is the phrase's own.
                flag(words.has(original, suspect.capitalised) && !contained),
                flag(tables.target.is_none()),
                tables.frequency.fr + 5.0,
                tables.frequency.en + 5.0,
                flag(words.has_sibling(original, suspect.capitalised)),
                // What a table says of a pair that a person has listed counts for less.
                if sources.is_curated() { chance } else { 0.0 },
                // The first synonyms that came to mind are the likelier ones.
                flag(sources.is_further()),
                if sources.is_further() { chance } else { 0.0 },
                flag(contained),
                closeness,
                0.0,
                0.0,
            ];
            Some(Ranked {
                original,
                score: 0.0,
                share: 0.0,
                features,
                gain: 0.0,
                logit: 0.0,
                sources,
                vetoes: 0,
                tables,
            })
        })
        .collect()
}

/// Whether a form is hardly a synonym of a word, but the same one: its plural or singular (`skis` of ski), or a hyphenated
/// word with it as a part (`apt-get` of apt).
fn is_same_word(original: &str, form: &str) -> bool {
    let is_plural = |long: &str, short: &str| long.strip_suffix(['s', 'x']) == Some(short);
    is_plural(form, original) || is_plural(original, form) || form.split('-').any(|part| part == original)
}

/// The candidate as far as the evidence that is switched on speaks for it.
fn admitted(mut candidate: Homograph, evidence: Evidence) -> Option<Homograph> {
    if !evidence.curated {
        candidate.sources.0 &= !Sources::LISTED.0;
        candidate.closeness = 0.0;
    }
    if !evidence.embeddings {
        candidate.sources.0 &= Sources::THESAURI.0 | Sources::LISTED.0;
        candidate.chance = 2.0 * Sources(candidate.sources.0 & Sources::THESAURI.0).prior().max(0.01).ln();
        if candidate.sources.0 == 0 {
            return None;
        }
    }
    Some(candidate)
}

/// What is made of one place by the models that read its whole sentence.
struct Reading<'a> {
    guess: Guess<'a>,
    /// What the sentence is about.
    sentence: Topic,
    /// What the whole text is about.
    text: &'a Topic,
}

impl Reading<'_> {
    /// How near a word is to what the sentence is about, and the text.
    fn likeness(&self, topics: &Topics, meaning: Meaning) -> [f32; 2] {
        [&self.sentence, self.text].map(|topic| topics.likeness(meaning, topic))
    }
}

/// Adds what one place says to the features that are summed.
fn add_occurrence(
    view: &View<'_>,
    suspect: &Suspect,
    occurrence: &Occurrence,
    reading: Option<&Reading<'_>>,
    ranked: &mut [Ranked],
) {
    let before = view.model_before(occurrence.first);
    let after = view.model_after(occurrence.last);
    let spun: Vec<_> = suspect.form.split(' ').map(|w| view.look_up(w)).collect();
    let as_it_stands = view.language.model.fit(before, &spun, &after);
    let word_before = view.word_before(occurrence.first);
    let farther = if occurrence.first > 0 { view.word_before(occurrence.first - 1) } else { "".into() };
    let demand = agreement::demand(
        [&farther, &word_before],
        [&view.word_after(occurrence.last), &view.word_after(occurrence.last + 1)],
        |word| view.features(word),
    );
    let onset = elision::demand(&word_before);
    let gap = view.language.model.gap(before, &after);
    for candidate in ranked {
        let Original { word, target, grammar, elided_before, .. } = candidate.tables;
        candidate.features[0] += gap.fit(word) - as_it_stands;
        if let Some(reading) = reading {
            let near = reading.likeness(&view.language.topics, candidate.tables.meaning);
            candidate.features[TOPIC..].iter_mut().zip(near).for_each(|(sum, near)| *sum += near);
            candidate.features[1] += target.map_or(NO_LOGIT, |target| reading.guess.logit(target));
        }
        if !onset.allows(elided_before) {
            candidate.features[2] += 1.0;
            candidate.vetoes += 1;
        } else if !agreement::fits(grammar, demand) {
            candidate.features[3] += 1.0;
            candidate.vetoes += 1;
        }
    }
}

/// A lower-case word, Capitalised if what it replaces is.
pub fn cased(word: &str, capitalised: bool) -> String {
    if capitalised { capitalise(word) } else { word.to_owned() }
}

/// The word with its first letter in upper case.
pub fn capitalise(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
