//! Weight matrices of 8 bits, packed once, when the model is loaded.
//!
//! The weights of a student never change while the program runs, so their panels are laid out in the order in which the
//! inner loops of [`super::product`] read them: [`WIDTH`] columns side by side, four rows of each together, as the
//! dot-product instructions of processors take them (Rodriguez et al. 2018, "Lower Numerical Precision Deep Learning
//! Inference and Training").

use super::rows::{RowScale, Rows};
use crate::kernel::Kernel;

/// Columns of a panel: one AVX-512 register of sums.
pub const WIDTH: usize = 16;
/// Panels that an inner loop passes over together.
pub const PANELS: usize = 2;
/// What is added to a weight to make it unsigned, since the dot products take one unsigned operand.
const SHIFT: i32 = 128;

/// Four rows of a panel: for each column, its four weights, shifted.
pub type Lane = [u8; 4 * WIDTH];

/// A weight matrix of `inner` × `columns`, packed for [`PackedMatrix::multiply`], with an optional bias.
#[derive(Debug, Clone)]
pub struct PackedMatrix {
    columns: usize,
    /// Lanes of a panel.
    groups: usize,
    lanes: Vec<Lane>,
    edges: Vec<Edge>,
}

/// What turns the integer sums of a panel into results.
#[derive(Debug, Clone, Copy)]
struct Edge {
    /// Value of one step of a weight.
    scale: [f32; WIDTH],
    bias: [f32; WIDTH],
    /// Sum of the column's weights.
    sum: [i32; WIDTH],
}

impl PackedMatrix {
    /// Packs integers given by `value(row, column)`, each worth `scale`. `bias` has `columns` values, or none.
    pub fn from_integers(
        inner: usize,
        columns: usize,
        bias: &[f32],
        scale: f32,
        value: impl Fn(usize, usize) -> i8,
    ) -> Self {
        Self::pack(inner, columns, bias, |_| scale, value)
    }

    /// Packs floats given by `value(row, column)`, each column in steps of a 127th of its greatest weight.
    pub fn from_floats(
        inner: usize,
        columns: usize,
        bias: &[f32],
        value: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let scales: Vec<f32> = (0..columns)
            .map(|column| (0..inner).map(|row| value(row, column).abs()).fold(0.0, f32::max) / 127.0)
            .collect();
        let step = |row, column| {
            let scale: f32 = scales[column];
            if scale > 0.0 { (value(row, column) / scale).round_ties_even() as i8 } else { 0 }
        };
        Self::pack(inner, columns, bias, |column| scales[column], step)
    }

    fn pack(
        inner: usize,
        columns: usize,
        bias: &[f32],
        scale: impl Fn(usize) -> f32,
        value: impl Fn(usize, usize) -> i8,
    ) -> Self {
        let groups = inner.div_ceil(4);
        let panels = columns.div_ceil(WIDTH * PANELS) * PANELS;
        let mut lanes = Vec::with_capacity(groups * panels);
        let mut edges = Vec::with_capacity(panels);
        for first in (0..panels * WIDTH).step_by(WIDTH) {
            let mut edge = Edge { scale: [0.0; WIDTH], bias: [0.0; WIDTH], sum: [0; WIDTH] };
            let real = WIDTH.min(columns.saturating_sub(first));
            for at in 0..real {
                edge.scale[at] = scale(first + at);
                edge.bias[at] = bias.get(first + at).copied().unwrap_or(0.0);
            }
            for group in 0..groups {
                let mut lane = [SHIFT as u8; 4 * WIDTH];
                for at in 0..real {
                    for row in (4 * group)..(4 * group + 4).min(inner) {
                        let weight = i32::from(value(row, first + at));
                        edge.sum[at] += weight;
                        lane[4 * at + row % 4] = (weight + SHIFT) as u8;
                    }
                }
                lanes.push(lane);
            }
            edges.push(edge);
        }
        Self { columns, groups, lanes, edges }
    }

    /// Number of columns, the width of a result row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The lanes of [`PANELS`] panels that are multiplied together, for each such stretch of columns.
    pub fn stretches(&self) -> impl Iterator<Item = [&[Lane]; PANELS]> {
        self.lanes.chunks_exact(self.groups * PANELS).map(|stretch| {
            let mut panels: [&[Lane]; PANELS] = [&[]; PANELS];
            for (panel, lanes) in panels.iter_mut().zip(stretch.chunks_exact(self.groups)) {
                *panel = lanes;
            }
            panels
        })
    }

    /// `out = rows × self + bias`, row after row.
    ///
    /// # Panics
    /// When the rows are not as wide as the matrix is high.
    pub fn multiply(&self, kernel: Kernel, rows: &Rows, out: &mut Vec<f32>) {
        assert_eq!(rows.groups(), self.groups, "rows of another width");
        // Every place is written, so what the buffer held need not be cleared.
        out.resize(rows.len() * self.columns, 0.0);
        kernel.multiply(self, rows, out);
    }

    /// Turns the integer sums of a panel for one row, which the shift of the weights has gone into, into results.
    #[inline(always)]
    pub fn store(&self, sums: [i32; WIDTH], panel: usize, scale: RowScale, row: &mut [f32]) {
        let Edge { scale: steps, bias, sum } = &self.edges[panel];
        // Modulo 2³²: only the end result is sure to fit.
        let shift = SHIFT.wrapping_mul(scale.sum);
        let mut results = [0.0; WIDTH];
        for at in 0..WIDTH {
            let exact = sums[at].wrapping_sub(shift).wrapping_sub(scale.zero.wrapping_mul(sum[at]));
            results[at] = exact as f32 * (scale.scale * steps[at]) + bias[at];
        }
        let column = panel * WIDTH;
        if let Some(whole) = row.get_mut(column..column + WIDTH) {
            whole.copy_from_slice(&results);
        } else if let Some(part) = row.get_mut(column..) {
            part.copy_from_slice(&results[..part.len()]);
        }
    }
}
