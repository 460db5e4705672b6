//! Dense products with weights that are packed once, when the model is loaded.
//!
//! The weights of a student never change while the program runs, so their panels are laid out in the order in which
//! the inner loop reads them: [`WIDTH`] columns side by side, row after row. The loop holds a block of
//! [`HEIGHT`] × [`WIDTH`] results in registers (Goto & van de Geijn, "Anatomy of High-Performance Matrix
//! Multiplication", 2008, in its simplest form). `pulp` compiles the loop for each instruction set and picks one.

use pulp::{Arch, NullaryFnOnce};
use std::ops::Range;

/// Columns of a panel: one AVX-512 register or two AVX2 registers of floats.
const WIDTH: usize = 16;
/// Rows of a block: as many sums as leave registers for the operands, of 16 registers and of AVX-512's 32. Twice as
/// many sums also hide the latency of AVX-512's multiply-add, which six would not.
const HEIGHT: usize = 6;
const HEIGHT_512: usize = 12;
/// Rows that stay in the second-level cache while all panels pass over them.
const ROWS_IN_CACHE: usize = 192;

/// A weight matrix of `inner` × `columns`, packed for [`PackedMatrix::multiply`], with an optional bias.
#[derive(Debug, Clone)]
pub struct PackedMatrix {
    inner: usize,
    columns: usize,
    panels: Vec<[f32; WIDTH]>,
    bias: Vec<f32>,
}

impl PackedMatrix {
    /// Packs a matrix given by `value(row, column)`. `bias` has `columns` values, or none.
    pub fn pack(inner: usize, columns: usize, bias: &[f32], value: impl Fn(usize, usize) -> f32) -> Self {
        let mut panels = Vec::with_capacity(inner * columns.div_ceil(WIDTH));
        for first in (0..columns).step_by(WIDTH) {
            for row in 0..inner {
                let mut lane = [0.0; WIDTH];
                for (offset, slot) in lane.iter_mut().enumerate().take(columns - first) {
                    *slot = value(row, first + offset);
                }
                panels.push(lane);
            }
        }
        let mut padded = bias.to_vec();
        padded.resize(columns.div_ceil(WIDTH) * WIDTH, 0.0);
        Self { inner, columns, panels, bias: padded }
    }

    /// Number of columns, the width of a result row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// `out = a × self + bias`, with `a` of `rows` × `inner`, row after row.
    pub fn multiply(&self, arch: Arch, a: &[f32], out: &mut Vec<f32>) {
        let rows = a.len() / self.inner;
        out.clear();
        out.resize(rows * self.columns, 0.0);
        #[cfg(target_arch = "x86_64")]
        if matches!(arch, Arch::V4(_)) {
            arch.dispatch(Product::<HEIGHT_512> { matrix: self, a, rows, out });
            return;
        }
        arch.dispatch(Product::<HEIGHT> { matrix: self, a, rows, out });
    }

    /// Multiplies some rows with one panel, `H` at a time.
    #[inline(always)]
    fn pass<const H: usize>(
        &self,
        panel: usize,
        lanes: &[[f32; WIDTH]],
        a: &[f32],
        rows: Range<usize>,
        out: &mut [f32],
    ) {
        let column = panel * WIDTH;
        let width = WIDTH.min(self.columns - column);
        let mut bias = [0.0; WIDTH];
        bias.copy_from_slice(&self.bias[column..column + WIDTH]);
        let mut row = rows.start;
        while row + H <= rows.end {
            let block = &a[row * self.inner..(row + H) * self.inner];
            let sums = block_product::<H>(block, self.inner, lanes, bias);
            self.store(&sums, row, column, width, out);
            row += H;
        }
        if row + 4 <= rows.end {
            let block = &a[row * self.inner..(row + 4) * self.inner];
            let sums = block_product::<4>(block, self.inner, lanes, bias);
            self.store(&sums, row, column, width, out);
            row += 4;
        }
        while row < rows.end {
            let block = &a[row * self.inner..(row + 1) * self.inner];
            let sums = block_product::<1>(block, self.inner, lanes, bias);
            self.store(&sums, row, column, width, out);
            row += 1;
        }
    }

    #[inline(always)]
    fn store(&self, sums: &[[f32; WIDTH]], row: usize, column: usize, width: usize, out: &mut [f32]) {
        for (offset, sum) in sums.iter().enumerate() {
            let at = (row + offset) * self.columns + column;
            out[at..at + width].copy_from_slice(&sum[..width]);
        }
    }
}

/// One product, in a form that `pulp` can compile whole for each instruction set: a closure would not be inlined.
struct Product<'a, const H: usize> {
    matrix: &'a PackedMatrix,
    a: &'a [f32],
    rows: usize,
    out: &'a mut [f32],
}

impl<const H: usize> NullaryFnOnce for Product<'_, H> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for first in (0..self.rows).step_by(ROWS_IN_CACHE) {
            let last = self.rows.min(first + ROWS_IN_CACHE);
            for (panel, lanes) in self.matrix.panels.chunks_exact(self.matrix.inner).enumerate() {
                self.matrix.pass::<H>(panel, lanes, self.a, first..last, self.out);
            }
        }
    }
}

/// The product of `N` rows with one panel, kept in registers.
#[inline(always)]
fn block_product<const N: usize>(
    block: &[f32],
    inner: usize,
    lanes: &[[f32; WIDTH]],
    bias: [f32; WIDTH],
) -> [[f32; WIDTH]; N] {
    let mut sums = [bias; N];
    let mut rows: [&[f32]; N] = [&[]; N];
    for (n, row) in rows.iter_mut().enumerate() {
        *row = &block[n * inner..(n + 1) * inner][..lanes.len()];
    }
    for (k, lane) in lanes.iter().enumerate() {
        for n in 0..N {
            let factor = rows[n][k];
            for i in 0..WIDTH {
                sums[n][i] = factor.mul_add(lane[i], sums[n][i]);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_plain_product_for_awkward_sizes() {
        let value = |i: usize, j: usize| ((i * 7 + j * 3) % 11) as f32 - 5.0;
        for (rows, inner, columns) in [(1, 3, 1), (7, 16, 17), (13, 5, 40)] {
            let bias: Vec<f32> = (0..columns).map(|j| j as f32).collect();
            let matrix = PackedMatrix::pack(inner, columns, &bias, value);
            let a: Vec<f32> = (0..rows * inner).map(|i| (i % 9) as f32 - 4.0).collect();
            let mut out = Vec::new();
            matrix.multiply(Arch::new(), &a, &mut out);
            for row in 0..rows {
                for column in 0..columns {
                    let dot: f32 = (0..inner).map(|k| a[row * inner + k] * value(k, column)).sum();
                    assert!((out[row * columns + column] - dot - bias[column]).abs() < 1e-3);
                }
            }
        }
    }
}
