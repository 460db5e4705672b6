//! Where the tensors of a weights file lie: safetensors, and the archives that rust-bert keeps (`rust_model.ot`).
//!
//! Both are read by ourselves and for their table only, before any library sees a byte. libtorch's own reader of `.ot` files
//! runs the TorchScript that stands in them, and its copy from bytes trusts the shape it is given; with the table checked
//! against the file's length, an engine can take each tensor's bytes from the file and nothing else.

mod archive;
mod pickle;
mod safetensors;

use super::ModelError;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// More tensors than any model has; the largest NLLB has some 2,000.
const MOST: usize = 100_000;
/// More dimensions than any tensor has.
const MOST_DIMENSIONS: usize = 8;

/// How a value is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// 32-bit floating point.
    Float,
    /// 16-bit floating point.
    Half,
    /// 16-bit floating point with the exponent of 32 bits.
    BFloat16,
    /// 64-bit floating point.
    Double,
    /// Integers or truth values of so many bytes, which no weight is made of.
    Whole(u8),
}

impl Number {
    /// Bytes of a value.
    pub fn size(self) -> u64 {
        match self {
            Self::Float => 4,
            Self::Half | Self::BFloat16 => 2,
            Self::Double => 8,
            Self::Whole(bytes) => u64::from(bytes),
        }
    }
}

/// One tensor of a file: its bytes are in the file, row by row, as many as its shape says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub name: String,
    /// How its values are stored.
    pub number: Number,
    /// Rows, columns…
    pub shape: Vec<u64>,
    /// Its first byte in the file.
    pub start: u64,
}

impl Stored {
    /// Number of values.
    pub fn elements(&self) -> u64 {
        self.shape.iter().product()
    }

    /// Its bytes.
    ///
    /// # Errors
    /// [`ModelError::Io`] when the file cannot be read, or has become shorter.
    pub fn read(&self, file: &mut File, path: &Path) -> Result<Vec<u8>, ModelError> {
        let io = |source| ModelError::Io { path: path.into(), source };
        file.seek(SeekFrom::Start(self.start)).map_err(io)?;
        let wanted = self.elements() * self.number.size();
        let mut bytes = Vec::with_capacity(usize::try_from(wanted).unwrap_or(0));
        file.take(wanted).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 == wanted {
            Ok(bytes)
        } else {
            Err(io(std::io::ErrorKind::UnexpectedEof.into()))
        }
    }
}

/// The tensors of a weights file, from its table alone.
///
/// # Errors
/// [`ModelError::Invalid`] when the table is not one, or speaks of bytes that the file does not have; [`ModelError::Io`].
pub fn list(path: &Path) -> Result<Vec<Stored>, ModelError> {
    let io = |source| ModelError::Io { path: path.into(), source };
    let mut file = File::open(path).map_err(io)?;
    table(&mut file).map_err(|problem| match problem {
        Problem::Io(source) => io(source),
        Problem::Wrong(reason) => ModelError::Invalid(format!("{}: {reason}", path.display())),
    })
}

/// The same for a file in memory.
///
/// # Errors
/// [`ModelError::Invalid`] as for [`list`].
pub fn list_bytes(bytes: &[u8]) -> Result<Vec<Stored>, ModelError> {
    table(&mut std::io::Cursor::new(bytes)).map_err(|problem| match problem {
        Problem::Io(source) => ModelError::Invalid(source.to_string()),
        Problem::Wrong(reason) => ModelError::Invalid(reason),
    })
}

/// Why there is no table.
#[derive(Debug)]
enum Problem {
    Io(std::io::Error),
    Wrong(String),
}

impl From<std::io::Error> for Problem {
    fn from(source: std::io::Error) -> Self {
        Self::Io(source)
    }
}

fn wrong<T>(reason: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::Wrong(reason.into()))
}

/// Tells the formats apart by the first bytes; the length of a safetensors header that began like an archive would be
/// beyond any file.
fn table(file: &mut (impl Read + Seek)) -> Result<Vec<Stored>, Problem> {
    let length = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut first = [0; 8];
    if length < 8 {
        return wrong("the file has not even a header");
    }
    file.read_exact(&mut first)?;
    let tensors = if first.starts_with(b"PK\x03\x04") {
        archive::table(file, length)?
    } else {
        safetensors::table(file, length, u64::from_le_bytes(first))?
    };
    Ok(tensors)
}

/// The bytes of a tensor of that shape; nothing where no file could hold them.
fn bytes_of(shape: &[u64], number: Number) -> Option<u64> {
    if shape.len() > MOST_DIMENSIONS {
        return None;
    }
    // A dimension of zero would hide the others' size.
    let whole = shape.iter().try_fold(1_u64, |product, &n| product.checked_mul(n.max(1)))?;
    whole.checked_mul(number.size())?;
    Some(shape.iter().product::<u64>() * number.size())
}

/// `size` bytes of a file from `start`.
fn bytes_at(file: &mut (impl Read + Seek), start: u64, size: u64) -> Result<Vec<u8>, Problem> {
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.take(size).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < size { wrong("the file ends before its contents do") } else { Ok(bytes) }
}

#[cfg(test)]
mod tests;
