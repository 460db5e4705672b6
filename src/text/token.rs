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

/// The elided forms of French beyond single letters, without apostrophe, lower case.
const ELIDED: &[&str] = &["ç", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu", "quelqu"];

/// Whether `c` is an apostrophe, straight or curly.
pub const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

/// Splits `text` into tokens; white space separates and belongs to none.
pub fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 5 + 1);
    let bytes = text.as_bytes();
    let mut start = 0;
    while let Some(&first) = bytes.get(start) {
        let (class, after) = match CLASSES[usize::from(first)] {
            Class::Beyond => beyond_ascii(text, start),
            class => (class, start + 1),
        };
        let (end, kind) = match class {
            Class::Space => {
                start = after;
                continue;
            }
            Class::Letter => word(text, start, after),
            Class::Digit => (number(text, after), TokenKind::Number),
            Class::Mark | Class::Beyond => (after, TokenKind::Mark),
        };
        tokens.push(Token { span: Span::new(start, end), kind });
        // A space follows most tokens.
        start = end + usize::from(bytes.get(end) == Some(&b' '));
    }
    tokens
}

/// What a character is to the tokeniser, told by its first byte where that is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Letter,
    Digit,
    Mark,
    /// The first byte of a longer character, which has to be looked at.
    Beyond,
}

static CLASSES: [Class; 256] = {
    let mut classes = [Class::Beyond; 256];
    let mut byte = 0;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'\t'..=b'\r' | b' ' => Class::Space,
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            _ => Class::Mark,
        };
        byte += 1;
    }
    classes
};

/// The class of the character beyond ASCII that begins at a byte, and where it ends.
fn beyond_ascii(text: &str, start: usize) -> (Class, usize) {
    let Some(c) = text[start..].chars().next() else { return (Class::Mark, text.len()) };
    let class = if c.is_whitespace() {
        Class::Space
    } else if is_mark(c) {
        Class::Mark
    } else if is_letter(c) {
        Class::Letter
    } else if c.is_numeric() {
        Class::Digit
    } else {
        Class::Mark
    };
    (class, start + c.len_utf8())
}

/// The character that begins at a byte; most are ASCII and need no decoding.
fn char_at(text: &str, at: usize) -> Option<char> {
    match text.as_bytes().get(at)? {
        byte if byte.is_ascii() => Some(char::from(*byte)),
        _ => text[at..].chars().next(),
    }
}

/// Whether a character is one of the marks that are common in French beyond ASCII: told without a table.
const fn is_mark(c: char) -> bool {
    matches!(c, '«' | '»' | '–' | '—' | '‘'..='„' | '…')
}

/// Whether a character is a letter; the common ones are told without a table.
fn is_letter(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ſ')
        || (!c.is_ascii() && !is_mark(c) && c.is_alphabetic())
}

/// Where the word ends that begins at `start` and is read up to `end`, and whether it is an elided one.
fn word(text: &str, start: usize, mut end: usize) -> (usize, TokenKind) {
    let bytes = text.as_bytes();
    loop {
        while let Some(eight) = bytes.get(end..).and_then(<[u8]>::first_chunk) {
            let letters = leading_letters(*eight);
            end += letters;
            if letters < 8 {
                break;
            }
        }
        // The other letters of French: the block from À to ÿ without its two signs.
        match bytes.get(end) {
            None | Some(b' ') => break,
            Some(0xc3) if !matches!(bytes.get(end + 1), Some(0x97 | 0xb7)) => {
                end += 2;
                continue;
            }
            Some(&byte) => match CLASSES[usize::from(byte)] {
                Class::Letter | Class::Digit => {
                    end += 1;
                    continue;
                }
                Class::Mark if matches!(byte, b'\'' | b'-') => {}
                Class::Space | Class::Mark => break,
                Class::Beyond => {}
            },
        }
        let Some(c) = char_at(text, end) else { break };
        let after = end + c.len_utf8();
        let goes_on = || char_at(text, after).is_some_and(char::is_alphanumeric);
        if is_apostrophe(c) && is_elided(&text[start..end]) {
            // `l’`: the apostrophe closes the elided word; what follows is a token of its own.
            return (after, TokenKind::Elision);
        }
        let is_inner = (is_apostrophe(c) || matches!(c, '-' | '‐')) && goes_on();
        if !(is_inner || is_letter(c) || (!is_mark(c) && c.is_numeric()) || is_combining(c)) {
            break;
        }
        end = after;
    }
    (end, TokenKind::Word)
}

/// How many of eight bytes, from the first, are ASCII letters. Each byte is added what carries the first letter, or
/// what follows the last one, into the highest bit (as in Lamport 1975, "Multiple byte processing with full-word
/// instructions").
fn leading_letters(eight: [u8; 8]) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let bytes = u64::from_le_bytes(eight);
    let lower = (bytes | (0x20 * EACH)) & (0x7f * EACH);
    let from_a = lower + (0x80 - b'a' as u64) * EACH;
    let beyond_z = lower + (0x7f - b'z' as u64) * EACH;
    let letters = from_a & !beyond_z & !bytes & (0x80 * EACH);
    ((letters ^ (0x80 * EACH)).trailing_zeros() / 8) as usize
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

/// Whether a word loses its vowel before an apostrophe. Few words stand before one: this stays out of the loop.
#[inline(never)]
fn is_elided(word: &str) -> bool {
    if let &[letter] = word.as_bytes() {
        return matches!(letter.to_ascii_lowercase(), b'c' | b'd' | b'j' | b'l' | b'm' | b'n' | b's' | b't');
    }
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
    fn classes_are_those_of_unicode() {
        for c in (0..128).map(char::from) {
            let class = CLASSES[c as usize];
            assert_eq!(class == Class::Space, c.is_whitespace());
            assert_eq!(class == Class::Letter, c.is_alphabetic());
            assert_eq!(class == Class::Digit, c.is_numeric());
        }
        for byte in 0..=u8::MAX {
            let letters = if byte.is_ascii_alphabetic() { 3 } else { 2 };
            assert_eq!(leading_letters([b'a', b'Z', byte, 0xff, b'a', b'a', b'a', b'a']), letters);
        }
        assert_eq!(leading_letters(*b"abcdefgh"), 8);
        assert_eq!(words("dîner×midi ÷ œuvre"), ["dîner", "×", "midi", "÷", "œuvre"]);
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
