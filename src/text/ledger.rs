//! The ledger: the ordered replacements that turn the raw text into the clean text, and the map between both.
//!
//! Invariants, held by construction: replacements are sorted, do not overlap, and lie on character boundaries,
//! so `ledger.apply(raw)` is total and every offset has an image on the other side.

use super::offset::{Clean, Raw, Span};
use thiserror::Error;

/// One replacement: the bytes of `span` in the raw text become `text`. An empty `text` deletes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What is replaced, in the raw text. Empty for an insertion.
    pub span: Span<Raw>,
    /// What stands there in the clean text.
    pub text: String,
}

/// Why a list of replacements cannot be a ledger of a text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LedgerError {
    /// Two replacements touch the same bytes.
    #[error("replacements {0:?} and {1:?} overlap")]
    Overlap(Span<Raw>, Span<Raw>),
    /// A replacement starts or ends outside the text or inside a character.
    #[error("replacement {0:?} does not lie on character boundaries of the text")]
    Boundary(Span<Raw>),
}

/// The replacements of one document, sorted by position.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    replacements: Vec<Replacement>,
    /// For each replacement, where it starts in the clean text.
    clean_starts: Vec<usize>,
}

impl Ledger {
    /// Builds the ledger of `raw`.
    ///
    /// # Errors
    /// [`LedgerError`] when replacements overlap or do not fit the text.
    pub fn new(raw: &str, mut replacements: Vec<Replacement>) -> Result<Self, LedgerError> {
        replacements.sort_by_key(|r| (r.span.start, r.span.end));
        for r in &replacements {
            if r.span.start > r.span.end || raw.get(r.span.range()).is_none() {
                return Err(LedgerError::Boundary(r.span));
            }
        }
        for pair in replacements.windows(2) {
            if pair[1].span.start < pair[0].span.end || pair[0].span == pair[1].span {
                return Err(LedgerError::Overlap(pair[0].span, pair[1].span));
            }
        }
        let mut clean_starts = Vec::with_capacity(replacements.len());
        let (mut clean, mut raw_at) = (0, 0);
        for r in &replacements {
            clean += r.span.start - raw_at;
            clean_starts.push(clean);
            clean += r.text.len();
            raw_at = r.span.end;
        }
        Ok(Self { replacements, clean_starts })
    }

    /// The replacements in order.
    pub fn replacements(&self) -> &[Replacement] {
        &self.replacements
    }

    /// Whether nothing is replaced, so that clean and raw text are equal.
    pub fn is_empty(&self) -> bool {
        self.replacements.is_empty()
    }

    /// The clean text. `raw` must be the text the ledger was built for.
    pub fn apply(&self, raw: &str) -> String {
        let mut clean = String::with_capacity(raw.len());
        let mut at = 0;
        for r in &self.replacements {
            clean.push_str(&raw[at..r.span.start]);
            clean.push_str(&r.text);
            at = r.span.end;
        }
        clean.push_str(&raw[at..]);
        clean
    }

    /// Where replacement `i` stands in the clean text.
    pub fn clean_of(&self, i: usize) -> Span<Clean> {
        Span::new(self.clean_starts[i], self.clean_starts[i] + self.replacements[i].text.len())
    }

    /// The clean span that a raw span became. A span that cuts into a replacement takes all of its result.
    pub fn to_clean(&self, span: Span<Raw>) -> Span<Clean> {
        Span::new(self.clean_edge(span.start, false), self.clean_edge(span.end, true))
    }

    /// The raw span that a clean span came from. A span that cuts into a replacement takes all it replaced.
    pub fn to_raw(&self, span: Span<Clean>) -> Span<Raw> {
        let start = self.raw_edge(span.start, false);
        Span::new(start, self.raw_edge(span.end, true).max(start))
    }

    fn clean_edge(&self, offset: usize, is_end: bool) -> usize {
        // Replacements that start before the offset, or at it when they lie wholly before an end edge.
        let before = self.replacements.partition_point(|r| r.span.start < offset);
        let Some(i) = before.checked_sub(1) else { return offset };
        let r = &self.replacements[i];
        let clean = self.clean_of(i);
        if offset < r.span.end {
            return if is_end { clean.end } else { clean.start };
        }
        clean.end + (offset - r.span.end)
    }

    fn raw_edge(&self, offset: usize, is_end: bool) -> usize {
        let before = self.clean_starts.partition_point(|&start| start < offset);
        // A deletion at the very edge belongs to neither side: step over those that start at an end edge.
        let Some(i) = before.checked_sub(1) else {
            return self.skip_deletions(0, offset, offset, is_end);
        };
        let (r, clean) = (&self.replacements[i], self.clean_of(i));
        if offset < clean.end {
            return if is_end { r.span.end } else { r.span.start };
        }
        self.skip_deletions(i + 1, r.span.end + (offset - clean.end), offset, is_end)
    }

    /// A start edge that coincides with deletions moves past them, so that a segment does not claim them.
    fn skip_deletions(&self, mut i: usize, mut raw: usize, clean: usize, is_end: bool) -> usize {
        while !is_end
            && i < self.replacements.len()
            && self.clean_starts[i] == clean
            && self.replacements[i].text.is_empty()
        {
            raw = self.replacements[i].span.end;
            i += 1;
        }
        raw
    }

