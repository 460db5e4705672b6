//! Symbols that stand for shielded text: a translation says each at most once, and only those of its source.

/// A logit with which a piece is never chosen.
const NEVER: f32 = -1e9;

/// The symbols in both vocabularies, `(source piece, target piece)`; at most eight are watched over.
#[derive(Debug, Default)]
pub struct Symbols(Vec<(u32, u32)>);

/// The symbols that a translation may still say, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left(u8);

impl Symbols {
    /// Watches over the first eight of these pairs.
    pub fn new(mut pairs: Vec<(u32, u32)>) -> Self {
        pairs.truncate(u8::BITS as usize);
        Self(pairs)
    }

    /// The symbols of a source sentence.
    pub fn of(&self, sentence: &[u32]) -> Left {
        let bits = self.0.iter().enumerate().map(|(n, (source, _))| u8::from(sentence.contains(source)) << n);
        Left(bits.sum())
    }

    /// Shuts out of a row of logits what may not be said any more.
    pub fn shut_out(&self, left: Left, logits: &mut [f32]) {
        for (n, &(_, target)) in self.0.iter().enumerate() {
            if left.0 >> n & 1 == 0
                && let Some(logit) = logits.get_mut(target as usize)
            {
                *logit = NEVER;
            }
        }
    }

    /// What is left after a piece was said.
    pub fn after(&self, left: Left, piece: u32) -> Left {
        let said = self.0.iter().position(|&(_, target)| target == piece);
        Left(said.map_or(left.0, |n| left.0 & !(1 << n)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_said_once_and_only_where_the_source_has_it() {
        let symbols = Symbols::new(vec![(10, 3), (11, 4)]);
        let left = symbols.of(&[7, 11, 0]);
        let mut logits = vec![1.0; 6];
        symbols.shut_out(left, &mut logits);
        assert_eq!(logits, [1.0, 1.0, 1.0, NEVER, 1.0, 1.0]);
        let left = symbols.after(symbols.after(left, 2), 4);
        symbols.shut_out(left, &mut logits);
        assert_eq!(logits, [1.0, 1.0, 1.0, NEVER, NEVER, 1.0]);
        assert_eq!(left, symbols.of(&[]));
    }
}
