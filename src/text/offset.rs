//! Half-open byte spans whose coordinate system is part of their type.
//!
//! Three texts live side by side in retouche: the raw input, the clean (repaired) text and the translation.
//! A span of one means nothing in another, so each carries a marker type and the compiler refuses a mix-up.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

/// Marker: offsets into the document as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Raw;

/// Marker: offsets into the repaired text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Clean;

/// Marker: offsets into the source text of one segment (segment-local, unlike [`Clean`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Source;

/// Marker: offsets into the translation of one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Target;

/// A half-open range of UTF-8 byte offsets, `start..end`, in the text that `S` names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span<S> {
    /// First byte of the span.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    space: PhantomData<S>,
}

impl<S> Span<S> {
    /// A span from `start` (included) to `end` (excluded), in bytes.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end, space: PhantomData }
    }

    /// Length in bytes.
    pub const fn len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether the span covers no byte (an insertion point).
    pub const fn is_empty(&self) -> bool {
        self.end <= self.start
    }

    /// The span as a plain range, for slicing the text it belongs to.
    pub const fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether the two spans share at least one byte, or one is an insertion point strictly inside the other.
    pub const fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies wholly inside this span.
    pub const fn contains(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The text under the span; empty when the span does not fit `text` or splits a character.
    pub fn of<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.range()).unwrap_or("")
    }
}

impl<S> fmt::Debug for Span<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}
