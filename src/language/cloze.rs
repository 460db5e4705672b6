//! A small neural model that guesses a hidden homograph from the words around it.
//!
//! The trigram model sees two words to either side; this one sees five in order and twenty as a bag, and chooses among
//! the homographs only. Eight bits a weight, read in place: unpacked, the largest matrix would outgrow the nearer caches.
//! Trained by `scripts/resources/train_cloze.py`, whose head says what is computed.

use super::bytes::{Reader, TableError, f32_at, find_u16, u16_at, u32_at};
use super::dense::{Matrix, Vector};
use super::language_model::Word;
use crate::kernel::Kernel;

/// The model, its embeddings read in place.
#[derive(Debug)]
pub struct Cloze {
    row_of: &'static [u8],
    embeddings: Matrix,
    near: Matrix,
    far: Matrix,
    mid: Matrix,
    out: Matrix,
    near_bias: Vec<f32>,
    mid_bias: Vec<f32>,
    out_bias: &'static [u8],
    targets: &'static [u8],
    dimensions: usize,
    near_words: usize,
    far_words: usize,
    too_common: usize,
    kernel: Kernel,
}

/// A word that the model can guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target(usize);

/// What the model makes of a place in a text: asked for one candidate at a time.
#[derive(Debug)]
pub struct Guess<'m> {
    model: &'m Cloze,
    state: Vector,
}

impl Cloze {
    /// Opens a model, checking that all parts are there.
    pub fn open(bytes: &'static [u8]) -> Result<Self, TableError> {
        let mut reader = Reader::new("cloze model", "RTCZ0001", bytes)?;
        let header = reader.take("header", 32)?;
        let [words, rows, dimensions, hidden, near_words, far_words, targets, too_common] =
            [0, 1, 2, 3, 4, 5, 6, 7].map(|i| u32_at(header, i) as usize);
        let row_of = reader.take("rows", words.saturating_mul(2))?;
        let embeddings = Matrix::take(&mut reader, "embeddings", rows, dimensions)?;
        let near = Matrix::take(&mut reader, "near", hidden, 2 * near_words * dimensions)?;
        let far = Matrix::take(&mut reader, "far", hidden, dimensions)?;
        let mid = Matrix::take(&mut reader, "mid", dimensions, hidden)?;
        let out = Matrix::take(&mut reader, "out", targets, dimensions)?;
        let floats = |bytes: &[u8]| (0..bytes.len() / 4).map(|i| f32_at(bytes, i)).collect();
        let near_bias = floats(reader.take("bias", 4 * hidden)?);
        let mid_bias = floats(reader.take("bias", 4 * dimensions)?);
        let out_bias = reader.take("bias", 4 * targets)?;
        let target_words = reader.take("targets", 2 * targets)?;
        if !reader.is_done() {
            return Err(reader.inconsistent("length"));
        }
        Ok(Self {
            row_of,
            embeddings,
            near,
            far,
            mid,
            out,
            near_bias,
            mid_bias,
            out_bias,
            targets: target_words,
            dimensions,
            near_words,
            far_words,
            too_common,
            kernel: Kernel::detect(),
        })
    }

    /// How many words to either side the model reads.
    pub const fn reach(&self) -> usize {
        self.far_words
    }

    /// Reads a place: the words before it, nearest last, and after it, nearest first, each up to [`Self::reach`] of the
    /// same sentence. `start` and `end` stand where there is none.
    pub fn read(&self, before: &[Word], after: &[Word], start: Word, end: Word) -> Guess<'_> {
        let mut input = Vec::with_capacity(2 * self.near_words * self.dimensions);
        for place in (0..self.near_words).rev() {
            let word = before.len().checked_sub(place + 1).map_or(start, |at| before[at]);
            input.extend(self.embeddings.row(self.row(word)));
        }
        for place in 0..self.near_words {
            input.extend(self.embeddings.row(self.row(after.get(place).copied().unwrap_or(end))));
        }
        let (mut bag, mut counted) = (vec![0.0; self.dimensions], 0_u16);
        let before_far = before.len().saturating_sub(self.near_words);
        let first = before.len().saturating_sub(self.far_words);
        let distant = before[first.min(before_far)..before_far]
            .iter()
            .chain(after.iter().take(self.far_words).skip(self.near_words));
        for &word in distant {
            let row = self.row(word);
            if row > self.too_common {
                counted += 1;
                bag.iter_mut().zip(self.embeddings.row(row)).for_each(|(sum, cell)| *sum += cell);
            }
        }
        let scale = f32::from(counted.max(1)).sqrt().recip();
        bag.iter_mut().for_each(|sum| *sum *= scale);
        let mut hidden = self.near_bias.clone();
        self.near.add_product(self.kernel, &Vector::new(&input), &mut hidden);
        self.far.add_product(self.kernel, &Vector::new(&bag), &mut hidden);
        hidden.iter_mut().for_each(|value| *value = value.max(0.0));
        let mut state = self.mid_bias.clone();
        self.mid.add_product(self.kernel, &Vector::new(&hidden), &mut state);
        Guess { model: self, state: Vector::new(&state) }
    }

    fn row(&self, word: Word) -> usize {
        match word {
            Word::Known(id) if 2 * usize::from(id.number()) + 2 <= self.row_of.len() => {
                usize::from(u16_at(self.row_of, usize::from(id.number())))
            }
            _ => 0,
        }
    }

    /// The word as one to guess; `None` if the model cannot.
    pub fn target(&self, word: Word) -> Option<Target> {
        let Word::Known(id) = word else { return None };
        find_u16(self.targets, 0..self.targets.len() / 2, id.number()).map(Target)
    }
}

impl Guess<'_> {
    /// How well a word fits, as a logit against the other homographs.
    pub fn logit(&self, Target(target): Target) -> f32 {
        self.model.out.row_product(self.model.kernel, target, &self.state)
            + f32_at(self.model.out_bias, target)
    }
}
