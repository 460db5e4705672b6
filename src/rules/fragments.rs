//! `inline_fragment`: sentences cut where the page had a link, italics or an abbreviation.

use super::spun::view::View;
use super::{Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::text::document::Lang;
use crate::text::offset::Span;
use regex::Regex;
use std::sync::LazyLock;

/// A full stop before a lower-case word, where the sentence goes on.
pub struct LowerCaseStart;

const LOWER_CASE_START: &str = "fragment/lower-case-start";

static CUT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?P<before>[\p{L}\d%»’-]{2,})(?P<cut>\. )(?P<after>\p{Ll}[\p{L}’'-]*)").expect("a constant")
});

/// Words that end in a stop of their own.
const ABBREVIATIONS: &[&str] = &[
    "etc", "cf", "art", "av", "apr", "env", "hab", "fig", "vol", "éd", "ed", "chap", "réf", "ref", "tél",
    "tel", "min", "max", "ex", "sq", "al", "inc", "ltd", "corp", "bd", "boul", "janv", "févr", "avr", "juil",
    "sept", "oct", "nov", "déc", "pp", "n°", "mme", "mr", "dr", "st", "ste", "prof", "gén", "col", "lt",
    "vs", "co", "no", "op", "cit", "ibid", "jr", "sr",
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

/// What the language model gains (log10) when the stop before the token at `after` goes: the words on both sides of it
/// as one sentence against two. Zero without a model.
fn gain_of_joining(context: &Context<'_>, after: usize) -> f32 {
    let Some(view) = View::of(context) else { return 0.0 };
    let at = context.tokens.partition_point(|t| t.span.start < after);
    let Some(stop) = at.checked_sub(1) else { return 0.0 };
    let (before, following) = (view.model_before(stop), view.model_after(stop));
    let (model, full_stop) = (&view.language.model, view.look_up("."));
    let joined = model.fit(before, &following, &[]);
    let first = model.fit(before, &[full_stop, model.end()], &[]);
    let second = model.fit([model.start(), model.start()], &following, &[]);
    joined - first - second
}

/// Confidence that the halves belong together. Set on the pages of the seeds and on clean development text; never
/// enough to apply by itself, since a lost capital looks the same.
fn confidence_of_joining(gain: f32) -> f32 {
    (0.6 + 0.06 * gain).clamp(0.2, 0.85)
}

impl Rule for LowerCaseStart {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: LOWER_CASE_START,
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
                    damaged: "Des combats pour la ville. dernières 24 heures, dit-il.",
                    repaired: "Des combats pour la ville au cours des 24 dernières heures, dit-il.",
                },
                Example {
                    damaged: "Il y vit depuis 35 ans. il y a des années.",
                    repaired: "Il y vit depuis 35 ans il y a des années.",
                },
            ],
            silent: &[
                "Le site lemonde.fr et l’appli d.velop sont en panne. iPhone et eBay aussi.",
                "Voir art. trois, cf. page deux, etc. puis.",
                "Un temple bâti en 25 av. J-C. pour sa famille, un autre en 12 av. J.-C. sans doute.",
            ],
        };
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let cut = |at: usize| {
            let rest = &context.text[at + 1..];
            rest.strip_prefix(' ').is_some_and(|after| after.starts_with(char::is_lowercase))
        };
        if !memchr::memchr_iter(b'.', context.text.as_bytes()).any(cut) {
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
            // `J.-C.` and `J-C.`
            let initials = last.split('-').all(|part| part.chars().count() <= 1);
            if ABBREVIATIONS.contains(&last.as_str())
                || initials
                || brand
                || context.is_protected(Span::new(cut.start(), after.end()))
            {
                continue;
            }
            let next = context.text[after.end()..].chars().next();
            if next == Some('.') {
                continue;
            }
            if let Some(found) = LOST_SPAN.captures(&context.text[after.start()..]) {
                out.push(lost_span(&found, cut.start(), after.start()));
                continue;
            }
            let participle = REPORTING.iter().find(|(infinitive, _)| *infinitive == after.as_str());
            let (end, replacement, confidence, why) = if let Some((infinitive, participle)) = participle {
                let why = format!("“{infinitive}” is what a link left of “{participle}”");
                (after.end(), format!(" {participle}"), 0.94, why)
            } else if OPEN_ENDS.contains(&last.as_str()) {
                (cut.end(), " ".to_owned(), 0.93, format!("a sentence cannot end with “{last}”"))
            } else {
                let gain = gain_of_joining(context, after.start());
                let why =
                    format!("a full stop before a lower-case word; language model {gain:+.1} without it");
                (cut.end(), " ".to_owned(), confidence_of_joining(gain), why)
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

/// What an English stretch of time leaves when a link took its beginning: `. dernières 40 heures`.
static LOST_SPAN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(derniers|dernières|prochains|prochaines) (\d+) (heures|jours|nuits|semaines|mois|années|minutes)\b")
        .expect("a constant")
});

/// Suggests the stretch of time in French order, with the preposition that it lost.
fn lost_span(found: &regex::Captures<'_>, cut: usize, at: usize) -> Finding {
    let (adjective, number, unit) = (&found[1], &found[2], &found[3]);
    Finding {
        span: Span::new(cut, at + found[0].len()),
        category: Category::InlineFragment,
        rule: LOWER_CASE_START,
        proposal: Proposal::Replace(format!(" au cours des {number} {adjective} {unit}")),
        confidence: Confidence::new(0.7),
        why: vec!["a stretch of time in English order, without what led to it".to_owned()],
        candidates: vec![],
    }
}

/// `ils nous ont demandé ainsi qu’un soutien` : the object went with a link.
pub struct LostObject;

static NO_OBJECT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\b(?:a|ai|avons|avez|ont|avait|avaient|aura|auront|aurait|auraient) (?:demandé|reçu|obtenu|fourni|envoyé|promis|livré|exigé|réclamé) ainsi (?:qu[’'](?:un|une)|que (?:le|la|les|des|du))\b",
    )
    .expect("a constant")
});

impl Rule for LostObject {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "fragment/lost-object",
            category: Category::InlineFragment,
            summary: "a verb that takes an object, right before “ainsi que” and a second one: the first was lost, which is pointed at",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "Ils nous ont demandé ainsi qu’un soutien en armes.",
                repaired: "Ils nous ont demandé ainsi qu’un soutien en armes.",
            }],
            silent: &[
                "Ils ont demandé des vivres ainsi qu’un soutien en armes.",
                "Le maire a parlé ainsi que le préfet.",
            ],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec![" ainsi qu"]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for m in NO_OBJECT.find_iter(context.text) {
            out.push(Finding {
                span: Span::new(m.start(), m.end()),
                category: Category::InlineFragment,
                rule: self.info().id,
                proposal: Proposal::Flag,
                confidence: Confidence::new(0.7),
                why: vec!["a verb without its object before “ainsi que”".to_owned()],
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
        if context.lines.len() < 2 {
            return;
        }
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
