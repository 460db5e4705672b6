//! Offset units of the output: code points by default, since most readers are Python; bytes or UTF-16 on demand.

use super::offset::Span;
use serde::{Deserialize, Serialize};

/// The unit that offsets in a record count.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum OffsetUnit {
    /// Unicode code points, as Python counts them.
    #[default]
    Chars,
    /// UTF-8 bytes, as Rust and C count them.
    Bytes,
    /// UTF-16 code units, as JavaScript and Java count them.
    Utf16,
}

/// Converts byte offsets of one text into another unit, in O(1) for ASCII and O(log n) otherwise.
#[derive(Debug)]
pub struct OffsetMap {
    unit: OffsetUnit,
    /// For every non-ASCII character: byte offset just after it, and how many units fewer than bytes so far.
    steps: Vec<(usize, usize)>,
}

impl OffsetMap {
    /// Prepares the map of `text`.
    pub fn new(text: &str, unit: OffsetUnit) -> Self {
        let mut steps = Vec::new();
        if unit != OffsetUnit::Bytes {
            let mut lost = 0;
            for (at, c) in text.char_indices().filter(|(_, c)| !c.is_ascii()) {
                let units = if unit == OffsetUnit::Chars { 1 } else { c.len_utf16() };
                lost += c.len_utf8() - units;
                steps.push((at + c.len_utf8(), lost));
            }
        }
        Self { unit, steps }
    }

    /// The unit this map converts to.
    pub fn unit(&self) -> OffsetUnit {
        self.unit
    }

    /// The offset, in this map's unit, of a byte offset that lies on a character boundary.
    pub fn offset(&self, byte: usize) -> usize {
        let i = self.steps.partition_point(|&(end, _)| end <= byte);
        i.checked_sub(1).map_or(byte, |i| byte - self.steps[i].1)
    }

    /// Both ends of a span, in this map's unit.
    pub fn span<S>(&self, span: Span<S>) -> [usize; 2] {
        [self.offset(span.start), self.offset(span.end)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::offset::Raw;

    #[test]
    fn counts_like_python_javascript_and_rust() {
        let text = "été 😀 fin";
        let span: Span<Raw> = Span::new(text.find("fin").unwrap_or(0), text.len());
        assert_eq!(OffsetMap::new(text, OffsetUnit::Chars).span(span), [6, 9]);
        assert_eq!(OffsetMap::new(text, OffsetUnit::Utf16).span(span), [7, 10]);
        assert_eq!(OffsetMap::new(text, OffsetUnit::Bytes).span(span), [11, 14]);
    }
}
