//! The layers of a student: affine, post-norm, feed-forward, attention, and the SSRU cell.
//!
//! Shapes are row-major; a "row" is one position of one sentence. Sentences of a batch are laid end to end without
//! padding, since every layer but attention works on rows alone.

use super::matrix::PackedMatrix;
use pulp::{Arch, NullaryFnOnce};
use std::ops::Range;

/// Layer-norm epsilon of Marian.
const EPSILON: f32 = 1e-6;

/// Scale and shift of a layer normalisation.
#[derive(Debug, Clone)]
pub struct LayerNorm {
    /// Multipliers, one a column.
    pub scale: Vec<f32>,
    /// Shifts, one a column.
    pub shift: Vec<f32>,
}

impl LayerNorm {
    /// `x = norm(x + branch)`, row by row (post-norm, Vaswani et al. 2017).
    pub fn add_and_normalise(&self, arch: Arch, x: &mut [f32], branch: &[f32]) {
        arch.dispatch(AddAndNormalise { norm: self, x, branch });
    }
}

// The loops below are structs rather than closures because `pulp` compiles a `call` that is always inlined once for
// each instruction set; a closure would be compiled once, for the oldest.

struct AddAndNormalise<'a> {
    norm: &'a LayerNorm,
    x: &'a mut [f32],
    branch: &'a [f32],
}

impl NullaryFnOnce for AddAndNormalise<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let LayerNorm { scale, shift } = self.norm;
        let width = scale.len();
        for (row, add) in self.x.chunks_exact_mut(width).zip(self.branch.chunks_exact(width)) {
            for (value, add) in row.iter_mut().zip(add) {
                *value += add;
            }
            let mean = lanes_sum(row, |v| v) / width as f32;
            let variance = lanes_sum(row, |v| (v - mean) * (v - mean)) / width as f32;
            let factor = 1.0 / (variance + EPSILON).sqrt();
            for ((value, scale), shift) in row.iter_mut().zip(scale).zip(shift) {
                *value = (*value - mean) * factor * scale + shift;
            }
        }
    }
}

/// Two affine layers with a ReLU between, and the norm after.
#[derive(Debug, Clone)]
pub struct FeedForward {
    /// Widening layer.
    pub first: PackedMatrix,
    /// Narrowing layer.
    pub second: PackedMatrix,
    /// Norm after the residual.
    pub norm: LayerNorm,
}

impl FeedForward {
    /// `x = norm(x + second(relu(first(x))))`.
    pub fn apply(&self, arch: Arch, x: &mut [f32], scratch: &mut Scratch) {
        self.first.multiply(arch, x, &mut scratch.wide);
        relu(&mut scratch.wide);
        self.second.multiply(arch, &scratch.wide, &mut scratch.branch);
        self.norm.add_and_normalise(arch, x, &scratch.branch);
    }
}

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

/// Keys and values of the encoded sentences, projected once for a decoder layer.
#[derive(Debug, Default)]
pub struct KeysValues {
    keys: Vec<f32>,
    values: Vec<f32>,
}

impl Attention {
    /// Self-attention over each sentence: `x = norm(x + attend(x, x, x))`. `sentences` are row ranges.
    pub fn over_itself(&self, arch: Arch, x: &mut [f32], sentences: &[Range<usize>], scratch: &mut Scratch) {
        let memory = self.project(arch, x);
        let queries: Vec<(Range<usize>, Range<usize>)> =
            sentences.iter().map(|s| (s.clone(), s.clone())).collect();
        self.attend(arch, x, &memory, &queries, scratch, |_, _| {});
    }

    /// Projects the rows that will be attended to.
    pub fn project(&self, arch: Arch, rows: &[f32]) -> KeysValues {
        let mut memory = KeysValues::default();
        self.key.multiply(arch, rows, &mut memory.keys);
        self.value.multiply(arch, rows, &mut memory.values);
        memory
    }

    /// `x = norm(x + attend(x, memory))`. Each pair gives rows of `x` and the rows of the memory that they see;
    /// `on_weights(row of x, weights)` is told the first head's weights, which students are trained to align with.
    pub fn attend(
        &self,
        arch: Arch,
        x: &mut [f32],
        memory: &KeysValues,
        pairs: &[(Range<usize>, Range<usize>)],
        scratch: &mut Scratch,
        mut on_weights: impl FnMut(usize, &[f32]),
    ) {
        self.query.multiply(arch, x, &mut scratch.wide);
        scratch.joined.clear();
        scratch.joined.resize(scratch.wide.len(), 0.0);
        let width = self.query.columns();
        arch.dispatch(Attend {
            width,
            heads: self.heads,
            queries: &scratch.wide,
            memory,
            pairs,
            joined: &mut scratch.joined,
            on_weights: &mut on_weights,
        });
        self.output.multiply(arch, &scratch.joined, &mut scratch.branch);
        self.norm.add_and_normalise(arch, x, &scratch.branch);
    }
}

