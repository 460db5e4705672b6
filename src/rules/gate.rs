//! Which rules a text can concern at all: one pass over the text instead of one a rule.
//!
//! Most rules need some string in the text to have anything to say ([`Rule::needs`]); most clean texts hold none of
//! them. Each such string is known by its rarest six bytes, and a table of bits says for any six bytes of the text
//! whether they can be those of one (Wu and Manber 1994, "A fast algorithm for multi-pattern searching", without the
//! skips). The table fits the nearest cache, which an automaton of a thousand names does not.

use super::Rule;
use memchr::memmem::Finder;
use rustc_hash::FxHashMap;
use std::collections::HashMap;

/// A set of rules, by their place in the list the gate was built from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleSet(u128);

impl RuleSet {
    /// Rules that a set can tell apart; those beyond always run.
    const MOST: usize = 128;

    /// Whether the rule at this place is in the set.
    pub const fn contains(self, rule: usize) -> bool {
        rule >= Self::MOST || self.0 >> rule & 1 == 1
    }

    const fn with(self, rule: usize) -> Self {
        if rule < Self::MOST { Self(self.0 | 1 << rule) } else { self }
    }
}

/// Bytes of a need that are looked for, where it has as many; fewer are too common in French.
const WIDE: usize = 6;
/// Bytes of a shorter need that are looked for.
const NARROW: usize = 3;
/// Bits of a table's index: 8 KB.
const INDEX_BITS: u32 = 16;

/// A string that some rules need.
#[derive(Debug)]
struct Need {
    /// The string, compared without regard to the case of ASCII letters.
    text: Box<[u8]>,
    /// Where its window begins.
    window: usize,
    /// Who needs it.
    rules: RuleSet,
}

impl Need {
    /// Whether the need begins at `from`.
    fn is_at(&self, bytes: &[u8], from: usize) -> bool {
        bytes.get(from..from + self.text.len()).is_some_and(|there| there.eq_ignore_ascii_case(&self.text))
    }
}

/// Needs by a window of `WIDTH` bytes.
#[derive(Debug)]
struct Windows<const WIDTH: usize> {
    /// One bit for each value of [`Self::index`]: whether a need's window has it.
    bits: Box<[u64; 1 << (INDEX_BITS - 6)]>,
    needs: FxHashMap<u16, Vec<Need>>,
}

impl<const WIDTH: usize> Windows<WIDTH> {
    fn new() -> Self {
        Self { bits: Box::new([0; 1 << (INDEX_BITS - 6)]), needs: FxHashMap::default() }
    }

    /// Adds a need by the bytes in it that French texts have least; gives it back if it is shorter.
    fn add(&mut self, mut need: Need) -> Option<Need> {
        let cost = |window: &[u8]| window.iter().map(|&byte| commonness(byte)).sum::<u32>();
        let rarest = need.text.windows(WIDTH).enumerate().min_by_key(|(_, window)| cost(window));
        let Some((at, window)) = rarest else { return Some(need) };
        need.window = at;
        let mut bytes = [0; 8];
        bytes[..WIDTH].copy_from_slice(window);
        let index = Self::index(u64::from_le_bytes(bytes));
        self.bits[usize::from(index) / 64] |= 1 << (index % 64);
        self.needs.entry(index).or_default().push(need);
        None
    }

    /// Place in the table of eight bytes of a text: of their first [`WIDTH`], letters in lower case. What that does to
    /// other bytes it does alike in needs and texts, and who passes the table is compared in full. Multiplicative
    /// hashing (Knuth, TAOCP 6.4).
    fn index(eight: u64) -> u16 {
        let window = (eight | 0x2020_2020_2020_2020) << (64 - 8 * WIDTH);
        (window.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - INDEX_BITS)) as u16
    }

    /// Whether a need's window may begin with these bytes.
    #[inline(always)]
    fn may_have(&self, eight: u64) -> bool {
        let index = Self::index(eight);
        self.bits[usize::from(index >> 6)] >> (index & 63) & 1 == 1
    }

    /// Adds the rules whose need stands where the text goes on with these bytes.
    #[inline(never)]
    fn open_for(&self, eight: u64, bytes: &[u8], at: usize, open: &mut RuleSet) {
        let index = Self::index(eight);
        for need in self.needs.get(&index).into_iter().flatten() {
            if open.0 | need.rules.0 != open.0
                && at.checked_sub(need.window).is_some_and(|from| need.is_at(bytes, from))
            {
                open.0 |= need.rules.0;
            }
        }
    }
}

