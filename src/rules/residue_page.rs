//! `page_residue`: what the page or the crawler left around the text.

use super::{Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::text::document::Lang;
use crate::text::offset::{Raw, Span};
use regex::Regex;
use std::sync::LazyLock;

fn finding(
    rule: &'static RuleInfo,
    span: Span<Raw>,
    proposal: Proposal,
    confidence: f32,
    why: &str,
) -> Finding {
    Finding {
        span,
        category: rule.category,
        rule: rule.id,
        proposal,
        confidence: Confidence::new(confidence),
        why: vec![why.to_owned()],
        candidates: vec![],
    }
}

/// Deletes ` date YYYY-MM ` at the start of a document.
pub struct CrawlPrefix;

static PREFIX: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^ ?date \d{4}-\d{2}(?:-\d{2})? ").expect("a constant"));

impl Rule for CrawlPrefix {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "page/crawl-prefix",
            category: Category::PageResidue,
            summary: "the crawler's ` date YYYY-MM ` at the start of a document is deleted",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: " date 2021-07 Les troupes avancent.",
                repaired: "Les troupes avancent.",
            }],
            silent: &["La date 2021-07-14 figure dans le registre.", "date 2021 de la fondation"],
        };
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        if !context.text.trim_start_matches(' ').starts_with("date ") {
            return;
        }
        if let Some(m) = PREFIX.find(context.text) {
            let span = Span::new(m.start(), m.end());
            out.push(finding(
                self.info(),
                span,
                Proposal::Delete,
                0.98,
                "the document starts with the crawler's date",
            ));
        }
    }
}

/// Deletes shortcodes such as `[/caption]`.
pub struct Shortcode;

static SHORTCODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"[ \t]?\[/?(?:caption|embed|gallery|youtube|vc_row|vc_column|video|audio|sc)\b[^\]\n]{0,200}\]",
    )
    .expect("a constant")
});

impl Rule for Shortcode {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "page/shortcode",
            category: Category::PageResidue,
            summary: "a shortcode of the page's editor, such as [/caption], is deleted",
            lang: Lang::Fr,
            fires: &[Example { damaged: "Le port vu du ciel. [/caption]", repaired: "Le port vu du ciel." }],
            silent: &["Il a dit [sic] oui.", "Voir la note [3]."],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec!["["]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for m in SHORTCODE.find_iter(context.text) {
            let span = Span::new(m.start(), m.end());
            out.push(finding(self.info(), span, Proposal::Delete, 0.97, "a shortcode of a page editor"));
        }
    }
}

/// Deletes a label such as `Avertissement:` that stands alone before an embedded post.
pub struct EmbedLabel;

const LABELS: &[&str] =
    &["Avertissement", "Attention", "Regardez", "Vidéo", "À lire aussi", "Lire aussi", "Publicité"];

impl Rule for EmbedLabel {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "page/embed-label",
            category: Category::PageResidue,
            summary: "a label alone on its line (“Avertissement:”) before an embedded post is deleted",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "Fin.\nAvertissement:\nDes morts à Kapisa pic.twitter.com/abc\n– Nom (@nom) 1er mai 2021",
                repaired: "Fin.\nDes morts à Kapisa pic.twitter.com/abc\n– Nom (@nom) 1er mai 2021",
            }],
            silent: &["Avertissement : des images peuvent choquer.", "Avertissement:\nle texte suit."],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec!["pic.twitter.com/", "(@"]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for (n, &line) in context.lines.iter().enumerate() {
            let text = context.slice(line).trim();
            let Some(label) = text.strip_suffix(':') else { continue };
            if !LABELS.contains(&label.trim_end()) {
                continue;
            }
            let next: Vec<&str> = context.lines[n + 1..]
                .iter()
                .map(|&l| context.slice(l))
                .filter(|l| !l.trim().is_empty())
                .take(2)
                .collect();
            let embeds = next.iter().any(|l| l.contains("pic.twitter.com/") || l.contains("(@"));
            if embeds {
                let end = context.lines.get(n + 1).map_or(line.end, |l| l.start);
                let why = "a label alone on its line, and an embedded post after it";
                // The annotators' span is the label; the line end goes with it so that no blank line stays.
                out.push(finding(self.info(), Span::new(line.start, end), Proposal::Delete, 0.95, why));
            }
        }
    }
}

/// Points at two headlines in one line: `… de la résistance « NE JAMAIS céder ! »`.
pub struct GluedHeadline;

static GLUED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?P<last>\p{Ll}{3,})(?P<gap> )[«“]\s?\p{Lu}{2,}\s\p{Lu}{2,}\s[^\n»”]{5,}[!?]\s?[»”]\s*$")
        .expect("a constant")
});

impl Rule for GluedHeadline {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "page/glued-headline",
            category: Category::PageResidue,
            summary: "a shouted quotation that ends the first line, after a noun and no mark: two headlines in one, which is pointed at",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "Une ville tenue par la résistance « NE JAMAIS céder à la peur ! »\n\nLe texte.",
                repaired: "Une ville tenue par la résistance « NE JAMAIS céder à la peur ! »\n\nLe texte.",
            }],
            silent: &[
                "Le maire a répondu « NE JAMAIS céder à la peur ! »\n\nLe texte.",
                "Le maire : « NE JAMAIS céder à la peur ! »\n\nLe texte.",
                "La foule crie « NON MERCI ! »",
            ],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec!["! »", "!\u{a0}»", "!\u{202f}»", "? »", "?\u{a0}»", "?\u{202f}»"]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let Some(&line) = context.lines.first() else { return };
        // A verb announces a quotation, and a line by itself is no headline.
        let (Some(language), true) = (&context.resources.language, context.lines.len() > 1) else { return };
        let Some(found) = GLUED.captures(context.slice(line)) else { return };
        let noun = language
            .lexicon
            .get(&found["last"])
            .is_some_and(|f| !f.noun().is_empty() && !f.is_finite_verb() && f.participle().is_empty());
        if let (true, Some(gap)) = (noun, found.name("gap")) {
            let span = Span::new(line.start + gap.start(), line.start + gap.end());
            out.push(finding(
                self.info(),
                span,
                Proposal::Flag,
                0.7,
                "a shouted quotation that nothing announces",
            ));
        }
    }
}
