//! `caption_credit`: photo credits, gallery counters and caption paragraphs that stand in the text.

use super::{Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::text::document::Lang;
use crate::text::offset::{Raw, Span};

/// Agencies and sources that sign pictures. A credit to another name is deleted only when the document has a second.
const SOURCES: &[&str] = &[
    "twitter",
    "facebook",
    "instagram",
    "youtube",
    "reuters",
    "epa",
    "rex",
    "afp",
    "ap",
    "getty",
    "getty images",
    "alamy",
    "shutterstock",
    "pa",
    "pa wire",
    "splash news",
    "splash",
    "bbc",
    "itv",
    "sky",
    "netflix",
    "wenn",
    "backgrid",
    "nasa",
    "istock",
    "tiktok",
    "snapchat",
    "the sun",
    "news group newspapers",
    "sipa",
    "abaca",
    "bestimage",
    "dr",
    "ap:associated press",
    "associated press",
    "rex features",
    "afp or licensors",
    "mega",
    "bav media",
    "swns",
];

/// Labels of a credit, with the space and colon that French and English typography put there.
const LABELS: &[&str] = &[
    "Crédit : ",
    "Crédit: ",
    "Crédits : ",
    "Crédits: ",
    "Crédit\u{a0}: ",
    "Crédit\u{202f}: ",
    "Crédits\u{a0}: ",
    "Crédits photo : ",
    "Crédit photo : ",
    "Crédit image : ",
];

/// A credit at the end of a line: where it starts (its leading space included), the name, and whether a known source.
struct Credit<'a> {
    start: usize,
    name: &'a str,
    known: bool,
}

/// The credit at the end of a line, if there is one and it is short, without a final stop and not a line of its own.
fn credit(line: &str) -> Option<Credit<'_>> {
    // Cheap test first: most lines have no such word.
    memchr::memmem::find(line.as_bytes(), "Crédit".as_bytes())?;
    let (at, label) =
        LABELS.iter().filter_map(|l| line.rfind(l).map(|at| (at, *l))).max_by_key(|(at, _)| *at)?;
    let name = line[at + label.len()..].trim_end();
    let start = line[..at].trim_end().len();
    let short = !name.is_empty() && name.chars().count() <= 40 && name.split_whitespace().count() <= 5;
    if start == 0 || !short || name.ends_with(['.', '!', '?']) {
        return None;
    }
    Some(Credit { start, name, known: SOURCES.contains(&name.to_lowercase().as_str()) })
}

/// Lines with a credit, as (line, credit).
fn credits<'a>(context: &Context<'a>) -> Vec<(Span<Raw>, Credit<'a>)> {
    context.lines.iter().filter_map(|&line| credit(context.slice(line)).map(|c| (line, c))).collect()
}

/// Deletes the credit at the end of a caption.
pub struct CreditAtEnd;

impl Rule for CreditAtEnd {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "caption/credit",
            category: Category::CaptionCredit,
            summary: "a photo credit glued to the end of a caption becomes a full stop",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "Un soldat monte la garde près du port Crédit : Reuters",
                repaired: "Un soldat monte la garde près du port.",
            }],
            silent: &[
                "Crédit : la Banque de France relève ses taux.",
                "Le Crédit agricole et Twitter ont signé un accord.",
            ],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec!["Crédit"]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let credits = credits(context);
        for (line, credit) in &credits {
            let sure = credit.known || credits.len() > 1;
            let text = context.slice(*line);
            let end = line.start + text.trim_end().len();
            let stopped = text[..credit.start].ends_with(['.', '!', '?', '»', '”']);
            let proposal = if stopped { Proposal::Delete } else { Proposal::Replace(".".to_owned()) };
            let mut why = vec![format!("the line ends with a credit to “{}”", credit.name)];
            if credit.known {
                why.push("a known picture source".to_owned());
            }
            if credits.len() > 1 {
                why.push(format!("{} lines of the document end so", credits.len()));
            }
            out.push(Finding {
                span: Span::new(line.start + credit.start, end),
                category: Category::CaptionCredit,
                rule: self.info().id,
                proposal,
                confidence: Confidence::new(if sure { 0.97 } else { 0.8 }),
                why,
                candidates: vec![],
            });
        }
    }
}

/// Points at a paragraph that is a caption.
pub struct CaptionLine;

impl Rule for CaptionLine {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "caption/line",
            category: Category::CaptionCredit,
            summary: "a paragraph that is a photo caption is pointed at",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "Un soldat monte la garde Crédit : Reuters",
                repaired: "Un soldat monte la garde Crédit : Reuters",
            }],
            silent: &["Le Crédit agricole et Twitter ont signé un accord.", "4 personnes ont été blessées."],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec!["Crédit"]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for (line, credit) in credits(context) {
            out.push(Finding {
                span: line,
                category: Category::CaptionCredit,
                rule: self.info().id,
                proposal: Proposal::Flag,
                confidence: Confidence::new(0.95),
                why: vec![format!("a line that ends with a credit to “{}” is a caption", credit.name)],
                candidates: vec![],
            });
        }
    }
}

/// Deletes the number of pictures before a caption.
pub struct GalleryCounter;

/// The digit, and the bytes it and the space after it take, of a line that starts with `4 Des…`.
fn counter(line: &str) -> Option<(u8, usize)> {
    let bytes = line.as_bytes();
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let capital = line.get(digits + 1..)?.chars().next()?.is_uppercase();
    (matches!(digits, 1 | 2) && bytes.get(digits) == Some(&b' ') && capital).then(|| (bytes[0], digits + 1))
}

impl Rule for GalleryCounter {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "caption/gallery-counter",
            category: Category::CaptionCredit,
            summary: "the number of pictures before a caption with a credit is deleted",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "4 La ville est encerclée Crédit : Twitter\n4 Des civils fuient Crédit : Reuters",
                repaired: "La ville est encerclée Crédit : Twitter\nDes civils fuient Crédit : Reuters",
            }],
            silent: &["4 Des cinq accusés ont fait appel.", "4 personnes ont été blessées Crédit : Reuters"],
        };
        &INFO
    }

    fn needs(&self) -> Vec<&'static str> {
        vec!["Crédit"]
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let counted: Vec<(Span<Raw>, u8, usize)> = credits(context)
            .iter()
            .filter_map(|(line, _)| counter(context.slice(*line)).map(|(digit, width)| (*line, digit, width)))
            .collect();
        for &(line, digit, width) in &counted {
            let alike = counted.iter().filter(|c| c.1 == digit).count();
            out.push(Finding {
                span: Span::new(line.start, line.start + width),
                category: Category::CaptionCredit,
                rule: self.info().id,
                proposal: Proposal::Delete,
                confidence: Confidence::new(if alike >= 2 { 0.97 } else { 0.7 }),
                why: vec![format!("{alike} captions with a credit start with the same number")],
                candidates: vec![],
            });
        }
    }
}
