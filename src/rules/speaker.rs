//! `agreement`: a machine writes "we" as men, since English does not say; French hears it in every adjective.

use super::{Candidate, Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::language::lexicon::{Agreement, Lexicon};
use crate::text::document::Lang;
use crate::text::offset::{Raw, Span};
use regex::Regex;
use std::sync::LazyLock;

/// Whoever else is meant, the speaker knows; so it stays a suggestion.
const SUGGESTED: f32 = 0.8;

/// Somebody who says that she is one of several women.
static WOMEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:moi et (?:d['’]autres|les autres|mes|ces)|nous,? les(?: autres)?) (?:jeunes )?(?:femmes|filles|mères|sœurs|étudiantes|militantes|infirmières|ouvrières|musulmanes|afghanes|iraniennes)\b",
    )
    .expect("a constant")
});
/// What she says of all of them in the same sentence.
static WE_ARE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\bnous (?:sommes|étions|serons|serions|fûmes|avons été|avions été) (?:(?:très|plus|moins|toujours|déjà|si|trop|aussi|bien) )?(\p{L}+)")
        .expect("a constant")
});

/// Suggests the feminine where women speak of themselves.
pub struct Women;

impl Rule for Women {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "agreement/women-speaking",
            category: Category::Agreement,
            summary: "“nous” are women in this sentence, and what is said of them is masculine: the feminine is suggested",
            lang: Lang::Fr,
            fires: &[
                Example {
                    damaged: "« Moi et d’autres femmes avons dit au maire que nous étions prêts à partir. »",
                    repaired: "« Moi et d’autres femmes avons dit au maire que nous étions prêtes à partir. »",
                },
                Example {
                    damaged: "Nous, les filles, savons que nous sommes toujours surveillés par quelqu’un.",
                    repaired: "Nous, les filles, savons que nous sommes toujours surveillées par quelqu’un.",
                },
            ],
            silent: &[
                "Moi et d’autres femmes avons dit que nous étions prêtes. Nous étions fatigués, mon mari et moi.",
                "Moi et mes amis avons dit que nous étions prêts.",
                "Nous, les femmes, et nos frères avons dit que nous étions responsables ensemble.",
            ],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec!["moi et ", "nous les ", "nous, les "]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let Some(language) = &context.resources.language else { return };
        for women in WOMEN.find_iter(context.text) {
            let rest = &context.text[women.end()..];
            let sentence = &rest[..rest.find(['.', '!', '?', '\n']).unwrap_or(rest.len())];
            for said in WE_ARE.captures_iter(sentence) {
                let Some(word) = said.get(1) else { continue };
                let Some(feminine) = feminine(word.as_str(), &language.lexicon) else { continue };
                let span: Span<Raw> = Span::new(women.end() + word.start(), women.end() + word.end());
                out.push(Finding {
                    span,
                    category: self.info().category,
                    rule: self.info().id,
                    proposal: Proposal::Replace(feminine.clone()),
                    confidence: Confidence::new(SUGGESTED),
                    why: vec![format!("“{}” says who “nous” are", women.as_str())],
                    candidates: vec![Candidate { text: feminine, score: 0.0 }],
                });
            }
        }
    }
}

/// The feminine plural of what can only be a masculine plural; `None` for anything else.
fn feminine(word: &str, lexicon: &Lexicon) -> Option<String> {
    let agreement = |form: &str| lexicon.get(form).map(|f| f.adjective().or(f.participle()));
    let own = agreement(word)?;
    if !own.meets(Agreement::MP) || own.meets(Agreement::FP) {
        return None;
    }
    let stem = word.strip_suffix(['s', 'x'])?;
    [format!("{stem}es"), format!("{stem}ses")]
        .into_iter()
        .find(|form| agreement(form).is_some_and(|a| a.meets(Agreement::FP)))
}
