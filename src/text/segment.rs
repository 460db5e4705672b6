//! Lossless segmentation: every non-space character of the clean text lies in exactly one segment.
//!
//! Lines are the first cut (a paragraph, a heading, a list item, a caption); sentences the second. A sentence ends at
//! `.`, `!`, `?` or `…` with its closing marks, when white space and a likely sentence start follow, unless the stop
//! belongs to an abbreviation, an initial, or stands inside a quotation of a few words.

use super::offset::{Clean, Span};
use super::protect::{Protection, protected_spans};

/// What a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SegmentKind {
    /// A sentence of running text.
    Body,
    /// A heading: a short line without a final stop, or a line in capitals.
    Heading,
    /// A photo caption.
    Caption,
    /// A sentence of a quotation.
    Quote,
    /// An item of a list.
    ListItem,
    /// A tweet or its attribution.
    Tweet,
}

impl SegmentKind {
    /// The name in records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Heading => "heading",
            Self::Caption => "caption",
            Self::Quote => "quote",
            Self::ListItem => "list_item",
            Self::Tweet => "tweet",
        }
    }
}

/// A stretch of the clean text: the unit of translation and of alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Where; starts and ends with a character that is not white space.
    pub span: Span<Clean>,
    /// What it is.
    pub kind: SegmentKind,
}

/// Abbreviations, lower case without their stop, that a sentence does not end with.
const ABBREVIATIONS: &[&str] = &[
    "m", "mm", "mme", "mmes", "mlle", "mlles", "mgr", "me", "dr", "pr", "prof", "st", "ste", "av", "bd",
    "boul", "art", "al", "chap", "ch", "fig", "vol", "éd", "ed", "coll", "n", "no", "nos", "p", "pp", "cf",
    "ex", "env", "hab", "apr", "jc", "j-c", "j.-c", "tél", "tel", "fax", "réf", "ref", "min", "max", "sept",
    "oct", "nov", "déc", "janv", "févr", "avr", "juil", "lun", "mar", "mer", "jeu", "ven", "sam", "dim",
    "gén", "gal", "col", "cap", "lt", "sgt", "mr", "mrs", "ms", "jr", "sr", "vs", "inc", "ltd", "corp", "co",
    "approx", "i.e", "e.g", "c.-à-d", "s.a", "r.-v",
];

/// Cuts `text` into segments, in order.
pub fn segment(text: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut in_quote = false;
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r', '\u{2028}', '\u{2029}', '\u{c}', '\u{b}', '\u{85}']) {
        segment_line(text, start..start + line.len(), &mut in_quote, &mut segments);
        start += line.len();
    }
    segments
}

fn segment_line(text: &str, range: std::ops::Range<usize>, in_quote: &mut bool, out: &mut Vec<Segment>) {
    let Some(line) = trimmed(text, range) else { return };
    let content = &text[line.clone()];
    if let Some(kind) = whole_line_kind(content) {
        out.push(Segment { span: Span::new(line.start, line.end), kind });
        return;
    }
    let is_item = is_list_item(content);
    let mut start = line.start;
    let mut push = |from: usize, to: usize, in_quote: &mut bool| {
        let Some(span) = trimmed(text, from..to) else { return };
        let sentence = &text[span.clone()];
        let kind = if is_item && from == line.start {
            SegmentKind::ListItem
        } else if *in_quote || sentence.starts_with(['«', '“']) {
            SegmentKind::Quote
        } else {
            SegmentKind::Body
        };
        for c in sentence.chars() {
            match c {
                '«' | '“' => *in_quote = true,
                '»' | '”' => *in_quote = false,
                _ => {}
            }
        }
        out.push(Segment { span: Span::new(span.start, span.end), kind });
    };
    for end in sentence_ends(content) {
        push(start, line.start + end, in_quote);
        start = line.start + end;
    }
    push(start, line.end, in_quote);
}

/// The part of a range without white space at its ends; `None` when nothing else is there.
fn trimmed(text: &str, range: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    let end = range.start + part.trim_end().len();
    (start < end).then_some(start..end)
}

/// Byte offsets in `line` where a sentence ends, the line's own end excluded.
fn sentence_ends(line: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    if memchr::memchr3(b'.', b'!', b'?', line.as_bytes()).is_none() && !line.contains('…') {
        return ends;
    }
    let protected = protected_spans(line, &[]);
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if !matches!(c, '.' | '!' | '?' | '…') {
            continue;
        }
        // A run of stops and the closing marks after it belong to the sentence.
        let mut end = at + c.len_utf8();
        while let Some(&(next, mark)) = chars.peek() {
            let closes = matches!(mark, '.' | '!' | '?' | '…' | '”' | '’' | '"' | '\'' | ')' | ']' | '»');
            let spaced_close = matches!(mark, ' ' | '\u{a0}' | '\u{202f}')
                && line[next + mark.len_utf8()..].starts_with('»');
            if !closes && !spaced_close {
                break;
            }
            end = next + mark.len_utf8();
            chars.next();
        }
        let rest = &line[end..];
        let after = rest.trim_start();
        if after.is_empty() || after.len() == rest.len() {
            continue;
        }
        let inside = protected
            .iter()
            .any(|p| !matches!(p.protection, Protection::User) && p.span.start < at && at < p.span.end);
        if !inside && starts_sentence(after) && !(c == '.' && end == at + 1 && is_abbreviated(&line[..at])) {
            ends.push(end);
        }
    }
    ends
}

