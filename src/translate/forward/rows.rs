//! Rows of activations in 8 bits, as the products of [`super::matrix`] take them.
//!
//! Each row has its own scale and zero point, from its least and greatest value, so that nothing is clipped, results do
//! not depend on the other rows of a batch, and no calibration is needed (Jacob et al. 2018, "Quantization and
//! Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", with ranges found at run time).

use pulp::{Arch, NullaryFnOnce};

/// Added to a float below 2²², it leaves the nearest integer (ties to even) in the low bits.
const MAGIC: f32 = 12_582_912.0;

/// What it takes to read a row's integers: `value = scale · (integer − zero)`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RowScale {
    /// Value of one step.
    pub scale: f32,
    /// The integer that stands for nought.
    pub zero: i32,
    /// Sum of the row's integers.
    pub sum: i32,
}

/// Some rows of equal width, quantised. Four integers lie in each word, padded with noughts.
#[derive(Debug, Default)]
pub struct Rows {
    words: Vec<i32>,
    scales: Vec<RowScale>,
    groups: usize,
}

impl Rows {
    /// Quantises rows of `width` values that lie end to end. With `positive`, values below nought count as nought, which
    /// is a ReLU for free.
    pub fn quantise(&mut self, arch: Arch, values: &[f32], width: usize, positive: bool) {
        self.groups = width.div_ceil(4);
        self.scales.clear();
        self.words.clear();
        self.words.resize(values.len() / width * self.groups, 0);
        arch.dispatch(Quantise { rows: self, values, width, positive });
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Words a row: the width in fours.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// The words of a row.
    #[inline(always)]
    pub fn row(&self, at: usize) -> &[i32] {
        &self.words[at * self.groups..(at + 1) * self.groups]
    }

    /// How to read a row.
    #[inline(always)]
    pub fn scale(&self, at: usize) -> RowScale {
        self.scales[at]
    }
}

struct Quantise<'a> {
    rows: &'a mut Rows,
    values: &'a [f32],
    width: usize,
    positive: bool,
}

impl NullaryFnOnce for Quantise<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Rows { words, scales, groups } = self.rows;
        let bytes: &mut [i8] = bytemuck::cast_slice_mut(words);
        for (row, bytes) in self.values.chunks_exact(self.width).zip(bytes.chunks_exact_mut(*groups * 4)) {
            let (least, greatest) = range(row);
            let least = if self.positive { 0.0 } else { least };
            let (span, mut scale) = (greatest - least, RowScale::default());
            // A span that is nought or not a number leaves the row at nought.
            if span > 0.0 {
                let steps = 255.0 / span;
                let zero = -128.0 - (least * steps).round_ties_even();
                let mut sums = [0_i32; 16];
                let mut narrow = |value: f32, lane: usize| {
                    let nearest = (value * steps + zero).clamp(-128.0, 127.0) + MAGIC;
                    let integer = nearest.to_bits() as i32 - MAGIC.to_bits() as i32;
                    sums[lane] += integer;
                    integer as i8
                };
                let (wide, rest) = (row.chunks_exact(16), row.chunks_exact(16).remainder());
                let done = row.len() - rest.len();
                for (sixteen, bytes) in wide.zip(bytes.chunks_exact_mut(16)) {
                    for i in 0..16 {
                        bytes[i] = narrow(sixteen[i], i);
                    }
                }
                for (&value, byte) in rest.iter().zip(&mut bytes[done..]) {
                    *byte = narrow(value, 0);
                }
                scale = RowScale { scale: span / 255.0, zero: zero as i32, sum: sums.iter().sum() };
            }
            scales.push(scale);
        }
    }
}

/// The least and the greatest of some values and nought.
#[inline(always)]
fn range(values: &[f32]) -> (f32, f32) {
    let (mut least, mut greatest) = ([0.0_f32; 16], [0.0_f32; 16]);
    let chunks = values.chunks_exact(16);
    for (i, &value) in chunks.remainder().iter().enumerate() {
        (least[i], greatest[i]) = (least[i].min(value), greatest[i].max(value));
    }
    for chunk in chunks {
        for i in 0..16 {
            // Not `f32::min`, whose care for NaN costs registers.
            least[i] = if chunk[i] < least[i] { chunk[i] } else { least[i] };
            greatest[i] = if chunk[i] > greatest[i] { chunk[i] } else { greatest[i] };
        }
    }
    (least.iter().copied().fold(0.0, f32::min), greatest.iter().copied().fold(0.0, f32::max))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values that a row stands for.
    fn read(rows: &Rows, at: usize, width: usize) -> Vec<f32> {
        let RowScale { scale, zero, sum } = rows.scale(at);
        let integers: &[i8] = &bytemuck::cast_slice(rows.row(at))[..width];
        assert_eq!(integers.iter().map(|&i| i32::from(i)).sum::<i32>(), sum);
        integers.iter().map(|&i| scale * (i32::from(i) - zero) as f32).collect()
    }

    #[test]
    fn a_row_is_kept_to_half_a_step_and_a_step_is_a_255th_of_its_span() {
        let values: Vec<f32> =
            (0..38).map(|i| (i as f32 * 1.7).sin() * if i < 19 { 3.0 } else { 0.01 }).collect();
        let mut rows = Rows::default();
        rows.quantise(Arch::new(), &values, 19, false);
        for (at, row) in values.chunks(19).enumerate() {
            let span = row.iter().copied().fold(0.0, f32::max) - row.iter().copied().fold(0.0, f32::min);
            for (value, kept) in row.iter().zip(read(&rows, at, 19)) {
                assert!((value - kept).abs() <= span / 255.0 * 1.01, "{value} {kept}");
            }
        }
    }

    #[test]
    fn positive_rows_are_cut_at_nought_and_empty_ones_stay_nought() {
        let mut rows = Rows::default();
        rows.quantise(Arch::new(), &[-5.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0], 4, true);
        let kept = read(&rows, 0, 4);
        assert_eq!(kept[..2], [0.0, 0.0]);
        assert!((kept[2] - 1.0).abs() < 0.01 && (kept[3] - 2.0).abs() < 0.01);
        assert_eq!(read(&rows, 1, 4), [0.0; 4]);
    }
}
