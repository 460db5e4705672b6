//! The rules: one artifact family a file, each rule declared once.
//!
//! A rule says what it is ([`RuleInfo`], with texts that must fire and texts that must not) and scans one text.
//! [`registry`] lists them all; adding a rule touches its own file and one line there. `docs/rules.md` shows how.

pub mod calque;
pub mod caption;
pub mod casing;
pub mod category;
pub mod context;
pub mod facts;
pub mod finding;
pub mod fragments;
pub mod gate;
pub mod glossary;
pub mod lexical;
pub mod loans;
pub mod names;
pub mod quotes;
pub mod registry;
pub mod residue_page;
pub mod social;
pub mod speaker;
pub mod spun;
pub mod typography;
pub mod variants;

pub use category::Category;
pub use context::Context;
pub use finding::{Candidate, Confidence, Finding, Proposal};

/// A damaged text and what the rule makes of it, as documentation and as a test.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// The damaged text.
    pub damaged: &'static str,
    /// The text with this rule's proposals applied, whatever their confidence; equal to `damaged` for a flag.
    pub repaired: &'static str,
}

/// What a rule is: its identity, purpose and examples.
#[derive(Debug)]
pub struct RuleInfo {
    /// Identity, `family/name`; stable, since records and settings name it.
    pub id: &'static str,
    /// What kind of damage it finds.
    pub category: Category,
    /// One line: what it looks for and what it does.
    pub summary: &'static str,
    /// The language whose texts it reads.
    pub lang: crate::text::document::Lang,
    /// Texts in which it must find something.
    pub fires: &'static [Example],
    /// Clean texts in which it must find nothing.
    pub silent: &'static [&'static str],
}

/// One detector of damage.
pub trait Rule: Send + Sync {
    /// What the rule is.
    fn info(&self) -> &'static RuleInfo;

    /// Strings of which a text must hold one (ASCII case aside) for the rule to have anything to say, so that clean
    /// texts cost nothing ([`gate`]). Empty, the default, for a rule that must always look.
    fn needs(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Appends the findings of one text to `out`. Spans must lie on character boundaries of `context.text`.
    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>);
}
