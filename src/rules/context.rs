//! What every rule may ask about the text in hand; computed once, shared by all rules.

use super::facts::{self, Facts};
use crate::language::Resources;
use crate::text::document::Lang;
use crate::text::offset::{Raw, Span};
use crate::text::protect::{ProtectedSpan, protected_spans};
use crate::text::token::{Token, tokenize};

/// Words of the user's own, from `retouche.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserLexicon {
    /// `[glossary]`: damaged form → what it stands for.
    pub glossary: Vec<(String, String)>,
    /// `[names]`: names to leave as they are and to restore towards.
    pub names: Vec<String>,
    /// `[protect]`: words and phrases that must not change.
    pub protect: Vec<String>,
}

impl UserLexicon {
    /// Whether these words are what a form of the glossary stands for, in any case.
    pub fn means(&self, words: &str) -> bool {
        let words = words.to_lowercase();
        self.glossary.iter().any(|(_, meant)| meant.to_lowercase() == words)
    }
}

/// One text, ready to be scanned.
pub struct Context<'a> {
    /// The text. (On a second pass this is the text as repaired so far.)
    pub text: &'a str,
    /// Its language.
    pub lang: Lang,
    /// Its tokens, in order.
    pub tokens: Vec<Token>,
    /// What is known of each of them.
    pub facts: Vec<Facts>,
    /// Whether one of them may be in a list of English words.
    has_listed: bool,
    /// The places of the capitalised ones among them, in order.
    pub capitalised: Vec<usize>,
    /// URLs, handles, code and the user's own phrases, in order.
    pub protected: Vec<ProtectedSpan>,
    /// Its lines without line ends, in order; empty lines included.
    pub lines: Vec<Span<Raw>>,
    /// Lexicons, statistics and tables.
    pub resources: &'a Resources,
    /// The user's own words.
    pub user: &'a UserLexicon,
}

impl<'a> Context<'a> {
    /// Prepares `text` for scanning.
    pub fn new(text: &'a str, lang: Lang, resources: &'a Resources, user: &'a UserLexicon) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let content = line.strip_suffix('\n').unwrap_or(line);
            let content = content.strip_suffix('\r').unwrap_or(content);
            lines.push(Span::new(start, start + content.len()));
            start += line.len();
        }
        let tokens = tokenize(text);
        let is_capitalised = |token: &Token| match text.as_bytes()[token.span.start] {
            first if first.is_ascii() => first.is_ascii_uppercase(),
            _ => token.text(text).starts_with(char::is_uppercase),
        };
        let mut capitalised = Vec::with_capacity(8);
        capitalised.extend((0..tokens.len()).filter(|&i| is_capitalised(&tokens[i])));
        let facts = facts::of_tokens(text, &tokens, resources.language.as_ref());
        Self {
            text,
            lang,
            tokens,
            has_listed: facts.iter().fold(false, |any, facts| any | facts.is_listed()),
            facts,
            capitalised,
            protected: protected_spans(text, &user.protect),
            lines,
            resources,
            user,
        }
    }

    /// The places of the tokens that a list of English words may have.
    pub fn listed(&self) -> impl Iterator<Item = usize> {
        let facts = if self.has_listed { self.facts.as_slice() } else { &[] };
        facts.iter().enumerate().filter(|(_, facts)| facts.is_listed()).map(|(place, _)| place)
    }

    /// The pairs of capitalised tokens that follow each other.
    pub fn capitalised_pairs(&self) -> impl Iterator<Item = [&Token; 2]> {
        let adjacent = |pair: &&[usize]| pair[1] == pair[0] + 1;
        self.capitalised
            .windows(2)
            .filter(adjacent)
            .map(|pair| [&self.tokens[pair[0]], &self.tokens[pair[1]]])
    }

    /// Whether the span touches a protected one.
    pub fn is_protected(&self, span: Span<Raw>) -> bool {
        let first = self.protected.partition_point(|p| p.span.end <= span.start);
        self.protected.get(first).is_some_and(|p| p.span.overlaps(&span))
    }

    /// Whether no letter or digit touches a span: it is no part of a longer word.
    pub fn stands_alone(&self, span: Span<Raw>) -> bool {
        let touches = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !touches(self.text[..span.start].chars().next_back())
            && !touches(self.text[span.end..].chars().next())
    }

    /// The text under a span.
    pub fn slice(&self, span: Span<Raw>) -> &'a str {
        span.of(self.text)
    }

    /// The tokens that start inside a span, with the index of the first.
    pub fn tokens_in(&self, span: Span<Raw>) -> (usize, &[Token]) {
        let first = self.tokens.partition_point(|t| t.span.start < span.start);
        let last = self.tokens.partition_point(|t| t.span.start < span.end);
        (first, &self.tokens[first..last])
    }
}
