//! Byte-pair encoding as SentencePiece does it, for the vocabularies of M2M100 and NLLB.

use crate::models::sentencepiece::{Piece, PieceKind};
use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;

/// A vocabulary whose pieces are joined from characters, those with the greatest score first.
pub struct Bpe {
    pieces: HashMap<String, (u32, f32)>,
    /// Pieces that are never cut, longest first.
    whole: Vec<String>,
}

/// Two neighbours that can be joined.
struct Pair {
    score: f32,
    left: usize,
    right: usize,
    /// Bytes of both together: a pair one of whose sides has changed since is stale.
    size: usize,
}

impl Ord for Pair {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then_with(|| Reverse(self.left).cmp(&Reverse(other.left)))
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Pair {}

/// A stretch of the text, with its neighbours; empty once it is joined to the one before.
struct Symbol {
    range: Range<usize>,
    before: Option<usize>,
    after: Option<usize>,
    whole: bool,
}

impl Bpe {
    /// Takes the pieces that are text.
    pub fn new(pieces: &[Piece]) -> Self {
        let text = |p: &Piece| matches!(p.kind, PieceKind::Normal | PieceKind::UserDefined);
        let mut whole: Vec<String> =
            pieces.iter().filter(|p| p.kind == PieceKind::UserDefined).map(|p| p.text.to_owned()).collect();
        whole.retain(|text| !text.is_empty());
        whole.sort_by_key(|text| Reverse(text.len()));
        let pieces =
            (0..).zip(pieces).filter(|(_, p)| text(p)).map(|(id, p)| (p.text.to_owned(), (id, p.score)));
        Self { pieces: pieces.collect(), whole }
    }

    /// Cuts normalised text: each piece's id, nothing for what the vocabulary lacks, and its bytes.
    pub fn cut(&self, text: &str) -> Vec<(Option<u32>, Range<usize>)> {
        let mut symbols = self.characters(text);
        let mut agenda = BinaryHeap::new();
        for right in 1..symbols.len() {
            agenda.extend(self.pair(text, &symbols, right - 1, right));
        }
        while let Some(pair) = agenda.pop() {
            let (left, right) = (pair.left, pair.right);
            let (a, b) = (symbols[left].range.clone(), symbols[right].range.clone());
            if a.is_empty() || b.is_empty() || a.len() + b.len() != pair.size {
                continue;
            }
            symbols[left].range = a.start..b.end;
            symbols[right].range = b.end..b.end;
            let after = symbols[right].after;
            symbols[left].after = after;
            if let Some(after) = after {
                symbols[after].before = Some(left);
                agenda.extend(self.pair(text, &symbols, left, after));
            }
            if let Some(before) = symbols[left].before {
                agenda.extend(self.pair(text, &symbols, before, left));
            }
        }
        symbols
            .into_iter()
            .filter(|s| !s.range.is_empty())
            .map(|s| (self.pieces.get(&text[s.range.clone()]).map(|(id, _)| *id), s.range))
            .collect()
    }

    /// The text character by character, but for pieces that are never cut.
    fn characters(&self, text: &str) -> Vec<Symbol> {
        let mut symbols: Vec<Symbol> = Vec::new();
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let whole = self.whole.iter().find(|w| text[at..].starts_with(w.as_str()));
            let end = at + whole.map_or(c.len_utf8(), String::len);
            let n = symbols.len();
            symbols.push(Symbol {
                range: at..end,
                before: n.checked_sub(1),
                after: (end < text.len()).then_some(n + 1),
                whole: whole.is_some(),
            });
            at = end;
        }
        symbols
    }

    fn pair(&self, text: &str, symbols: &[Symbol], left: usize, right: usize) -> Option<Pair> {
        let (a, b) = (&symbols[left], &symbols[right]);
        if a.whole || b.whole {
            return None;
        }
        let (_, score) = self.pieces.get(&text[a.range.start..b.range.end])?;
        Some(Pair { score: *score, left, right, size: a.range.len() + b.range.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bpe(pieces: &[(&str, f32, PieceKind)]) -> Bpe {
        Bpe::new(&pieces.iter().map(|&(text, score, kind)| Piece { text, score, kind }).collect::<Vec<_>>())
    }

    #[test]
    fn pairs_join_in_the_order_of_their_scores() {
        let normal = PieceKind::Normal;
        let bpe = bpe(&[
            ("<unk>", 0.0, PieceKind::Unknown),
            ("ab", -1.0, normal),
            ("bc", 0.0, normal),
            ("abc", -2.0, normal),
            ("a", -3.0, normal),
            ("b", -4.0, normal),
            ("c", -5.0, normal),
            ("⟦1⟧", 0.0, PieceKind::UserDefined),
        ]);
        // `bc` first, then `a` with it; a character that is not there stays alone.
        assert_eq!(bpe.cut("abcé"), [(Some(3), 0..3), (None, 3..5)]);
        assert_eq!(
            bpe.cut("aab⟦1⟧c"),
            [(Some(4), 0..1), (Some(1), 1..3), (Some(7), 3..10), (Some(6), 10..11)]
        );
        assert!(bpe.cut("").is_empty());
    }
}
