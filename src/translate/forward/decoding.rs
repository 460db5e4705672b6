//! The decoder at work: one step for all rows of a batch, whatever search chooses among what it says.

use super::Student;
use super::layers::{KeysValues, Scratch};
use std::ops::Range;

/// The decoder at work on a batch.
pub struct Decoding<'a> {
    student: &'a Student,
    rows: &'a [Range<usize>],
    /// Keys and values of the sources, for each layer.
    memories: Vec<KeysValues>,
    /// The sentence of each row that is still going; in a beam search several rows share one.
    pub active: Vec<usize>,
    /// For each layer, the SSRU cells of the rows, row beside row.
    cells: Vec<Vec<f32>>,
    /// States of the rows after the last step, row beside row.
    pub x: Vec<f32>,
    scratch: Scratch,
}

impl<'a> Decoding<'a> {
    /// A decoder before its first step, with one row for each sentence that has any pieces.
    pub fn new(student: &'a Student, states: &[f32], rows: &'a [Range<usize>]) -> Self {
        let layers = &student.weights.decoder;
        let active: Vec<usize> = (0..rows.len()).filter(|&i| !rows[i].is_empty()).collect();
        Self {
            student,
            rows,
            memories: layers.iter().map(|l| l.attention.project(student.arch, states)).collect(),
            cells: vec![vec![0.0; active.len() * student.weights.dim]; layers.len()],
            active,
            x: Vec::new(),
            scratch: Scratch::default(),
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

    /// One step for every row. `last(row)` gives the piece before (none at first: Marian feeds the bare position);
    /// `on_weights(row, weights)` is told the attention of the last layer's first head, row after row.
    pub fn step(
        &mut self,
        step: usize,
        last: impl Fn(usize) -> Option<u32>,
        mut on_weights: impl FnMut(usize, &[f32]),
    ) {
        let Self { student, rows, memories, active, cells, x, scratch } = self;
        let (arch, dim) = (student.arch, student.weights.dim);
        x.clear();
        x.resize(active.len() * dim, 0.0);
        for (n, row) in x.chunks_exact_mut(dim).enumerate() {
            student.embed(last(n), step, &student.weights.target, row);
        }
        let pairs: Vec<(Range<usize>, Range<usize>)> =
            active.iter().enumerate().map(|(n, &i)| (n..n + 1, rows[i].clone())).collect();
        let depth = student.weights.decoder.len();
        for (n, layer) in student.weights.decoder.iter().enumerate() {
            layer.ssru.step(arch, x, &mut cells[n], scratch);
            layer.attention.attend(arch, x, &memories[n], &pairs, scratch, |row, weights| {
                if n + 1 == depth {
                    on_weights(row, weights);
                }
            });
            layer.feed_forward.apply(arch, x, scratch);
        }
    }
}
