//! Spun English: phrases of English text that only a synonym spinner writes (`regulation enforcement`, `blood strain`).
//!
//! English has no French around it that would still agree with the lost word, so only phrases speak: a table of fixed
//! ones, and names with one word replaced. A weak phrase needs another one in the document.

use super::super::{Candidate, Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use super::rank::{self, capitalise};
use super::view::fold;
use crate::text::document::Lang;
use crate::text::offset::Span;
use crate::text::token::TokenKind;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Words of a phrase at most.
const LONGEST: usize = 5;
/// Confidence of a phrase that good English does not have.
const SURE: f32 = 0.93;
/// Confidence of a weak phrase beside others.
const WEAK_TOGETHER: f32 = 0.8;
/// Confidence of a weak phrase alone.
const WEAK_ALONE: f32 = 0.4;

/// What a phrase stands for, and whether it is enough on its own.
struct Phrase {
    original: &'static str,
    sure: bool,
}

static PHRASES: LazyLock<HashMap<&'static str, Phrase>> = LazyLock::new(|| {
    include_str!("../../../data/spun_english.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let (spun, original, strength) = (fields.next()?, fields.next()?, fields.next()?);
            Some((spun, Phrase { original, sure: strength == "sure" }))
        })
        .collect()
});

static FIRST_WORDS: LazyLock<std::collections::HashSet<&'static str>> =
    LazyLock::new(|| PHRASES.keys().filter_map(|p| p.split(' ').next()).collect());

/// `spun/english`: see the module.
pub struct English;

static INFO: RuleInfo = RuleInfo {
    id: "spun/english",
    category: Category::SpunEnglish,
    summary: "restores English phrases that a synonym spinner replaced word by word",
    lang: Lang::En,
    fires: &[
        Example {
            damaged: "He told the Wall Avenue Journal that regulation enforcement was late.",
            repaired: "He told the Wall Street Journal that law enforcement was late.",
        },
        Example {
            damaged: "High blood strain can lead to a coronary heart assault.",
            repaired: "High blood pressure can lead to a heart attack.",
        },
    ],
    silent: &[
        "The front entrance of the automotive museum is on Wall Street.",
        "address: '2393 South Main Avenue', city: 'Ogden, UT 84511'",
        "The patient was moved to another page of the New York Times.",
    ],
};

impl Rule for English {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let mut hits = Vec::new();
        let mut at = 0;
        while at < context.tokens.len() {
            match longest(context, at) {
                Some((last, phrase)) => {
                    hits.push((at, last, phrase));
                    at = last + 1;
                }
                None => at += 1,
            }
        }
        let together = hits.len() > 1;
        for (first, last, phrase) in hits {
            let span = Span::new(context.tokens[first].span.start, context.tokens[last].span.end);
            if context.is_protected(span) {
                continue;
            }
            let text = cased(context, first, last, phrase.original);
            let confidence = match (phrase.sure, together) {
                (true, _) => SURE,
                (false, true) => WEAK_TOGETHER,
                (false, false) => WEAK_ALONE,
            };
            let mut why =
                vec![format!("“{}” is what spinners make of “{}”", context.slice(span), phrase.original)];
            if together {
                why.push("other spun phrases in the document".to_owned());
            }
            out.push(Finding {
                span,
                category: Category::SpunEnglish,
                rule: INFO.id,
                candidates: vec![Candidate { text: text.clone(), score: confidence }],
                proposal: Proposal::Replace(text),
                confidence: Confidence::new(confidence),
                why,
            });
        }
    }
}

/// The longest phrase that begins at token `at`: its last token and what it stands for.
fn longest(context: &Context<'_>, at: usize) -> Option<(usize, &'static Phrase)> {
    let token = context.tokens.get(at).filter(|t| t.kind == TokenKind::Word)?;
    let mut words = fold(token.text(context.text)).into_owned();
    if !FIRST_WORDS.contains(words.as_str()) {
        return None;
    }
    let mut found = None;
    for last in at + 1..(at + LONGEST).min(context.tokens.len()) {
        let (previous, token) = (&context.tokens[last - 1], &context.tokens[last]);
        if token.kind != TokenKind::Word || context.text.get(previous.span.end..token.span.start) != Some(" ")
        {
            break;
        }
        words.push(' ');
        words.push_str(&fold(token.text(context.text)));
        found = PHRASES.get(words.as_str()).map(|p| (last, p)).or(found);
    }
    found
}

/// The original in the case of the phrase: every word Capitalised, only the first, or as the table has it.
fn cased(context: &Context<'_>, first: usize, last: usize, original: &str) -> String {
    let capital =
        |i: usize| context.tokens[i].text(context.text).chars().next().is_some_and(char::is_uppercase);
    if (first..=last).all(capital) {
        let words: Vec<String> = original.split(' ').map(capitalise).collect();
        words.join(" ")
    } else {
        rank::cased(original, capital(first))
    }
}
