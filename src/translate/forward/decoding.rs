//! The decoder at work: one step for all rows of a batch, whatever search chooses among what it says.

use super::Student;
use super::attention::KeysValues;
use super::layers::{Processor, Scratch};
use super::rows::Grain;
use super::weights::DecoderLayer;
use std::ops::Range;

/// The decoder at work on a batch.
pub struct Decoding<'a> {
    student: &'a Student,
    /// Keys and values of the sources, for each layer.
    memories: Vec<KeysValues>,
    /// The sentence of each row that is still going; in a beam search several rows share one.
    pub active: Vec<usize>,
    /// For each layer, the SSRU cells of the rows, row beside row.
    cells: Vec<Vec<f32>>,
    /// States of the rows after the last step, row beside row.
    x: Vec<f32>,
    scratch: Scratch,
}

impl<'a> Decoding<'a> {
    /// A decoder before its first step, with one row for each sentence that has any pieces.
    pub fn new(student: &'a Student, states: &[f32], rows: &[Range<usize>]) -> Self {
        let layers = &student.weights.decoder;
        let mut scratch = Scratch::default();
        scratch.rows.quantise(student.processor.arch, states, student.weights.dim, Grain::Fine, false);
        let project = |layer: &DecoderLayer| layer.attention.project(student.processor, &scratch.rows, rows);
        let active: Vec<usize> = (0..rows.len()).filter(|&i| !rows[i].is_empty()).collect();
        Self {
            student,
            memories: layers.iter().map(project).collect(),
            cells: vec![vec![0.0; active.len() * student.weights.dim]; layers.len()],
            active,
            x: Vec::new(),
            scratch,
        }
    }

    /// Drops the rows whose sentences are done, and their cells.
    pub fn keep(&mut self, goes_on: impl Fn(usize) -> bool) {
        let kept: Vec<usize> = (0..self.active.len()).filter(|&row| goes_on(self.active[row])).collect();
        if kept.len() < self.active.len() {
            self.select(&kept);
        }
    }

    /// Goes on with these rows only, in this order; a row that is named twice goes on twice.
    pub fn select(&mut self, rows: &[usize]) {
        let dim = self.student.weights.dim;
        for layer in &mut self.cells {
            let mut selected = Vec::with_capacity(rows.len() * dim);
            for &row in rows {
                selected.extend_from_slice(&layer[row * dim..(row + 1) * dim]);
            }
            *layer = selected;
        }
        self.active = rows.iter().map(|&row| self.active[row]).collect();
    }

    /// The logits of the piece after the last step, for every row.
    pub fn logits(&mut self, logits: &mut Vec<f32>) {
        let Processor { arch, kernel } = self.student.processor;
        self.scratch.rows.quantise(arch, &self.x, self.student.weights.dim, Grain::Coarse, false);
        self.student.weights.output.multiply(kernel, &self.scratch.rows, logits);
    }

    /// One step for every row. `last(row)` gives the piece before (none at first: Marian feeds the bare position);
    /// `on_weights(row, weights)` is told the attention of the last layer's first head, row after row.
    pub fn step(
        &mut self,
        step: usize,
        last: impl Fn(usize) -> Option<u32>,
        mut on_weights: impl FnMut(usize, &[f32]),
    ) {
        let Self { student, memories, active, cells, x, scratch } = self;
        let (processor, dim) = (student.processor, student.weights.dim);
        x.clear();
        x.resize(active.len() * dim, 0.0);
        for (n, row) in x.chunks_exact_mut(dim).enumerate() {
            student.embed(last(n), step, &student.weights.target, row);
        }
        let pairs: Vec<(Range<usize>, usize)> =
            active.iter().enumerate().map(|(row, &sentence)| (row..row + 1, sentence)).collect();
        let depth = student.weights.decoder.len();
        for (n, layer) in student.weights.decoder.iter().enumerate() {
            layer.ssru.step(processor, x, &mut cells[n], scratch);
            layer.attention.attend(processor, x, &memories[n], &pairs, scratch, |row, weights| {
                if n + 1 == depth {
                    on_weights(row, weights);
                }
            });
            layer.feed_forward.apply(processor, x, scratch);
        }
    }
}
