//! The whole story, in order: read this first.
//!
//! ```text
//!  Document ──scan──▶ findings ──repair──▶ clean text + ledger ──segment──▶ segments ──translate──▶ records
//!             rules/            repair.rs                     text/segment           translate/, align/
//! ```
//!
//! A [`Pipeline`] is built once and shared by all threads; each document goes through it on its own, except that
//! translation takes the segments of many documents together, because batches are what makes it fast.

use crate::damage;
use crate::models::ModelError;
use crate::models::store;
use crate::record::{AlignedSegment, Record, ToolRecord};
use crate::repair::{Edit, Policy, Repaired, Repairer, Status};
use crate::rules::context::UserLexicon;
use crate::rules::spun;
use crate::text::document::{Document, Lang};
use crate::text::ledger::{Ledger, Replacement};
use crate::text::offset::{Clean, Span};
use crate::text::segment::{Segment, segment};
use crate::text::unit::OffsetUnit;
use crate::translate::device::EngineOptions;
use crate::translate::reading::Reading;
use crate::translate::{self, Translation, Translator};

/// What a pipeline does and how.
#[derive(Debug, Clone, Default)]
pub struct PipelineOptions {
    /// Language of the documents.
    pub lang: Lang,
    /// How much evidence an edit needs, and which rules may speak.
    pub policy: Policy,
    /// The user's own words.
    pub user: UserLexicon,
    /// The unit of offsets in records.
    pub unit: OffsetUnit,
}

/// The stages, ready to run.
pub struct Pipeline {
    repairer: Repairer,
    translator: Option<Translator>,
    unit: OffsetUnit,
}

impl Pipeline {
    /// Prepares the stages that repair. Cheap: tables are opened in place, not parsed.
    pub fn new(options: PipelineOptions) -> Self {
        let repairer = Repairer::new(options.lang, options.policy, options.user);
        Self { repairer, translator: None, unit: options.unit }
    }

    /// Adds translation by a model: a name from the store or a directory (`fr-en` is the one that is built in).
    ///
    /// # Errors
    /// [`ModelError`] when there is no such model, its files are not what its card says, or it cannot run as asked.
    pub fn with_model(mut self, name: &str, options: EngineOptions) -> Result<Self, ModelError> {
        let engine = translate::open(&store::find(name)?, options)?;
        self.translator = Some(Translator::new(engine, options.threads));
        Ok(self)
    }

    /// The whole job for some documents: repair, segment, translate together, align. One record for each, in order.
    pub fn run(&self, documents: &[Document]) -> Vec<Record> {
        let everything = damage::Range { least: 0.0, most: 1.0 };
        self.run_within(documents, everything)
    }

    /// The same for the documents whose damage score lies in a range; the others are left out.
    pub fn run_within(&self, documents: &[Document], range: damage::Range) -> Vec<Record> {
        let (kept, repaired): (Vec<&Document>, Vec<Repaired>) = documents
            .iter()
            .map(|d| (d, self.repair(d)))
            .filter(|(d, repaired)| range.admits(&d.raw, &repaired.edits))
            .unzip();
        let scores: Vec<f32> =
            kept.iter().zip(&repaired).map(|(d, r)| damage::score(&d.raw, &r.edits)).collect();
        let mut records = self.finish(&kept, repaired);
        records.iter_mut().zip(scores).for_each(|(record, score)| record.damage = Some(score));
        records
    }

    /// Translation without repair: the clean text is the raw text.
    pub fn translate(&self, documents: &[Document]) -> Vec<Record> {
        let untouched =
            |d: &Document| Repaired { clean: d.raw.clone(), ledger: Ledger::default(), edits: vec![] };
        let all: Vec<&Document> = documents.iter().collect();
        self.finish(&all, documents.iter().map(untouched).collect())
    }

