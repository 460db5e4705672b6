//! A small cache of what was computed for a word: running text repeats few words often (Zipf), and one probe here
//! costs a tenth of a search in a finite-state map.

/// Longest word that is remembered, in bytes.
const LONGEST: usize = 15;
/// Slots; a power of two.
const SLOTS: usize = 1 << 15;

/// Remembers a value for each of the last words, one a slot.
#[derive(Debug)]
pub struct WordCache<V> {
    /// The word's bytes, padded with zeros, its length last; `None` for an empty slot.
    slots: Vec<Option<([u8; LONGEST + 1], V)>>,
}

impl<V: Copy> Default for WordCache<V> {
    fn default() -> Self {
        Self { slots: vec![None; SLOTS] }
    }
}

impl<V: Copy> WordCache<V> {
    /// The value of `word`, remembered or computed.
    pub fn get_or(&mut self, word: &str, compute: impl FnOnce() -> V) -> V {
        if word.len() > LONGEST {
            return compute();
        }
        let mut key = [0; LONGEST + 1];
        key[..word.len()].copy_from_slice(word.as_bytes());
        key[LONGEST] = word.len() as u8;
        let slot = &mut self.slots[place(u128::from_le_bytes(key))];
        match *slot {
            Some((word, value)) if word == key => value,
            _ => {
                let value = compute();
                *slot = Some((key, value));
                value
            }
        }
    }
}

/// Multiplicative hashing of both halves (Knuth, TAOCP 6.4); the top bits are the best mixed.
fn place(key: u128) -> usize {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let (low, high) = (key as u64, (key >> 64) as u64);
    let mixed = (low.wrapping_mul(ODD).rotate_left(29) ^ high).wrapping_mul(ODD);
    (mixed >> (64 - SLOTS.trailing_zeros())) as usize
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
