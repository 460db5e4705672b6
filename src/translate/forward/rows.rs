//! Rows of activations as integers, as the products of [`super::product`] take them.
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

/// How finely rows are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// In steps of a 255th of the row's span: one byte. For the last product before a choice.
    Coarse,
    /// As finely as the sums allow, up to 65,279 steps: two bytes, and products take twice as long. Between layers it keeps
    /// small differences from growing into other translations, as coarse steps let them.
    Fine,
}

impl Grain {
    /// Steps of a row, so that a product of rows as wide as this with bytes never leaves 32 bits.
    fn steps(self, width: usize) -> i32 {
        match self {
            Self::Coarse => 255,
            // The high byte of 65,279 steps about nought stays within a byte, with the low one's sign carried.
            Self::Fine => i32::try_from((1_u64 << 31) / (128 * width.max(1) as u64))
                .unwrap_or(i32::MAX)
                .clamp(255, 65_279),
        }
    }
}

/// Some rows of equal width, quantised: an integer is `256 · high + low`. Four bytes lie in each word, padded with
/// noughts.
#[derive(Debug, Default)]
pub struct Rows {
    low: Vec<i32>,
    /// Empty when the grain is coarse.
    high: Vec<i32>,
    scales: Vec<RowScale>,
    groups: usize,
}

impl Rows {
    /// Quantises rows of `width` values that lie end to end. With `positive`, values below nought count as nought, which
    /// is a ReLU for free.
    pub fn quantise(&mut self, arch: Arch, values: &[f32], width: usize, grain: Grain, positive: bool) {
        self.groups = width.div_ceil(4);
        let words = values.len() / width * self.groups;
        self.scales.clear();
        self.low.clear();
        self.low.resize(words, 0);
        self.high.clear();
        self.high.resize(if grain == Grain::Fine { words } else { 0 }, 0);
        let (steps, integers) = (grain.steps(width), vec![0; width]);
        arch.dispatch(Quantise { rows: self, values, steps, integers, positive });
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Words a row: the width in fours.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// The low bytes of a row, and the high ones where the grain is fine.
    #[inline(always)]
    pub fn row(&self, at: usize) -> (&[i32], Option<&[i32]>) {
        let words = at * self.groups..(at + 1) * self.groups;
        (&self.low[words.clone()], self.high.get(words))
    }

    /// Whether rows have high bytes.
    pub fn is_fine(&self) -> bool {
        !self.high.is_empty()
    }

    /// The integers of a row, with its padding.
    #[inline(always)]
    pub fn integers(&self, at: usize) -> impl Iterator<Item = i16> {
        let (low, high) = self.row(at);
        let low: &[i8] = bytemuck::cast_slice(low);
        let high: &[i8] = high.map_or(&[], bytemuck::cast_slice);
        let highs = high.iter().copied().chain(std::iter::repeat(0));
        low.iter().zip(highs).map(|(&low, high)| i16::from(low) + 256 * i16::from(high))
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
    steps: i32,
    /// Room for the integers of a row.
    integers: Vec<i32>,
    positive: bool,
}

impl NullaryFnOnce for Quantise<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { rows, values, steps, mut integers, positive } = self;
        let width = integers.len();
        let stride = rows.groups * 4;
        let low: &mut [i8] = bytemuck::cast_slice_mut(&mut rows.low);
        let high: &mut [i8] = bytemuck::cast_slice_mut(&mut rows.high);
        for (at, row) in values.chunks_exact(width).enumerate() {
            let scale = quantise(row, steps, positive, &mut integers);
            for (byte, &integer) in low[at * stride..].iter_mut().zip(&integers) {
                *byte = integer as i8;
            }
            if let Some(high) = high.get_mut(at * stride..) {
                for (byte, &integer) in high.iter_mut().zip(&integers) {
                    // The low byte has a sign: what it takes away is added here.
                    *byte = ((integer + 128) >> 8) as i8;
                }
            }
            rows.scales.push(scale);
        }
    }
}

