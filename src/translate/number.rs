//! Numbers in digits: where they stand in a text, and how English writes them.

use std::ops::Range;

/// A number of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// Its bytes: digits with the marks that group thousands or begin the decimals.
    pub range: Range<usize>,
    /// The marks in it, with their places.
    marks: Vec<(usize, Mark)>,
    /// Whether it is an ordinal; its ending (`e`, `er`) is in the range.
    is_ordinal: bool,
    /// Whether other letters follow right after it (`24h`): such a number is part of a word.
    pub in_word: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// Between thousands.
    Group,
    /// Before decimals.
    Decimal,
}

/// Endings of ordinals in French.
const ORDINALS: [&str; 5] = ["e", "er", "re", "ème", "eme"];

/// The ending of an ordinal in English.
fn ordinal_ending(digits: &str) -> &'static str {
    match digits.as_bytes() {
        [.., b'1', _] => "th",
        [.., b'1'] => "st",
        [.., b'2'] => "nd",
        [.., b'3'] => "rd",
        _ => "th",
    }
}

/// The numbers of a text, in order; digits right after a letter (`F16`) are none.
pub fn numbers(text: &str) -> Vec<Number> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let is_digit = |i: usize| chars.get(i).is_some_and(|(_, c)| c.is_ascii_digit());
    let mut found = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        if !is_digit(i) || (i > 0 && chars[i - 1].1.is_alphanumeric()) {
            i += 1;
            continue;
        }
        let (start, mut marks) = (chars[i].0, Vec::new());
        while i < chars.len() {
            let (at, c) = chars[i];
            let groups = matches!(c, '.' | ',' | ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')
                && (1..=3).all(|n| is_digit(i + n))
                && !is_digit(i + 4);
            if groups {
                // A French comma before three digits is as likely a decimal one; a space or a point groups.
                marks.push((at, if c == ',' { Mark::Decimal } else { Mark::Group }));
            } else if matches!(c, '.' | ',') && is_digit(i + 1) {
                marks.push((at, Mark::Decimal));
            } else if !c.is_ascii_digit() {
                break;
            }
            i += 1;
        }
        let mut end = chars.get(i).map_or(text.len(), |(at, _)| *at);
        let letters: String =
            chars[i..].iter().map(|(_, c)| *c).take_while(|c| c.is_alphanumeric()).take(4).collect();
        let is_ordinal = marks.is_empty() && ORDINALS.contains(&letters.as_str());
        if is_ordinal {
            end += letters.len();
        }
        let in_word = !letters.is_empty() && !is_ordinal;
        found.push(Number { range: start..end, marks, is_ordinal, in_word });
    }
    found
}

impl Number {
    /// The number as English writes it: `1 400` as `1,400` and `3,5` as `3.5`. What has several decimal marks
    /// (a date, a version) stays as it is; `313e` is `313th`.
    pub fn in_english(&self, text: &str) -> String {
        if self.is_ordinal {
            let digits = text[self.range.clone()].trim_end_matches(char::is_alphabetic);
            return format!("{digits}{}", ordinal_ending(digits));
        }
        let is_plain = self.marks.iter().filter(|(_, mark)| *mark == Mark::Decimal).count() <= 1;
        text[self.range.clone()]
            .char_indices()
            .map(|(at, c)| match self.marks.iter().find(|(place, _)| *place == self.range.start + at) {
                Some((_, Mark::Group)) if is_plain => ',',
                Some((_, Mark::Decimal)) if is_plain => '.',
                _ => c,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_and_written_the_english_way() {
        let text = "1 400 morts, 3,5 %, le 12.10.2021, 2.000 euros, le 313e, 24h et F16, 10 000 000.";
        let found: Vec<String> =
            numbers(text).iter().filter(|n| !n.in_word).map(|n| n.in_english(text)).collect();
        assert_eq!(found, ["1,400", "3.5", "12.10.2021", "2,000", "313th", "10,000,000"]);
    }
}
