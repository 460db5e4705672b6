//! Multi-head attention (Vaswani et al. 2017), over a sentence itself or from the target to the source.

use super::layers::{LayerNorm, Processor, Scratch, exp, lanes_sum};
use super::matrix::PackedMatrix;
use super::rows::{Grain, Rows};
use pulp::NullaryFnOnce;
use std::ops::Range;

/// Keys that are scored together: one AVX-512 register.
const LANES: usize = 16;

/// Multi-head attention.
#[derive(Debug, Clone)]
pub struct Attention {
    /// Queries.
    pub query: PackedMatrix,
    /// Keys.
    pub key: PackedMatrix,
    /// Values.
    pub value: PackedMatrix,
    /// Output.
    pub output: PackedMatrix,
    /// Norm after the residual.
    pub norm: LayerNorm,
    /// Number of heads; divides the width.
    pub heads: usize,
}

/// Keys and values of some sentences, projected once.
///
/// Keys are kept sentence by sentence and column by column, so that one column's keys of a sentence lie side by side:
/// scores of many keys are then summed at once, without a sum across a register for each.
#[derive(Debug, Default)]
pub struct KeysValues {
    keys: Vec<f32>,
    values: Vec<f32>,
    /// Rows of each sentence, and where its keys begin.
    sentences: Vec<(Range<usize>, usize)>,
}

impl Attention {
    /// Self-attention over each sentence: `x = norm(x + attend(x, x, x))`. `sentences` are row ranges.
    pub fn over_itself(
        &self,
        processor: Processor,
        x: &mut [f32],
        sentences: &[Range<usize>],
        scratch: &mut Scratch,
    ) {
        scratch.rows.quantise(processor.arch, x, self.query.columns(), Grain::Fine, false);
        let memory = self.project(processor, &scratch.rows, sentences);
        let pairs: Vec<(Range<usize>, usize)> = sentences.iter().cloned().zip(0..).collect();
        self.look(processor, x, &memory, &pairs, scratch, |_, _| {});
    }

    /// Projects the sentences that will be attended to; `sentences` are row ranges.
    pub fn project(&self, processor: Processor, rows: &Rows, sentences: &[Range<usize>]) -> KeysValues {
        let mut memory = KeysValues::default();
        let mut by_row = Vec::new();
        self.key.multiply(processor.kernel, rows, &mut by_row);
        self.value.multiply(processor.kernel, rows, &mut memory.values);
        let width = self.key.columns();
        for sentence in sentences {
            let begin = memory.keys.len();
            let stride = sentence.len().next_multiple_of(LANES);
            memory.keys.resize(begin + stride * width, 0.0);
            let keys = &mut memory.keys[begin..];
            for (at, row) in sentence.clone().enumerate() {
                for (column, &key) in by_row[row * width..(row + 1) * width].iter().enumerate() {
                    keys[column * stride + at] = key;
                }
            }
            memory.sentences.push((sentence.clone(), begin));
        }
        memory
    }

    /// `x = norm(x + attend(x, memory))`. Each pair gives rows of `x` and the sentence of the memory that they see;
    /// `on_weights(row of x, weights)` is told the first head's weights, which students are trained to align with.
    pub fn attend(
        &self,
        processor: Processor,
        x: &mut [f32],
        memory: &KeysValues,
        pairs: &[(Range<usize>, usize)],
        scratch: &mut Scratch,
        on_weights: impl FnMut(usize, &[f32]),
    ) {
        scratch.rows.quantise(processor.arch, x, self.query.columns(), Grain::Fine, false);
        self.look(processor, x, memory, pairs, scratch, on_weights);
    }

    /// [`Self::attend`] when the rows of `x` lie in `scratch` already.
    fn look(
        &self,
        processor: Processor,
        x: &mut [f32],
        memory: &KeysValues,
        pairs: &[(Range<usize>, usize)],
        scratch: &mut Scratch,
        mut on_weights: impl FnMut(usize, &[f32]),
    ) {
        let Processor { arch, kernel } = processor;
        let Scratch { rows, wide, branch, joined } = scratch;
        let width = self.query.columns();
        self.query.multiply(kernel, rows, wide);
        joined.clear();
        joined.resize(wide.len(), 0.0);
        arch.dispatch(Attend {
            width,
            heads: self.heads,
            queries: wide,
            memory,
            pairs,
            joined,
            on_weights: &mut on_weights,
        });
        rows.quantise(arch, joined, width, Grain::Fine, false);
        self.output.multiply(kernel, rows, branch);
        self.norm.add_and_normalise(processor, x, branch);
    }
}