/// The integers of a row, and how to read them.
#[inline(always)]
fn quantise(row: &[f32], steps: i32, positive: bool, integers: &mut [i32]) -> RowScale {
    let (least, greatest) = range(row);
    let least = if positive { 0.0 } else { least };
    let span = greatest - least;
    // A span that is nought or not a number leaves the row at nought.
    if span.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater) {
        integers.fill(0);
        return RowScale::default();
    }
    let lowest = -((steps + 1) / 2);
    let (bottom, top) = (lowest as f32, (lowest + steps) as f32);
    let by_unit = steps as f32 / span;
    let zero = bottom - (least * by_unit).round_ties_even();
    for (integer, &value) in integers.iter_mut().zip(row) {
        let exact = value * by_unit + zero;
        // Not `f32::clamp`: what is not a number, as weights without bounds make it, must fall within them, too.
        let exact = if exact > bottom { exact } else { bottom };
        let nearest = if exact < top { exact } else { top } + MAGIC;
        *integer = nearest.to_bits() as i32 - MAGIC.to_bits() as i32;
    }
    RowScale { scale: span / steps as f32, zero: zero as i32, sum: integers.iter().sum() }
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
        let integers: Vec<i32> = rows.integers(at).take(width).map(i32::from).collect();
        assert_eq!(integers.iter().sum::<i32>(), sum);
        integers.iter().map(|i| scale * (i - zero) as f32).collect()
    }

    #[test]
    fn a_row_is_kept_to_half_a_step_of_its_own_span() {
        let values: Vec<f32> =
            (0..38).map(|i| (i as f32 * 1.7).sin() * if i < 19 { 3.0 } else { 0.01 }).collect();
        for (grain, steps) in [(Grain::Coarse, 255.0), (Grain::Fine, 65_279.0)] {
            let mut rows = Rows::default();
            rows.quantise(Arch::new(), &values, 19, grain, false);
            for (at, row) in values.chunks(19).enumerate() {
                let span = row.iter().copied().fold(0.0, f32::max) - row.iter().copied().fold(0.0, f32::min);
                for (value, kept) in row.iter().zip(read(&rows, at, 19)) {
                    assert!((value - kept).abs() <= span / steps * 1.01, "{value} {kept}");
                }
            }
        }
    }

    /// Weights can be finite and so great that what comes of them is not (found by fuzzing).
    #[test]
    fn integers_stay_within_their_steps_whatever_the_values() {
        let (infinite, huge) = (f32::INFINITY, f32::MAX);
        for values in [
            [f32::NAN, 1.0, -1.0, 0.0],
            [-f32::NAN, 1.0, 2.0, 3.0],
            [infinite, -infinite, 1.0, 0.0],
            [huge, -huge, f32::MIN_POSITIVE, 0.0],
            [f32::from_bits(1), 0.0, 0.0, 0.0],
        ] {
            for (grain, positive) in [(Grain::Coarse, false), (Grain::Fine, false), (Grain::Fine, true)] {
                let mut rows = Rows::default();
                rows.quantise(Arch::new(), &values, 4, grain, positive);
                let integers: Vec<i32> = rows.integers(0).map(i32::from).collect();
                assert_eq!(integers.iter().sum::<i32>(), rows.scale(0).sum, "{values:?}");
                assert!(integers.iter().all(|i| i.abs() <= 32_640), "{values:?}: {integers:?}");
            }
        }
    }

    #[test]
    fn positive_rows_are_cut_at_nought_and_empty_ones_stay_nought() {
        for grain in [Grain::Coarse, Grain::Fine] {
            let mut rows = Rows::default();
            rows.quantise(Arch::new(), &[-5.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0], 4, grain, true);
            let kept = read(&rows, 0, 4);
            assert_eq!(kept[..2], [0.0, 0.0]);
            assert!((kept[2] - 1.0).abs() < 0.01 && (kept[3] - 2.0).abs() < 0.01);
            assert_eq!(read(&rows, 1, 4), [0.0; 4]);
        }
    }
}
