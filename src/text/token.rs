//! Tokens of a text: words, elided words (`l’`, `qu'`), numbers and punctuation, each with its byte span.

use super::offset::{Raw, Span};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters, with inner hyphens and apostrophes that do not elide (`aujourd’hui`, `pick-up`).
    Word,
    /// An elided French word with its apostrophe: `l’`, `d'`, `qu’`, `jusqu’`.
    Elision,
    /// Digits, with inner `.`, `,` between digits (`1,4`, `2.000`).
    Number,
    /// One mark of punctuation or symbol.
    Mark,
}

/// One token; `span` is its place in the text that was split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Place in the text.
    pub span: Span<Raw>,
    /// What it is.
    pub kind: TokenKind,
}

impl Token {
    /// The token's own text.
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        self.span.of(text)
    }
}

/// The elided forms of French, without apostrophe, lower case.
const ELIDED: &[&str] = &[
    "l", "d", "j", "m", "t", "s", "n", "c", "ç", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu",
    "quelqu",
];

/// Whether `c` is an apostrophe, straight or curly.
pub const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

/// Splits `text` into tokens; white space separates and belongs to none.
pub fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 5 + 1);
    let mut start = 0;
    while let Some(c) = char_at(text, start) {
        let after = start + c.len_utf8();
        if c.is_whitespace() {
            start = after;
            continue;
        }
        let (end, kind) = if is_letter(c) {
            word(text, start, after)
        } else if c.is_numeric() {
            (number(text, after), TokenKind::Number)
        } else {
            (after, TokenKind::Mark)
        };
        tokens.push(Token { span: Span::new(start, end), kind });
        start = end;
    }
    tokens
}

/// The character that begins at a byte; most are ASCII and need no decoding.
fn char_at(text: &str, at: usize) -> Option<char> {
    match text.as_bytes().get(at)? {
        byte if byte.is_ascii() => Some(char::from(*byte)),
        _ => text[at..].chars().next(),
    }
}

/// Whether a character is a letter; the common ones are told without a table.
fn is_letter(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ſ')
        || (!c.is_ascii() && c.is_alphabetic())
}

/// Where the word ends that begins at `start` and is read up to `end`, and whether it is an elided one.
fn word(text: &str, start: usize, mut end: usize) -> (usize, TokenKind) {
    let bytes = text.as_bytes();
    loop {
        while bytes.get(end).is_some_and(u8::is_ascii_alphanumeric) {
            end += 1;
        }
        let Some(c) = char_at(text, end) else { break };
        let after = end + c.len_utf8();
        let goes_on = || char_at(text, after).is_some_and(char::is_alphanumeric);
        if is_letter(c) || c.is_numeric() || is_combining(c) {
            end = after;
        } else if is_apostrophe(c) && is_elided(&text[start..end]) {
            // `l’`: the apostrophe closes the elided word; what follows is a token of its own.
            return (after, TokenKind::Elision);
        } else if (is_apostrophe(c) || matches!(c, '-' | '‐')) && goes_on() {
            end = after;
        } else {
            break;
        }
    }
    (end, TokenKind::Word)
}

/// Where the number ends that is read up to `end`.
fn number(text: &str, mut end: usize) -> usize {
    while let Some(c) = char_at(text, end) {
        let after = end + c.len_utf8();
        let inner = || matches!(c, '.' | ',') && text.as_bytes().get(after).is_some_and(u8::is_ascii_digit);
        if !c.is_alphanumeric() && !inner() {
            break;
        }
        end = after;
    }
    end
}

fn is_elided(word: &str) -> bool {
    word.len() <= 7 && (word == "Ç" || ELIDED.iter().any(|elided| elided.eq_ignore_ascii_case(word)))
}

const fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        tokenize(text).iter().map(|t| t.text(text)).collect()
    }

    #[test]
    fn letters_are_those_of_unicode() {
        assert!((0..=0x3000).filter_map(char::from_u32).all(|c| is_letter(c) == c.is_alphabetic()));
    }

    #[test]
    fn elisions_stand_apart_and_compounds_hold_together() {
        assert_eq!(
            words("l’affect d'aujourd’hui, 1,4 %"),
            ["l’", "affect", "d'", "aujourd’hui", ",", "1,4", "%"]
        );
        assert_eq!(words("Mazar-i-Sharif (313e)"), ["Mazar-i-Sharif", "(", "313e", ")"]);
    }
}
