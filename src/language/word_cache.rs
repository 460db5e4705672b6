//! A small cache of what was computed for a word: running text repeats few words often (Zipf), and one probe here
//! costs a tenth of a search in a finite-state map.

/// Pairs of slots; a power of two.
const PAIRS: usize = 1 << 15;

/// A word, by 64 bits that are mixed from all of its bytes: two words of a text share them once in 10^19.
type Fingerprint = u64;

/// Remembers a value for each of the last words. A word has a pair of slots to be in: the one that was asked for last
/// stays, so that a frequent word outlives the rare ones that fall on its place.
#[derive(Debug)]
pub struct WordCache<V> {
    pairs: Vec<[Option<(Fingerprint, V)>; 2]>,
}

impl<V: Copy> Default for WordCache<V> {
    fn default() -> Self {
        Self { pairs: vec![[None; 2]; PAIRS] }
    }
}

impl<V: Copy> WordCache<V> {
    /// The value of `word`, remembered or computed.
    pub fn get_or(&mut self, word: &str, compute: impl FnOnce() -> V) -> V {
        self.probe(fingerprint(word, 0), compute)
    }

    /// The value of a word of ASCII letters, digits, hyphens and apostrophes, in whatever case; `compute` gets it in
    /// lower case.
    pub fn get_or_lower(&mut self, word: &str, compute: impl FnOnce(&str) -> V) -> V {
        // The bit sets letters in lower case, and the other bytes that such a word may have bear it already.
        self.probe(fingerprint(word, 0x2020_2020_2020_2020), || compute(&word.to_ascii_lowercase()))
    }

    fn probe(&mut self, word: Fingerprint, compute: impl FnOnce() -> V) -> V {
        let pair = &mut self.pairs[(word >> (64 - PAIRS.trailing_zeros())) as usize];
        match *pair {
            [Some((known, value)), _] if word == known => value,
            [first, Some((known, value))] if word == known => {
                *pair = [Some((known, value)), first];
                value
            }
            [first, _] => {
                let value = compute();
                *pair = [Some((word, value)), first];
                value
            }
        }
    }
}

/// A word's fingerprint, each of its bytes with the bits of `set` added. Parts of eight bytes are folded in by a wide
/// multiplication (as in wyhash, Wang Yi 2019).
fn fingerprint(word: &str, set: u64) -> Fingerprint {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let fold = |mixed: u64, part: u64| {
        let product = u128::from(mixed ^ (part | set)) * u128::from(ODD);
        (product as u64) ^ (product >> 64) as u64
    };
    let mut parts = word.as_bytes().chunks_exact(8);
    let mut mixed = 0x51_7c_c1_b7_27_22_0a_95 ^ word.len() as u64;
    for part in parts.by_ref() {
        mixed = fold(mixed, part.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte)));
    }
    let last = parts.remainder().iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte));
    // Once more, so that the top bits, which choose the place, hear of the last part as well.
    fold(fold(mixed, last), ODD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_computed_once_and_never_taken_for_another_words() {
        let mut cache = WordCache::default();
        let mut computed = 0;
        for word in ["front", "porte", "front", "a-very-long-word-indeed", "front"] {
            let length = cache.get_or(word, || {
                computed += 1;
                word.len()
            });
            assert_eq!(length, word.len());
        }
        assert_eq!(computed, 3);
        for n in 0..50_000 {
            let word = n.to_string();
            assert_eq!(cache.get_or(&word, || word.len()), word.len());
        }
    }
}
