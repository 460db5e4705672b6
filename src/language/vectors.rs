//! How near two English words are in meaning, from word vectors.
//!
//! Source: GloVe 6B in 50 dimensions (PDDL), 8 bits a component. The first rows are the French–English homographs, so
//! that one pass over them answers "which of them could this word be a synonym of?" without any thesaurus.

use super::bytes::{Reader, TableError, u32_at};

/// Components of a vector.
const DIMENSIONS: usize = 50;

/// The vectors, read in place.
#[derive(Debug)]
pub struct Vectors {
    homographs: Vec<&'static str>,
    rows: &'static [u8],
    /// Length of each homograph's row.
    norms: Vec<f32>,
    map: fst::Map<&'static [u8]>,
}

impl Vectors {
    /// Opens a table in place.
    pub fn open(bytes: &'static [u8]) -> Result<Self, TableError> {
        let mut reader = Reader::new("vectors", "RTVE0001", bytes)?;
        let side = reader.length("rows")?;
        let header = reader.take("rows", 12)?;
        let [homographs, rows, names] = [0, 1, 2].map(|i| u32_at(header, i) as usize);
        let names = reader.text("names", names)?;
        let names_length = names.len();
        let names: Vec<&str> = names.lines().collect();
        let rows = reader.take("rows", rows.saturating_mul(DIMENSIONS))?;
        if names.len() != homographs
            || side != 12 + names_length + rows.len()
            || homographs * DIMENSIONS > rows.len()
        {
            return Err(reader.inconsistent("rows"));
        }
        let norms = rows.chunks_exact(DIMENSIONS).take(homographs).map(norm).collect();
        Ok(Self { homographs: names, rows, norms, map: reader.map()? })
    }

    /// Whether the word has a vector.
    pub fn contains(&self, word: &str) -> bool {
        self.map.contains_key(word)
    }

    /// The unit vector of a lower-case word, or of a phrase as the mean of its words.
    pub fn get(&self, phrase: &str) -> Option<[f32; DIMENSIONS]> {
        let mut sum = [0.0; DIMENSIONS];
        for word in phrase.split(' ') {
            let row = self.row(usize::try_from(self.map.get(word)?).ok()?)?;
            let norm = norm(row);
            for (total, &byte) in sum.iter_mut().zip(row) {
                *total += component(byte) / norm;
            }
        }
        let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-6);
        Some(sum.map(|x| x / length))
    }

    /// Cosine of a unit vector with a word's; `None` when the word has none.
    pub fn cosine(&self, vector: &[f32; DIMENSIONS], word: &str) -> Option<f32> {
        let row = self.row(usize::try_from(self.map.get(word)?).ok()?)?;
        Some(dot(vector, row) / norm(row))
    }

    /// The homographs nearest to a unit vector, at most `count`, nearest first, with their cosines.
    pub fn nearest(&self, vector: &[f32; DIMENSIONS], count: usize) -> Vec<(&'static str, f32)> {
        if count == 0 {
            return Vec::new();
        }
        let mut all: Vec<(&'static str, f32)> = self
            .homographs
            .iter()
            .zip(self.rows.chunks_exact(DIMENSIONS).zip(&self.norms))
            .map(|(name, (row, norm))| (*name, dot(vector, row) / norm))
            .collect();
        if all.len() > count {
            all.select_nth_unstable_by(count - 1, |a, b| b.1.total_cmp(&a.1));
            all.truncate(count);
        }
        all.sort_unstable_by(|a, b| b.1.total_cmp(&a.1));
        all
    }

    fn row(&self, i: usize) -> Option<&'static [u8]> {
        self.rows.get(i * DIMENSIONS..(i + 1) * DIMENSIONS)
    }
}

/// A signed byte as stored.
const fn component(byte: u8) -> f32 {
    byte.cast_signed() as f32
}

fn dot(vector: &[f32; DIMENSIONS], row: &[u8]) -> f32 {
    // Ten sums side by side, since one would wait for each addition.
    let mut sums = [0.0; 10];
    for (x, bytes) in vector.chunks_exact(10).zip(row.chunks_exact(10)) {
        for i in 0..10 {
            sums[i] += component(bytes[i]) * x[i];
        }
    }
    sums.iter().sum()
}

fn norm(row: &[u8]) -> f32 {
    row.iter().map(|&byte| component(byte) * component(byte)).sum::<f32>().sqrt().max(1e-6)
}
