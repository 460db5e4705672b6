//! Our own forward pass of a Marian student: pieces in, pieces, attention and score out.
//!
//! The fast path of translation. Weights are packed once (`matrix`), rows are rounded to integers (`rows`) and multiplied
//! exactly (`product`), sentences of a batch are laid end to end without padding, cross-attention keys and values are
//! projected once, and rows leave the batch as their sentences end. A row's results depend on that row alone, so
//! translations depend neither on the make-up of a batch nor on the number of threads.
//!
//! The model: post-norm transformer encoder, SSRU decoder, tied output (Kim et al. 2019; the "tiny" and "base"
//! students of the Bergamot project).

mod attention;
mod beam;
mod decoding;
mod layers;
mod matrix;
mod product;
mod rows;
mod symbols;
mod weights;

use crate::models::ModelError;
use decoding::Decoding;
use layers::{Processor, Scratch};
use std::ops::Range;
use symbols::{Left, Symbols};
use weights::Weights;

/// Longest translation of a sentence of `n` pieces, as Marian's students are run: 2n + 4, and never over 512.
const fn length_limit(pieces: usize) -> usize {
    let limit = 2 * pieces + 4;
    if limit < 512 { limit } else { 512 }
}

/// What became of one sentence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decoded {
    /// Target pieces, without the end of sentence.
    pub pieces: Vec<u32>,
    /// For each target piece, the attention over the source pieces (end of sentence included).
    pub attention: Vec<Vec<f32>>,
    /// Mean log-probability of a target piece, the end of sentence included.
    pub score: f32,
    /// Whether the end of sentence was produced before the length limit.
    pub ended: bool,
}

/// A student, ready to translate. Cheap to share between threads.
#[derive(Debug)]
pub struct Student {
    weights: Weights,
    processor: Processor,
    /// Sinusoid frequency and phase of each column.
    waves: Vec<(f32, f32)>,
    end: u32,
    symbols: Symbols,
}

impl Student {
    /// Reads a student; `end` is the piece that ends a sentence.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] when the bytes are not a student of this kind.
    pub fn read(bytes: &[u8], end: u32) -> Result<Self, ModelError> {
        let weights = Weights::read(bytes)?;
        let half = weights.dim / 2;
        // Marian lays sines in the first half of the columns and cosines in the second.
        let waves = (0..weights.dim)
            .map(|c| {
                let frequency = 1e-4_f32.powf((c % half) as f32 / (half as f32 - 1.0));
                (frequency, (c / half) as f32 * std::f32::consts::FRAC_PI_2)
            })
            .collect();
        Ok(Self { weights, processor: Processor::detect(), waves, end, symbols: Symbols::default() })
    }

    /// The same student, which says symbols that stand for shielded text, `(source piece, target piece)`, at most once and
    /// only where the source has them.
    #[must_use]
    pub fn with_symbols(self, pairs: Vec<(u32, u32)>) -> Self {
        Self { symbols: Symbols::new(pairs), ..self }
    }

    /// Translates a batch of sentences: greedily, or by a beam search that keeps `beam` hypotheses of each. Each
    /// sentence is a list of source pieces that ends with the end of sentence; pieces outside the vocabulary are taken
    /// as piece 1 (unknown).
    pub fn translate(&self, sentences: &[Vec<u32>], beam: usize) -> Vec<Decoded> {
        let mut decoded = vec![Decoded::default(); sentences.len()];
        let (states, rows) = self.encode(sentences);
        if beam > 1 {
            beam::search(self, sentences, (&states, &rows), beam, &mut decoded);
        } else {
            self.decode(sentences, (&states, &rows), &mut decoded);
        }
        for result in &mut decoded {
            let scored = result.pieces.len() + usize::from(result.ended);
            result.score /= scored.max(1) as f32;
        }
        decoded
    }