/// Tells which of some rules a text can concern.
#[derive(Debug)]
pub struct Gate {
    always: RuleSet,
    wide: Windows<WIDE>,
    narrow: Windows<NARROW>,
    /// Needs shorter than a window, of which there are a handful, in every case.
    short: Vec<(Finder<'static>, RuleSet)>,
}

impl Gate {
    /// A gate for these rules.
    pub fn new(rules: &[Box<dyn Rule>]) -> Self {
        let mut gate =
            Self { always: RuleSet(0), wide: Windows::new(), narrow: Windows::new(), short: Vec::new() };
        let mut by_text: HashMap<String, RuleSet> = HashMap::new();
        for (place, rule) in rules.iter().enumerate() {
            let needs = rule.needs();
            if needs.is_empty() {
                gate.always = gate.always.with(place);
            }
            for need in needs {
                let callers = by_text.entry(need.to_ascii_lowercase()).or_insert(RuleSet(0));
                *callers = callers.with(place);
            }
        }
        for (text, rules) in by_text {
            let need = Need { text: text.into_bytes().into_boxed_slice(), window: 0, rules };
            let short = gate.wide.add(need).and_then(|need| gate.narrow.add(need));
            for case in short.iter().flat_map(|need| cases(&need.text)) {
                gate.short.push((Finder::new(&case).into_owned(), rules));
            }
        }
        gate
    }

    /// The rules that may find something in `text`.
    pub fn rules_for(&self, text: &str) -> RuleSet {
        let bytes = text.as_bytes();
        let mut open = self.always;
        let mut look = |at: usize, eight: [u8; 8]| {
            let eight = u64::from_le_bytes(eight);
            if self.wide.may_have(eight) {
                self.wide.open_for(eight, bytes, at, &mut open);
            }
            if self.narrow.may_have(eight) {
                self.narrow.open_for(eight, bytes, at, &mut open);
            }
        };
        for (at, window) in bytes.windows(8).enumerate() {
            if let Ok(eight) = window.try_into() {
                look(at, eight);
            }
        }
        for at in bytes.len().saturating_sub(7)..bytes.len() {
            let mut eight = [0; 8];
            eight[..bytes.len() - at].copy_from_slice(&bytes[at..]);
            look(at, eight);
        }
        for (finder, rules) in &self.short {
            if open.0 | rules.0 != open.0 && finder.find(bytes).is_some() {
                open.0 |= rules.0;
            }
        }
        open
    }
}

/// A short lower-case need in every mixture of cases.
fn cases(text: &[u8]) -> Vec<Vec<u8>> {
    text.iter().fold(vec![Vec::new()], |beginnings, &byte| {
        let upper = byte.to_ascii_uppercase();
        let both = [Some(byte), (upper != byte).then_some(upper)];
        let longer = |end: u8| beginnings.iter().map(move |start| [start.as_slice(), &[end]].concat());
        both.into_iter().flatten().flat_map(longer).collect()
    })
}

/// How common a lower-case byte is in French text, in steps of a factor of two or so.
fn commonness(byte: u8) -> u32 {
    match byte {
        b' ' | b'e' => 9,
        b'a' | b'i' | b'n' | b'r' | b's' | b't' => 8,
        b'l' | b'o' | b'u' => 7,
        b'c' | b'd' | b'm' | b'p' | 0xc3 => 6,
        b'v' | b'g' | b'f' | b'b' | b'\'' | b',' | b'.' | 0xa9 => 5,
        b'h' | b'q' | b'-' | 0xa0 | 0xa8 => 4,
        b'x' | b'j' | b'y' | 0xe2 | 0x80 => 3,
        b'z' | b'k' | b'w' | 0xc2 => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_passes_the_gate() {
        let rules = crate::rules::registry::all();
        let gate = Gate::new(&rules);
        for (place, rule) in rules.iter().enumerate() {
            for example in rule.info().fires {
                let open = gate.rules_for(example.damaged).contains(place);
                assert!(open, "{}: `needs` leaves out {:?}", rule.info().id, example.damaged);
            }
        }
    }

    #[test]
    fn a_clean_sentence_calls_few_rules() {
        let rules = crate::rules::registry::all();
        let gate = Gate::new(&rules);
        let open = gate.rules_for("Le Parlement a adopté la loi hier soir, par 312 voix contre 98.");
        let called = (0..rules.len()).filter(|&r| open.contains(r)).count();
        assert!(called * 3 < rules.len(), "{called} of {}", rules.len());
    }
}
