//! What one sentence goes through before and after the engine.

use super::engine::{Engine, EngineOutput};
use super::island;
use super::names::names;
use super::shield::{self, Shielded};
use super::{Translation, check, passed_through, truecase};
use crate::align;
use crate::text::ledger::Ledger;
use crate::text::offset::{Source, Span, Target};
use std::ops::Range;

/// A way of translating a sentence: the usual one, and what is tried when its result fails the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Addresses and rare names as symbols, whole sentence.
    Usual,
    /// Numbers as symbols too.
    NamesAndNumbers,
    /// Addresses alone as symbols.
    Addresses,
    /// Addresses and numbers as symbols.
    Numbers,
    /// Cut at commas, shields and numbers into smaller parts.
    Split,
    /// As it is, without shields or truecasing.
    Plain,
}

/// The ways in the order in which they are tried.
pub const WAYS: [Way; 6] =
    [Way::Usual, Way::NamesAndNumbers, Way::Addresses, Way::Numbers, Way::Split, Way::Plain];

impl Way {
    const fn shields_names(self) -> bool {
        matches!(self, Self::Usual | Self::NamesAndNumbers)
    }

    const fn shields_numbers(self) -> bool {
        matches!(self, Self::NamesAndNumbers | Self::Numbers)
    }
}

/// A part of the sentence between cuts.
#[derive(Debug, PartialEq)]
enum Part {
    /// Goes to the target as `text`, without the engine.
    Copy { range: Range<usize>, text: String },
    /// Goes through the engine as `text`; `shielded` when that differs from the sentence under the range.
    Engine { range: Range<usize>, text: String, shielded: Option<Shielded> },
}

/// A sentence ready for the engine.
#[derive(Debug, PartialEq)]
pub struct Prepared<'s> {
    source: &'s str,
    parts: Vec<Part>,
    passes: bool,
    shouting: bool,
}

impl<'s> Prepared<'s> {
    /// Prepares a sentence.
    pub fn new(source: &'s str, way: Way, engine: &dyn Engine) -> Self {
        let passes = !source.chars().any(char::is_alphabetic) || island::is_english_throughout(source);
        let shouting = way != Way::Plain && truecase::is_shouting(source);
        let mut parts = Vec::new();
        if !passes {
            let ranges = match way {
                Way::Split => split(source, engine.longest() / 8, engine),
                _ => split(source, engine.longest(), engine),
            };
            let way = if way.shields_numbers() && !engine.copies_shields() { Way::Split } else { way };
            for range in ranges {
                push_parts(source, range, way, engine, shouting, &mut parts);
            }
        }
        Self { source, parts, passes, shouting }
    }

    /// Whether a way gives the engine anything that no way before it gave: a sentence without numbers and addresses comes to
    /// the same again and again.
    pub fn is_news(source: &'s str, way: Way, engine: &dyn Engine) -> bool {
        let prepared = Self::new(source, way, engine);
        let mut before = WAYS.iter().take_while(|&&earlier| earlier != way);
        before.all(|&earlier| Self::new(source, earlier, engine) != prepared)
    }

    /// What the engine must translate, in order.
    pub fn engine_parts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Engine { text, .. } => Some(text.as_str()),
            Part::Copy { .. } => None,
        })
    }

    /// Puts the engine's outputs together, aligns and checks. Takes as many outputs as there are engine parts.
    pub fn finish(&self, outputs: &mut impl Iterator<Item = EngineOutput>) -> Translation {
        if self.passes {
            return passed_through(self.source);
        }
        let mut joined = Joined::default();
        for part in &self.parts {
            match part {
                Part::Copy { range, text } => {
                    joined.copy(&self.source[range.clone()], text, range.start);
                }
                Part::Engine { range, shielded, .. } => {
                    let output = outputs.next().unwrap_or_default();
                    joined.add(output, range.start, shielded.as_ref());
                }
            }
        }
        let target = if self.shouting { truecase::raised(&joined.text) } else { joined.text };
        let source_tokens: Vec<Span<Source>> = align::words(self.source);
        let target_tokens: Vec<Span<Target>> = align::words(&target);
        let mut pairs = Vec::new();
        for piece in &joined.pieces {
            pairs.extend(align::sharpen(
                &source_tokens,
                &target_tokens,
                &piece.source_pieces,
                &piece.target_pieces,
                &piece.attention,
            ));
        }
        for (from, to) in &joined.copied {
            align_copy(from, to, &source_tokens, &target_tokens, &mut pairs);
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut flags: Vec<String> =
            check::flags(self.source, &target, joined.truncated).into_iter().map(str::to_owned).collect();
        if joined.lost_shield && flags.is_empty() {
            flags.push(check::ADDRESSES.to_owned());
        }
        if joined.failed {
            flags = vec![check::ENGINE.to_owned()];
        }
        let score = (joined.scored > 0).then(|| joined.score / joined.scored as f32);
        Translation { target, source_tokens, target_tokens, pairs, score, flags }
    }
}

