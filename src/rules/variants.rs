//! `names/variants`: one name spelt two ways within a document.

use super::{Candidate, Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::rules::names::distance;
use crate::text::document::Lang;
use crate::text::offset::{Raw, Span};
use crate::text::token::TokenKind;
use std::collections::BTreeMap;

/// Letters of a name at least: short names differ by a letter and are two names.
const LEAST_LETTERS: usize = 9;
/// How many times as often the one spelling must occur as the other.
const MAJORITY: usize = 2;
/// A suggestion: two people may bear nearly the same name.
const SUGGESTED: f32 = 0.6;

/// Suggests the spelling that most of the document uses.
pub struct Variants;

impl Rule for Variants {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "names/variants",
            category: Category::NameMalformed,
            summary: "a name of two words that the document spells otherwise twice as often, by a letter or two, is pointed out",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "Le général Hassan Rouhanni parle. Puis Hassan Rouhani sort, et Hassan Rouhani revient.",
                repaired: "Le général Hassan Rouhani parle. Puis Hassan Rouhani sort, et Hassan Rouhani revient.",
            }],
            silent: &[
                "Jean Martin et Jeanne Martin se marient, puis Jean Martin part.",
                "Hassan Rouhani sort, et Hassan Rouhani revient.",
                "La Guerre mondiale et les Guerres mondiales, la Guerre mondiale.",
            ],
        };
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let mut places: Vec<Span<Raw>> = Vec::new();
        for pair in context.capitalised_pairs() {
            let span = Span::new(pair[0].span.start, pair[1].span.end);
            if pair[1].span.start == pair[0].span.end + 1
                && span.len() >= LEAST_LETTERS
                && pair.iter().all(|t| t.kind == TokenKind::Word)
                && context.text.as_bytes()[pair[0].span.end] == b' '
            {
                places.push(span);
            }
        }
        // The usual spelling stands at least as often as this, the other once.
        if places.len() <= MAJORITY {
            return;
        }
        let mut names: BTreeMap<&str, Vec<Span<Raw>>> = BTreeMap::new();
        for span in places {
            names.entry(span.of(context.text)).or_default().push(span);
        }
        for (name, places) in &names {
            let usual = names
                .iter()
                .find(|(other, others)| others.len() >= MAJORITY * places.len() && is_variant(name, other));
            let Some((usual, others)) = usual else { continue };
            for &span in places.iter().filter(|span| !context.is_protected(**span)) {
                out.push(Finding {
                    span,
                    category: Category::NameMalformed,
                    rule: self.info().id,
                    proposal: Proposal::Replace((*usual).to_owned()),
                    confidence: Confidence::new(SUGGESTED),
                    why: vec![format!("the document writes “{usual}” {} times", others.len())],
                    candidates: vec![Candidate { text: (*usual).to_owned(), score: 0.0 }],
                });
            }
        }
    }
}

/// Whether two names are one, spelt two ways: one word the same, the other off by a letter or two inside it. Endings
/// are left out of it: they are inflection (`Guerre mondiale`, `Jean` and `Jeanne`).
fn is_variant(a: &str, b: &str) -> bool {
    let (Some((a1, a2)), Some((b1, b2))) = (a.split_once(' '), b.split_once(' ')) else { return false };
    let near = |x: &str, y: &str| {
        let long = x.chars().count().min(y.chars().count()) >= 5;
        let same_start = x.chars().take(2).eq(y.chars().take(2));
        let inflected = x.trim_end_matches(['s', 'e', 'x']) == y.trim_end_matches(['s', 'e', 'x']);
        long && same_start && !inflected && distance(x, y) <= 2 && 4 * distance(x, y) < x.len().max(y.len())
    };
    a != b && ((a1 == b1 && near(a2, b2)) || (a2 == b2 && near(a1, b1)))
}
