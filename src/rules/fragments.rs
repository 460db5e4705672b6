//! `inline_fragment`: sentences cut where the page had a link, italics or an abbreviation.

use super::{Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::text::document::Lang;
use crate::text::offset::Span;
use regex::Regex;
use std::sync::LazyLock;

/// A full stop before a lower-case word, where the sentence goes on.
pub struct LowerCaseStart;

static CUT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?P<before>[\p{L}\d%»’-]{2,})(?P<cut>\. )(?P<after>\p{Ll}[\p{L}’'-]*)").expect("a constant")
});

/// Words that end in a stop of their own.
const ABBREVIATIONS: &[&str] = &[
    "etc", "cf", "art", "av", "apr", "env", "hab", "fig", "vol", "éd", "ed", "chap", "réf", "ref", "tél",
    "tel", "min", "max", "ex", "sq", "al", "inc", "ltd", "corp", "bd", "boul", "janv", "févr", "avr", "juil",
    "sept", "oct", "nov", "déc", "pp", "n°", "mme", "mr", "dr", "st", "ste", "prof", "gén", "col", "lt",
    "vs", "co", "no", "op", "cit", "ibid",
];

/// Infinitives of reporting verbs that a link left behind, with the participle that stood there.
const REPORTING: &[(&str, &str)] =
    &[("tweeter", "tweeté"), ("publier", "publié"), ("poster", "posté"), ("retweeter", "retweeté")];

/// Words that a clause cannot end with: what follows belongs to it.
const OPEN_ENDS: &[&str] = &[
    "le", "la", "les", "un", "une", "des", "de", "du", "à", "au", "aux", "dans", "sur", "par", "pour",
    "avec", "et", "ou", "que", "qui", "sans", "sous", "vers", "chez", "entre", "ce", "cette", "ces", "son",
    "sa", "ses", "leur",
];

impl Rule for LowerCaseStart {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "fragment/lower-case-start",
            category: Category::InlineFragment,
            summary: "a full stop before a lower-case word: the halves are joined when the first cannot end there, else it is suggested",
            lang: Lang::Fr,
            fires: &[
                Example {
                    damaged: "a affirmé Mujahid dans un communiqué. tweeter mardi.",
                    repaired: "a affirmé Mujahid dans un communiqué tweeté mardi.",
                },
                Example {
                    damaged: "Il vit dans le. centre de la ville.",
                    repaired: "Il vit dans le centre de la ville.",
                },
                Example {
                    damaged: "Il y vit depuis 35 ans. il y a des années.",
                    repaired: "Il y vit depuis 35 ans il y a des années.",
                },
            ],
            silent: &[
                "Le site lemonde.fr et l’appli d.velop sont en panne. iPhone et eBay aussi.",
                "Voir art. trois, cf. page deux, etc. puis.",
            ],
        };
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let cut = |at: usize| context.text[at + 2..].starts_with(char::is_lowercase);
        if !memchr::memmem::find_iter(context.text.as_bytes(), b". ").any(cut) {
            return;
        }
        for captures in CUT.captures_iter(context.text) {
            let (Some(before), Some(cut), Some(after)) =
                (captures.name("before"), captures.name("cut"), captures.name("after"))
            else {
                continue;
            };
            let last = before.as_str().to_lowercase();
            let brand = after.as_str().chars().skip(1).any(char::is_uppercase);
            if ABBREVIATIONS.contains(&last.as_str())
                || brand
                || context.is_protected(Span::new(cut.start(), after.end()))
            {
                continue;
            }
            let next = context.text[after.end()..].chars().next();
            if next == Some('.') {
                continue;
            }
            let participle = REPORTING.iter().find(|(infinitive, _)| *infinitive == after.as_str());
            let (end, replacement, confidence, why) = if let Some((infinitive, participle)) = participle {
                let why = format!("“{infinitive}” is what a link left of “{participle}”");
                (after.end(), format!(" {participle}"), 0.94, why)
            } else if OPEN_ENDS.contains(&last.as_str()) {
                (cut.end(), " ".to_owned(), 0.93, format!("a sentence cannot end with “{last}”"))
            } else {
                (cut.end(), " ".to_owned(), 0.6, "a full stop before a lower-case word".to_owned())
            };
            // The annotated span reaches to the end of a short stub; the stop that closes it stays.
            out.push(Finding {
                span: Span::new(cut.start(), end),
                category: Category::InlineFragment,
                rule: self.info().id,
                proposal: Proposal::Replace(replacement),
                confidence: Confidence::new(confidence),
                why: vec![why],
                candidates: vec![],
            });
        }
    }
}

