//! `typography`: mojibake, and spaces that a machine lost or put in. French typography itself (« », ’, no-break
//! spaces) is never damage.

use super::{Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::text::document::Lang;
use crate::text::offset::Span;
use crate::text::token::{Token, TokenKind};
use regex::Regex;
use std::sync::LazyLock;

/// Repairs text that was decoded with the wrong table: `Ã©` → `é`.
pub struct Mojibake;

/// Runs of characters that UTF-8 bytes give when they are read as Windows-1252.
static SUSPECT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:[ÂÃ][\u{80}-\u{bf}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€[\u{80}-\u{bf}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ])+",
    )
    .expect("a constant")
});

impl Rule for Mojibake {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "typography/mojibake",
            category: Category::Typography,
            summary: "text decoded with the wrong table is decoded again",
            lang: Lang::Fr,
            fires: &[
                Example { damaged: "L'Ã©tÃ© dernier", repaired: "L'été dernier" },
                Example { damaged: "câ€™est fini", repaired: "c’est fini" },
            ],
            silent: &["L’été, « Noël », ÂGE et PÂTE.", "SÃO Paulo et João"],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec!["Ã", "Â", "â€"]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        // Only the decoding: French typography (’ « ») must stay as it is.
        let config = plsfix::TextFixerConfig { uncurl_quotes: false, ..plsfix::TextFixerConfig::default() };
        for m in SUSPECT.find_iter(context.text) {
            let fixed = plsfix::fix_text(m.as_str(), Some(&config));
            if fixed != m.as_str() && fixed.chars().count() < m.as_str().chars().count() {
                out.push(Finding {
                    span: Span::new(m.start(), m.end()),
                    category: Category::Typography,
                    rule: self.info().id,
                    proposal: Proposal::Replace(fixed),
                    confidence: Confidence::new(0.97),
                    why: vec!["UTF-8 bytes that were read as Windows-1252".to_owned()],
                    candidates: vec![],
                });
            }
        }
    }
}

/// Puts back the space before a colon that introduces a quotation: `Le gardien: « …` .
pub struct ColonSpace;

static COLON: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\p{L}(:)[ \u{a0}]?«").expect("a constant"));

impl Rule for ColonSpace {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "typography/colon-space",
            category: Category::Typography,
            summary: "the no-break space before a colon that introduces a quotation is put back",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "Elle a déclaré: « Je pars. »",
                repaired: "Elle a déclaré\u{a0}: « Je pars. »",
            }],
            silent: &["Elle a déclaré : « Je pars. »", "À 10:30, il part."],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec![": «", ":\u{a0}«", ":«"]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for captures in COLON.captures_iter(context.text) {
            let Some(m) = captures.get(1) else { continue };
            out.push(Finding {
                span: Span::new(m.start(), m.end()),
                category: Category::Typography,
                rule: self.info().id,
                proposal: Proposal::Replace("\u{a0}:".to_owned()),
                confidence: Confidence::new(0.85),
                why: vec!["French puts a space before a colon".to_owned()],
                candidates: vec![],
            });
        }
    }
}

/// Takes out the space after an elision: `l' homme` → `l'homme`.
pub struct ElisionSpace;

static ELISION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|[\s(«])(?:l|d|j|qu|n|jusqu|lorsqu)['’]([ \u{a0}]+)[aeiouyhâàéèêëîïôûœæ]\p{L}+")
        .expect("a constant")
});

impl Rule for ElisionSpace {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "typography/elision-space",
            category: Category::Typography,
            summary: "a space after an elided article or conjunction is taken out",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "Il dit qu’ elle voit l' homme.",
                repaired: "Il dit qu’elle voit l'homme.",
            }],
            silent: &["Il dit qu’« elle » voit l’homme.", "La note d' A."],
        };
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let is_apart =
            |pair: &[Token]| pair[0].kind == TokenKind::Elision && pair[1].span.start > pair[0].span.end;
        if !context.tokens.windows(2).any(is_apart) {
            return;
        }
        let spaces: Vec<_> = ELISION.captures_iter(context.text).filter_map(|c| c.get(1)).collect();
        // A machine puts such spaces throughout; a single one may be a writer's slip.
        let confidence = if spaces.len() > 1 { 0.95 } else { 0.85 };
        for m in spaces {
            out.push(Finding {
                span: Span::new(m.start(), m.end()),
                category: Category::Typography,
                rule: self.info().id,
                proposal: Proposal::Delete,
                confidence: Confidence::new(confidence),
                why: vec!["an elided word is written together with the next".to_owned()],
                candidates: vec![],
            });
        }
    }
}
