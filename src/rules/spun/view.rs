//! The text as the spun-word rules see it: lower-case words, what the language model makes of them, quotations.

use crate::language::Language;
use crate::language::cloze::Guess;
use crate::language::frequency::Frequency;
use crate::language::homograph::{Homograph, Place};
use crate::language::language_model::Word;
use crate::language::lexicon::Features;
use crate::language::topics::Topic;
use crate::language::word_cache::WordCache;
use crate::rules::context::Context;
use crate::rules::facts::Facts;
use crate::text::token::TokenKind;
use std::borrow::Cow;
use std::cell::RefCell;

/// A quotation of at most this many tokens may be a label or a title, and is left alone.
const SHORT_QUOTE: usize = 6;
/// How many tokens to either side tell what language a text is in.
const AROUND: usize = 4;

thread_local! {
    // The tables are the same for every text, so that a thread may remember what they said.
    static WORDS: RefCell<WordCache<Word>> = RefCell::default();
    static FREQUENCIES: RefCell<WordCache<Frequency>> = RefCell::default();
    static PLACES: RefCell<WordCache<Option<Place>>> = RefCell::default();
    static FORMS: RefCell<WordCache<Option<Features>>> = RefCell::default();
}

/// A context with its language tables.
pub struct View<'a> {
    /// The text and its tokens.
    pub context: &'a Context<'a>,
    /// The tables.
    pub language: &'a Language,
}

impl<'a> View<'a> {
    /// Of a text; `None` where the language tables are missing.
    pub fn of(context: &'a Context<'a>) -> Option<Self> {
        let language = context.resources.language.as_ref()?;
        Some(Self { context, language })
    }
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

    /// What is known of the token; nothing past either end.
    pub fn facts(&self, i: usize) -> Facts {
        self.context.facts.get(i).copied().unwrap_or_default()
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
            (Some(a), Some(b)) => self
                .context
                .text
                .get(a.span.end..b.span.start)
                .is_none_or(|gap| gap.bytes().any(|b| b == b'\n')),
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
        let compute = || self.language.model.look_up(word, &self.language.frequencies);
        WORDS.with_borrow_mut(|words| words.get_or(word, compute))
    }

    /// How common a lower-case word is.
    pub fn frequency(&self, word: &str) -> Frequency {
        FREQUENCIES.with_borrow_mut(|known| known.get_or(word, || self.language.frequencies.get(word)))
    }

    /// What a lower-case form can be in French.
    pub fn features(&self, form: &str) -> Option<Features> {
        FORMS.with_borrow_mut(|forms| forms.get_or(form, || self.language.lexicon.get(form)))
    }

    /// The first candidates of a spun form: at least so many, if there are.
    pub fn first_candidates(&self, form: &str, most: usize) -> Vec<Homograph> {
        let homographs = &self.language.homographs;
        let place = PLACES.with_borrow_mut(|known| known.get_or(form, || homographs.place(form)));
        homographs.first_candidates(form, place, most)
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
        let frequency = self.frequency(&word);
        word.len() > 2 && frequency.in_english() && frequency.english_excess() > -0.35
    }

    /// How French and how English the words around tokens `first..=last` are.
    pub fn surroundings(&self, first: usize, last: usize) -> Surroundings {
        let mut found = Surroundings::default();
        for at in first.saturating_sub(AROUND)..=last + AROUND {
            if (first..=last).contains(&at) || self.kind(at) != Some(TokenKind::Word) {
                found.french += usize::from(self.kind(at) == Some(TokenKind::Elision));
                continue;
            }
            let word = self.lower(at);
            let f = self.frequency(&word);
            let adjacent = at + 1 == first || at == last + 1;
            if f.english_excess() >= 0.9 && (adjacent || !self.is_capitalised(at)) {
                let known = f.english_excess() < 1.5 && self.features(&word).is_some();
                found.english += usize::from(!known);
                found.adjacent_english += usize::from(adjacent && !known && f.english_excess() >= 1.0);
            } else if f.english_excess() <= -0.7 {
                found.french += 1;
            }
        }
        found
    }

    /// What the cloze model makes of the place of tokens `first..=last`, and what its sentence is about.
    pub fn guess(&self, first: usize, last: usize) -> (Guess<'_>, Topic) {
        let Language { model, cloze, topics, .. } = self.language;
        let (before, after) = (self.cloze_before(first), self.cloze_after(last));
        let topic = topics.of(before.iter().chain(&after).copied());
        (cloze.read(&before, &after, model.start(), model.end()), topic)
    }

    /// What the whole text is about.
    pub fn topic(&self) -> Topic {
        let words = (0..self.context.tokens.len()).filter(|&i| self.kind(i) == Some(TokenKind::Word));
        self.language.topics.of(words.map(|i| self.model_word(i)))
    }

    /// The words before token `i` in its sentence for the cloze model, nearest last; quotation marks are passed over.
    fn cloze_before(&self, i: usize) -> Vec<Word> {
        let reach = self.language.cloze.reach();
        let mut found = Vec::with_capacity(reach);
        let mut at = i;
        while found.len() < reach && at > 0 && !self.starts_sentence(at) {
            at -= 1;
            if !is_quote(self.text(at)) {
                found.push(self.model_word(at));
            }
        }
        found.reverse();
        found
    }

    /// The words after token `i` in its sentence for the cloze model, nearest first.
    fn cloze_after(&self, i: usize) -> Vec<Word> {
        let reach = self.language.cloze.reach();
        let mut found = Vec::with_capacity(reach);
        let mut at = i + 1;
        while found.len() < reach && at < self.context.tokens.len() && !self.starts_sentence(at) {
            if !is_quote(self.text(at)) {
                found.push(self.model_word(at));
            }
            at += 1;
        }
        found
    }
}

/// What language the words near a token speak.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Words far commoner in French, and elided ones.
    pub french: usize,
    /// Words far commoner in English that French lacks.
    pub english: usize,
    /// How many of those stand right beside it.
    pub adjacent_english: usize,
}

/// Lower case with a straight apostrophe, borrowed when it is so already.
pub fn fold(text: &str) -> Cow<'_, str> {
    // The lower-case letters from à to ÿ have one first byte, and a second one of the upper half.
    if text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'-' | b'\'' | 0xc3 | 0xa0..=0xbf)) {
        Cow::Borrowed(text)
    } else if text.is_ascii() {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Owned(text.to_lowercase().replace('’', "'"))
    }
}

fn is_quote(text: &str) -> bool {
    matches!(text, "«" | "»" | "“" | "”" | "\"" | "„" | "‘")
}