/// Aligns a text that was copied from one range to another word by word.
fn align_copy(
    from: &Range<usize>,
    to: &Range<usize>,
    source_tokens: &[Span<Source>],
    target_tokens: &[Span<Target>],
    pairs: &mut Vec<(usize, usize)>,
) {
    let first = source_tokens.partition_point(|token| token.start < from.start);
    let last = source_tokens.partition_point(|token| token.end <= from.end);
    let first_target = target_tokens.partition_point(|token| token.start < to.start);
    let last_target = target_tokens.partition_point(|token| token.end <= to.end);
    if last.checked_sub(first) == last_target.checked_sub(first_target) && first < last {
        let (sources, targets) = (first..last, first_target..last_target);
        pairs.retain(|(s, t)| !(sources.contains(s) && targets.contains(t)));
        pairs.extend(sources.zip(targets));
    }
}

/// Appends the parts of one range: the range itself with its shields as symbols, or cut at each shield.
fn push_parts(
    source: &str,
    range: Range<usize>,
    way: Way,
    engine: &dyn Engine,
    shouting: bool,
    parts: &mut Vec<Part>,
) {
    let text = &source[range.clone()];
    let cased = |t: &str| if shouting { truecase::lowered(t) } else { t.to_owned() };
    if engine.copies_shields() && !matches!(way, Way::Split | Way::Plain) {
        let names = if way.shields_names() && !shouting { names(text, engine) } else { Vec::new() };
        if let Some(mut shielded) = shield::shield(text, &names, way.shields_numbers()) {
            shielded.text = cased(&shielded.text);
            parts.push(Part::Engine { range, text: shielded.text.clone(), shielded: Some(shielded) });
            return;
        }
    }
    let mut start = range.start;
    let kept = if way == Way::Plain { Vec::new() } else { shield::kept(text, way == Way::Split) };
    for (span, copied) in kept {
        let (from, to) = (range.start + span.start, range.start + span.end);
        push_engine(source, start..from, &cased, parts);
        parts.push(Part::Copy { range: from..to, text: copied });
        start = to;
    }
    push_engine(source, start..range.end, &cased, parts);
}

/// A part for the engine, or a copy when nothing in it can be translated.
fn push_engine(source: &str, range: Range<usize>, cased: &impl Fn(&str) -> String, parts: &mut Vec<Part>) {
    let text = &source[range.clone()];
    let start = range.start + (text.len() - text.trim_start().len());
    let end = range.start + text.trim_end().len();
    if start >= end {
        return;
    }
    let text = &source[start..end];
    parts.push(if text.chars().any(char::is_alphabetic) {
        Part::Engine { range: start..end, text: cased(text), shielded: None }
    } else {
        Part::Copy { range: start..end, text: text.to_owned() }
    });
}

/// Cuts a sentence into ranges of at most `limit` pieces, at the most natural place near the middle of what is too
/// long: a semicolon or colon, a comma, a space; anywhere if there is none.
fn split(source: &str, limit: usize, engine: &dyn Engine) -> Vec<Range<usize>> {
    let mut done = Vec::new();
    let mut todo = Vec::from_iter(std::iter::once(0..source.len()));
    while let Some(range) = todo.pop() {
        let text = &source[range.clone()];
        // A piece is at least a byte long, so short texts need no count.
        if text.len() <= limit || (text.len() < 200_000 && engine.pieces(text) <= limit) {
            done.push(range);
            continue;
        }
        let at = range.start + cut_point(text);
        if at <= range.start || at >= range.end {
            // A single character: shorter it does not get, whatever the limit.
            done.push(range);
            continue;
        }
        todo.push(at..range.end);
        todo.push(range.start..at);
    }
    done
}

/// The byte at which to cut a text in two; never 0 nor its length when it has two characters.
fn cut_point(text: &str) -> usize {
    let middle = text.len() / 2;
    let nearest = |marks: &[char], reach: usize| {
        text.char_indices()
            .filter(|(_, c)| marks.contains(c))
            .map(|(at, c)| at + c.len_utf8())
            .filter(|&at| at < text.len() && at.abs_diff(middle) <= reach)
            .min_by_key(|&at| at.abs_diff(middle))
    };
    nearest(&[';', ':', '.', '!', '?', '»', '\n'], text.len() / 3)
        .or_else(|| nearest(&[',', '–', '—', ')'], text.len() / 3))
        .or_else(|| nearest(&[' ', '\u{a0}', '\u{202f}', '\t'], text.len() / 2))
        .unwrap_or_else(|| {
            let at = text.char_indices().map(|(at, _)| at).find(|&at| at >= middle.max(1));
            at.unwrap_or(text.len())
        })
}

