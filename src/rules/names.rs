//! `name_translated` and `name_malformed`: names that the machine rendered word by word, or left in English order.

use super::{Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::language::Resources;
use crate::language::gazetteer::Name;
use crate::text::document::Lang;
use crate::text::offset::{Raw, Span};
use crate::text::token::TokenKind;
use regex::Regex;
use std::sync::LazyLock;

/// Finds an outlet that the machine translated: `a déclaré Le gardien:` → `a déclaré au Guardian:`.
pub struct Translated;

/// Participles that tell somebody something: what follows in capitals is whom.
const TELLING: &[&str] =
    &["déclaré", "dit", "confié", "raconté", "expliqué", "affirmé", "indiqué", "parlé", "révélé", "annoncé"];

/// Whether people tell it something that it then prints or broadcasts.
fn is_outlet(name: Name) -> bool {
    matches!(name.kind, "newspaper" | "magazine" | "broadcaster" | "agency" | "programme")
}

/// The name after `au` or `à`: `The Times` → `au Times`.
fn told(name: &str) -> String {
    match name.strip_prefix("The ") {
        Some(rest) => format!("au {rest}"),
        None => format!("à {name}"),
    }
}

/// The literal renderings that the gazetteer knows.
fn literals() -> Vec<&'static str> {
    Resources::embedded().gazetteer.literals().collect()
}

/// A literal rendering in the text: its span and the name it stands for.
fn renderings(context: &Context<'_>) -> Vec<(Span<Raw>, Name)> {
    let mut found = Vec::new();
    for token in context.tokens.iter().filter(|t| matches!(t.kind, TokenKind::Word | TokenKind::Elision)) {
        let first = token.text(context.text).trim_end_matches(['’', '\'']);
        if !first.starts_with(char::is_uppercase) {
            continue;
        }
        let rest = &context.text[token.span.start..];
        let Some((name, literal)) = context.resources.gazetteer.rendered_at(first, rest) else { continue };
        let ends = !rest[literal.len()..].starts_with(char::is_alphanumeric);
        let span = Span::new(token.span.start, token.span.start + literal.len());
        if ends && !context.is_protected(span) {
            found.push((span, name));
        }
    }
    found
}

impl Rule for Translated {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "names/translated",
            category: Category::NameTranslated,
            summary: "an outlet or brand rendered word by word gets its name back, where a teller or the document shows it is one",
            lang: Lang::Fr,
            fires: &[
                Example {
                    damaged: "Une étudiante a déclaré Le gardien: « Je pars. »",
                    repaired: "Une étudiante a déclaré au Guardian: « Je pars. »",
                },
                Example {
                    damaged: "Selon le Guardian, il part. Le gardien précise.",
                    repaired: "Selon le Guardian, il part. The Guardian précise.",
                },
            ],
            silent: &[
                "Selon Le Temps, quotidien de Genève, l’accord est prêt.",
                "Les temps changent.",
                "Le gardien : « Je n’ai rien vu venir », après le penalty.",
            ],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        literals()
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for (span, name) in renderings(context) {
            let before = context.text[..span.start].trim_end();
            let mid_sentence = before.ends_with(char::is_alphanumeric);
            let told_whom = is_outlet(name) && TELLING.iter().any(|t| before.ends_with(t));
            let bare = name.name.strip_prefix("The ").unwrap_or(name.name);
            let elsewhere = bare.len() > 4 && context.text.contains(bare);
            let stub = is_stub(context.text, span) && told_in_sentence(before.trim_end_matches('.'));
            let words = span.of(context.text).split([' ', '’', '\'', '-']);
            // `Guerriers du Golden State` can be nothing else; `Le soleil` can.
            let distinctive = words.filter(|w| w.starts_with(char::is_uppercase)).count() >= 3;
            let (replacement, confidence, why) = if told_whom && mid_sentence {
                (told(name.name), 0.94, "somebody is told something, and no “à” says whom")
            } else if stub {
                (name.name.to_owned(), 0.85, "a sentence of its own after a clause that tells something")
            } else if elsewhere {
                (name.name.to_owned(), 0.7, "the document has the real name elsewhere")
            } else if distinctive {
                (name.name.to_owned(), 0.92, "a literal rendering that is no French expression")
            } else {
                continue;
            };
            out.push(Finding {
                span,
                category: Category::NameTranslated,
                rule: self.info().id,
                proposal: Proposal::Replace(replacement),
                confidence: Confidence::new(confidence),
                why: vec![format!("the literal French for {} ({})", name.name, name.kind), why.to_owned()],
                candidates: vec![],
            });
        }
    }
}

/// Whether a span is a whole sentence: a stop before it and one after.
fn is_stub(text: &str, span: Span<Raw>) -> bool {
    text[..span.start].ends_with(". ") && text[span.end..].starts_with('.')
}

/// Whether the sentence that ends `before` tells somebody something.
fn told_in_sentence(before: &str) -> bool {
    let start = before.rfind(['.', '\n', '!', '?']).map_or(0, |i| i + 1);
    TELLING.iter().any(|t| before[start..].contains(t))
}

/// Joins an outlet that was cut off at a link: `a déclaré un officier. Les temps.` → `… au Times.`
pub struct CutOff;

