//! Products of a matrix of bytes with a vector, in exact integers, for each kind of processor.
//!
//! Each row of the matrix has a scale of its own. The vector is rounded once to integers of two bytes, so that every kernel
//! gives the same results to the bit, and a product is one or two instructions for many cells.

use super::bytes::{Reader, TableError, f32_at};
use crate::kernel::Kernel;
#[cfg(target_arch = "x86_64")]
use archmage::{X64V3Token, X64V4Token, X64V4xToken};

/// Rows of eight-bit cells, each row with its scale, read in place.
#[derive(Debug, Clone, Copy)]
pub struct Matrix {
    scales: &'static [u8],
    cells: &'static [u8],
    width: usize,
}

/// A vector to multiply by, as integers with one scale.
#[derive(Debug, Clone)]
pub struct Vector {
    integers: Vec<i16>,
    scale: f32,
}

impl Vector {
    /// Rounds a vector: as finely as a sum of products with bytes leaves room for in 32 bits, that is to a thirteen thousandth
    /// of its largest value at a length of 1,280.
    pub fn new(values: &[f32]) -> Self {
        let most = i32::MAX as usize / 128 / values.len().max(1);
        let most = i16::try_from(most).unwrap_or(i16::MAX);
        let largest = values.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        let scale = if largest > 0.0 { largest / f32::from(most) } else { 1.0 };
        let finer = scale.recip();
        // `as` rounds towards nought.
        let integers = values.iter().map(|value| (value * finer + 0.5_f32.copysign(*value)) as i16).collect();
        Self { integers, scale }
    }
}