/// The target as it grows, with the soft alignment of each engine part.
#[derive(Default)]
struct Joined {
    text: String,
    pieces: Vec<EngineOutput>,
    score: f32,
    scored: usize,
    truncated: bool,
    lost_shield: bool,
    failed: bool,
    /// What went through as a symbol and came back as it was: its places in the source and in the target.
    copied: Vec<(Range<usize>, Range<usize>)>,
}

impl Joined {
    fn needs_space(&self) -> bool {
        !self.text.is_empty() && !self.text.ends_with(char::is_whitespace)
    }

    fn space(&mut self) {
        if self.needs_space() {
            self.text.push(' ');
        }
    }

    /// Appends what stands for a piece of the source, aligned with it: word by word where it is the same text.
    fn copy(&mut self, source: &str, text: &str, source_start: usize) {
        if !text.starts_with(['.', ',', ';', '!', '?', ')', ']']) {
            self.space();
        }
        let at = self.text.len();
        self.text.push_str(text);
        if source != text {
            let words: Vec<Span<Source>> = align::words(source);
            let share = 1.0 / words.len().max(1) as f32;
            self.pieces.push(EngineOutput {
                source_pieces: words.iter().map(|w| source_start + w.start..source_start + w.end).collect(),
                target_pieces: std::iter::once(at..at + text.len()).collect(),
                attention: vec![vec![share; words.len()]],
                ..EngineOutput::default()
            });
            return;
        }
        let words: Vec<Span<Source>> = align::words(text);
        let place = |base: usize| words.iter().map(|w| base + w.start..base + w.end).collect::<Vec<_>>();
        let attention = (0..words.len())
            .map(|i| (0..words.len()).map(|j| f32::from(u8::from(i == j))).collect())
            .collect();
        self.pieces.push(EngineOutput {
            source_pieces: place(source_start),
            target_pieces: place(at),
            attention,
            ..EngineOutput::default()
        });
    }

    /// Appends an engine's output, its shields put back, its offsets moved to the whole sentence.
    fn add(&mut self, mut output: EngineOutput, source_start: usize, shielded: Option<&Shielded>) {
        self.truncated |= output.truncated;
        self.failed |= output.failed;
        if let Some(score) = output.score {
            self.score += score;
            self.scored += 1;
        }
        if let Some(shielded) = shielded {
            for piece in &mut output.source_pieces {
                let span = shielded.ledger.to_raw(Span::new(piece.start, piece.end));
                *piece = span.range();
            }
            let restored = shielded.restore(&output.text);
            self.lost_shield |= restored.is_none();
            let ledger = restored.unwrap_or_else(Ledger::default);
            for piece in &mut output.target_pieces {
                let span = ledger.to_clean(Span::new(piece.start, piece.end));
                *piece = span.range();
            }
            let at = self.text.len() + usize::from(self.needs_space());
            for (from, to) in shielded.copies(&output.text, &ledger) {
                let (from, to) = (from.range(), to.range());
                self.copied
                    .push((source_start + from.start..source_start + from.end, at + to.start..at + to.end));
            }
            output.text = ledger.apply(&output.text);
        }
        self.space();
        let at = self.text.len();
        for piece in &mut output.source_pieces {
            *piece = piece.start + source_start..piece.end + source_start;
        }
        for piece in &mut output.target_pieces {
            *piece = piece.start + at..piece.end + at;
        }
        self.text.push_str(&output.text);
        self.pieces.push(output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts words; `true` for a model that copies shields.
    struct Words(bool);

    impl Engine for Words {
        fn identity(&self) -> String {
            String::new()
        }
        fn pieces(&self, sentence: &str) -> usize {
            sentence.split(' ').count()
        }
        fn longest(&self) -> usize {
            160
        }
        fn copies_shields(&self) -> bool {
            self.0
        }
        fn translate(&self, sentences: &[&str]) -> Vec<EngineOutput> {
            vec![EngineOutput::default(); sentences.len()]
        }
    }

    #[test]
    fn a_sentence_is_tried_again_only_where_the_engine_is_given_something_else() {
        let ways = |sentence: &str, copies: bool| {
            let news = |way: &&Way| Prepared::is_news(sentence, **way, &Words(copies));
            WAYS.iter().filter(news).copied().collect::<Vec<_>>()
        };
        // Nothing to shield, nothing to cut: once is enough.
        assert_eq!(ways("Le chat dort.", true), [Way::Usual]);
        assert_eq!(ways("Le chat dort.", false), [Way::Usual]);
        let number = "Le train de 18 heures part.";
        assert_eq!(ways(number, true), [Way::Usual, Way::NamesAndNumbers, Way::Split]);
        // Without shields, numbers are kept by cutting at once.
        assert_eq!(ways(number, false), [Way::Usual, Way::NamesAndNumbers]);
        assert_eq!(
            ways("Voir https://exemple.fr pour la suite.", true),
            [Way::Usual, Way::Split, Way::Plain]
        );
    }
}
