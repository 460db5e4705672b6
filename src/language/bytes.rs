//! Reading the embedded tables in place: little-endian slices with checked bounds, no copy, no parsing.

use std::cmp::Ordering;
use std::ops::Range;
use thiserror::Error;

/// Why a table's bytes are not what they should be.
#[derive(Debug, Error)]
pub enum TableError {
    /// The file does not begin with the expected eight bytes.
    #[error("{table}: not a table of this version (expected {expected:?})")]
    Magic {
        /// Which table.
        table: &'static str,
        /// The magic it should have.
        expected: &'static str,
    },
    /// The file ends before a part that its header promises.
    #[error("{table}: truncated in {part}")]
    Truncated {
        /// Which table.
        table: &'static str,
        /// Which part of it.
        part: &'static str,
    },
    /// A part contradicts another.
    #[error("{table}: inconsistent {part}")]
    Inconsistent {
        /// Which table.
        table: &'static str,
        /// Which part of it.
        part: &'static str,
    },
    /// The finite-state map inside is damaged.
    #[error("{table}: {source}")]
    Map {
        /// Which table.
        table: &'static str,
        /// What the map's reader says.
        source: fst::Error,
    },
}

/// Takes a table apart from its first byte to its last.
pub(super) struct Reader {
    table: &'static str,
    rest: &'static [u8],
}

impl Reader {
    /// A reader past the magic.
    pub fn new(table: &'static str, magic: &'static str, bytes: &'static [u8]) -> Result<Self, TableError> {
        match bytes.strip_prefix(magic.as_bytes()) {
            Some(rest) => Ok(Self { table, rest }),
            None => Err(TableError::Magic { table, expected: magic }),
        }
    }

    /// The next `length` bytes.
    pub fn take(&mut self, part: &'static str, length: usize) -> Result<&'static [u8], TableError> {
        let (taken, rest) =
            self.rest.split_at_checked(length).ok_or(TableError::Truncated { table: self.table, part })?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next u32, as a length or count.
    pub fn length(&mut self, part: &'static str) -> Result<usize, TableError> {
        let bytes = self.take(part, 4)?;
        Ok(u32_at(bytes, 0) as usize)
    }

    /// The next `length` bytes as text.
    pub fn text(&mut self, part: &'static str, length: usize) -> Result<&'static str, TableError> {
        std::str::from_utf8(self.take(part, length)?).map_err(|_| self.inconsistent(part))
    }

    /// All that is left, as a finite-state map.
    pub fn map(self) -> Result<fst::Map<&'static [u8]>, TableError> {
        fst::Map::new(self.rest).map_err(|source| TableError::Map { table: self.table, source })
    }

    /// Whether nothing is left.
    pub fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// The error for a part that contradicts another.
    pub fn inconsistent(&self, part: &'static str) -> TableError {
        TableError::Inconsistent { table: self.table, part }
    }
}

/// The place of `wanted` in a sorted stretch of u16.
pub(super) fn find_u16(bytes: &[u8], range: Range<usize>, wanted: u16) -> Option<usize> {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = (low + high) / 2;
        match u16_at(bytes, middle).cmp(&wanted) {
            Ordering::Equal => return Some(middle),
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
        }
    }
    None
}

/// The `i`-th f32, or 0 past the end.
pub(super) fn f32_at(bytes: &[u8], i: usize) -> f32 {
    f32::from_bits(u32_at(bytes, i))
}

/// The `i`-th u16, or 0 past the end.
pub(super) fn u16_at(bytes: &[u8], i: usize) -> u16 {
    match bytes.get(2 * i..2 * i + 2) {
        Some(&[a, b]) => u16::from_le_bytes([a, b]),
        _ => 0,
    }
}

/// The `i`-th 24-bit number, or 0 past the end.
pub(super) fn u24_at(bytes: &[u8], i: usize) -> u32 {
    match bytes.get(3 * i..3 * i + 3) {
        Some(&[a, b, c]) => u32::from_le_bytes([a, b, c, 0]),
        _ => 0,
    }
}

/// The `i`-th u32, or 0 past the end.
pub(super) fn u32_at(bytes: &[u8], i: usize) -> u32 {
    match bytes.get(4 * i..4 * i + 4) {
        Some(&[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]),
        _ => 0,
    }
}
