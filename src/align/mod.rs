//! Word alignment: an engine's soft alignment of pieces, sharpened to pairs of words.

use crate::text::offset::Span;
use crate::text::token::tokenize;
use std::ops::Range;

/// Share of its attention that a target word must give its best source word to be its partner. This and
/// [`LEAST_WISH`] were chosen on either half of the annotated sample; the other half agreed.
const LEAST: f32 = 0.50;
/// Share of a target word's attention from which a source word that nobody took joins it.
const LEAST_WISH: f32 = 0.10;

/// The words of a text, punctuation included, as spans of that text.
pub fn words<S>(text: &str) -> Vec<Span<S>> {
    tokenize(text).iter().map(|t| Span::new(t.span.start, t.span.end)).collect()
}

/// Sharpens soft alignment to pairs `(source word, target word)`, sorted.
///
/// Attention is summed from pieces to words. Each target word takes its best source word when that holds at least
/// half of its attention; a source word that nobody took joins the target word that attends to it most (the union of
/// both directions' maxima above a threshold, after Garg et al. 2019, "Jointly Learning to Align and Translate with
/// Transformer Models", which reads alignments off one head).
pub fn sharpen<A, B>(
    source_words: &[Span<A>],
    target_words: &[Span<B>],
    source_pieces: &[Range<usize>],
    target_pieces: &[Range<usize>],
    attention: &[Vec<f32>],
) -> Vec<(usize, usize)> {
    let weights = word_weights(source_words, target_words, source_pieces, target_pieces, attention);
    let mut pairs = Vec::new();
    for (t, row) in weights.iter().enumerate() {
        let Some((best, &most)) = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)) else { continue };
        if most >= LEAST {
            pairs.push((best, t));
        }
    }
    for s in 0..source_words.len() {
        if pairs.iter().any(|&(taken, _)| taken == s) {
            continue;
        }
        let best = weights.iter().enumerate().map(|(t, row)| (t, row[s])).max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((t, weight)) = best
            && weight >= LEAST_WISH
        {
            pairs.push((s, t));
        }
    }
    pairs.sort_unstable();
    pairs
}

/// Attention of each target word to each source word; rows sum to at most one.
fn word_weights<A, B>(
    source_words: &[Span<A>],
    target_words: &[Span<B>],
    source_pieces: &[Range<usize>],
    target_pieces: &[Range<usize>],
    attention: &[Vec<f32>],
) -> Vec<Vec<f32>> {
    let source_of: Vec<Option<usize>> = source_pieces.iter().map(|p| word_of(source_words, p)).collect();
    let mut weights = vec![vec![0.0; source_words.len()]; target_words.len()];
    let mut counts = vec![0.0_f32; target_words.len()];
    for (piece, row) in target_pieces.iter().zip(attention) {
        let Some(t) = word_of(target_words, piece) else { continue };
        counts[t] += 1.0;
        for (weight, s) in row.iter().zip(&source_of) {
            if let Some(s) = s {
                weights[t][*s] += weight;
            }
        }
    }
    for (row, count) in weights.iter_mut().zip(counts) {
        row.iter_mut().for_each(|w| *w /= count.max(1.0));
    }
    weights
}

/// The word that holds most of a piece (a piece may carry the space before its word).
fn word_of<S>(words: &[Span<S>], piece: &Range<usize>) -> Option<usize> {
    let first = words.partition_point(|w| w.end <= piece.start);
    words[first..]
        .iter()
        .enumerate()
        .take_while(|(_, w)| w.start < piece.end)
        .max_by_key(|(_, w)| w.end.min(piece.end) - w.start.max(piece.start))
        .map(|(n, _)| first + n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::offset::{Source, Target};

    #[test]
    fn pieces_become_words() {
        let source: Vec<Span<Source>> = words("le chat");
        let target: Vec<Span<Target>> = words("the cat");
        let attention = vec![vec![0.9, 0.05, 0.05, 0.0], vec![0.1, 0.5, 0.4, 0.0]];
        let pairs = sharpen(&source, &target, &[0..2, 2..5, 5..7, 7..7], &[0..3, 3..7], &attention);
        assert_eq!(pairs, [(0, 0), (1, 1)]);
    }
}
