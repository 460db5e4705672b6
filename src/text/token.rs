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
    let mut tokens = Vec::with_capacity(text.len() / 5);
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        let (mut end, mut kind) = (start + c.len_utf8(), TokenKind::Mark);
        if c.is_alphabetic() {
            kind = TokenKind::Word;
            while let Some(&(at, c)) = chars.peek() {
                let after = text[at + c.len_utf8()..].chars().next();
                if c.is_alphanumeric() || is_combining(c) {
                    end = at + c.len_utf8();
                } else if is_apostrophe(c) && is_elided(&text[start..end]) {
                    // `l’`: the apostrophe closes the elided word; what follows is a token of its own.
                    end = at + c.len_utf8();
                    kind = TokenKind::Elision;
                    chars.next();
                    break;
                } else if (is_apostrophe(c) || matches!(c, '-' | '‐'))
                    && after.is_some_and(char::is_alphanumeric)
                {
                    end = at + c.len_utf8();
                } else {
                    break;
                }
                chars.next();
            }
        } else if c.is_numeric() {
            kind = TokenKind::Number;
            while let Some(&(at, c)) = chars.peek() {
                let after = text[at + c.len_utf8()..].chars().next();
                let inner = matches!(c, '.' | ',') && after.is_some_and(|c| c.is_ascii_digit());
                if c.is_alphanumeric() || inner {
                    end = at + c.len_utf8();
                    chars.next();
                } else {
                    break;
                }
            }
        }
        tokens.push(Token { span: Span::new(start, end), kind });
    }
    tokens
}

fn is_elided(word: &str) -> bool {
    word.len() <= 7 && ELIDED.contains(&word.to_lowercase().as_str())
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
    fn elisions_stand_apart_and_compounds_hold_together() {
        assert_eq!(
            words("l’affect d'aujourd’hui, 1,4 %"),
            ["l’", "affect", "d'", "aujourd’hui", ",", "1,4", "%"]
        );
        assert_eq!(words("Mazar-i-Sharif (313e)"), ["Mazar-i-Sharif", "(", "313e", ")"]);
    }
}
