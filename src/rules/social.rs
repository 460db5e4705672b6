//! `social_residue`: what embedded posts leave in the text.

use super::{Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::text::document::Lang;
use crate::text::offset::Span;
use regex::Regex;
use std::sync::LazyLock;

/// Deletes `pic.twitter.com/…` at the end of a line, with a thread counter before it.
pub struct MediaLink;

static MEDIA: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?m)(?P<counter>(?:^|[ \t])\d{1,2}/\d{0,2})?(?P<space>[ \t]*)pic\.twitter\.com/\w+[ \t]*\r?$",
    )
    .expect("a constant")
});

impl Rule for MediaLink {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "social/media-link",
            category: Category::SocialResidue,
            summary: "a media link of a post at the end of a line is deleted, with its thread counter",
            lang: Lang::Fr,
            fires: &[
                Example {
                    damaged: "Bienvenue au Panjshir pic.twitter.com/NnfDVCpic0",
                    repaired: "Bienvenue au Panjshir.",
                },
                Example {
                    damaged: "Fin.\n1/2 pic.twitter.com/YqzLoB2RX8\nSuite.",
                    repaired: "Fin.\n\nSuite.",
                },
            ],
            silent: &["La page pic.twitter.com ne répond plus, constate l’ingénieur."],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec!["pic.twitter.com/"]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for m in MEDIA.find_iter(context.text) {
            let end = m.start() + m.as_str().trim_end().len();
            let before = &context.text[..m.start()];
            let open = before.chars().next_back().is_some_and(|c| c.is_alphanumeric());
            out.push(Finding {
                span: Span::new(m.start(), end),
                category: Category::SocialResidue,
                rule: self.info().id,
                proposal: if open { Proposal::Replace(".".to_owned()) } else { Proposal::Delete },
                confidence: Confidence::new(0.97),
                why: vec!["a media link at the end of an embedded post".to_owned()],
                candidates: vec![],
            });
        }
    }
}

/// Points at `– Name (@handle) date`.
pub struct Attribution;

static ATTRIBUTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^[–—-][ \t\u{a0}]*[^\n@()]{1,80}\(@\w{1,20}\)[^\n]{0,40}\d{4}[ \t]*\r?$")
        .expect("a constant")
});

impl Rule for Attribution {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "social/attribution",
            category: Category::SocialResidue,
            summary: "the line that signs an embedded post is pointed at, and kept",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "– Natiq Malik (@natiqm) 1er septembre 2021",
                repaired: "– Natiq Malik (@natiqm) 1er septembre 2021",
            }],
            silent: &["Son compte, @lemondefr, compte 10 millions d’abonnés.", "– Oui, dit-il."],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec!["(@"]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for m in ATTRIBUTION.find_iter(context.text) {
            out.push(Finding {
                span: Span::new(m.start(), m.start() + m.as_str().trim_end().len()),
                category: Category::SocialResidue,
                rule: self.info().id,
                proposal: Proposal::Flag,
                confidence: Confidence::new(0.96),
                why: vec!["the signature of an embedded post: name, handle, date".to_owned()],
                candidates: vec![],
            });
        }
    }
}

/// Suggests the plain word for a hashtag used as a word, and `en 24 heures` for `/24h`, in an embedded post.
pub struct PostShorthand;

static SHORTHAND: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:^|[\s(])(#\w+)|( ?/ ?24h)\b").expect("a constant"));

impl Rule for PostShorthand {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "social/shorthand",
            category: Category::SocialResidue,
            summary: "in an embedded post, a hashtag used as a word or a shorthand: the plain words are suggested",
            lang: Lang::Fr,
            fires: &[
                Example {
                    damaged: "135 tués à #Kapisa /24h.\n– Nom (@nom) 1er mai 2021",
                    repaired: "135 tués à Kapisa en 24 heures.\n– Nom (@nom) 1er mai 2021",
                },
                Example {
                    damaged: "12 #Pompier blessés.\n– Nom (@nom) 1er mai 2021",
                    repaired: "12 pompiers blessés.\n– Nom (@nom) 1er mai 2021",
                },
            ],
            silent: &["Le mot-dièse #MeToo a fait le tour du monde."],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec!["(@"]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for (n, &line) in context.lines.iter().enumerate() {
            let text = context.slice(line);
            let signed =
                context.lines[n + 1..].iter().take(2).any(|&l| ATTRIBUTION.is_match(context.slice(l)));
            if !signed && !text.contains("pic.twitter.com/") {
                continue;
            }
            for captures in SHORTHAND.captures_iter(text) {
                let Some(m) = captures.get(1).or(captures.get(2)) else { continue };
                let replacement = match m.as_str().strip_prefix('#') {
                    None => " en 24 heures".to_owned(),
                    Some(word) => {
                        counted(context, &text[..m.start()], word).unwrap_or_else(|| word.to_owned())
                    }
                };
                out.push(Finding {
                    span: Span::new(line.start + m.start(), line.start + m.end()),
                    category: Category::SocialResidue,
                    rule: self.info().id,
                    proposal: Proposal::Replace(replacement),
                    confidence: Confidence::new(0.6),
                    why: vec!["a shorthand of posts, in a line that is one".to_owned()],
                    candidates: vec![],
                });
            }
        }
    }
}

/// A hashtag that follows a number of two or more and is a common noun, as that noun in the plural.
fn counted(context: &Context<'_>, before: &str, word: &str) -> Option<String> {
    let number: u32 = before.trim_end().rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    let lexicon = &context.resources.language.as_ref()?.lexicon;
    let singular = word.to_lowercase();
    let plural = format!("{}s", singular.trim_end_matches('s'));
    let noun = |form: &str| lexicon.get(form).is_some_and(|f| !f.noun().is_empty());
    (number >= 2 && noun(&singular) && noun(&plural)).then_some(plural)
}
