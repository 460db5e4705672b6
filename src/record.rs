//! The record: what retouche says about one document, as JSON. The schema in `docs/record.schema.json` is generated
//! from these types and a test keeps it so.

use crate::repair::{Edit, Repaired, Status};
use crate::rules::{Candidate, Category, Confidence};
use crate::text::document::Document;
use crate::text::offset::{Clean, Raw, Source, Span, Target};
use crate::text::unit::{OffsetMap, OffsetUnit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One document: raw text, clean text, what was changed and why, and the aligned segments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Identity of the document.
    pub id: String,
    /// The unit that every offset in this record counts.
    pub offsets: OffsetUnit,
    /// Language of `raw` and `clean` (ISO 639-1).
    pub source_lang: String,
    /// Language of the targets; absent when nothing was translated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target_lang: Option<String>,
    /// The text as read.
    pub raw: String,
    /// The repaired text.
    pub clean: String,
    /// The chance that the page was spun or machine-translated, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub damage: Option<f32>,
    /// Applied edits and suggestions, in order of their place in `raw`.
    pub edits: Vec<EditRecord>,
    /// The segments of `clean`, in order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub segments: Vec<SegmentRecord>,
    /// The input record's other fields, untouched.
    #[serde(skip_serializing_if = "Map::is_empty", default)]
    pub meta: Map<String, Value>,
    /// What made this record.
    pub tool: ToolRecord,
}

/// One edit or suggestion; `start` and `end` point into `raw`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EditRecord {
    /// First unit of the span in `raw`.
    pub start: usize,
    /// One past its last unit.
    pub end: usize,
    /// What stands there in `raw`.
    pub before: String,
    /// What stands there in `clean`, or would; null when the finding only points.
    pub after: Option<String>,
    /// Kind of damage.
    pub category: Category,
    /// The rule that found it.
    pub rule: String,
    /// How sure, 0 to 1.
    pub confidence: Confidence,
    /// `applied` or `suggested`.
    pub status: Status,
    /// The reasons.
    pub why: Vec<String>,
    /// Other possible originals, best first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub candidates: Vec<Candidate>,
}

/// One segment: a stretch of the clean text and its translation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SegmentRecord {
    /// Running number within the document, from 0.
    pub n: usize,
    /// What the segment is (`body`, `heading`, `caption`, …).
    pub kind: String,
    /// Its span in `raw`.
    pub raw: [usize; 2],
    /// Its span in `clean`.
    pub clean: [usize; 2],
    /// Its text, equal to `clean` under that span.
    pub source: String,
    /// Its translation.
    pub target: String,
    /// Word alignment in Pharaoh format: `source-target` pairs of token numbers.
    pub alignment: String,
    /// Span of each source word within `source`.
    pub source_tokens: Vec<[usize; 2]>,
    /// Span of each target word within `target`.
    pub target_tokens: Vec<[usize; 2]>,
    /// The engine's score, if it gives one (mean log-probability of a target piece).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub score: Option<f32>,
    /// What the checks found wrong with the translation, and `suggestion_read` where the engine read what was only suggested
    /// for a spun word; empty when all is well.
    pub flags: Vec<String>,
}

/// What made a record, so that it can be made again.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ToolRecord {
    /// Version of retouche.
    pub version: String,
    /// Digest of the rules and their tables.
    pub rules: String,
    /// The model that translated, `pair/name@sha256…`; absent when nothing was translated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<String>,
}

/// A segment in the library's own types, before conversion to the output unit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AlignedSegment {
    /// What the segment is.
    pub kind: String,
    /// Its span in the clean text.
    pub clean: Span<Clean>,
    /// Its translation.
    pub target: String,
    /// Alignment pairs: indices into `source_tokens` and `target_tokens`, sorted.
    pub pairs: Vec<(usize, usize)>,
    /// Source words.
    pub source_tokens: Vec<Span<Source>>,
    /// Target words.
    pub target_tokens: Vec<Span<Target>>,
    /// Mean log-probability of a target piece.
    pub score: Option<f32>,
    /// What the checks found.
    pub flags: Vec<String>,
}

impl Record {
    /// Builds the record of one document.
    pub fn new(
        document: &Document,
        repaired: &Repaired,
        segments: &[AlignedSegment],
        langs: (&str, Option<&str>),
        unit: OffsetUnit,
        tool: ToolRecord,
    ) -> Self {
        let raw_map = OffsetMap::new(&document.raw, unit);
        let clean_map = OffsetMap::new(&repaired.clean, unit);
        Self {
            id: document.id.clone(),
            offsets: unit,
            source_lang: langs.0.to_owned(),
            target_lang: langs.1.map(str::to_owned),
            raw: document.raw.clone(),
            clean: repaired.clean.clone(),
            damage: None,
            edits: repaired.edits.iter().map(|e| EditRecord::new(e, &document.raw, &raw_map)).collect(),
            segments: segments
                .iter()
                .enumerate()
                .map(|(n, s)| segment_record(n, s, repaired, (&raw_map, &clean_map)))
                .collect(),
            meta: document.meta.clone(),
            tool,
        }
    }
}

impl EditRecord {
    /// One edit of the text `raw`, in the unit of `map`.
    pub fn new(edit: &Edit, raw: &str, map: &OffsetMap) -> Self {
        let f = &edit.finding;
        let [start, end] = map.span::<Raw>(f.span);
        Self {
            start,
            end,
            before: f.span.of(raw).to_owned(),
            after: f.proposal.replacement().map(str::to_owned),
            category: f.category,
            rule: f.rule.to_owned(),
            confidence: f.confidence,
            status: edit.status,
            why: f.why.clone(),
            candidates: f.candidates.clone(),
        }
    }
}

fn segment_record(
    n: usize,
    segment: &AlignedSegment,
    repaired: &Repaired,
    (raw_map, clean_map): (&OffsetMap, &OffsetMap),
) -> SegmentRecord {
    let source = segment.clean.of(&repaired.clean);
    let source_map = OffsetMap::new(source, clean_map.unit());
    let target_map = OffsetMap::new(&segment.target, clean_map.unit());
    let pairs: Vec<String> = segment.pairs.iter().map(|(s, t)| format!("{s}-{t}")).collect();
    SegmentRecord {
        n,
        kind: segment.kind.clone(),
        raw: raw_map.span(repaired.ledger.to_raw(segment.clean)),
        clean: clean_map.span(segment.clean),
        source: source.to_owned(),
        target: segment.target.clone(),
        alignment: pairs.join(" "),
        source_tokens: segment.source_tokens.iter().map(|&s| source_map.span(s)).collect(),
        target_tokens: segment.target_tokens.iter().map(|&s| target_map.span(s)).collect(),
        score: segment.score,
        flags: segment.flags.clone(),
    }
}
