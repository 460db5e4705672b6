//! Which French words may hide behind an English one.
//!
//! A machine that replaces English words by English synonyms without knowing the language also hits French words that
//! are spelt alike: `front` becomes `entrance`. The table answers the question backwards: `entrance` → `front`, with
//! the chance that the one stands for the other and the sources that support it. Built by
//! `scripts/resources/build_homographs.py`; the curated pairs of `data/spinner_pairs.tsv` come first.

use super::bytes::{Reader, TableError, u16_at};
use fst::{IntoStreamer, Streamer};
use rustc_hash::{FxHashMap, FxHashSet};

/// ln chance of a candidate that a table does not give: below the least it keeps.
pub const NO_CHANCE: f32 = -9.5;
/// ln chance of a curated pair that the table lacks.
const CURATED_CHANCE: f32 = -4.0;
/// Steps of a stored ln chance.
const STEPS: f32 = 20.0;
/// ln chance that a word of a phrase is itself what the phrase stands for.
const CONTAINED_CHANCE: f32 = -2.5;
/// Ratings of the curated table go from 1 to 9.
const BEST_RATING: f32 = 9.0;
/// See [`BEST_RATING`]; also of a pair without one.
const MIDDLE_RATING: f32 = 5.0;
/// Candidates of a composed phrase at most.
const MOST_COMPOSED: usize = 32;
/// English words that carry no meaning of their own in a phrase.
const LINKS: &[&str] = &[
    "of", "the", "to", "in", "up", "out", "for", "with", "at", "and", "a", "an", "on", "by", "from", "not",
    "very", "be", "is", "my", "have",
];

/// Where a candidate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sources(pub u16);

impl Sources {
    /// The curated pair table.
    pub const CURATED: Self = Self(128);

    /// A curated pair that was seen on a page (note `attested`).
    pub const ATTESTED: Self = Self(64);

    /// A curated pair that came to mind later than others of its original (note `further synonym`).
    pub const FURTHER: Self = Self(256);

    /// All that the curated table says.
    pub const LISTED: Self = Self(Self::CURATED.0 | Self::ATTESTED.0 | Self::FURTHER.0);

    /// The thesauri.
    pub const THESAURI: Self = Self(15);

    /// Whether the pair was seen on a page.
    pub const fn is_attested(self) -> bool {
        self.0 & Self::ATTESTED.0 != 0
    }

    /// Whether the curated table has the pair.
    pub const fn is_curated(self) -> bool {
        self.0 & Self::CURATED.0 != 0
    }

    /// Whether the curated table has the pair among the further ones.
    pub const fn is_further(self) -> bool {
        self.0 & Self::FURTHER.0 != 0
    }

    /// How strongly the thesauri alone link the two words: each may be right on its own, so misses multiply.
    pub fn prior(self) -> f32 {
        const WEIGHTS: [(u16, f32); 4] = [(1, 0.6), (2, 0.5), (4, 0.3), (8, 0.25)];
        1.0 - WEIGHTS.iter().filter(|(bit, _)| self.0 & bit != 0).map(|(_, w)| 1.0 - w).product::<f32>()
    }

    /// The names of the sources, for a person.
    pub fn names(self) -> Vec<&'static str> {
        const NAMES: [(u16, &str); 7] = [
            (128, "curated pair"),
            (1, "WordNet synonym"),
            (2, "WordNet pertainym"),
            (4, "WordNet neighbour"),
            (8, "Moby thesaurus"),
            (16, "near by word vectors"),
            (32, "translated alike"),
        ];
        NAMES.iter().filter(|(bit, _)| self.0 & bit != 0).map(|(_, name)| *name).collect()
    }
}

/// A possible original of a spun form.
#[derive(Debug, Clone, PartialEq)]
pub struct Homograph {
    /// The French word, lower case (or a word of English names, which the lexicon lacks).
    pub original: &'static str,
    /// Its number in the table: below [`Homographs::originals`].
    pub number: u16,
    /// ln of the chance that the form stands for it, before any look at the text.
    pub chance: f32,
    /// Which sources.
    pub sources: Sources,
    /// How readily the form comes to mind for the original where the curated table has the pair: from -1 to 1, and 0
    /// where nothing is known of it.
    pub closeness: f32,
}

/// A pair of the curated table, under its spun form.
#[derive(Debug)]
struct Listed {
    number: u16,
    sources: Sources,
    closeness: f32,
}

/// Where the table has the candidates of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(u32);