    /// Encodes the sentences; returns the states and the rows of each sentence.
    fn encode(&self, sentences: &[Vec<u32>]) -> (Vec<f32>, Vec<Range<usize>>) {
        let mut rows = Vec::with_capacity(sentences.len());
        let total: usize = sentences.iter().map(Vec::len).sum();
        let mut x = vec![0.0; total * self.weights.dim];
        let mut at = 0;
        for sentence in sentences {
            for (position, &piece) in sentence.iter().enumerate() {
                let row = &mut x[(at + position) * self.weights.dim..][..self.weights.dim];
                self.embed(Some(piece), position, &self.weights.source, row);
            }
            rows.push(at..at + sentence.len());
            at += sentence.len();
        }
        let mut scratch = Scratch::default();
        for layer in &self.weights.encoder {
            layer.attention.over_itself(self.processor, &mut x, &rows, &mut scratch);
            layer.feed_forward.apply(self.processor, &mut x, &mut scratch);
        }
        (x, rows)
    }

    /// How given translations attend to their sources: for each target piece, its weights over the source pieces (end
    /// of sentence included). Sources end with the end of sentence, targets do not. One target for each source.
    pub fn attend(&self, sentences: &[Vec<u32>], targets: &[Vec<u32>]) -> Vec<Vec<Vec<f32>>> {
        let (states, rows) = self.encode(sentences);
        let mut attention = vec![Vec::new(); sentences.len()];
        let mut decoding = Decoding::new(self, &states, &rows);
        for step in 0.. {
            decoding.keep(|i| targets.get(i).is_some_and(|t| step < t.len()));
            if decoding.active.is_empty() {
                break;
            }
            let active = decoding.active.clone();
            let last = |row: usize| step.checked_sub(1).and_then(|at| targets[active[row]].get(at).copied());
            decoding.step(step, last, |row, weights| attention[active[row]].push(weights.to_vec()));
        }
        attention
    }

    /// Decodes greedily until every sentence has ended or reached its limit.
    fn decode(
        &self,
        sentences: &[Vec<u32>],
        (states, rows): (&[f32], &[Range<usize>]),
        decoded: &mut [Decoded],
    ) {
        let mut decoding = Decoding::new(self, states, rows);
        let mut left: Vec<Left> = sentences.iter().map(|sentence| self.symbols.of(sentence)).collect();
        let (mut logits, mut attended) = (Vec::new(), Vec::new());
        for step in 0.. {
            decoding.keep(|i| !decoded[i].ended && decoded[i].pieces.len() < length_limit(rows[i].len()));
            if decoding.active.is_empty() {
                break;
            }
            attended.clear();
            let active = decoding.active.clone();
            let last = |row: usize| decoded[active[row]].pieces.last().copied();
            decoding.step(step, last, |_, weights| attended.push(weights.to_vec()));
            decoding.logits(&mut logits);
            let rows = logits.chunks_exact_mut(self.weights.output.columns());
            for ((logits, &i), weights) in rows.zip(&decoding.active).zip(attended.drain(..)) {
                self.symbols.shut_out(left[i], logits);
                let (place, log_probability) = layers::best(self.processor.arch, logits);
                let (piece, result) = (place as u32, &mut decoded[i]);
                result.score += log_probability;
                if piece == self.end {
                    result.ended = true;
                } else {
                    left[i] = self.symbols.after(left[i], piece);
                    result.pieces.push(piece);
                    result.attention.push(weights);
                }
            }
        }
    }

    /// `row = √dim · embedding + position` (Vaswani et al. 2017).
    fn embed(&self, piece: Option<u32>, position: usize, table: &[f32], row: &mut [f32]) {
        let dim = self.weights.dim;
        let scale = (dim as f32).sqrt();
        if let Some(piece) = piece {
            let at = piece as usize * dim;
            let embedding = table.get(at..at + dim).unwrap_or(&table[dim..2 * dim]);
            row.copy_from_slice(embedding);
        }
        for (value, (frequency, phase)) in row.iter_mut().zip(&self.waves) {
            *value = scale.mul_add(*value, (position as f32 * frequency + phase).sin());
        }
    }
}
