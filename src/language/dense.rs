//! Products of a matrix of bytes with a vector of floats, for each kind of processor.
//!
//! Each row has a scale of its own. Four sums a row, since one alone would wait for each of its additions; left to itself,
//! the compiler makes one.

use super::bytes::{Reader, TableError, f32_at};
use crate::kernel::Kernel;
#[cfg(target_arch = "x86_64")]
use archmage::{X64V3Token, X64V4Token};

/// Rows of eight-bit cells, each row with its scale, read in place.
#[derive(Debug, Clone, Copy)]
pub struct Matrix {
    scales: &'static [u8],
    cells: &'static [u8],
    width: usize,
}

impl Kernel {
    /// Adds to each sum the product of its row with a vector of the matrix's width, scaled.
    fn add_products(self, matrix: Matrix, vector: &[f32], sums: &mut [f32]) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Vnni(token) => avx512::add_products(token.v4(), matrix, vector, sums),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(token) => avx512::add_products(token, matrix, vector, sums),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(token) => avx2::add_products(token, matrix, vector, sums),
            Self::Portable => {
                for (n, sum) in sums.iter_mut().enumerate() {
                    *sum += f32_at(matrix.scales, n) * portable(matrix.cells_of(n), vector);
                }
            }
        }
    }
}

impl Matrix {
    /// Takes a matrix of so many rows: first their scales, then their cells.
    pub fn take(
        reader: &mut Reader,
        part: &'static str,
        rows: usize,
        width: usize,
    ) -> Result<Self, TableError> {
        let scales = reader.take(part, rows.saturating_mul(4))?;
        Ok(Self { scales, cells: reader.take(part, rows.saturating_mul(width))?, width })
    }

    /// One row, unpacked; nothing past the end.
    pub fn row(&self, i: usize) -> impl Iterator<Item = f32> + '_ {
        let (scale, cells) = self.only(i).map_or((0.0, &[][..]), |row| (f32_at(row.scales, 0), row.cells));
        cells.iter().map(move |&cell| scale * f32::from(cell.cast_signed()))
    }

    /// The product of one row with a vector of its width; nought past the end.
    pub fn row_product(&self, kernel: Kernel, i: usize, vector: &[f32]) -> f32 {
        let mut sum = [0.0];
        if let Some(row) = self.only(i) {
            kernel.add_products(row, vector, &mut sum);
        }
        sum[0]
    }

    /// `sums += matrix × vector`; the sizes must fit.
    pub fn add_product(&self, kernel: Kernel, vector: &[f32], sums: &mut [f32]) {
        kernel.add_products(*self, vector, sums);
    }

    /// The matrix of one row only; `None` past the end.
    fn only(&self, i: usize) -> Option<Self> {
        let cells = self.cells.get(i * self.width..(i + 1) * self.width)?;
        Some(Self { scales: self.scales.get(4 * i..4 * i + 4)?, cells, ..*self })
    }

    /// The cells of a row that must be there.
    fn cells_of(&self, i: usize) -> &'static [u8] {
        &self.cells[i * self.width..(i + 1) * self.width]
    }
}

fn portable(cells: &[u8], vector: &[f32]) -> f32 {
    cells.iter().zip(vector).map(|(&cell, &value)| f32::from(cell.cast_signed()) * value).sum()
}

/// The kernel of one width of registers.
#[cfg(target_arch = "x86_64")]
macro_rules! kernel {
    ($name:ident, $token:ident, $lanes:literal, $zero:ident, $widen:ident, $to_float:ident, $load:ident, $fma:ident,
        $add:ident, |$bytes:ident| $take:expr, |$sum:ident| $total:expr) => {
        mod $name {
            use super::{Matrix, f32_at, portable, $token};
            use archmage::arcane;

            const LANES: usize = $lanes;

            #[arcane(import_intrinsics)]
            pub fn add_products(_token: $token, matrix: Matrix, vector: &[f32], sums: &mut [f32]) {
                let (blocks, left) = vector.as_chunks::<{ 4 * LANES }>();
                for (n, result) in sums.iter_mut().enumerate() {
                    let (cell_blocks, cells_left) = matrix.cells_of(n).as_chunks::<{ 4 * LANES }>();
                    let mut sums = [$zero(); 4];
                    for (cells, values) in cell_blocks.iter().zip(blocks) {
                        let (cells, values) = (cells.as_chunks::<LANES>().0, values.as_chunks::<LANES>().0);
                        for i in 0..4 {
                            let $bytes = &cells[i];
                            sums[i] = $fma($to_float($widen($take)), $load(&values[i]), sums[i]);
                        }
                    }
                    let $sum = $add($add(sums[0], sums[1]), $add(sums[2], sums[3]));
                    *result += f32_at(matrix.scales, n) * ($total + portable(cells_left, left));
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
kernel!(
    avx512,
    X64V4Token,
    16,
    _mm512_setzero_ps,
    _mm512_cvtepi8_epi32,
    _mm512_cvtepi32_ps,
    _mm512_loadu_ps,
    _mm512_fmadd_ps,
    _mm512_add_ps,
    |bytes| _mm_loadu_si128(bytes),
    |sum| _mm512_reduce_add_ps(sum)
);

#[cfg(target_arch = "x86_64")]
kernel!(
    avx2,
    X64V3Token,
    8,
    _mm256_setzero_ps,
    _mm256_cvtepi8_epi32,
    _mm256_cvtepi32_ps,
    _mm256_loadu_ps,
    _mm256_fmadd_ps,
    _mm256_add_ps,
    |bytes| _mm_set_epi64x(0, i64::from_le_bytes(*bytes)),
    |sum| {
        let mut lanes = [0.0_f32; 8];
        _mm256_storeu_ps(&mut lanes, sum);
        lanes.iter().sum::<f32>()
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_gives_the_same_product() {
        for width in [0, 1, 15, 31, 64, 100, 1280] {
            let cells: Vec<u8> = (0..width).map(|i| (i * 37 % 256) as u8).collect();
            let vector: Vec<f32> = (0..width).map(|i| (i % 17) as f32 / 8.0 - 1.0).collect();
            let exact: f64 =
                cells.iter().zip(&vector).map(|(&c, &v)| f64::from(c.cast_signed()) * f64::from(v)).sum();
            let (scales, cells) = (Vec::leak(0.5_f32.to_le_bytes().to_vec()), Vec::leak(cells));
            let matrix = Matrix { scales, cells, width };
            for kernel in Kernel::all() {
                let mut found = [1.0];
                matrix.add_product(kernel, &vector, &mut found);
                let found = f64::from(found[0]);
                assert!((found - 1.0 - exact / 2.0).abs() < 0.05, "{kernel:?}, {width}: {found} for {exact}");
            }
        }
    }
}
