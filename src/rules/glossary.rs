//! `[glossary]` of the settings: the user's own pairs of a damaged form and what it stands for.

use super::{Candidate, Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::rules::spun::rank::capitalise;
use crate::text::document::Lang;
use crate::text::offset::Span;

/// The user is sure of it.
const SURE: f32 = 0.99;

/// Puts back what the user's glossary says, in texts of one language.
pub struct Glossary {
    info: &'static RuleInfo,
}

impl Glossary {
    /// For French texts.
    pub const fn french() -> Self {
        static INFO: RuleInfo = RuleInfo {
            id: "user/glossary",
            category: Category::SpinnerHomograph,
            summary: "replaces the forms that [glossary] in retouche.toml lists, in lower case and Capitalised",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "Aucun gizmotype ne convient. Gizmotype refusé.",
                repaired: "Aucun prototype ne convient. Prototype refusé.",
            }],
            silent: &["Aucun gizmotypes ni GIZMOTYPE."],
        };
        Self { info: &INFO }
    }

    /// For English texts.
    pub const fn english() -> Self {
        static INFO: RuleInfo = RuleInfo {
            id: "user/glossary-en",
            category: Category::SpunEnglish,
            summary: "replaces the forms that [glossary] in retouche.toml lists, in lower case and Capitalised",
            lang: Lang::En,
            fires: &[Example {
                damaged: "No gizmotype will do. Gizmotype refused.",
                repaired: "No prototype will do. Prototype refused.",
            }],
            silent: &["No gizmotypes and no GIZMOTYPE."],
        };
        Self { info: &INFO }
    }
}

impl Rule for Glossary {
    fn info(&self) -> &'static RuleInfo {
        self.info
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for (damaged, meant) in &context.user.glossary {
            let capitalised = capitalise(damaged);
            let mut forms = vec![(damaged.clone(), meant.clone())];
            if capitalised != *damaged {
                forms.push((capitalised, capitalise(meant)));
            }
            for (form, text) in forms.iter().filter(|(form, _)| !form.is_empty()) {
                for (at, _) in context.text.match_indices(form.as_str()) {
                    let span = Span::new(at, at + form.len());
                    if context.stands_alone(span) && !context.is_protected(span) {
                        out.push(Finding {
                            span,
                            category: self.info.category,
                            rule: self.info.id,
                            proposal: Proposal::Replace(text.clone()),
                            confidence: Confidence::new(SURE),
                            why: vec!["the glossary of the settings says so".to_owned()],
                            candidates: vec![Candidate { text: text.clone(), score: 0.0 }],
                        });
                    }
                }
            }
        }
    }
}