/// `le cas. forcément` : a negation completed with a stub by the translator.
pub struct StubNegation;

static STUB: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"n’est pas(?P<stub> le cas\. )(?P<rest>(?:forcément|nécessairement|vraiment|toujours|encore|exactement) (?:un|une|le|la|les|de|du|des)\b)").expect("a constant")
});

impl Rule for StubNegation {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "fragment/stub-negation",
            category: Category::InlineFragment,
            summary: "“n’est pas le cas. forcément une …”: the stub that the translator put in is taken out",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "même si ce n’est pas le cas. forcément une surprise.",
                repaired: "même si ce n’est pas forcément une surprise.",
            }],
            silent: &["Ce n’est pas le cas. Forcément, il doute."],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec![" le cas. "]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for captures in STUB.captures_iter(context.text) {
            let Some(stub) = captures.name("stub") else { continue };
            out.push(Finding {
                span: Span::new(stub.start(), stub.end() - 1),
                category: Category::InlineFragment,
                rule: self.info().id,
                proposal: Proposal::Delete,
                confidence: Confidence::new(0.94),
                why: vec!["a negation goes on in lower case after “le cas.”".to_owned()],
                candidates: vec![],
            });
        }
    }
}

/// Two time words in one clause: `mercredi – … – mercredi`.
pub struct RepeatedDay;

static DAY_AT_END: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"( [–-] (lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche))[.!?]").expect("a constant")
});

impl Rule for RepeatedDay {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "duplication/repeated-day",
            category: Category::Duplication,
            summary: "a day that a sentence names and that is tacked on again at its end is deleted",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "Ils ont été abattus mercredi près du port – mercredi.",
                repaired: "Ils ont été abattus mercredi près du port.",
            }],
            silent: &["Ouvert du lundi – vendredi.", "Il part mardi et revient – mercredi."],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec![
            "– lundi",
            "– mardi",
            "– mercredi",
            "– jeudi",
            "– vendredi",
            "– samedi",
            "– dimanche",
            "- lundi",
            "- mardi",
            "- mercredi",
            "- jeudi",
            "- vendredi",
            "- samedi",
            "- dimanche",
        ]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for captures in DAY_AT_END.captures_iter(context.text) {
            let (Some(tail), Some(day)) = (captures.get(1), captures.get(2)) else { continue };
            let sentence_start =
                context.text[..tail.start()].rfind(['.', '\n', '!', '?']).map_or(0, |i| i + 1);
            if context.text[sentence_start..tail.start()].contains(day.as_str()) {
                out.push(Finding {
                    span: Span::new(tail.start(), tail.end()),
                    category: Category::Duplication,
                    rule: self.info().id,
                    proposal: Proposal::Delete,
                    confidence: Confidence::new(0.93),
                    why: vec![format!("the sentence says “{}” already", day.as_str())],
                    candidates: vec![],
                });
            }
        }
    }
}

/// A paragraph that stands again within the next two.
pub struct RepeatedParagraph;

impl Rule for RepeatedParagraph {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "duplication/paragraph",
            category: Category::Duplication,
            summary: "a paragraph of six words or more that stands again within the next two is deleted",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "Les deux pilotes n’ont pas été blessés.\nLes deux pilotes n’ont pas été blessés.\nFin.",
                repaired: "Les deux pilotes n’ont pas été blessés.\nFin.",
            }],
            silent: &["Oui.\nOui.\nNon."],
        };
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let paragraphs: Vec<_> =
            context.lines.iter().filter(|l| !context.slice(**l).trim().is_empty()).collect();
        for (n, line) in paragraphs.iter().enumerate().skip(1) {
            let text = context.slice(**line).trim();
            let before = &paragraphs[n.saturating_sub(2)..n];
            let Some(first) = before.iter().find(|l| context.slice(***l).trim() == text) else { continue };
            if text.split_whitespace().count() >= 6 {
                out.push(Finding {
                    // From the end of what stands before it, so that no blank line stays behind.
                    span: Span::new(paragraphs[n - 1].end.max(first.end), line.end),
                    category: Category::Duplication,
                    rule: self.info().id,
                    proposal: Proposal::Delete,
                    confidence: Confidence::new(0.96),
                    why: vec!["the same paragraph stands just before".to_owned()],
                    candidates: vec![],
                });
            }
        }
    }
}