/// The table, read in place, and the curated pairs.
#[derive(Debug)]
pub struct Homographs {
    names: Vec<&'static str>,
    /// How many of the names the table has, in order; those of curated pairs alone come after.
    tabled: usize,
    postings: &'static [u8],
    map: fst::Map<&'static [u8]>,
    curated: FxHashMap<&'static str, Vec<Listed>>,
    /// The first words of the curated phrases, and their first two.
    phrase_starts: FxHashSet<&'static str>,
}

impl Homographs {
    /// Opens a table in place. `pairs` is the text of the curated table: `original TAB spun TAB note TAB rating`, `#`
    /// comments.
    pub fn open(bytes: &'static [u8], pairs: &'static str) -> Result<Self, TableError> {
        let mut reader = Reader::new("homographs", "RTHG0002", bytes)?;
        let length = reader.length("names")?;
        let mut names: Vec<&str> = reader.text("names", length)?.lines().collect();
        let tabled = names.len();
        let mut numbers: FxHashMap<&str, usize> =
            names.iter().enumerate().map(|(n, &name)| (name, n)).collect();
        let length = reader.length("postings")?;
        let postings = reader.take("postings", length)?;
        let mut curated: FxHashMap<&str, Vec<Listed>> = FxHashMap::default();
        let mut phrase_starts = FxHashSet::default();
        for Pair { original, spun, sources, closeness } in pairs.lines().filter_map(pair) {
            let mut spaces = spun.match_indices(' ').map(|(at, _)| at);
            if let Some(first) = spaces.next() {
                phrase_starts.insert(&spun[..first]);
                phrase_starts.insert(&spun[..spaces.next().unwrap_or(spun.len())]);
            }
            let number = *numbers.entry(original).or_insert_with(|| {
                names.push(original);
                names.len() - 1
            });
            let number = u16::try_from(number).map_err(|_| reader.inconsistent("names"))?;
            let entry = curated.entry(spun).or_default();
            if !entry.iter().any(|known| known.number == number) {
                entry.push(Listed { number, sources, closeness });
            }
        }
        Ok(Self { names, tabled, postings, map: reader.map()?, curated, phrase_starts })
    }

    /// How many possible originals there are.
    pub fn originals(&self) -> usize {
        self.names.len()
    }

    /// Whether the lower-case form (or phrase) can stand for a French word at all.
    pub fn contains(&self, spun: &str) -> bool {
        self.curated.contains_key(spun) || self.map.contains_key(spun)
    }

    /// Whether the curated table has a pair for the lower-case form (or phrase).
    pub fn is_curated(&self, spun: &str) -> bool {
        self.curated.contains_key(spun)
    }

    /// Whether a curated phrase of several words begins with this word.
    pub fn starts_curated_phrase(&self, word: &str) -> bool {
        self.phrase_starts.contains(word)
    }

    /// Whether any phrase of several words begins with this word.
    pub fn starts_phrase(&self, word: &str) -> bool {
        self.starts_curated_phrase(word) || self.has_form_from(&format!("{word} "))
    }

    /// Whether any phrase begins with these two words, or is they.
    pub fn has_phrase_from(&self, two_words: &str) -> bool {
        self.phrase_starts.contains(two_words) || self.has_form_from(two_words)
    }

    /// Whether the table has a form that begins with these letters.
    fn has_form_from(&self, beginning: &str) -> bool {
        let mut forms = self.map.range().ge(beginning).into_stream();
        forms.next().is_some_and(|(form, _)| form.starts_with(beginning.as_bytes()))
    }

    /// The possible originals of a lower-case spun form, curated ones first. What no table has as a phrase is put
    /// together from its words.
    pub fn candidates(&self, spun: &str) -> Vec<Homograph> {
        self.first_candidates(spun, self.place(spun), usize::MAX)
    }

    /// Where the table has its candidates for a form; `None` if it lacks it.
    pub fn place(&self, spun: &str) -> Option<Place> {
        self.map.get(spun).and_then(|at| u32::try_from(at).ok()).map(Place)
    }

    /// The first candidates of a form that stands at a place of the table: at least so many, if there are.
    pub fn first_candidates(&self, spun: &str, place: Option<Place>, most: usize) -> Vec<Homograph> {
        let mut found = self.listed(spun, place, if spun.contains(' ') { usize::MAX } else { most });
        if spun.contains(' ') || (found.is_empty() && spun.contains('-')) {
            for composed in self.contained(spun).chain(self.composed(spun)) {
                if !found.iter().any(|c| c.number == composed.number) {
                    found.push(composed);
                }
            }
        }
        found
    }