/// Whether what follows a stop may open a sentence: a capital, a digit, an opening mark.
fn starts_sentence(after: &str) -> bool {
    let mut chars = after.chars().skip_while(|c| {
        c.is_whitespace()
            || matches!(c, '«' | '“' | '"' | '\'' | '’' | '(' | '[' | '–' | '—' | '-' | '•' | '…' | '#' | '@')
    });
    chars
        .next()
        .is_some_and(|c| c.is_uppercase() || c.is_numeric() || (!c.is_lowercase() && c.is_alphabetic()))
}

/// Whether the text before a full stop ends with an abbreviation or an initial.
fn is_abbreviated(before: &str) -> bool {
    let word_start =
        before.rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '«' | '’' | '\'' | '\u{a0}' | '/'));
    let word = &before[word_start.map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8))..];
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        // An initial: `J. K. Rowling`. A lone capital ends a sentence too seldom to matter.
        (Some(c), None) if c.is_uppercase() => true,
        (Some(_), _) => {
            let lower = word.to_lowercase();
            ABBREVIATIONS.contains(&lower.as_str())
                || (lower.contains(".-") || lower.matches('.').count() >= 2)
        }
        (None, _) => false,
    }
}

/// Lines that are one segment whatever they hold: headings, captions, tweets.
fn whole_line_kind(line: &str) -> Option<SegmentKind> {
    if is_attribution(line) {
        return Some(SegmentKind::Tweet);
    }
    if line.len() < 300
        && (line.contains("Crédit :") || line.contains("Crédits :") || line.contains("Photo :"))
    {
        return Some(SegmentKind::Caption);
    }
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let lower = line.chars().filter(|c| c.is_lowercase()).count();
    if letters >= 4 && lower == 0 && line.len() < 200 {
        return Some(SegmentKind::Heading);
    }
    let words = line.split_whitespace().count();
    let ends_open = !line.ends_with(['.', '!', '?', '…', ':', ';', ',', '»', '”', '"', ')']);
    let inner_stop = line.contains(". ") || line.contains("! ") || line.contains("? ");
    (ends_open && words <= 12 && !inner_stop && !is_list_item(line)).then_some(SegmentKind::Heading)
}

/// `– Name (@handle) date`, the line under an embedded tweet.
fn is_attribution(line: &str) -> bool {
    line.starts_with(['–', '—', '-']) && line.contains("(@") && line.len() < 200
}

fn is_list_item(line: &str) -> bool {
    let mut chars = line.chars();
    match chars.next() {
        Some('•' | '*' | '·' | '▪' | '‣') => true,
        Some('-' | '–' | '—') => chars.next() == Some(' '),
        Some(c) if c.is_ascii_digit() => {
            let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
            line.len() - rest.len() <= 2 && (rest.starts_with(") ") || rest.starts_with(". "))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(text: &str) -> Vec<&str> {
        segment(text).iter().map(|s| s.span.of(text)).collect()
    }

    #[test]
    fn abbreviations_initials_decimals_and_addresses_do_not_end_sentences() {
        let whole = [
            "M. Dupont et Mme. Durand ont vu J. K. Rowling à St. Malo vers 1.5 km, cf. p. 12, selon l’art. 3.",
            "Voir www.exemple.fr/page. html et l’adresse a.b@c.fr pour en savoir plus.",
            "En 52 av. J.-C. César était là, en 25 av. J-C. Auguste.",
        ];
        for text in whole {
            assert_eq!(cut(text), [text]);
        }
    }

    #[test]
    fn closing_marks_stay_with_their_sentence() {
        let text = "« Je pars. » Il est parti… Vraiment ? Oui (enfin, presque.) Fin.";
        assert_eq!(
            cut(text),
            ["« Je pars. »", "Il est parti…", "Vraiment ?", "Oui (enfin, presque.)", "Fin."]
        );
    }

    #[test]
    fn lines_have_kinds() {
        let text = "ATTAQUE DU PORT\n\nUn homme marche Crédit : Reuters\n– Nom (@nom) 1er mai 2021\n• Un point.\nLe texte suit.";
        let kinds: Vec<SegmentKind> = segment(text).iter().map(|s| s.kind).collect();
        use SegmentKind::{Body, Caption, Heading, ListItem, Tweet};
        assert_eq!(kinds, [Heading, Caption, Tweet, ListItem, Body]);
    }

    proptest! {
        #[test]
        fn nothing_but_white_space_is_lost(text in "[ \\n.!?…»«a-zA-ZéÀ0-9@/:’\\-–]{0,120}") {
            let segments = segment(&text);
            let mut at = 0;
            for s in &segments {
                prop_assert!(s.span.start >= at && s.span.end > s.span.start);
                prop_assert!(text[at..s.span.start].trim().is_empty());
                prop_assert!(!s.span.of(&text).is_empty());
                at = s.span.end;
            }
            prop_assert!(text[at..].trim().is_empty());
        }
    }
}