struct Attend<'a> {
    width: usize,
    heads: usize,
    queries: &'a [f32],
    memory: &'a KeysValues,
    pairs: &'a [(Range<usize>, usize)],
    joined: &'a mut [f32],
    on_weights: &'a mut dyn FnMut(usize, &[f32]),
}

impl NullaryFnOnce for Attend<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let width = self.width;
        let head_width = width / self.heads;
        let scale = 1.0 / (head_width as f32).sqrt();
        let mut weights = Vec::new();
        for (rows, sentence) in self.pairs {
            let (seen, begin) = &self.memory.sentences[*sentence];
            let stride = seen.len().next_multiple_of(LANES);
            for head in 0..self.heads {
                let columns = head * head_width..(head + 1) * head_width;
                let keys = &self.memory.keys[begin + columns.start * stride..][..head_width * stride];
                for row in rows.clone() {
                    let query = &self.queries[row * width..][columns.clone()];
                    weights.clear();
                    weights.resize(stride, 0.0);
                    score(query, keys, scale, &mut weights);
                    weights.truncate(seen.len());
                    softmax(&mut weights);
                    let values = &self.memory.values[seen.start * width + columns.start..];
                    mix(&weights, values, width, &mut self.joined[row * width..][columns.clone()]);
                    if head == 0 {
                        (self.on_weights)(row, &weights);
                    }
                }
            }
        }
    }
}

/// Scaled products of a query with keys that lie column by column.
#[inline(always)]
fn score(query: &[f32], keys: &[f32], scale: f32, weights: &mut [f32]) {
    let stride = weights.len();
    for (n, weights) in weights.chunks_exact_mut(LANES).enumerate() {
        let mut sums = [0.0; LANES];
        for (&factor, column) in query.iter().zip(keys.chunks_exact(stride)) {
            let keys = &column[n * LANES..(n + 1) * LANES];
            for i in 0..LANES {
                sums[i] = factor.mul_add(keys[i], sums[i]);
            }
        }
        for i in 0..LANES {
            weights[i] = sums[i] * scale;
        }
    }
}

/// The weighted sum of the first values of rows that are `width` apart.
#[inline(always)]
fn mix(weights: &[f32], values: &[f32], width: usize, sum: &mut [f32]) {
    let mut column = 0;
    let mut chunks = sum.chunks_exact_mut(LANES);
    for chunk in &mut chunks {
        let mut sums = [0.0; LANES];
        for (at, &weight) in weights.iter().enumerate() {
            let values = &values[at * width + column..][..LANES];
            for i in 0..LANES {
                sums[i] = weight.mul_add(values[i], sums[i]);
            }
        }
        chunk.copy_from_slice(&sums);
        column += LANES;
    }
    for slot in chunks.into_remainder() {
        *slot = weights.iter().enumerate().map(|(at, &weight)| weight * values[at * width + column]).sum();
        column += 1;
    }
}

#[inline(always)]
fn softmax(weights: &mut [f32]) {
    let max = weights.iter().copied().fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a });
    weights.iter_mut().for_each(|w| *w = exp(*w - max));
    let share = 1.0 / lanes_sum(weights, |w| w);
    weights.iter_mut().for_each(|w| *w *= share);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_softmax_sums_to_one() {
        let mut weights = vec![1.0, 2.0, 3.0];
        softmax(&mut weights);
        assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(weights[2] > weights[1] && weights[1] > weights[0]);
    }

    #[test]
    fn scores_and_mixtures_are_those_of_the_definition() {
        let (width, seen, query) = (20, 19, [0.5, -1.0, 2.0]);
        let key = |at: usize, column: usize| ((at * 5 + column * 3) % 7) as f32 - 3.0;
        let mut keys = vec![0.0; 3 * 32];
        for at in 0..seen {
            for column in 0..3 {
                keys[column * 32 + at] = key(at, column);
            }
        }
        let mut weights = vec![0.0; 32];
        score(&query, &keys, 0.5, &mut weights);
        for (at, weight) in weights[..seen].iter().enumerate() {
            let exact: f32 = (0..3).map(|column| 0.5 * query[column] * key(at, column)).sum();
            assert!((weight - exact).abs() < 1e-5);
        }
        let values: Vec<f32> = (0..seen * width).map(|i| (i % 13) as f32).collect();
        let mut sum = vec![0.0; 18];
        mix(&weights[..seen], &values[1..], width, &mut sum);
        for (column, found) in sum.iter().enumerate() {
            let exact: f32 = (0..seen).map(|at| weights[at] * values[at * width + 1 + column]).sum();
            assert!((found - exact).abs() < 1e-3);
        }
    }
}
