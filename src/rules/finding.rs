//! A finding: one artifact located in a text, what should stand there, how sure, and why.

use super::category::Category;
use crate::text::offset::{Raw, Span};
use serde::{Deserialize, Serialize};

/// The measured chance that a proposal is right, between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Confidence(f32);

impl Confidence {
    /// A confidence; values outside 0..=1 and NaN are brought inside.
    pub const fn new(value: f32) -> Self {
        // `f32::clamp` would keep NaN.
        Self(if value >= 1.0 {
            1.0
        } else if value > 0.0 {
            value
        } else {
            0.0
        })
    }

    /// The chance as a number.
    pub const fn value(self) -> f32 {
        self.0
    }
}

/// What a finding proposes to do with its span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// Put this text there.
    Replace(String),
    /// Take the span out of the clean text; the ledger keeps it.
    Delete,
    /// Only point at it: never applied.
    Flag,
}

impl Proposal {
    /// The text that would stand in the clean text; `None` when the finding only points.
    pub fn replacement(&self) -> Option<&str> {
        match self {
            Self::Replace(text) => Some(text),
            Self::Delete => Some(""),
            Self::Flag => None,
        }
    }
}

/// One possible original of a damaged word, with the score it was ranked by (higher is better; unit of the rule).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Candidate {
    /// The text that may have stood there.
    pub text: String,
    /// Its score.
    pub score: f32,
}

/// One artifact located in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Where, in the text that was scanned.
    pub span: Span<Raw>,
    /// What kind of damage.
    pub category: Category,
    /// Which rule found it.
    pub rule: &'static str,
    /// What to do.
    pub proposal: Proposal,
    /// How sure.
    pub confidence: Confidence,
    /// The reasons, for a person, most telling first.
    pub why: Vec<String>,
    /// Other possible originals, best first. May be empty.
    pub candidates: Vec<Candidate>,
}