    /// The ledger that does first `self`, then `second` (a ledger of this one's clean text).
    ///
    /// Replacements of both that touch the same bytes become one. The second value says, for each replacement of
    /// the result, which replacements of the two it is made of: `(indices in self, indices in second)`.
    pub fn then(&self, raw: &str, second: &Ledger) -> (Ledger, Vec<Origin>) {
        let middle = self.apply(raw);
        // Changed regions of the middle text, with where each comes from.
        let mut regions: Vec<(Span<Clean>, Origin)> =
            (0..self.replacements.len()).map(|i| (self.clean_of(i), (vec![i], vec![]))).collect();
        for (i, r) in second.replacements.iter().enumerate() {
            regions.push((Span::new(r.span.start, r.span.end), (vec![], vec![i])));
        }
        regions.sort_by_key(|(span, _)| (span.start, span.end));
        let mut groups: Vec<(Span<Clean>, Origin)> = Vec::new();
        for (span, origin) in regions {
            match groups.last_mut() {
                // Touching regions merge too: an insertion beside a replacement has no order of its own.
                Some((last, from)) if span.start <= last.end => {
                    last.end = last.end.max(span.end);
                    from.0.extend(origin.0);
                    from.1.extend(origin.1);
                }
                _ => groups.push((span, origin)),
            }
        }
        let mut replacements = Vec::new();
        let mut origins = Vec::new();
        for (span, origin) in groups {
            let raw_span = self.raw_of_group(span, &origin.0);
            let text = second.apply_within(&middle, span, &origin.1);
            if raw.get(raw_span.range()) != Some(text.as_str()) {
                replacements.push(Replacement { span: raw_span, text });
                origins.push(origin);
            }
        }
        let ledger = Ledger::new(raw, replacements).unwrap_or_default();
        (ledger, origins)
    }

    /// The raw bytes under a group of the middle text, whose edges never cut a replacement of `self`.
    fn raw_of_group(&self, span: Span<Clean>, members: &[usize]) -> Span<Raw> {
        let outside = |offset: usize| {
            let i = self.clean_starts.partition_point(|&s| s < offset);
            i.checked_sub(1).map_or(offset, |i| {
                self.replacements[i].span.end + offset.saturating_sub(self.clean_of(i).end)
            })
        };
        let (mut start, mut end) = (outside(span.start), outside(span.end));
        for &i in members {
            start = start.min(self.replacements[i].span.start);
            end = end.max(self.replacements[i].span.end);
        }
        Span::new(start, end.max(start))
    }

    fn apply_within(&self, text: &str, span: Span<Clean>, members: &[usize]) -> String {
        let mut out = String::new();
        let mut at = span.start;
        for &i in members {
            let r = &self.replacements[i];
            out.push_str(&text[at..r.span.start]);
            out.push_str(&r.text);
            at = r.span.end;
        }
        out.push_str(&text[at..span.end]);
        out
    }
}

/// Which replacements of two ledgers, by index, a composed replacement is made of.
pub type Origin = (Vec<usize>, Vec<usize>);

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(raw: &str, edits: &[(usize, usize, &str)]) -> Ledger {
        let list =
            edits.iter().map(|&(s, e, t)| Replacement { span: Span::new(s, e), text: t.into() }).collect();
        Ledger::new(raw, list).expect("valid edits")
    }

    #[test]
    fn applies_in_order_and_maps_both_ways() {
        let raw = "Le Entrance de la ville";
        let l = ledger(raw, &[(3, 11, "Front")]);
        assert_eq!(l.apply(raw), "Le Front de la ville");
        assert_eq!(l.to_clean(Span::new(12, 14)), Span::new(9, 11));
        assert_eq!(l.to_raw(Span::new(9, 11)), Span::new(12, 14));
        assert_eq!(l.to_raw(Span::new(3, 8)), Span::new(3, 11));
        assert_eq!(l.to_raw(Span::new(4, 5)), Span::new(3, 11), "inside a replacement: all of it");
    }

    #[test]
    fn a_segment_after_a_deleted_prefix_does_not_claim_it() {
        let raw = " date 2021-07 Texte";
        let l = ledger(raw, &[(0, 14, "")]);
        assert_eq!(l.to_raw(Span::new(0, 5)), Span::new(14, 19));
    }

    #[test]
    fn overlapping_replacements_are_refused() {
        let list = vec![
            Replacement { span: Span::new(0, 3), text: String::new() },
            Replacement { span: Span::new(2, 4), text: String::new() },
        ];
        assert!(matches!(Ledger::new("abcdef", list), Err(LedgerError::Overlap(..))));
    }

    #[test]
    fn a_span_inside_a_character_is_refused() {
        let list = vec![Replacement { span: Span::new(1, 2), text: String::new() }];
        assert!(matches!(Ledger::new("é", list), Err(LedgerError::Boundary(_))));
    }

    #[test]
    fn composition_equals_applying_twice() {
        let raw = "abcdefgh";
        let first = ledger(raw, &[(1, 3, "XYZ"), (6, 6, "--")]);
        let middle = first.apply(raw);
        let second = ledger(&middle, &[(2, 6, ""), (0, 1, "A")]);
        let (both, origins) = first.then(raw, &second);
        assert_eq!(both.apply(raw), second.apply(&middle));
        assert_eq!(both.replacements().len(), origins.len());
    }
}
