//! What words are about: whether a candidate belongs to the world of the words around it.
//!
//! The trigram and cloze models know French from parliament and manuals. These vectors know less of French and more of
//! the world: a French word has that of the English word that it is mostly translated by, a possible original that of
//! its English namesake, which is what the spinner took it for. Built by `scripts/resources/build_topics.py`, whose head
//! has the layout; read in place.

use super::bytes::{Reader, TableError, find_u16, u16_at};
use super::language_model::Word;

/// Steps of a cell to the unit.
const STEPS: f32 = 16.0;
/// The cell that stands for nought.
const MIDDLE: f32 = 8.0;

/// The vectors, read in place.
#[derive(Debug)]
pub struct Topics {
    row_of: &'static [u8],
    rows: &'static [u8],
    /// Numbers of the possible originals in the language model's vocabulary, ascending.
    originals: &'static [u8],
    own_rows: &'static [u8],
    /// Bytes of a row: two cells each.
    width: usize,
}

/// The meanings of a possible original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// Row of its English namesake, if it has one.
    namesake: Option<usize>,
    /// Row of its translation; 0 for none.
    translation: usize,
}

/// What the words around a place are about: a direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic(Vec<f32>);

impl Topics {
    /// Opens a table in place, checking that all parts are there.
    pub fn open(bytes: &'static [u8]) -> Result<Self, TableError> {
        let mut reader = Reader::new("topics", "RTTP0001", bytes)?;
        let (words, rows) = (reader.length("header")?, reader.length("header")?);
        let originals = reader.length("header")?;
        let width = reader.length("header")?.div_ceil(2);
        let table = Self {
            row_of: reader.take("words", words.saturating_mul(2))?,
            rows: reader.take("rows", rows.saturating_mul(width))?,
            originals: reader.take("originals", originals.saturating_mul(2))?,
            own_rows: reader.take("originals", originals.saturating_mul(width))?,
            width,
        };
        if reader.is_done() { Ok(table) } else { Err(reader.inconsistent("length")) }
    }

    /// What some words are about together.
    pub fn of(&self, words: impl Iterator<Item = Word>) -> Topic {
        let mut sum = vec![0.0; 2 * self.width];
        for word in words {
            sum.iter_mut().zip(self.cells(self.rows, self.row(word))).for_each(|(sum, cell)| *sum += cell);
        }
        let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
        if length > 0.0 {
            sum.iter_mut().for_each(|x| *x /= length);
        }
        Topic(sum)
    }

    /// The meanings of a possible original.
    pub fn meaning(&self, word: Word) -> Meaning {
        Meaning { namesake: self.namesake(word), translation: self.row(word) }
    }

    /// How near its namesake and its translation are to a topic, from -1 to 1; 0 for what is not known.
    pub fn likeness(&self, meaning: Meaning, Topic(topic): &Topic) -> [f32; 2] {
        let near = |rows, row| self.cells(rows, row).zip(topic).map(|(a, b)| a * b).sum();
        [meaning.namesake.map_or(0.0, |row| near(self.own_rows, row)), near(self.rows, meaning.translation)]
    }

    /// The row of a word's translation. The first row, all noughts, is that of the words that have none.
    fn row(&self, word: Word) -> usize {
        match word {
            Word::Known(id) => usize::from(u16_at(self.row_of, usize::from(id.number()))),
            Word::Unknown(_) => 0,
        }
    }

    /// The row of a word's English namesake.
    fn namesake(&self, word: Word) -> Option<usize> {
        let Word::Known(id) = word else { return None };
        find_u16(self.originals, 0..self.originals.len() / 2, id.number())
    }

    /// One row, unpacked; empty past the end.
    fn cells(&self, rows: &'static [u8], row: usize) -> impl Iterator<Item = f32> {
        let cell = |byte: u8| (f32::from(byte) - MIDDLE) / STEPS;
        let bytes = rows.get(row * self.width..(row + 1) * self.width).unwrap_or_default();
        bytes.iter().flat_map(move |&byte| [cell(byte & 15), cell(byte >> 4)])
    }
}

#[cfg(test)]
mod tests {
    use super::super::Resources;

    #[test]
    fn words_of_one_world_are_near_each_other() {
        let Some(language) = &Resources::embedded().language else { panic!("damaged tables") };
        let topics = &language.topics;
        let word = |form: &str| language.model.look_up(form, &language.frequencies);
        let sport = topics.of(["joueur", "équipe", "saison", "champion"].map(word).into_iter());
        let faith = topics.of(["église", "prière", "dieu", "évêque"].map(word).into_iter());
        let near = |form: &str, topic| topics.likeness(topics.meaning(word(form)), topic);
        let nothing = topics.of(std::iter::empty());
        for i in 0..2 {
            assert!(near("match", &sport)[i] > near("religion", &sport)[i] + 0.1);
            assert!(near("religion", &faith)[i] > near("match", &faith)[i] + 0.1);
            assert!(near("match", &nothing)[i].abs() < 1e-6);
        }
    }
}