struct Attend<'a> {
    width: usize,
    heads: usize,
    queries: &'a [f32],
    memory: &'a KeysValues,
    pairs: &'a [(Range<usize>, Range<usize>)],
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
        for (rows, seen) in self.pairs {
            for head in 0..self.heads {
                let columns = head * head_width..(head + 1) * head_width;
                for row in rows.clone() {
                    let query = &self.queries[row * width..][columns.clone()];
                    weights.clear();
                    for at in seen.clone() {
                        weights.push(dot(query, &self.memory.keys[at * width..][columns.clone()]) * scale);
                    }
                    softmax(&mut weights);
                    let sum = &mut self.joined[row * width..][columns.clone()];
                    for (at, &weight) in seen.clone().zip(&weights) {
                        let value = &self.memory.values[at * width..][columns.clone()];
                        for (sum, value) in sum.iter_mut().zip(value) {
                            *sum = weight.mul_add(*value, *sum);
                        }
                    }
                    if head == 0 {
                        (self.on_weights)(row, &weights);
                    }
                }
            }
        }
    }
}

/// The simpler simple recurrent unit (Kim et al. 2019, "From Research to Production and Back").
#[derive(Debug, Clone)]
pub struct Ssru {
    /// Candidate state.
    pub candidate: PackedMatrix,
    /// Forget gate.
    pub gate: PackedMatrix,
    /// Norm after the residual.
    pub norm: LayerNorm,
}

impl Ssru {
    /// One step for every row: `c = σ(f)·c + (1 − σ(f))·x̃`, `x = norm(x + relu(c))`.
    pub fn step(&self, arch: Arch, x: &mut [f32], cells: &mut [f32], scratch: &mut Scratch) {
        self.candidate.multiply(arch, x, &mut scratch.branch);
        self.gate.multiply(arch, x, &mut scratch.wide);
        arch.dispatch(Cell { cells, candidate: &mut scratch.branch, gate: &scratch.wide });
        self.norm.add_and_normalise(arch, x, &scratch.branch);
    }
}

struct Cell<'a> {
    cells: &'a mut [f32],
    candidate: &'a mut [f32],
    gate: &'a [f32],
}

impl NullaryFnOnce for Cell<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for ((cell, candidate), gate) in self.cells.iter_mut().zip(self.candidate).zip(self.gate) {
            let keep = 1.0 / (1.0 + exp(-gate));
            *cell = keep.mul_add(*cell - *candidate, *candidate);
            *candidate = cell.max(0.0);
        }
    }
}

/// Buffers that live as long as one call, so that layers do not allocate.
#[derive(Debug, Default)]
pub struct Scratch {
    wide: Vec<f32>,
    branch: Vec<f32>,
    joined: Vec<f32>,
}

fn relu(values: &mut [f32]) {
    values.iter_mut().for_each(|v| *v = v.max(0.0));
}

/// Independent partial sums, so that the compiler may use wide registers in spite of floating-point order.
#[inline(always)]
fn lanes_sum(values: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0; 16];
    let chunks = values.chunks_exact(16);
    let rest: f32 = chunks.remainder().iter().map(|&v| term(v)).sum();
    for chunk in chunks {
        for i in 0..16 {
            sums[i] += term(chunk[i]);
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 16];
    let (a16, b16) = (a.chunks_exact(16), b.chunks_exact(16));
    let rest: f32 = a16.remainder().iter().zip(b16.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a16.zip(b16) {
        for i in 0..16 {
            sums[i] = x[i].mul_add(y[i], sums[i]);
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[inline(always)]
fn softmax(weights: &mut [f32]) {
    let max = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    weights.iter_mut().for_each(|w| *w = exp(*w - max));
    let sum: f32 = weights.iter().sum();
    weights.iter_mut().for_each(|w| *w /= sum);
}

/// The place of the greatest of some logits (the first of equals) and its log-probability.
pub fn best(arch: Arch, logits: &[f32]) -> (usize, f32) {
    arch.dispatch(Best(logits))
}

struct Best<'a>(&'a [f32]);

impl NullaryFnOnce for Best<'_> {
    type Output = (usize, f32);

    #[inline(always)]
    fn call(self) -> (usize, f32) {
        let mut most = [f32::NEG_INFINITY; 16];
        let chunks = self.0.chunks_exact(16);
        let rest = chunks.remainder().iter().copied().fold(f32::NEG_INFINITY, f32::max);
        for chunk in chunks {
            for i in 0..16 {
                // Not `f32::max`, whose care for NaN costs registers.
                most[i] = if chunk[i] > most[i] { chunk[i] } else { most[i] };
            }
        }
        let max = most.iter().copied().fold(rest, f32::max);
        let at = self.0.iter().position(|&v| v == max).unwrap_or(0);
        (at, -lanes_sum(self.0, |v| exp(v - max)).ln())
    }
}

/// `e^x` to about seven digits, in a form that vectorises: 2^n by the exponent bits, the rest by a polynomial
/// (the minimax coefficients of Cephes `expf`, Moshier 1989).
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let n = (x * std::f32::consts::LOG2_E).round_ties_even();
    let r = n.mul_add(-0.693_359_4, x);
    let r = n.mul_add(2.121_944_4e-4, r);
    let mut p = 1.987_569_1e-4_f32;
    for c in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        p = p.mul_add(r, c);
    }
    let p = (p * r).mul_add(r, r) + 1.0;
    p * f32::from_bits(((n as i32 + 127) as u32) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_exponential_is_close() {
        for i in -800..=800 {
            let x = i as f32 / 10.0;
            let (fast, exact) = (exp(x), x.exp());
            assert!((fast - exact).abs() <= 1e-6 * exact, "{x}: {fast} and {exact}");
        }
    }

    #[test]
    fn a_softmax_sums_to_one() {
        let mut weights = vec![1.0, 2.0, 3.0];
        softmax(&mut weights);
        assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(weights[2] > weights[1] && weights[1] > weights[0]);
    }
}
