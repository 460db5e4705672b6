//! The layers of a student that work on rows alone: post-norm, feed-forward, and the SSRU cell.
//!
//! Shapes are row-major; a "row" is one position of one sentence. Sentences of a batch are laid end to end without
//! padding, since every layer but attention works on rows alone.

use super::matrix::PackedMatrix;
use super::rows::{Grain, Rows};
use crate::kernel::Kernel;
use pulp::{Arch, NullaryFnOnce};

/// Layer-norm epsilon of Marian.
const EPSILON: f32 = 1e-6;
/// How far below the greatest a logit counts for nothing: 100,000 of them would change a log-probability by 0.0002.
const NEGLIGIBLE: f32 = 20.0;

/// What the processor has for the loops: the instructions of vectors, and those of products.
#[derive(Debug, Clone, Copy)]
pub struct Processor {
    /// For loops that the compiler turns into vectors.
    pub arch: Arch,
    /// For products of matrices.
    pub kernel: Kernel,
}

impl Processor {
    /// This processor.
    pub fn detect() -> Self {
        Self { arch: Arch::new(), kernel: Kernel::detect() }
    }
}

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
    pub fn add_and_normalise(&self, processor: Processor, x: &mut [f32], branch: &[f32]) {
        processor.arch.dispatch(AddAndNormalise { norm: self, x, branch });
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
    pub fn apply(&self, processor: Processor, x: &mut [f32], scratch: &mut Scratch) {
        let Processor { arch, kernel } = processor;
        let Scratch { rows, wide, branch, .. } = scratch;
        rows.quantise(arch, x, self.norm.scale.len(), Grain::Fine, false);
        self.first.multiply(kernel, rows, wide);
        rows.quantise(arch, wide, self.first.columns(), Grain::Fine, true);
        self.second.multiply(kernel, rows, branch);
        self.norm.add_and_normalise(processor, x, branch);
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
    pub fn step(&self, processor: Processor, x: &mut [f32], cells: &mut [f32], scratch: &mut Scratch) {
        let Processor { arch, kernel } = processor;
        let Scratch { rows, wide, branch, .. } = scratch;
        rows.quantise(arch, x, self.norm.scale.len(), Grain::Fine, false);
        self.candidate.multiply(kernel, rows, branch);
        self.gate.multiply(kernel, rows, wide);
        arch.dispatch(Cell { cells, candidate: branch, gate: wide });
        self.norm.add_and_normalise(processor, x, branch);
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
    /// What a product is to be made of.
    pub rows: Rows,
    /// A layer's inner state.
    pub wide: Vec<f32>,
    /// What a layer adds to the state.
    pub branch: Vec<f32>,
    /// What the heads of an attention bring, side by side.
    pub joined: Vec<f32>,
}

/// Independent partial sums, so that the compiler may use wide registers in spite of floating-point order.
#[inline(always)]
pub fn lanes_sum(values: &[f32], term: impl Fn(f32) -> f32) -> f32 {
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
        (at, -mass(self.0, max).ln())
    }
}

/// `Σ e^(v − max)`. Most logits of a large vocabulary are so small that their sixteen together would not show: they are
/// passed over.
#[inline(always)]
fn mass(logits: &[f32], max: f32) -> f32 {
    let least = max - NEGLIGIBLE;
    let mut sums = [0.0; 16];
    let chunks = logits.chunks_exact(16);
    let rest: f32 = chunks.remainder().iter().map(|&v| exp(v - max)).sum();
    for chunk in chunks {
        let mut counts = false;
        for &logit in chunk {
            counts |= logit > least;
        }
        if counts {
            for i in 0..16 {
                sums[i] += exp(chunk[i] - max);
            }
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// `e^x` to about seven digits, in a form that vectorises: 2^n by the exponent bits, the rest by a polynomial
/// (the minimax coefficients of Cephes `expf`, Moshier 1989).
#[inline(always)]
pub fn exp(x: f32) -> f32 {
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
}
