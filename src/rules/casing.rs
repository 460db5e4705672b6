//! `casing`: capitals of an English source that the translation kept.

use super::{Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::text::document::Lang;
use crate::text::offset::Span;
use crate::text::token::TokenKind;

/// Articles and pronouns that a tabloid lead puts in capitals, with their usual form at the start of a text.
const LEADS: &[(&str, &str)] = &[
    ("LES", "Les"),
    ("LE", "Le"),
    ("LA", "La"),
    ("UN", "Un"),
    ("UNE", "Une"),
    ("DES", "Des"),
    ("ELLE", "Elle"),
    ("IL", "Il"),
    ("ILS", "Ils"),
    ("CES", "Ces"),
    ("CE", "Ce"),
    ("CETTE", "Cette"),
    ("DEUX", "Deux"),
    ("C’EST", "C’est"),
    ("NOUS", "Nous"),
    ("VOUS", "Vous"),
    ("PLUS", "Plus"),
    ("DANS", "Dans"),
    ("AVEC", "Avec"),
    ("QUAND", "Quand"),
    ("TROIS", "Trois"),
    ("SI", "Si"),
    ("LEUR", "Leur"),
    ("SON", "Son"),
    ("SA", "Sa"),
    ("MON", "Mon"),
    ("ON", "On"),
];

/// Nationality words left in English capitals, with the French adjective's stem and the endings it takes.
const NATIONS: &[(&str, &str)] = &[
    ("AFGHAN", "afghan"),
    ("AMERICAN", "américain"),
    ("MEXICAN", "mexicain"),
    ("AFRICAN", "africain"),
    ("IRANIAN", "iranien"),
    ("ITALIAN", "italien"),
    ("AUSTRALIAN", "australien"),
    ("CANADIAN", "canadien"),
    ("EGYPTIAN", "égyptien"),
    ("PAKISTANI", "pakistanais"),
    ("GERMAN", "allemand"),
    ("CHINESE", "chinois"),
    ("RUSSIAN", "russe"),
    ("BRITISH", "britannique"),
    ("SPANISH", "espagnol"),
    ("FRENCH", "français"),
    ("UKRAINIAN", "ukrainien"),
    ("SYRIAN", "syrien"),
    ("IRAQI", "irakien"),
    ("TURKISH", "turc"),
];

/// Whether a lower-case word is the English for a nationality.
pub(super) fn is_nation(word: &str) -> bool {
    NATIONS.iter().any(|(capitals, _)| capitals.eq_ignore_ascii_case(word))
}

/// Lowers the capitals of a lead: `LES talibans ont affirmé` → `Les talibans ont affirmé`.
pub struct Lead;

impl Rule for Lead {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "casing/lead",
            category: Category::Casing,
            summary: "an article or pronoun in capitals that opens a text in lower case gets its usual form",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "LES talibans ont affirmé cela.",
                repaired: "Les talibans ont affirmé cela.",
            }],
            silent: &[
                "LVMH et SFR sont cotées à Paris.",
                "LES TALIBANS AVANCENT",
                "LA Galaxy a gagné le match.",
            ],
        };
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let Some(first) = context.tokens.iter().find(|t| t.kind == TokenKind::Word) else { return };
        let word = first.text(context.text);
        let Some((_, usual)) = LEADS.iter().find(|(capitals, _)| *capitals == word) else { return };
        let line = context.lines.iter().find(|l| l.contains(&first.span)).copied().unwrap_or(first.span);
        let (_, tokens) = context.tokens_in(Span::new(first.span.end, line.end));
        let mut words = tokens.iter().filter(|t| t.kind == TokenKind::Word);
        let next_is_lower =
            words.next().is_some_and(|t| t.text(context.text).starts_with(char::is_lowercase));
        let enough = words.filter(|t| t.text(context.text).starts_with(char::is_lowercase)).count() >= 1;
        if next_is_lower && enough {
            out.push(Finding {
                span: first.span,
                category: Category::Casing,
                rule: self.info().id,
                proposal: Proposal::Replace((*usual).to_owned()),
                confidence: Confidence::new(0.96),
                why: vec!["the first word is in capitals and the text goes on in lower case".to_owned()],
                candidates: vec![],
            });
        }
    }
}

/// Inflects a nationality that stayed in English capitals: `forces spéciales AFGHAN` → `forces spéciales afghanes`.
pub struct Nationality;

/// Number and gender that an adjective before the nationality shows: (plural, feminine).
fn agreement(context: &Context<'_>, before: &str) -> (bool, bool) {
    let noun =
        context.resources.language.as_ref().is_some_and(|l| l.lexicon.contains(&before.to_lowercase()));
    let plural = noun && before.ends_with('s');
    let stem = before.trim_end_matches('s');
    let feminine = stem.ends_with("le")
        || stem.ends_with("ée")
        || stem.ends_with("ive")
        || stem.ends_with("ière")
        || matches!(stem, "force" | "troupe" | "armée" | "police" | "femme" | "famille" | "ville");
    (plural, feminine)
}

impl Rule for Nationality {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "casing/nationality",
            category: Category::Casing,
            summary: "a nationality left in English capitals is inflected as its noun asks",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "Les forces spéciales AFGHAN se disent encerclées.",
                repaired: "Les forces spéciales afghanes se disent encerclées.",
            }],
            silent: &["LES FORCES SPÉCIALES AFGHAN", "AMERICAN AIRLINES a annulé le vol."],
        };
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for n in context.listed().filter(|n| *n > 0) {
            let token = &context.tokens[n];
            let (before, word) = (context.tokens[n - 1].text(context.text), token.text(context.text));
            if !before.starts_with(char::is_lowercase) {
                continue;
            }
            let Some((_, stem)) = NATIONS.iter().find(|(capitals, _)| *capitals == word) else { continue };
            let (plural, feminine) = agreement(context, before);
            let mut adjective = (*stem).to_owned();
            if feminine && !adjective.ends_with('e') {
                adjective = match *stem {
                    s if s.ends_with("en") => format!("{s}ne"),
                    "turc" => "turque".to_owned(),
                    s => format!("{s}e"),
                };
            }
            if plural && !adjective.ends_with('s') {
                adjective.push('s');
            }
            out.push(Finding {
                span: token.span,
                category: Category::Casing,
                rule: self.info().id,
                proposal: Proposal::Replace(adjective),
                confidence: Confidence::new(0.92),
                why: vec![format!("an English nationality in capitals after the French word “{before}”")],
                candidates: vec![],
            });
        }
    }
}