impl Kernel {
    /// Adds to each sum the product of its row with a vector of the matrix's width, scaled.
    fn add_products(self, matrix: Matrix, vector: &Vector, sums: &mut [f32]) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Vnni(token) => vnni::add_products(token, matrix, vector, sums),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(token) => avx512::add_products(token, matrix, vector, sums),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(token) => avx2::add_products(token, matrix, vector, sums),
            Self::Portable => {
                for (n, sum) in sums.iter_mut().enumerate() {
                    matrix.add_scaled(n, vector, portable(matrix.cells_of(n), &vector.integers), sum);
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
    pub fn row_product(&self, kernel: Kernel, i: usize, vector: &Vector) -> f32 {
        let mut sum = [0.0];
        if let Some(row) = self.only(i) {
            kernel.add_products(row, vector, &mut sum);
        }
        sum[0]
    }

    /// `sums += matrix × vector`; the sizes must fit.
    pub fn add_product(&self, kernel: Kernel, vector: &Vector, sums: &mut [f32]) {
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

    /// Adds the sum of a row's products in what they are worth.
    fn add_scaled(&self, row: usize, vector: &Vector, product: i32, sum: &mut f32) {
        *sum += f32_at(self.scales, row) * vector.scale * product as f32;
    }
}

fn portable(cells: &[u8], integers: &[i16]) -> i32 {
    cells.iter().zip(integers).map(|(&cell, &value)| i32::from(cell.cast_signed()) * i32::from(value)).sum()
}

/// The kernels of one width of registers, which differ in how they add products to a sum. Two sums a row, since one alone
/// would wait for each of its additions.
#[cfg(target_arch = "x86_64")]
macro_rules! kernels {
    ($lanes:literal, $zero:ident, $load:ident, $widen:ident, $add:ident, |$bytes:ident| $take:expr, |$sum:ident| $total:expr,
        $($name:ident for $token:ident: |$so_far:ident, $cells:ident, $values:ident| $dot:expr),+) => {
        $(mod $name {
            use super::{$token, Matrix, Vector, portable};
            use archmage::arcane;

            const LANES: usize = $lanes;

            #[arcane(import_intrinsics)]
            pub fn add_products(_token: $token, matrix: Matrix, vector: &Vector, sums: &mut [f32]) {
                let (blocks, left) = vector.integers.as_chunks::<{ 2 * LANES }>();
                for (n, result) in sums.iter_mut().enumerate() {
                    let (cell_blocks, cells_left) = matrix.cells_of(n).as_chunks::<{ 2 * LANES }>();
                    let mut sums = [$zero(); 2];
                    for (cells, values) in cell_blocks.iter().zip(blocks) {
                        let (cells, values) = (cells.as_chunks::<LANES>().0, values.as_chunks::<LANES>().0);
                        for i in 0..2 {
                            let $bytes = &cells[i];
                            let ($so_far, $cells, $values) = (sums[i], $widen($take), $load(&values[i]));
                            sums[i] = $dot;
                        }
                    }
                    let $sum = $add(sums[0], sums[1]);
                    matrix.add_scaled(n, vector, $total + portable(cells_left, left), result);
                }
            }
        })+
    };
}

#[cfg(target_arch = "x86_64")]
kernels!(
    32,
    _mm512_setzero_si512,
    _mm512_loadu_epi16,
    _mm512_cvtepi8_epi16,
    _mm512_add_epi32,
    |bytes| _mm256_loadu_si256(bytes),
    |sum| _mm512_reduce_add_epi32(sum),
    vnni for X64V4xToken: |sum, cells, values| _mm512_dpwssd_epi32(sum, cells, values),
    avx512 for X64V4Token: |sum, cells, values| _mm512_add_epi32(sum, _mm512_madd_epi16(cells, values))
);

#[cfg(target_arch = "x86_64")]
kernels!(
    16,
    _mm256_setzero_si256,
    _mm256_loadu_si256,
    _mm256_cvtepi8_epi16,
    _mm256_add_epi32,
    |bytes| _mm_loadu_si128(bytes),
    |sum| {
        let mut lanes = [0_i32; 8];
        _mm256_storeu_si256(&mut lanes, sum);
        lanes.iter().sum::<i32>()
    },
    avx2 for X64V3Token: |sum, cells, values| _mm256_add_epi32(sum, _mm256_madd_epi16(cells, values))
);

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(cells: Vec<u8>) -> Matrix {
        let width = cells.len();
        Matrix { scales: Vec::leak(0.5_f32.to_le_bytes().to_vec()), cells: Vec::leak(cells), width }
    }

    #[test]
    fn every_kernel_gives_the_same_product() {
        for width in [0, 1, 15, 31, 64, 100, 1280] {
            let cells: Vec<u8> = (0..width).map(|i| (i * 37 % 256) as u8).collect();
            let values: Vec<f32> = (0..width).map(|i| (i % 17) as f32 / 8.0 - 1.0).collect();
            let exact: f64 =
                cells.iter().zip(&values).map(|(&c, &v)| f64::from(c.cast_signed()) * f64::from(v)).sum();
            let (matrix, vector) = (matrix(cells), Vector::new(&values));
            let products = Kernel::all().into_iter().map(|kernel| {
                let mut found = [1.0];
                matrix.add_product(kernel, &vector, &mut found);
                found[0]
            });
            let products: Vec<f32> = products.collect();
            assert!(products.iter().all(|found| found.to_bits() == products[0].to_bits()), "{products:?}");
            let found = f64::from(products[0]);
            assert!((found - 1.0 - exact / 2.0).abs() < 0.05, "{width}: {found} for {exact}");
        }
    }

    #[test]
    fn the_greatest_sum_there_can_be_fits() {
        for width in [1, 128, 1280, 100_000] {
            let matrix = matrix(vec![(-128_i8).cast_unsigned(); width]);
            let vector = Vector::new(&vec![-3.0; width]);
            for kernel in Kernel::all() {
                let (found, exact) = (matrix.row_product(kernel, 0, &vector), 192.0 * width as f32);
                assert!((found / exact - 1.0).abs() < 1e-3, "{kernel:?}, {width}: {found} for {exact}");
            }
        }
    }

    #[test]
    fn a_vector_of_noughts_is_nought() {
        assert_eq!(
            matrix(vec![7; 40]).row_product(Kernel::detect(), 0, &Vector::new(&[0.0; 40])).to_bits(),
            0
        );
    }
}
