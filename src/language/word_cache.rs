//! A small cache of what was computed for a word: running text repeats few words often (Zipf), and one probe here
//! costs a tenth of a search in a finite-state map.

use super::fingerprint::{self, Fingerprint};

/// Pairs of slots; a power of two.
const PAIRS: usize = 1 << 15;

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
        self.get_or_at(fingerprint::exact(word), compute)
    }

    /// The value of the word with this fingerprint, remembered or computed.
    pub fn get_or_at(&mut self, word: Fingerprint, compute: impl FnOnce() -> V) -> V {
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
