//! Products of quantised rows with packed weights, for each kind of processor.
//!
//! All kernels sum in exact integers, modulo 2³² on the way, so that they give the same results to the bit. They hold a block of rows × columns
//! in registers (Goto & van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008, in its simplest form).

use super::matrix::{Lane, PANELS, PackedMatrix, WIDTH};
use super::rows::Rows;
use crate::kernel::Kernel;
#[cfg(target_arch = "x86_64")]
use archmage::{X64V3Token, X64V4xToken};

/// Rows that stay in the second-level cache while all panels pass over them.
const ROWS_IN_CACHE: usize = 256;

impl Kernel {
    /// `out = rows × matrix + bias`; the sizes must fit, and `out` has a place for every result.
    pub fn multiply(self, matrix: &PackedMatrix, rows: &Rows, out: &mut [f32]) {
        for first in (0..rows.len()).step_by(ROWS_IN_CACHE) {
            let block = first..rows.len().min(first + ROWS_IN_CACHE);
            match self {
                #[cfg(target_arch = "x86_64")]
                Self::Vnni(token) => vnni::multiply(token, matrix, rows, block, out),
                #[cfg(target_arch = "x86_64")]
                Self::Avx512(token) => avx2::multiply(token.v3(), matrix, rows, block, out),
                #[cfg(target_arch = "x86_64")]
                Self::Avx2(token) => avx2::multiply(token, matrix, rows, block, out),
                Self::Portable => portable(matrix, rows, block, out),
            }
        }
    }
}

fn portable(matrix: &PackedMatrix, rows: &Rows, block: std::ops::Range<usize>, out: &mut [f32]) {
    let mut columns: Vec<[i16; WIDTH]> = Vec::new();
    for (stretch, panels) in matrix.stretches().enumerate() {
        for (panel, lanes) in panels.into_iter().enumerate() {
            // Row by row again, so that the loop below has no strides.
            columns.clear();
            for lane in lanes {
                columns.extend((0..4).map(|k| std::array::from_fn(|i| i16::from(lane[4 * i + k]))));
            }
            for row in block.clone() {
                let mut sums = [0_i32; WIDTH];
                for (weights, integer) in columns.iter().zip(rows.integers(row)) {
                    for i in 0..WIDTH {
                        sums[i] = sums[i].wrapping_add(i32::from(weights[i]) * i32::from(integer));
                    }
                }
                let results = &mut out[row * matrix.columns()..(row + 1) * matrix.columns()];
                matrix.store(sums, stretch * PANELS + panel, rows.scale(row), results);
            }
        }
    }
}

/// Runs a step for blocks of rows, each time with the greatest of the heights that still fits.
#[cfg(target_arch = "x86_64")]
macro_rules! in_blocks {
    ($block:expr, [$($heights:literal),+], |$row:ident, $height:ident| $step:expr) => {{
        let mut $row = $block.start;
        $({
            const $height: usize = $heights;
            while $row + $height <= $block.end {
                $step;
                $row += $height;
            }
        })+
    }};
}

#[cfg(target_arch = "x86_64")]
mod vnni {
    use super::{Lane, PANELS, PackedMatrix, Rows, WIDTH, X64V4xToken};
    use archmage::{arcane, rite};
    use std::ops::Range;

    #[arcane(import_intrinsics)]
    pub fn multiply(
        token: X64V4xToken,
        matrix: &PackedMatrix,
        rows: &Rows,
        block: Range<usize>,
        out: &mut [f32],
    ) {
        for (stretch, panels) in matrix.stretches().enumerate() {
            if rows.is_fine() {
                in_blocks!(block, [4, 2, 1], |row, HEIGHT| {
                    step::<HEIGHT, 2>(token, matrix, rows, panels, stretch, out, row)
                });
            } else {
                in_blocks!(block, [8, 4, 2, 1], |row, HEIGHT| {
                    step::<HEIGHT, 1>(token, matrix, rows, panels, stretch, out, row)
                });
            }
        }
    }

