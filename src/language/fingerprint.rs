//! Words as numbers: 64 bits mixed from all of a word's bytes, so that two words of a text share them once in 10^19.

use std::ops::Range;

/// A word as a number.
pub type Fingerprint = u64;

/// Sets the ASCII letters among eight bytes in lower case. What that does to digits, spaces, hyphens and apostrophes
/// is nothing: they bear the bit already.
const LOWER: u64 = 0x2020_2020_2020_2020;
/// The bits that no ASCII character has.
const BEYOND_ASCII: u64 = 0x8080_8080_8080_8080;

/// The fingerprint of a word as it is written.
pub fn exact(word: &str) -> Fingerprint {
    mixed(word.as_bytes(), 0).0
}

/// The fingerprint of the lower-case form of ASCII letters, digits, spaces, hyphens and apostrophes; `None` for a word
/// beyond ASCII.
#[inline]
pub fn lower(word: &str) -> Option<Fingerprint> {
    let (fingerprint, bits) = mixed(word.as_bytes(), LOWER);
    (bits & BEYOND_ASCII == 0).then_some(fingerprint)
}

/// [`lower`] of the word at a place of a text. A word of up to eight bytes is read with what stands after it.
#[inline]
pub fn lower_at(text: &str, place: Range<usize>) -> Option<Fingerprint> {
    let length = place.len();
    match text.as_bytes().get(place.start..).and_then(<[u8]>::first_chunk) {
        Some(eight) if (1..=8).contains(&length) => {
            let word = u64::from_le_bytes(*eight) << (64 - 8 * length) >> (64 - 8 * length);
            (word & BEYOND_ASCII == 0).then(|| finished(started(length), word | LOWER))
        }
        _ => lower(text.get(place)?),
    }
}

/// Mixes bytes after adding the bits of `set` to each; also gives the bits that any of them has. Parts of eight bytes
/// are folded in by a wide multiplication, the last part overlapping the one before it (wyhash, Wang Yi 2019).
#[inline]
fn mixed(bytes: &[u8], set: u64) -> (Fingerprint, u64) {
    let (mut mixed, mut bits) = (started(bytes.len()), 0);
    let mut rest = bytes;
    while let Some((part, after)) = rest.split_first_chunk::<8>().filter(|(_, after)| !after.is_empty()) {
        let part = u64::from_le_bytes(*part);
        bits |= part;
        mixed = fold(mixed, part | set);
        rest = after;
    }
    let last = match bytes.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last),
        None => rest.iter().rev().fold(0, |part, &byte| part << 8 | u64::from(byte)),
    };
    (finished(mixed, last | set), bits | last)
}

/// What the mixing begins with.
const fn started(length: usize) -> u64 {
    0x51_7c_c1_b7_27_22_0a_95 ^ length as u64
}

/// Folds in the last part, and once more, so that the top bits, which choose a place in a table, hear of it as well.
#[inline]
fn finished(mixed: u64, last: u64) -> Fingerprint {
    fold(fold(mixed, last), 0)
}

#[inline]
fn fold(mixed: u64, part: u64) -> u64 {
    let product = u128::from(mixed ^ part) * u128::from(0x9e37_79b9_7f4a_7c15_u64);
    (product as u64) ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn case_is_the_only_difference_that_lower_overlooks() {
        let words =
            ["a", "ab", "abc", "pick-up", "quelqu'un", "d'un mot à l'autre", "saint-pierre-et-miquelon"];
        for word in words.iter().filter(|word| word.is_ascii()) {
            assert_eq!(lower(&word.to_ascii_uppercase()), lower(word));
        }
        let all: HashSet<_> =
            words.iter().flat_map(|word| [exact(word), exact(&word.to_uppercase())]).collect();
        assert_eq!(all.len(), 2 * words.len());
        let cut = "saint-pierre-et-miquelon";
        assert_eq!((1..cut.len()).filter_map(|end| lower(&cut[..end])).collect::<HashSet<_>>().len(), 23);
        for (from, to) in (0..cut.len()).flat_map(|from| (from + 1..=cut.len()).map(move |to| (from, to))) {
            assert_eq!(lower_at(cut, from..to), lower(&cut[from..to]));
        }
        assert_eq!(lower_at("l’été", 0..1), lower("l"));
        assert_eq!(lower("été"), None);
        assert_eq!(lower("inattaquablé"), None);
    }
}