impl Rule for CutOff {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "names/cut-off",
            category: Category::InlineFragment,
            summary: "an outlet cut off at a link and translated as a sentence of its own is joined to whom it was told",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "« C’est fini », a déclaré un officier. Les temps. Il est parti.",
                repaired: "« C’est fini », a déclaré un officier au Times. Il est parti.",
            }],
            silent: &["Les temps sont durs. Les temps changent.", "Il dort. Le soleil brille."],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        literals()
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for (span, name) in renderings(context) {
            let before = context.text[..span.start].trim_end();
            if is_outlet(name)
                && is_stub(context.text, span)
                && told_in_sentence(before.trim_end_matches('.'))
            {
                out.push(Finding {
                    span: Span::new(before.len() - 1, span.end + 1),
                    category: Category::InlineFragment,
                    rule: self.info().id,
                    proposal: Proposal::Replace(format!(" {}.", told(name.name))),
                    confidence: Confidence::new(0.93),
                    why: vec![
                        format!("the literal French for {} as a sentence of its own", name.name),
                        "the clause before tells something, and no “à” says whom".to_owned(),
                    ],
                    candidates: vec![],
                });
            }
        }
    }
}

/// Puts a military unit into French order: `215e Maiwand Corps` → `215e corps Maiwand`.
pub struct UnitOrder;

/// What military units are called in the two expressions that follow.
const UNITS: &[&str] =
    &["Corps", "Bataillon", "Brigade", "Division", "Régiment", "Regiment", "Battalion", "Escadron", "Armée"];

static ORDINAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(\d{1,3}(?:er|re|e|ème)) (\p{Lu}[\p{L}-]+) (Corps|Bataillon|Brigade|Division|Régiment|Regiment|Battalion|Escadron|Armée)\b").expect("a constant")
});
static CARDINAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(\d{2,3}) (Bataillon|Brigade|Corps|Division|Régiment|Escadron) (\p{Lu}[\p{L}-]+)\b")
        .expect("a constant")
});

fn french_unit(word: &str) -> String {
    match word {
        "Battalion" => "bataillon".to_owned(),
        "Regiment" => "régiment".to_owned(),
        other => other.to_lowercase(),
    }
}

impl Rule for UnitOrder {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "names/unit-order",
            category: Category::NameMalformed,
            summary: "a military unit in English order is put into French order",
            lang: Lang::Fr,
            fires: &[
                Example {
                    damaged: "le 215e Maiwand Corps de l’armée",
                    repaired: "le 215e corps Maiwand de l’armée",
                },
                Example { damaged: "du 313 Bataillon Badri", repaired: "du bataillon Badri 313" },
            ],
            silent: &["le 2e régiment étranger", "la 101e Division aéroportée", "Les 27 Corps étaient là."],
        };
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let is_unit = |&at: &usize| {
            let word = context.tokens[at].text(context.text);
            UNITS.iter().any(|unit| word.starts_with(unit))
        };
        if !context.capitalised.iter().any(is_unit) {
            return;
        }
        let mut push = |span: Span<Raw>, text: String, why: &str| {
            out.push(Finding {
                span,
                category: Category::NameMalformed,
                rule: self.info().id,
                proposal: Proposal::Replace(text),
                confidence: Confidence::new(0.93),
                why: vec![why.to_owned()],
                candidates: vec![],
            });
        };
        for c in ORDINAL.captures_iter(context.text) {
            if let Some(whole) = c.get(0) {
                let text = format!("{} {} {}", &c[1], french_unit(&c[3]), &c[2]);
                push(Span::new(whole.start(), whole.end()), text, "English order: ordinal, name, unit");
            }
        }
        for c in CARDINAL.captures_iter(context.text) {
            if let Some(whole) = c.get(0) {
                let text = format!("{} {} {}", french_unit(&c[2]), &c[3], &c[1]);
                push(Span::new(whole.start(), whole.end()), text, "English order: number, unit, name");
            }
        }
    }
}

/// Whether a name has two words or more, and is long enough that two letters make no other name.
fn is_long_name(name: &str) -> bool {
    name.contains(' ') && name.len() >= 9
}

/// The places with long names.
static PLACES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let names = Resources::embedded().gazetteer.names().iter();
    names.filter(|n| n.kind == "place" && is_long_name(n.name)).map(|n| n.name).collect()
});

/// Unifies a misspelt name on the gazetteer's form: `Lashkah Gar` → `Lashkar Gah`.
pub struct Misspelt;

impl Rule for Misspelt {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "names/misspelt",
            category: Category::NameMalformed,
            summary: "a two-word name one or two letters away from a known one gets its known form",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "La ville de Lashkah Gar résiste.",
                repaired: "La ville de Lashkar Gah résiste.",
            }],
            silent: &["La ville de Lashkar Gah résiste.", "Wall Avenue, à Ogden."],
        };
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for pair in context.capitalised_pairs() {
            let span: Span<Raw> = Span::new(pair[0].span.start, pair[1].span.end);
            if span.len() < 8 {
                continue;
            }
            let text = span.of(context.text);
            let own = context.user.names.iter().map(String::as_str).filter(|name| is_long_name(name));
            for place in PLACES.iter().copied().chain(own) {
                let close = place.len().abs_diff(text.len()) <= 1
                    && place.chars().next() == text.chars().next()
                    && matches!(distance(place, text), 1 | 2);
                if close {
                    let elsewhere = context.text.contains(place);
                    out.push(Finding {
                        span,
                        category: Category::NameMalformed,
                        rule: self.info().id,
                        proposal: Proposal::Replace(place.to_owned()),
                        confidence: Confidence::new(if elsewhere { 0.95 } else { 0.85 }),
                        why: vec![format!("one or two letters away from {place}")],
                        candidates: vec![],
                    });
                }
            }
        }
    }
}

/// Levenshtein distance in characters (Levenshtein 1966).
pub(super) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
