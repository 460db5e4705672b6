//! Which rules a text can concern at all: one pass over the text instead of one a rule.
//!
//! Most rules need some string in the text to have anything to say ([`Rule::needs`]); most clean texts hold none of
//! them. Each such string is known by its rarest six bytes, and a table of bits says for any six bytes of the text
//! whether they can be those of one (Wu and Manber 1994, "A fast algorithm for multi-pattern searching", without the
//! skips). The table fits the nearest cache, which an automaton of a thousand names does not.

use super::Rule;
use memchr::memmem::Finder;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// A set of rules, by their place in the list the gate was built from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleSet(u128);

impl RuleSet {
    /// Rules that a set can tell apart; those beyond always run.
    const MOST: usize = 128;

    /// Those of the first `count` rules that are in the set, in order.
    pub fn of_first(self, count: usize) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        let known = std::iter::from_fn(move || {
            let next = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            (next < Self::MOST).then_some(next)
        });
        known.chain(Self::MOST..count)
    }

    const fn with(self, rule: usize) -> Self {
        if rule < Self::MOST { Self(self.0 | 1 << rule) } else { self }
    }
}

/// Bytes of a need that are looked for.
const WINDOW: usize = 6;
/// Only every second place of a text is looked at, so that a need has two windows: one that begins at an even place
/// when the need does, and one for when it does not.
const STRIDE: usize = 2;
/// Bits of the table's index: 16 KB.
const INDEX_BITS: u32 = 17;

/// A string that some rules need.
#[derive(Debug)]
struct Need {
    /// The string, compared without regard to the case of ASCII letters.
    text: Box<[u8]>,
    /// Who needs it.
    rules: RuleSet,
}

impl Need {
    /// Whether the need begins at `from`.
    fn is_at(&self, bytes: &[u8], from: usize) -> bool {
        bytes.get(from..from + self.text.len()).is_some_and(|there| there.eq_ignore_ascii_case(&self.text))
    }
}

/// Needs by their windows.
#[derive(Debug)]
struct Windows {
    /// One bit for each value of [`Self::indices`]: whether a need's window has it.
    bits: Box<[u64; 1 << (INDEX_BITS - 6)]>,
    needs: Vec<Need>,
    /// By a window: the needs that have it, and where in them it begins.
    places: FxHashMap<u64, Vec<(usize, usize)>>,
}

impl Windows {
    fn new() -> Self {
        let bits = Box::new([0; 1 << (INDEX_BITS - 6)]);
        Self { bits, needs: Vec::new(), places: FxHashMap::default() }
    }

    /// Adds a need by the bytes in it that French texts have least; gives it back if it is too short.
    fn add(&mut self, need: Need) -> Option<Need> {
        if need.text.len() < WINDOW + STRIDE - 1 {
            return Some(need);
        }
        for parity in 0..STRIDE {
            let windows = need.text.windows(WINDOW).enumerate().skip(parity).step_by(STRIDE);
            let rarest = windows.min_by_key(|(_, window)| window.iter().map(|&b| commonness(b)).sum::<u32>());
            let Some((at, window)) = rarest else { continue };
            let mut bytes = [0; 8];
            bytes[..WINDOW].copy_from_slice(window);
            let window = Self::window(u64::from_le_bytes(bytes));
            for index in Self::indices(window) {
                self.bits[index / 64] |= 1 << (index % 64);
            }
            self.places.entry(window).or_default().push((self.needs.len(), at));
        }
        self.needs.push(need);
        None
    }

    /// The first [`WINDOW`] of eight bytes, letters in lower case. What that does to other bytes it does alike in needs
    /// and texts, and who passes the table is compared in full.
    const fn window(eight: u64) -> u64 {
        (eight | 0x2020_2020_2020_2020) << (64 - 8 * WINDOW)
    }

    /// Places of a window in the table (Bloom 1970), by multiplicative hashing (Knuth, TAOCP 6.4).
    const fn indices(window: u64) -> [usize; 2] {
        let product = window.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let first = product >> (64 - INDEX_BITS);
        [first as usize, (product << INDEX_BITS >> (64 - INDEX_BITS)) as usize]
    }

    /// Whether a need's window may begin with these bytes.
    #[inline(always)]
    fn may_have(&self, eight: u64) -> bool {
        let [first, second] = Self::indices(Self::window(eight));
        let is_set = |index: usize| self.bits[index >> 6] >> (index & 63) & 1 == 1;
        is_set(first) && is_set(second)
    }

