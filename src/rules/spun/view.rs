//! The text as the spun-word rules see it: lower-case words, what the language model makes of them, quotations.

use crate::language::Language;
use crate::language::language_model::Word;
use crate::rules::context::Context;
use crate::text::token::TokenKind;
use std::borrow::Cow;

/// A quotation of at most this many tokens may be a label or a title, and is left alone.
const SHORT_QUOTE: usize = 6;

/// A context with its language tables.
pub struct View<'a> {
    /// The text and its tokens.
    pub context: &'a Context<'a>,
    /// The tables.
    pub language: &'a Language,
}

impl View<'_> {
    /// The token's text.
    pub fn text(&self, i: usize) -> &str {
        self.context.tokens.get(i).map_or("", |t| t.text(self.context.text))
    }

    /// The token in lower case with a straight apostrophe; empty past either end.
    pub fn lower(&self, i: usize) -> Cow<'_, str> {
        fold(self.text(i))
    }

    /// The token's kind; `None` past either end.
    pub fn kind(&self, i: usize) -> Option<TokenKind> {
        self.context.tokens.get(i).map(|t| t.kind)
    }

    /// Whether the token begins with a capital.
    pub fn is_capitalised(&self, i: usize) -> bool {
        self.text(i).chars().next().is_some_and(char::is_uppercase)
    }

    /// Whether a line or sentence begins at token `i`.
    pub fn starts_sentence(&self, i: usize) -> bool {
        i == 0
            || self.breaks_between(i - 1, i)
            || matches!(self.text(i - 1), "!" | "?" | "…")
            || (self.text(i - 1) == "." && !self.is_abbreviation(i.wrapping_sub(2)))
    }

    /// Whether a full stop after this token ends no sentence (`M.`, `Mme.`, `J.`, `v.`).
    fn is_abbreviation(&self, i: usize) -> bool {
        let text = self.text(i);
        text.chars().count() == 1 && self.kind(i) == Some(TokenKind::Word)
            || matches!(text, "MM" | "Mme" | "Dr" | "St" | "Mr" | "Mrs" | "Jr" | "No" | "etc" | "vs")
    }

    /// Whether a line ends between two tokens.
    pub fn breaks_between(&self, a: usize, b: usize) -> bool {
        match (self.context.tokens.get(a), self.context.tokens.get(b)) {
            (Some(a), Some(b)) => {
                self.context.text.get(a.span.end..b.span.start).is_none_or(|gap| gap.contains('\n'))
            }
            _ => true,
        }
    }

    /// The lower-case word right before token `i` in the same line; empty when there is none.
    pub fn word_before(&self, i: usize) -> Cow<'_, str> {
        if i == 0 || self.breaks_between(i - 1, i) { Cow::Borrowed("") } else { self.lower(i - 1) }
    }

    /// The lower-case word right after token `i` in the same line; empty when there is none.
    pub fn word_after(&self, i: usize) -> Cow<'_, str> {
        if self.breaks_between(i, i + 1) { Cow::Borrowed("") } else { self.lower(i + 1) }
    }

    /// The two words before token `i` for the language model; quotation marks are passed over.
    pub fn model_before(&self, i: usize) -> [Word; 2] {
        let mut found = [self.language.model.start(); 2];
        let (mut at, mut place) = (i, 2);
        while place > 0 && at > 0 && !self.starts_sentence(at) {
            at -= 1;
            if !is_quote(self.text(at)) {
                place -= 1;
                found[place] = self.model_word(at);
            }
        }
        found
    }

    /// The two words after token `i` for the language model.
    pub fn model_after(&self, i: usize) -> Vec<Word> {
        let mut found = Vec::with_capacity(2);
        let mut at = i;
        while found.len() < 2 {
            if self.breaks_between(at, at + 1) {
                found.push(self.language.model.end());
                break;
            }
            at += 1;
            if !is_quote(self.text(at)) {
                found.push(self.model_word(at));
            }
        }
        found
    }

    /// A word as the language model sees it.
    pub fn model_word(&self, i: usize) -> Word {
        if self.kind(i) == Some(TokenKind::Number) {
            return self.language.model.number();
        }
        self.look_up(&self.lower(i))
    }

    /// A lower-case word as the language model sees it.
    pub fn look_up(&self, word: &str) -> Word {
        self.language.model.look_up(word, &self.language.frequencies)
    }

    /// Whether token `i` stands in a short quotation or alone in brackets: a label, a title, a gloss.
    pub fn is_quoted(&self, i: usize) -> bool {
        let from = i.saturating_sub(SHORT_QUOTE);
        let Some(open) = (from..i).rev().find(|&at| is_quote(self.text(at)) || self.text(at) == "(") else {
            return false;
        };
        if matches!(self.text(open), "»" | "”") {
            return false;
        }
        let bracket = self.text(open) == "(";
        (i + 1..=open + 1 + SHORT_QUOTE).any(|at| {
            if bracket {
                self.text(at) == ")" && at - open <= 3
            } else {
                is_quote(self.text(at)) && !matches!(self.text(at), "«" | "“")
            }
        })
    }

    /// Whether the word beside a token is about as common in English as in French (`car`, `services`).
    pub fn is_half_english(&self, i: usize, beside: usize) -> bool {
        if self.kind(i) != Some(TokenKind::Word) || self.breaks_between(i.min(beside), i.max(beside)) {
            return false;
        }
        let word = self.lower(i);
        let frequency = self.language.frequencies.get(&word);
        word.len() > 2 && frequency.in_english() && frequency.english_excess() > -0.35
    }

    /// Whether the words around token `i..=last` are French: none beside it is English, and some are French.
    pub fn is_french_around(&self, first: usize, last: usize) -> bool {
        let (mut french, mut english) = (0, 0);
        for at in first.saturating_sub(4)..=last + 4 {
            if (first..=last).contains(&at) || self.kind(at) != Some(TokenKind::Word) {
                french += usize::from(self.kind(at) == Some(TokenKind::Elision));
                continue;
            }
            let word = self.lower(at);
            let f = self.language.frequencies.get(&word);
            let adjacent = at + 1 == first || at == last + 1;
            if f.english_excess() >= 0.9 && (adjacent || !self.is_capitalised(at)) {
                let known = self.language.lexicon.contains(&word) && f.english_excess() < 1.5;
                english += usize::from(!known);
                if adjacent && !known && f.english_excess() >= 1.0 {
                    return false;
                }
            } else if f.english_excess() <= -0.7 {
                french += 1;
            }
        }
        french >= 2 && english <= 1 && french > 2 * english
    }
}

/// Lower case with a straight apostrophe, borrowed when it is so already.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii_lowercase()) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_lowercase().replace('’', "'"))
    }
}

fn is_quote(text: &str) -> bool {
    matches!(text, "«" | "»" | "“" | "”" | "\"" | "„" | "‘")
}