    /// The candidates that the tables list for a form as it is: the curated ones, and others until there are `most`.
    fn listed(&self, spun: &str, place: Option<Place>, most: usize) -> Vec<Homograph> {
        let mut found: Vec<Homograph> = Vec::new();
        for &Listed { number, sources, closeness } in self.curated.get(spun).into_iter().flatten() {
            let Some(&original) = self.names.get(usize::from(number)) else { continue };
            found.push(Homograph { original, number, chance: CURATED_CHANCE, sources, closeness });
        }
        let curated = found.len();
        let Some(Place(at)) = place else { return found };
        let at = at as usize;
        let count = self.postings.get(at).copied().map_or(0, usize::from);
        found.reserve(count.min(most));
        for i in 0..count {
            let Some(cell) = self.postings.get(at + 1 + 4 * i..at + 5 + 4 * i) else { break };
            let number = u16_at(cell, 0);
            let Some(&original) = self.names.get(usize::from(number)) else { continue };
            let chance = -f32::from(cell[2]) / STEPS;
            let has_room = found.len() < most;
            // The table names an original once.
            match found[..curated].iter_mut().find(|c| c.number == number) {
                Some(known) => {
                    known.sources.0 |= u16::from(cell[3]);
                    known.chance = chance;
                }
                None if has_room => {
                    let sources = Sources(u16::from(cell[3]));
                    found.push(Homograph { original, number, chance, sources, closeness: 0.0 });
                }
                None if curated == 0 => break,
                None => {}
            }
        }
        found
    }

    /// The words of a phrase that are originals themselves: spinners put `web site` for `site`.
    fn contained(&self, phrase: &str) -> impl Iterator<Item = Homograph> {
        phrase.split([' ', '-']).filter(|word| !LINKS.contains(word)).filter_map(|word| {
            let number = self.names.get(..self.tabled)?.binary_search(&word).ok()?;
            Some(Homograph {
                original: self.names[number],
                number: u16::try_from(number).ok()?,
                chance: CONTAINED_CHANCE,
                sources: Sources(0),
                closeness: 0.0,
            })
        })
    }

    /// Candidates of a phrase from those of its words: the mean of their ln chances.
    fn composed(&self, phrase: &str) -> Vec<Homograph> {
        let mut sums: FxHashMap<(&'static str, u16), (f32, u16)> = FxHashMap::default();
        let words: Vec<&str> = phrase.split([' ', '-']).filter(|w| !LINKS.contains(w)).collect();
        for word in &words {
            for candidate in self.listed(word, self.place(word), usize::MAX) {
                let sum = sums.entry((candidate.original, candidate.number)).or_insert((0.0, 0));
                sum.0 += candidate.chance - NO_CHANCE;
                // That a word of it is a curated pair says nothing of the phrase.
                sum.1 |= candidate.sources.0 & !Sources::LISTED.0;
            }
        }
        let share = (words.len().max(1) as f32).recip();
        let mut found: Vec<Homograph> = sums
            .into_iter()
            .filter(|((original, _), _)| !words.contains(original))
            .map(|((original, number), (sum, bits))| Homograph {
                original,
                number,
                chance: NO_CHANCE + sum * share,
                sources: Sources(bits),
                closeness: 0.0,
            })
            .collect();
        found.sort_by(|a, b| b.chance.total_cmp(&a.chance).then(a.original.cmp(b.original)));
        found.truncate(MOST_COMPOSED);
        found
    }
}

/// Whether a lower-case English word only links the words of a phrase.
pub fn is_link(word: &str) -> bool {
    LINKS.contains(&word)
}

/// One line of the curated table.
struct Pair {
    original: &'static str,
    spun: &'static str,
    sources: Sources,
    closeness: f32,
}

fn pair(line: &'static str) -> Option<Pair> {
    let (original, rest) = field(line)?;
    let (spun, rest) = field(rest)?;
    let (note, rating) = field(rest).unwrap_or((rest, ""));
    if original.is_empty() || original.starts_with('#') || spun.is_empty() {
        return None;
    }
    let sources = Sources(match note {
        "attested" => Sources::CURATED.0 | Sources::ATTESTED.0,
        "further synonym" => Sources::CURATED.0 | Sources::FURTHER.0,
        _ => Sources::CURATED.0,
    });
    let closeness = match rating.as_bytes() {
        [digit @ b'1'..=b'9'] => (f32::from(digit - b'0') - MIDDLE_RATING) / (BEST_RATING - MIDDLE_RATING),
        _ => 0.0,
    };
    Some(Pair { original, spun, sources, closeness })
}

/// What stands before the first tab and what after it. There are tens of thousands of lines to read at every start, with
/// fields too short for a search by words of the machine.
fn field(line: &'static str) -> Option<(&'static str, &'static str)> {
    let tab = line.bytes().position(|b| b == b'\t')?;
    Some((&line[..tab], &line[tab + 1..]))
}
