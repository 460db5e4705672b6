//! `quote_mark`: quotation marks that point the wrong way or never close.

use super::{Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::text::document::Lang;
use crate::text::offset::Span;
use regex::Regex;
use std::sync::LazyLock;

/// Turns a closing mark after an elision into an opening one: `qu' »un` → `qu’« un`.
pub struct AfterElision;

static AFTER_ELISION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)\b(?P<word>qu|d|l|j|n|s|m|t|c|jusqu|lorsqu|puisqu)(?P<apostrophe>['’])(?P<mark>[ \u{a0}\u{202f}]?[»”][ \u{a0}\u{202f}]?)(?P<quoted>\w[^«»“”\n]{0,300}?)(?P<close>[ \u{a0}\u{202f}]?[»”"])"#,
    )
    .expect("a constant")
});

impl Rule for AfterElision {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "quotes/after-elision",
            category: Category::QuoteMark,
            summary: "a closing mark after an elision, with its real closing mark later, becomes an opening one",
            lang: Lang::Fr,
            fires: &[
                Example {
                    damaged: "la définition d'”inclusif” en usage",
                    repaired: "la définition d’«\u{a0}inclusif\u{a0}» en usage",
                },
                Example {
                    damaged: "il dit qu' »un accord » est proche",
                    repaired: "il dit qu’«\u{a0}un accord\u{a0}» est proche",
                },
            ],
            silent: &["Il parle d’« inclusion ».", "« J’ai vu l’homme » dit-il."],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec![
            "'»",
            "’»",
            "'”",
            "’”",
            "' »",
            "’ »",
            "' ”",
            "’ ”",
            "'\u{a0}»",
            "’\u{a0}»",
            "'\u{a0}”",
            "’\u{a0}”",
            "'\u{202f}»",
            "’\u{202f}»",
            "'\u{202f}”",
            "’\u{202f}”",
        ]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for captures in AFTER_ELISION.captures_iter(context.text) {
            let (Some(whole), Some(quoted), Some(word), Some(close)) =
                (captures.get(0), captures.name("quoted"), captures.name("word"), captures.name("close"))
            else {
                continue;
            };
            // The short form covers the quoted words; a long quotation keeps its own closing mark.
            let short = quoted.len() <= 40;
            let (end, tail) = if short {
                (whole.end(), format!("{}\u{a0}»", quoted.as_str()))
            } else {
                (quoted.start(), String::new())
            };
            let _ = close;
            out.push(Finding {
                span: Span::new(whole.start(), end),
                category: Category::QuoteMark,
                rule: self.info().id,
                proposal: Proposal::Replace(format!("{}’«\u{a0}{tail}", word.as_str())),
                confidence: Confidence::new(0.95),
                why: vec!["a closing mark right after an elision, and another that really closes".to_owned()],
                candidates: vec![],
            });
        }
    }
}

/// Closes a quotation that opens a paragraph and is not taken up again.
pub struct Unclosed;

impl Rule for Unclosed {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "quotes/unclosed",
            category: Category::QuoteMark,
            summary: "a quotation that fills a paragraph, never closes and is not continued: closing it is suggested",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "« Nous restons ici.\n\nLe ministre est parti.",
                repaired: "« Nous restons ici.\u{a0}»\n\nLe ministre est parti.",
            }],
            silent: &["« Nous restons.\n\n« Nous ne partirons pas. »", "« Oui », dit-il.\n\nIl part."],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec!["«"]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let paragraphs: Vec<_> =
            context.lines.iter().filter(|l| !context.slice(**l).trim().is_empty()).collect();
        let balance = |text: &str| text.matches('«').count() as isize - text.matches('»').count() as isize;
        for pair in paragraphs.windows(2) {
            let (text, next) = (context.slice(*pair[0]), context.slice(*pair[1]).trim_start());
            let body = text.trim_end();
            let open = balance(text) == 1 && body.rfind('«') > body.rfind('»');
            if !open
                || next.starts_with(['«', '»', '“', '–', '-'])
                || balance(next) != 0
                || !body.ends_with(['.', '!', '?'])
            {
                continue;
            }
            let stop = body.chars().next_back().map_or(1, char::len_utf8);
            let end = pair[0].start + body.len();
            out.push(Finding {
                span: Span::new(end - stop, end),
                category: Category::QuoteMark,
                rule: self.info().id,
                proposal: Proposal::Replace(format!("{}\u{a0}»", &body[body.len() - stop..])),
                confidence: Confidence::new(0.85),
                why: vec![
                    "the quotation opens, never closes, and the next paragraph does not go on with it"
                        .to_owned(),
                ],
                candidates: vec![],
            });
        }
    }
}
