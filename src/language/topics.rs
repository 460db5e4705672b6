//! What words are about: whether a candidate belongs to the world of the words around it.
//!
//! The trigram and cloze models know French from parliament and manuals. These vectors were trained on the French web:
//! they know nothing of the order of words, and more of the world. Built by `scripts/resources/build_topics.py`, whose
//! head has the layout; read in place.

use super::bytes::{Reader, TableError, u16_at};
use super::language_model::Word;

/// Steps of a cell to the unit.
const STEPS: f32 = 40.0;
/// The cell that stands for nought.
const MIDDLE: i16 = 8;
/// Steps of a topic's cell to the unit. Products of cells, and sums of 240 of them, are exact in 32 bits.
const TOPIC_STEPS: f32 = 2048.0;
/// What counts of a word that counts in full.
const FULL: f32 = 255.0;

/// The vectors, read in place.
#[derive(Debug)]
pub struct Topics {
    row_of: &'static [u8],
    counts: &'static [u8],
    rows: &'static [u8],
    /// Bytes of a row: two cells each.
    width: usize,
}

/// What a word is about: its row. The first row, all noughts, is that of the words of which nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning(usize);

/// What some words are about together: a direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic(Vec<i16>);

impl Topics {
    /// Opens a table in place, checking that all parts are there.
    pub fn open(bytes: &'static [u8]) -> Result<Self, TableError> {
        let mut reader = Reader::new("topics", "RTTP0002", bytes)?;
        let (words, rows) = (reader.length("header")?, reader.length("header")?);
        let width = reader.length("header")?.div_ceil(2);
        let table = Self {
            row_of: reader.take("words", words.saturating_mul(2))?,
            counts: reader.take("words", words)?,
            rows: reader.take("rows", rows.saturating_mul(width))?,
            width,
        };
        if reader.is_done() { Ok(table) } else { Err(reader.inconsistent("length")) }
    }

    /// What some words are about together; frequent ones count for less.
    pub fn of(&self, words: impl Iterator<Item = Word>) -> Topic {
        let mut sum = vec![0.0; 2 * self.width];
        let (first, second) = sum.split_at_mut(self.width);
        for word in words {
            let Word::Known(id) = word else { continue };
            let counts = self.counts.get(usize::from(id.number())).map_or(0.0, |&c| f32::from(c) / FULL);
            let row = self.row(self.meaning(word));
            first.iter_mut().zip(row).for_each(|(sum, &byte)| *sum += counts * f32::from(low(byte)));
            second.iter_mut().zip(row).for_each(|(sum, &byte)| *sum += counts * f32::from(high(byte)));
        }
        let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
        let scale = if length > 0.0 { TOPIC_STEPS / length } else { 0.0 };
        Topic(sum.iter().map(|x| (x * scale).round() as i16).collect())
    }

    /// What a word is about.
    pub fn meaning(&self, word: Word) -> Meaning {
        Meaning(match word {
            Word::Known(id) => usize::from(u16_at(self.row_of, usize::from(id.number()))),
            Word::Unknown(_) => 0,
        })
    }

    /// How near a word is to a topic, from -1 to 1; 0 where nothing is known of it.
    pub fn likeness(&self, meaning: Meaning, Topic(topic): &Topic) -> f32 {
        let row = self.row(meaning);
        let (first, second) = topic.split_at(topic.len() / 2);
        (product(row, low, first) + product(row, high, second)) as f32 / (STEPS * TOPIC_STEPS)
    }

    /// A row; empty past the end.
    fn row(&self, Meaning(row): Meaning) -> &'static [u8] {
        self.rows.get(row * self.width..(row + 1) * self.width).unwrap_or_default()
    }
}

/// The product of the halves of a row's bytes that `cell` takes out with half a topic.
fn product(row: &[u8], cell: impl Fn(u8) -> i16, topic: &[i16]) -> i32 {
    row.iter().zip(topic).map(|(&byte, &t)| i32::from(cell(byte)) * i32::from(t)).sum()
}

/// The cell in the low half of a byte.
fn low(byte: u8) -> i16 {
    i16::from(byte & 15) - MIDDLE
}

/// The cell in the high half of a byte.
fn high(byte: u8) -> i16 {
    i16::from(byte >> 4) - MIDDLE
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
        assert!(near("match", &sport) > near("religion", &sport) + 0.1);
        assert!(near("religion", &faith) > near("match", &faith) + 0.1);
        assert!(near("match", &nothing).abs() < 1e-6);
    }
}