    /// Adds the rules whose need stands where the text goes on with these bytes.
    #[inline(never)]
    fn open_for(&self, eight: u64, bytes: &[u8], at: usize, open: &mut RuleSet) {
        for &(need, window) in self.places.get(&Self::window(eight)).into_iter().flatten() {
            let need = &self.needs[need];
            if open.0 | need.rules.0 != open.0
                && at.checked_sub(window).is_some_and(|from| need.is_at(bytes, from))
            {
                open.0 |= need.rules.0;
            }
        }
    }
}

/// Needs shorter than a window that have one of three bytes; they are marks of punctuation.
#[derive(Debug)]
struct Short {
    /// The bytes, looked for first, together.
    markers: [u8; 3],
    /// The needs, in every case.
    needs: Vec<(Finder<'static>, RuleSet)>,
}

/// Tells which of some rules a text can concern.
#[derive(Debug)]
pub struct Gate {
    always: RuleSet,
    long: Windows,
    short: Vec<Short>,
}

impl Gate {
    /// A gate for these rules.
    pub fn new(rules: &[Box<dyn Rule>]) -> Self {
        let mut always = RuleSet(0);
        let mut by_text: BTreeMap<(usize, String), RuleSet> = BTreeMap::new();
        for (place, rule) in rules.iter().enumerate() {
            let needs = rule.needs();
            if needs.is_empty() {
                always = always.with(place);
            }
            for need in needs {
                let callers = by_text.entry((need.len(), need.to_ascii_lowercase())).or_insert(RuleSet(0));
                *callers = callers.with(place);
            }
        }
        let mut long = Windows::new();
        let mut marked: Vec<(u8, Vec<(Finder, RuleSet)>)> = Vec::new();
        // The shortest first: their marker may serve for longer ones.
        for ((_, text), rules) in by_text {
            let Some(need) = long.add(Need { text: text.into_bytes().into_boxed_slice(), rules }) else {
                continue;
            };
            for case in cases(&need.text) {
                // One marker for many needs is one search for many.
                let finder = Finder::new(&case).into_owned();
                if let Some((_, needs)) = marked.iter_mut().find(|(marker, _)| case.contains(marker)) {
                    needs.push((finder, rules));
                } else if let Some(&marker) = case.iter().rev().min_by_key(|&&byte| commonness(byte)) {
                    marked.push((marker, vec![(finder, rules)]));
                }
            }
        }
        let short = marked
            .chunks_mut(3)
            .map(|three| {
                let marker = |n: usize| three[n.min(three.len() - 1)].0;
                let markers = [marker(0), marker(1), marker(2)];
                Short { markers, needs: three.iter_mut().flat_map(|(_, needs)| needs.drain(..)).collect() }
            })
            .collect();
        Self { always, long, short }
    }

    /// The rules that may find something in `text`.
    pub fn rules_for(&self, text: &str) -> RuleSet {
        let bytes = text.as_bytes();
        let mut open = self.always;
        let mut look = |at: usize, eight: [u8; 8]| {
            let eight = u64::from_le_bytes(eight);
            if self.long.may_have(eight) {
                self.long.open_for(eight, bytes, at, &mut open);
            }
        };
        let mut at = 0;
        while let Some(&eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
            look(at, eight);
            at += STRIDE;
        }
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let mut eight = [0; 8];
            eight[..rest.len()].copy_from_slice(rest);
            look(at, eight);
            at += STRIDE;
        }
        for Short { markers: [a, b, c], needs } in &self.short {
            if memchr::memchr3(*a, *b, *c, bytes).is_none() {
                continue;
            }
            for (finder, rules) in needs {
                if open.0 | rules.0 != open.0 && finder.find(bytes).is_some() {
                    open.0 |= rules.0;
                }
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
                let open = gate.rules_for(example.damaged).of_first(rules.len()).any(|r| r == place);
                assert!(open, "{}: `needs` leaves out {:?}", rule.info().id, example.damaged);
            }
        }
    }

    #[test]
    fn a_clean_sentence_calls_few_rules() {
        let rules = crate::rules::registry::all();
        let gate = Gate::new(&rules);
        let open = gate.rules_for("Le Parlement a adopté la loi hier soir, par 312 voix contre 98.");
        let called = open.of_first(rules.len()).count();
        assert!(called * 2 < rules.len(), "{called} of {}", rules.len());
    }
}
