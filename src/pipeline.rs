//! The whole story, in order: read this first.
//!
//! ```text
//!  Document ──scan──▶ findings ──repair──▶ clean text + ledger ──segment──▶ segments ──translate──▶ records
//!             rules/            repair.rs                     text/segment           translate/, align/
//! ```
//!
//! A [`Pipeline`] is built once and shared by all threads; each document goes through it on its own, except that
//! translation takes the segments of many documents together, because batches are what makes it fast.

use crate::record::{Record, ToolRecord};
use crate::repair::{Policy, Repaired, Repairer};
use crate::rules::context::UserLexicon;
use crate::text::document::{Document, Lang};
use crate::text::unit::OffsetUnit;

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
    unit: OffsetUnit,
}

impl Pipeline {
    /// Prepares the stages that repair. Cheap: tables are opened in place, not parsed.
    pub fn new(options: PipelineOptions) -> Self {
        Self { repairer: Repairer::new(options.lang, options.policy, options.user), unit: options.unit }
    }

    /// Stage 1 and 2: finds the artifacts of one document and applies those that are sure.
    pub fn repair(&self, document: &Document) -> Repaired {
        self.repairer.repair(&document.raw)
    }

    /// The record of a document that was repaired but not translated.
    pub fn record(&self, document: &Document, repaired: &Repaired) -> Record {
        let langs = (self.repairer.lang().code(), None);
        Record::new(document, repaired, &[], langs, self.unit, self.tool())
    }

    /// What made a record: this version, these rules.
    pub fn tool(&self) -> ToolRecord {
        ToolRecord {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rules: self.repairer.rules_digest(),
            model: None,
        }
    }
}