    /// Stages 3 to 5: segments the clean texts, translates all segments together, and builds the records.
    fn finish(&self, documents: &[&Document], repaired: Vec<Repaired>) -> Vec<Record> {
        let cut: Vec<Vec<Segment>> = repaired.iter().map(|r| segment(&r.clean)).collect();
        let mut translations = self.translations(&repaired, &cut).into_iter();
        let langs = (self.repairer.lang().code(), self.translator.as_ref().map(|_| "en"));
        documents
            .iter()
            .zip(repaired.iter().zip(cut))
            .map(|(document, (repaired, segments))| {
                let aligned: Vec<AlignedSegment> = segments
                    .iter()
                    .zip(translations.by_ref())
                    .map(|(segment, translation)| aligned_segment(segment, translation))
                    .collect();
                Record::new(document, repaired, &aligned, langs, self.unit, self.tool())
            })
            .collect()
    }

    /// The translations of all segments, each as the engine reads it; empty ones where no model was asked for.
    fn translations(&self, repaired: &[Repaired], cut: &[Vec<Segment>]) -> Vec<Translation> {
        let Some(translator) = &self.translator else {
            return vec![Translation::default(); cut.iter().map(Vec::len).sum()];
        };
        let of_document = |(r, segments): (_, &Vec<Segment>)| readings(r, segments);
        let sources: Vec<(&str, Option<Reading>)> = repaired.iter().zip(cut).flat_map(of_document).collect();
        let read: Vec<&str> =
            sources.iter().map(|(text, reading)| reading.as_ref().map_or(*text, Reading::text)).collect();
        let translations = translator.translate(&read).into_iter().zip(&sources);
        translations
            .map(|(translation, (text, reading))| match reading {
                Some(reading) => reading.of_source(text, translation),
                None => translation,
            })
            .collect()
    }

    /// Stage 1 and 2: finds the artifacts of one document and applies those that are sure.
    pub fn repair(&self, document: &Document) -> Repaired {
        self.repairer.repair(&document.raw)
    }

    /// The record of a document that was repaired but not translated.
    pub fn record(&self, document: &Document, repaired: &Repaired) -> Record {
        let langs = (self.repairer.lang().code(), None);
        let mut record = Record::new(document, repaired, &[], langs, self.unit, self.tool());
        record.damage = Some(damage::score(&document.raw, &repaired.edits));
        record
    }

    /// What made a record: this version, these rules.
    pub fn tool(&self) -> ToolRecord {
        ToolRecord {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rules: self.repairer.rules_digest().to_owned(),
            model: self.translator.as_ref().map(Translator::identity),
        }
    }
}

/// The segments of a document, and how the engine shall read those with spun words for which repair suggests something.
fn readings<'r>(repaired: &'r Repaired, segments: &[Segment]) -> Vec<(&'r str, Option<Reading>)> {
    // In the order of the text, as the edits are.
    let guesses: Vec<(Span<Clean>, &str)> = repaired
        .edits
        .iter()
        .filter(|edit| edit.status == Status::Suggested)
        .filter_map(|Edit { finding, .. }| {
            let place = repaired.ledger.to_clean(finding.span);
            let text = finding.proposal.replacement()?;
            spun::is_better_read(finding, place.of(&repaired.clean)).then_some((place, text))
        })
        .collect();
    let read = |segment: &Segment| {
        let Span { start, end, .. } = segment.span;
        let first = guesses.partition_point(|(place, _)| place.start < start);
        let inside = guesses[first..].iter().take_while(|(place, _)| place.start < end);
        let words = inside.filter(|(place, _)| place.end <= end).map(|&(place, text)| Replacement {
            span: Span::new(place.start - start, place.end - start),
            text: text.to_owned(),
        });
        let text = segment.span.of(&repaired.clean);
        (text, Reading::new(text, words.collect()))
    };
    segments.iter().map(read).collect()
}

fn aligned_segment(segment: &Segment, translation: Translation) -> AlignedSegment {
    AlignedSegment {
        kind: segment.kind.name().to_owned(),
        clean: segment.span,
        target: translation.target,
        pairs: translation.pairs,
        source_tokens: translation.source_tokens,
        target_tokens: translation.target_tokens,
        score: translation.score,
        flags: translation.flags,
    }
}
