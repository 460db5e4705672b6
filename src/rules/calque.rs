//! `literal_calque`: English idioms rendered word by word, from `data/idioms.tsv`. They are only pointed at: many
//! translate back into the right English.
//!
//! A row is `calque TAB better French TAB the English behind it [TAB cues]`. A `…` in a calque stands for one to four
//! words of its clause, and for the same words in the better French; at the end of a calque they reach to the end of the
//! clause. A calque that is good French elsewhere has cues: groups of alternatives (`a|b & c`), of which the text must
//! have one each. Of rows for one calque the first counts whose cues the text has.

use super::{Candidate, Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::text::document::Lang;
use crate::text::offset::{Raw, Span};
use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Words that a slot takes at most.
const MOST_IN_SLOT: usize = 4;
/// Characters in which a slot and what follows it must end.
const FARTHEST: usize = 100;
/// What stands between the letters of a clause.
const LINKING: [char; 4] = [' ', '’', '\'', '-'];
/// What may stand between two calques that are one.
const LINKS: &[&str] = &[" ", " de ", " du ", " de la ", " des ", " et ", " à ", " au ", " aux "];

/// One line of the table.
struct Row {
    /// The calque up to its slot, or all of it.
    beginning: &'static str,
    /// What follows the slot.
    rest: Option<&'static str>,
    better: &'static str,
    english: &'static str,
    cues: &'static str,
}

/// The table, by the beginnings of its calques, and a search for these.
struct Idioms {
    search: Option<AhoCorasick>,
    rows: Vec<(&'static str, Vec<Row>)>,
}

static IDIOMS: LazyLock<Idioms> = LazyLock::new(|| {
    let table = include_str!("../../data/idioms.tsv");
    let mut by_beginning: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
    for row in table.lines().filter(|l| !l.starts_with('#')).filter_map(row) {
        by_beginning.entry(row.beginning).or_default().push(row);
    }
    let rows: Vec<_> = by_beginning.into_iter().collect();
    let search = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(rows.iter().map(|(beginning, _)| beginning))
        .ok();
    Idioms { search, rows }
});

fn row(line: &'static str) -> Option<Row> {
    let mut cells = line.split('\t');
    let (calque, better, english) = (cells.next()?, cells.next()?, cells.next()?);
    let cues = cells.next().unwrap_or_default();
    let (beginning, rest) = match calque.split_once('…') {
        Some((beginning, rest)) => (beginning, Some(rest)),
        None => (calque, None),
    };
    Some(Row { beginning, rest, better, english, cues })
}

/// Points at a literal rendering of an English idiom.
pub struct Calque;

static INFO: RuleInfo = RuleInfo {
    id: "calque/idiom",
    category: Category::LiteralCalque,
    summary: "an English idiom or formula rendered word by word is pointed at, with better French",
    lang: Lang::Fr,
    fires: &[
        Example {
            damaged: "Cela survient alors que la ville tombe.",
            repaired: "Cela survient alors que la ville tombe.",
        },
        Example {
            damaged: "Il faut tenir les signataires responsables de leurs engagements.",
            repaired: "Il faut tenir les signataires responsables de leurs engagements.",
        },
        Example {
            damaged: "La vedette de EastEnders a quitté le savon lundi.",
            repaired: "La vedette de EastEnders a quitté le savon lundi.",
        },
        Example {
            damaged: "Les femmes sont interdites de la plupart des universités.",
            repaired: "Les femmes sont interdites de la plupart des universités.",
        },
    ],
    silent: &[
        "Le plafond est haut.",
        "Le savon de Marseille se vend bien.",
        "Les femmes sont interdites de stade. Dans plusieurs quartiers, elles manifestent.",
        "Il faut tenir la porte. Les élus sont responsables de leurs engagements.",
    ],
};

impl Rule for Calque {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        // The longer part of a calque with a slot says more.
        let longer =
            |row: &Row| row.rest.filter(|rest| rest.len() > row.beginning.len()).unwrap_or(row.beginning);
        IDIOMS.rows.iter().flat_map(|(_, rows)| rows.iter().map(longer)).collect()
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let Some(search) = &IDIOMS.search else { return };
        let mut last: Option<(Span<Raw>, String, String)> = None;
        // Cues are looked for in the whole text, so each group only once.
        let mut cued: BTreeMap<&str, bool> = BTreeMap::new();
        for m in search.find_iter(context.text) {
            let (_, rows) = &IDIOMS.rows[m.pattern().as_usize()];
            let found = rows.iter().find_map(|row| {
                let place = whole(row, context, m.start(), m.end())?;
                let has_cues =
                    || row.cues.split('&').all(|g| g.split('|').any(|cue| context.text.contains(cue.trim())));
                cued.entry(row.cues).or_insert_with(has_cues).then_some((row, place))
            });
            let Some((row, (span, better))) = found else { continue };
            let english = row.english.to_owned();
            last = match last.take() {
                // Two calques side by side are one: their better forms go together.
                Some((before, first, behind)) if before.end <= span.start => {
                    let gap = &context.text[before.end..span.start];
                    if LINKS.contains(&gap) && !first.contains('…') && !better.contains('…') {
                        let joined = Span::new(before.start, span.end);
                        Some((joined, format!("{first}{gap}{better}"), format!("{behind} … {english}")))
                    } else {
                        out.push(finding(before, first, &behind));
                        Some((span, better, english))
                    }
                }
                other => other.or(Some((span, better, english))),
            };
        }
        if let Some((span, better, english)) = last {
            out.push(finding(span, better, &english));
        }
    }
}

fn finding(span: Span<Raw>, better: String, english: &str) -> Finding {
    Finding {
        span,
        category: INFO.category,
        rule: INFO.id,
        proposal: Proposal::Flag,
        confidence: Confidence::new(0.8),
        why: vec![format!("the English behind it: “{english}”")],
        candidates: vec![Candidate { text: better, score: 0.0 }],
    }
}

/// The whole calque whose beginning stands at `start..end`, and the better French for it, in its case.
fn whole(row: &Row, context: &Context<'_>, start: usize, end: usize) -> Option<(Span<Raw>, String)> {
    let text = context.text;
    let (end, better) = match row.rest {
        None => (end, row.better.to_owned()),
        Some(rest) => {
            let slot = slot(&text[end..], rest)?;
            (end + slot.len() + rest.len(), row.better.replace('…', slot))
        }
    };
    let span = Span::new(start, end);
    if !context.stands_alone(span) {
        return None;
    }
    let capital = text[start..].starts_with(char::is_uppercase);
    Some((span, super::spun::rank::cased(&better, capital)))
}

/// The words before `rest`, which follows in the same clause; all that is left of the clause where nothing follows.
fn slot<'a>(text: &'a str, rest: &str) -> Option<&'a str> {
    // Not the whole text: time must stay linear.
    let near = text.char_indices().nth(FARTHEST).map_or(text, |(at, _)| &text[..at]);
    let clause = || near.find(|c: char| !(c.is_alphanumeric() || LINKING.contains(&c))).unwrap_or(near.len());
    let slot = near[..if rest.is_empty() { clause() } else { near.find(rest)? }].trim_end();
    let plain = |c: char| c.is_alphanumeric() || LINKING.contains(&c);
    (slot.chars().all(plain) && (1..=MOST_IN_SLOT).contains(&slot.split_whitespace().count())).then_some(slot)
}
