//! The places of a vocabulary's pieces in the sentence that was cut.

use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// The bytes of `sentence` under each range of SentencePiece's normalised text.
///
/// Normalisation (NFKC, white space folded to `▁`) keeps the order of characters, so the n-th character that is not
/// white space of one side stands for the n-th of the other, counted after NFKC.
pub(super) fn in_sentence<'r>(
    sentence: &str,
    normalised: &str,
    ranges: impl Iterator<Item = &'r Range<usize>>,
) -> Vec<Range<usize>> {
    // For each non-space character after NFKC, the bytes of the original character it came from.
    let expanded: Vec<Range<usize>> = sentence
        .char_indices()
        .flat_map(|(at, c)| {
            let visible = c.nfkc().filter(|c| !c.is_whitespace() && !c.is_control()).count();
            std::iter::repeat_n(at..at + c.len_utf8(), visible)
        })
        .collect();
    // For each byte of the normalised text, how many visible characters start before it.
    let mut before = vec![0; normalised.len() + 1];
    let mut count = 0;
    for (at, c) in normalised.char_indices() {
        for slot in &mut before[at..at + c.len_utf8()] {
            *slot = count;
        }
        count += usize::from(c != '▁' && !c.is_whitespace());
    }
    before[normalised.len()] = count;
    let visible = |offset: usize| before[offset.min(normalised.len())];
    let start = |offset| expanded.get(visible(offset)).map_or(sentence.len(), |r: &Range<usize>| r.start);
    let end = |offset| {
        visible(offset).checked_sub(1).and_then(|n| expanded.get(n)).map_or(0, |r: &Range<usize>| r.end)
    };
    // A piece of white space alone stands for no text: where the next begins.
    let place = |r: &Range<usize>| start(r.start)..end(r.end).max(start(r.start));
    ranges.map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_find_their_place_and_white_space_has_none() {
        // `ﬁ` is two letters in the normalised text.
        let (sentence, normalised) = ("la  ﬁn", "▁la▁fin");
        let places = in_sentence(sentence, normalised, [0..5, 5..8, 8..9, 9..11].iter());
        assert_eq!(places, [0..2, 4..4, 4..7, 4..8]);
    }
}
