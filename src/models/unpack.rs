//! Digests of files, and unpacking of single compressed files with a cap on what comes out.
//!
//! Models come as single files, never as archives, so there are no names inside to distrust; what is left to guard
//! against is a small file that unpacks into a disk full of zeros.

use super::ModelError;
use super::card::hex;
use super::catalogue::Compression;
use super::fetch::FetchError;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

/// Size and digest of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digested {
    /// Number of bytes.
    pub size: u64,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

/// Size and digest of a file, read in pieces: a model may be larger than memory.
///
/// # Errors
/// [`ModelError::Io`] that names the file.
pub fn digest(path: &Path) -> Result<Digested, ModelError> {
    let io = |source| ModelError::Io { path: path.into(), source };
    copy(&mut File::open(path).map_err(io)?, &mut io::sink(), u64::MAX, io)
}

/// Unpacks `from` into `to` and returns the size and digest of what came out; at most `limit` bytes may.
///
/// # Errors
/// [`ModelError::Altered`] when the file is damaged or unpacks to more; [`ModelError::Io`] and
/// [`FetchError::NoSpace`] when `to` cannot be written.
pub fn unpack(from: &Path, to: &Path, compression: Compression, limit: u64) -> Result<Digested, ModelError> {
    let damaged = |e: io::Error| ModelError::Altered {
        path: from.into(),
        reason: format!("it cannot be unpacked ({e})"),
    };
    let file = File::open(from).map_err(|source| ModelError::Io { path: from.into(), source })?;
    let file = BufReader::new(file);
    let mut plain: Box<dyn Read> = match compression {
        Compression::None => Box::new(file),
        Compression::Gz => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        Compression::Zst => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(file).map_err(damaged)?;
            // The window is allocated by the file's word: 128 MB is the most that its own tool accepts unasked.
            decoder.window_log_max(27).map_err(damaged)?;
            Box::new(decoder)
        }
    };
    let mut out = File::create(to).map_err(|e| written(to, e))?;
    let digested =
        copy(&mut plain, &mut Written { file: &mut out, path: to }, limit, |e| match unwrapped(e) {
            Ok(ours) => ours,
            Err(e) => damaged(e),
        })?;
    if digested.size > limit {
        let reason = format!("it unpacks to more than the {limit} bytes it should");
        return Err(ModelError::Altered { path: from.into(), reason });
    }
    out.sync_all().map_err(|e| written(to, e))?;
    Ok(digested)
}

/// An error of writing, with the full disk told apart.
pub fn written(path: &Path, source: io::Error) -> ModelError {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            FetchError::NoSpace { path: path.into(), needed: None }.into()
        }
        _ => ModelError::Io { path: path.into(), source },
    }
}

/// A writer whose errors are already ours, so that they are not taken for damage of what is read.
struct Written<'a> {
    file: &'a mut File,
    path: &'a Path,
}

impl Write for Written<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|e| io::Error::other(written(self.path, e)))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn unwrapped(error: io::Error) -> Result<ModelError, io::Error> {
    error.downcast::<ModelError>()
}

/// Copies and digests; stops one piece behind `limit`.
fn copy(
    from: &mut dyn Read,
    to: &mut dyn Write,
    limit: u64,
    wrap: impl Fn(io::Error) -> ModelError,
) -> Result<Digested, ModelError> {
    let (mut hasher, mut size, mut buffer) = (Sha256::new(), 0, vec![0; 64 * 1024]);
    while size <= limit {
        let n = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(wrap(e)),
        };
        hasher.update(&buffer[..n]);
        to.write_all(&buffer[..n]).map_err(&wrap)?;
        size += n as u64;
    }
    Ok(Digested { size, sha256: hex(&hasher.finalize()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::card::sha256_hex;

    fn packed(bytes: &[u8], compression: Compression) -> Vec<u8> {
        match compression {
            Compression::None => bytes.to_vec(),
            Compression::Gz => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("packed")
            }
            Compression::Zst => zstd::encode_all(bytes, 3).expect("packed"),
        }
    }

    #[test]
    fn what_was_packed_comes_out_and_a_bomb_does_not() {
        let dir = tempfile::tempdir().expect("a directory");
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        let text = b"les mots ".repeat(20_000);
        for compression in [Compression::None, Compression::Gz, Compression::Zst] {
            std::fs::write(&from, packed(&text, compression)).expect("written");
            let digested = unpack(&from, &to, compression, text.len() as u64).expect("unpacked");
            assert_eq!(digested, Digested { size: text.len() as u64, sha256: sha256_hex(&text) });
            assert_eq!(std::fs::read(&to).expect("read"), text);
            assert_eq!(digest(&to).expect("read"), digested);
            let error = unpack(&from, &to, compression, 1000).expect_err("too much");
            assert!(error.to_string().contains("more than the 1000 bytes"), "{error}");
            assert!(std::fs::metadata(&to).expect("there").len() < 200_000, "it stopped early");
        }
    }

    #[test]
    fn a_cut_or_flipped_file_is_called_damaged() {
        let dir = tempfile::tempdir().expect("a directory");
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        let text: Vec<u8> =
            (0..50_000_u32).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        for compression in [Compression::Gz, Compression::Zst] {
            let whole = packed(&text, compression);
            std::fs::write(&from, &whole[..whole.len() / 2]).expect("written");
            let error = unpack(&from, &to, compression, u64::MAX).expect_err("cut");
            assert!(matches!(error, ModelError::Altered { .. }), "{error}");
            std::fs::write(&from, b"neither of them").expect("written");
            assert!(matches!(unpack(&from, &to, compression, u64::MAX), Err(ModelError::Altered { .. })));
        }
    }

    /// The real thing: the kernel says that the device is full.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_device_is_told_apart_from_a_damaged_file() {
        let dir = tempfile::tempdir().expect("a directory");
        let from = dir.path().join("from");
        std::fs::write(&from, packed(&[7; 300_000], Compression::Zst)).expect("written");
        let error = unpack(&from, Path::new("/dev/full"), Compression::Zst, u64::MAX).expect_err("full");
        assert!(error.to_string().contains("no space left"), "{error}");
        assert!(error.to_string().contains("RETOUCHE_MODELS"), "{error}");
    }
}
