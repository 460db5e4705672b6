//! A finding: one artifact located in a text, what should stand there, how sure, and why.

use super::category::Category;
use crate::text::offset::{Raw, Span};
use serde::{Deserialize, Serialize};

/// The measured chance that a proposal is right, between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(from = "f32", into = "f32")]
#[schemars(with = "f32")]
pub struct Confidence {
    right: f32,
    // A guess at what stood in a damaged place is less sure than that it is damaged. Not in records.
    damaged: f32,
}

impl Confidence {
    /// A confidence; values outside 0..=1 and NaN are brought inside.
    pub const fn new(right: f32) -> Self {
        Self::of_guess(right, right)
    }

    /// The confidence in a guess at what stood in a place that is damaged with a chance that is no less.
    pub const fn of_guess(right: f32, damaged: f32) -> Self {
        let right = inside(right);
        let damaged = inside(damaged);
        Self { right, damaged: if damaged > right { damaged } else { right } }
    }

    /// The chance that the proposal is right.
    pub const fn value(self) -> f32 {
        self.right
    }

    /// The chance that the place is damaged at all.
    pub const fn damaged(self) -> f32 {
        self.damaged
    }
}

impl From<f32> for Confidence {
    fn from(right: f32) -> Self {
        Self::new(right)
    }
}

impl From<Confidence> for f32 {
    fn from(confidence: Confidence) -> Self {
        confidence.right
    }
}

/// The nearest chance. `f32::clamp` would keep NaN.
const fn inside(value: f32) -> f32 {
    if value >= 1.0 {
        1.0
    } else if value > 0.0 {
        value
    } else {
        0.0
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_lie_between_nought_and_one_and_damage_is_no_less_likely_than_its_repair() {
        assert_eq!(Confidence::new(f32::NAN), Confidence::new(0.0));
        assert_eq!(Confidence::new(3.0), Confidence::of_guess(1.0, 0.5));
        let guess = Confidence::of_guess(0.4, 0.9);
        assert_eq!((guess.value(), guess.damaged()), (0.4, 0.9));
        assert_eq!(serde_json::to_value(Confidence::of_guess(0.5, 0.75)).ok(), Some(serde_json::json!(0.5)));
        assert_eq!(serde_json::from_str::<Confidence>("0.5").ok(), Some(Confidence::new(0.5)));
    }
}
