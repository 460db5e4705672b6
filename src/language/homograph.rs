//! Which French words may hide behind an English one.
//!
//! A machine that replaces English words by English synonyms without knowing the language also hits French words that
//! are spelt alike: `front` becomes `entrance`. The table answers the question backwards: `entrance` → `front`, with
//! the sources that support it. Built by `scripts/resources/build_homographs.py` from WordNet and the Moby thesaurus; the curated pairs of `data/spinner_pairs.tsv` come first.

use super::bytes::{Reader, TableError, u16_at};
use std::collections::{HashMap, HashSet};

/// Prior of a curated pair.
const CURATED_PRIOR: f32 = 0.97;

/// Where a candidate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sources(pub u8);

impl Sources {
    /// The curated pair table.
    pub const CURATED: Self = Self(128);

    /// A curated pair that was seen on a page (note `attested`).
    pub const ATTESTED: Self = Self(64);

    /// Whether the pair was seen on a page.
    pub const fn is_attested(self) -> bool {
        self.0 & Self::ATTESTED.0 != 0
    }

    /// Whether the curated table has the pair.
    pub const fn is_curated(self) -> bool {
        self.0 & Self::CURATED.0 != 0
    }

    /// How strongly the sources link the two words: each on its own may be right, so misses multiply.
    pub fn prior(self) -> f32 {
        const WEIGHTS: [(u8, f32); 5] = [(128, CURATED_PRIOR), (1, 0.6), (2, 0.5), (4, 0.3), (8, 0.25)];
        1.0 - WEIGHTS.iter().filter(|(bit, _)| self.0 & bit != 0).map(|(_, w)| 1.0 - w).product::<f32>()
    }

    /// The names of the sources, for a person.
    pub fn names(self) -> Vec<&'static str> {
        const NAMES: [(u8, &str); 5] = [
            (128, "curated pair"),
            (1, "WordNet synonym"),
            (2, "WordNet pertainym"),
            (4, "WordNet neighbour"),
            (8, "Moby thesaurus"),
        ];
        NAMES.iter().filter(|(bit, _)| self.0 & bit != 0).map(|(_, name)| *name).collect()
    }
}

/// A possible original of a spun form.
#[derive(Debug, Clone, PartialEq)]
pub struct Homograph {
    /// The French word, lower case.
    pub original: &'static str,
    /// Which sources.
    pub sources: Sources,
}

/// The table, read in place, and the curated pairs.
#[derive(Debug)]
pub struct Homographs {
    names: Vec<&'static str>,
    postings: &'static [u8],
    map: fst::Map<&'static [u8]>,
    curated: HashMap<String, Vec<(&'static str, Sources)>>,
    phrase_starts: HashSet<String>,
}

impl Homographs {
    /// Opens a table in place. `pairs` is the text of the curated table: `original TAB spun TAB note`, `#` comments.
    pub fn open(bytes: &'static [u8], pairs: &'static str) -> Result<Self, TableError> {
        let mut reader = Reader::new("homographs", "RTHG0001", bytes)?;
        let length = reader.length("names")?;
        let names: Vec<&str> = reader.text("names", length)?.lines().collect();
        let length = reader.length("postings")?;
        let postings = reader.take("postings", length)?;
        let mut curated: HashMap<String, Vec<(&'static str, Sources)>> = HashMap::new();
        let mut phrase_starts = HashSet::new();
        for (original, spun, sources) in pairs.lines().filter_map(pair) {
            if let Some((first, _)) = spun.split_once(' ') {
                phrase_starts.insert(first.to_owned());
            }
            let entry = curated.entry(spun.to_owned()).or_default();
            if !entry.iter().any(|(known, _)| *known == original) {
                entry.push((original, sources));
            }
        }
        Ok(Self { names, postings, map: reader.map()?, curated, phrase_starts })
    }

    /// Whether the lower-case form (or phrase) can stand for a French word at all.
    pub fn contains(&self, spun: &str) -> bool {
        self.curated.contains_key(spun) || self.map.contains_key(spun)
    }

    /// Whether the curated table has the spun form.
    pub fn is_curated(&self, spun: &str) -> bool {
        self.curated.contains_key(spun)
    }

    /// Whether a curated phrase of several words begins with this word.
    pub fn starts_phrase(&self, word: &str) -> bool {
        self.phrase_starts.contains(word)
    }

    /// The possible originals of a lower-case spun form, curated ones first.
    pub fn candidates(&self, spun: &str) -> Vec<Homograph> {
        let mut found: Vec<Homograph> = Vec::new();
        for &(original, sources) in self.curated.get(spun).into_iter().flatten() {
            found.push(Homograph { original, sources });
        }
        let Some(at) = self.map.get(spun).and_then(|at| usize::try_from(at).ok()) else { return found };
        let count = self.postings.get(at).copied().map_or(0, usize::from);
        for i in 0..count {
            let Some(cell) = self.postings.get(at + 1 + 4 * i..at + 5 + 4 * i) else { break };
            let Some(&original) = self.names.get(usize::from(u16_at(cell, 0))) else { continue };
            match found.iter_mut().find(|c| c.original == original) {
                Some(known) => known.sources.0 |= cell[3],
                None => found.push(Homograph { original, sources: Sources(cell[3]) }),
            }
        }
        found
    }
}

/// One line of the curated table, as `(original, spun, sources)`.
fn pair(line: &str) -> Option<(&str, &str, Sources)> {
    let mut fields = line.split('\t').map(str::trim);
    let (original, spun) = (fields.next()?, fields.next()?);
    let attested = fields.next() == Some("attested");
    let sources = Sources(Sources::CURATED.0 | if attested { Sources::ATTESTED.0 } else { 0 });
    (!original.starts_with('#') && !original.is_empty() && !spun.is_empty())
        .then_some((original, spun, sources))
}