    /// One block of `H` rows of `BYTES` bytes an integer with the panels of a stretch.
    #[rite(import_intrinsics)]
    fn step<const H: usize, const BYTES: usize>(
        _token: X64V4xToken,
        matrix: &PackedMatrix,
        rows: &Rows,
        panels: [&[Lane]; PANELS],
        stretch: usize,
        out: &mut [f32],
        first: usize,
    ) {
        let groups = panels[0].len();
        // Loops rather than `map`, whose closures the compiler leaves alone as functions here.
        let mut words: [[&[i32]; BYTES]; H] = [[&[]; BYTES]; H];
        for (h, words) in words.iter_mut().enumerate() {
            let (low, high) = rows.row(first + h);
            words[0] = &low[..groups];
            if BYTES > 1 {
                words[1] = &high.unwrap_or_default()[..groups];
            }
        }
        let mut sums = [[[_mm512_setzero_si512(); PANELS]; BYTES]; H];
        for group in 0..groups {
            let mut lanes = [_mm512_setzero_si512(); PANELS];
            for (lane, panel) in lanes.iter_mut().zip(panels) {
                *lane = _mm512_loadu_si512(&panel[group]);
            }
            for h in 0..H {
                for byte in 0..BYTES {
                    let word = _mm512_set1_epi32(words[h][byte][group]);
                    for panel in 0..PANELS {
                        sums[h][byte][panel] = _mm512_dpbusd_epi32(sums[h][byte][panel], lanes[panel], word);
                    }
                }
            }
        }
        let columns = matrix.columns();
        for (h, sums) in sums.into_iter().enumerate() {
            let results = &mut out[(first + h) * columns..(first + h + 1) * columns];
            for (panel, &low) in sums[0].iter().enumerate() {
                let mut sum = low;
                if BYTES > 1 {
                    sum = _mm512_add_epi32(sum, _mm512_slli_epi32::<8>(sums[BYTES - 1][panel]));
                }
                let mut integers = [0; WIDTH];
                _mm512_storeu_si512(&mut integers, sum);
                matrix.store(integers, stretch * PANELS + panel, rows.scale(first + h), results);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{Lane, PANELS, PackedMatrix, Rows, WIDTH, X64V3Token};
    use archmage::{arcane, rite};
    use std::ops::Range;

    #[arcane(import_intrinsics)]
    pub fn multiply(
        token: X64V3Token,
        matrix: &PackedMatrix,
        rows: &Rows,
        block: Range<usize>,
        out: &mut [f32],
    ) {
        // Multiplications of bytes would overflow their 16 bits, so even and odd bytes are widened and multiplied apart.
        let pairs: Vec<[i32; 2]> = block.clone().flat_map(|row| split(rows, row)).collect();
        for (stretch, panels) in matrix.stretches().enumerate() {
            for (panel, lanes) in panels.into_iter().enumerate() {
                let panel = stretch * PANELS + panel;
                in_blocks!(block, [4, 2, 1], |row, HEIGHT| {
                    step::<HEIGHT>(token, matrix, rows, &pairs, block.start, lanes, panel, out, row)
                });
            }
        }
    }

    /// For each four integers of a row, the two at even places and the two at odd places, each pair in two halves.
    fn split(rows: &Rows, row: usize) -> impl Iterator<Item = [i32; 2]> {
        let mut integers = rows.integers(row).map(|integer| i32::from(integer) & 0xffff);
        std::iter::from_fn(move || {
            let [a, b, c, d] = [integers.next()?, integers.next()?, integers.next()?, integers.next()?];
            Some([a | (c << 16), b | (d << 16)])
        })
    }

    /// One block of `H` rows with a panel.
    #[expect(clippy::too_many_arguments, reason = "a closure would not be compiled for the instruction set")]
    #[rite(import_intrinsics)]
    fn step<const H: usize>(
        _token: X64V3Token,
        matrix: &PackedMatrix,
        rows: &Rows,
        pairs: &[[i32; 2]],
        start: usize,
        lanes: &[Lane],
        panel: usize,
        out: &mut [f32],
        first: usize,
    ) {
        let groups = lanes.len();
        let mut words: [&[[i32; 2]]; H] = [&[]; H];
        for (h, words) in words.iter_mut().enumerate() {
            *words = &pairs[(first + h - start) * groups..][..groups];
        }
        let low = _mm256_set1_epi16(0xff);
        let mut sums = [[_mm256_setzero_si256(); 2]; H];
        for (group, lane) in lanes.iter().enumerate() {
            let (halves, _) = lane.as_chunks::<32>();
            let (left, right) = (_mm256_loadu_si256(&halves[0]), _mm256_loadu_si256(&halves[1]));
            let even = [_mm256_and_si256(left, low), _mm256_and_si256(right, low)];
            let odd = [_mm256_srli_epi16::<8>(left), _mm256_srli_epi16::<8>(right)];
            for h in 0..H {
                let [even_word, odd_word] = words[h][group];
                let (even_word, odd_word) = (_mm256_set1_epi32(even_word), _mm256_set1_epi32(odd_word));
                for half in 0..2 {
                    let products = _mm256_add_epi32(
                        _mm256_madd_epi16(even[half], even_word),
                        _mm256_madd_epi16(odd[half], odd_word),
                    );
                    sums[h][half] = _mm256_add_epi32(sums[h][half], products);
                }
            }
        }
        let columns = matrix.columns();
        for (h, sums) in sums.into_iter().enumerate() {
            let mut integers = [0; WIDTH];
            let (halves, _) = integers.as_chunks_mut::<8>();
            for (half, sum) in halves.iter_mut().zip(sums) {
                _mm256_storeu_si256(half, sum);
            }
            let results = &mut out[(first + h) * columns..(first + h + 1) * columns];
            matrix.store(integers, panel, rows.scale(first + h), results);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::Grain;
    use super::*;
    use pulp::Arch;

    /// Awkward sizes, and the sizes of a student.
    const SIZES: [(usize, usize, usize); 6] =
        [(1, 3, 1), (7, 16, 17), (15, 6, 40), (3, 256, 32), (300, 64, 33), (9, 1536, 256)];

    fn rows(count: usize, width: usize, grain: Grain) -> (Rows, Vec<f32>) {
        let values: Vec<f32> = (0..count * width).map(|i| ((i * i + 3 * i) % 101) as f32 - 50.0).collect();
        let mut rows = Rows::default();
        rows.quantise(Arch::new(), &values, width, grain, false);
        (rows, values)
    }

    fn cases() -> impl Iterator<Item = ((usize, usize, usize), Grain)> {
        SIZES.into_iter().flat_map(|size| [(size, Grain::Coarse), (size, Grain::Fine)])
    }

    #[test]
    fn every_kernel_gives_the_same_results_to_the_bit() {
        for ((count, inner, columns), grain) in cases() {
            let value = |i: usize, j: usize| ((i * 7 + j * 31) % 255) as i8;
            let matrix = PackedMatrix::from_integers(inner, columns, &[], 0.01, value);
            let (rows, _) = rows(count, inner, grain);
            let results = Kernel::all().into_iter().map(|kernel| {
                let mut out = Vec::new();
                matrix.multiply(kernel, &rows, &mut out);
                out
            });
            let results: Vec<Vec<f32>> = results.collect();
            for other in &results[1..] {
                assert_eq!(&results[0], other, "{count} × {inner} × {columns}, {grain:?}");
            }
        }
    }

    #[test]
    fn the_product_is_that_of_floats_to_the_steps_of_both() {
        for ((count, inner, columns), grain) in cases() {
            let value = |i: usize, j: usize| ((i * 7 + j * 3) % 11) as f32 - 5.0;
            let bias: Vec<f32> = (0..columns).map(|j| j as f32).collect();
            let matrix = PackedMatrix::from_floats(inner, columns, &bias, value);
            let (rows, values) = rows(count, inner, grain);
            let step = if grain == Grain::Fine { 0.005 } else { 0.2 };
            let mut out = Vec::new();
            matrix.multiply(Kernel::detect(), &rows, &mut out);
            for row in 0..count {
                for column in 0..columns {
                    let terms = (0..inner).map(|k| (values[row * inner + k], value(k, column)));
                    let exact: f32 = terms.clone().map(|(a, b)| a * b).sum();
                    // Half a step of either operand, times the other.
                    let slack: f32 = terms.map(|(a, b)| step * b.abs() + a.abs() * 0.02).sum();
                    let found = out[row * columns + column] - bias[column];
                    assert!((found - exact).abs() <= slack + 1e-3, "{found} {exact}");
                }
            }
        }
    }

    #[test]
    fn the_greatest_sums_fit() {
        let matrix = PackedMatrix::from_integers(1536, 1, &[], 1.0, |_, _| -127);
        let mut rows = Rows::default();
        rows.quantise(Arch::new(), &[1.0; 1536], 1536, Grain::Fine, true);
        for kernel in Kernel::all() {
            let mut out = Vec::new();
            matrix.multiply(kernel, &rows, &mut out);
            assert!((out[0] + 127.0 * 1536.0).abs() < 1.0, "{}", out[0]);
        }
    }
}
