//! The file that a download grows in, and the mark of the version that it belongs to.

use super::{FetchError, Wanted};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use ureq::Body;
use ureq::http::{Response, header};

/// Bytes a second below which a server is slower than a new connection would be, or does not mean to end.
const SLOWEST: u64 = 1024;

/// Why copying stopped.
#[derive(Debug)]
pub enum CopyError {
    /// The body broke off.
    Read(io::Error),
    /// The body comes, but hardly.
    Slow,
    /// The file could not be written.
    Write(io::Error),
    /// The disk is full; bytes still to come, if known.
    Full(Option<u64>),
    /// More came than may; so many at least.
    TooLong(u64),
}

/// Copies a body behind `have` bytes that are there; returns how many there are then. A body that trickles is broken off
/// after `patience`: each of its bytes comes in time, and the last of them never would.
pub fn copy(
    body: &mut dyn Read,
    out: &mut dyn Write,
    mut have: u64,
    total: Option<u64>,
    wanted: &Wanted<'_>,
    patience: Duration,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<u64, CopyError> {
    let failed = |e: io::Error, have: u64| match e.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            CopyError::Full(total.map(|t| t.saturating_sub(have)))
        }
        _ => CopyError::Write(e),
    };
    let mut buffer = vec![0; 64 * 1024];
    let (mut since, mut before) = (Instant::now(), have);
    progress(have, total);
    loop {
        let n = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(CopyError::Read(e)),
        };
        if have + n as u64 > wanted.size.unwrap_or(wanted.limit) {
            return Err(CopyError::TooLong(have + n as u64));
        }
        out.write_all(&buffer[..n]).map_err(|e| failed(e, have))?;
        have += n as u64;
        progress(have, total);
        if since.elapsed() >= patience {
            if ((have - before) as f64) < SLOWEST as f64 * since.elapsed().as_secs_f64() {
                return Err(CopyError::Slow);
            }
            (since, before) = (Instant::now(), have);
        }
    }
    out.flush().map_err(|e| failed(e, have))?;
    Ok(have)
}

/// Opens a part file to write behind its first `have` bytes. What is not a plain file (a link laid there) is replaced.
pub fn open_part(part: &Path, have: u64) -> io::Result<File> {
    if std::fs::symlink_metadata(part).is_ok_and(|m| !m.is_file()) {
        std::fs::remove_file(part)?;
    }
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(part)?;
    file.set_len(have)?;
    file.seek(SeekFrom::Start(have))?;
    Ok(file)
}

/// Bytes of a part file; none when it is missing or no plain file.
pub fn length(part: &Path) -> u64 {
    std::fs::symlink_metadata(part).map_or(0, |m| if m.is_file() { m.len() } else { 0 })
}

/// Removes a part file and its tag.
///
/// # Errors
/// [`FetchError::Io`] that names the file.
pub fn remove(part: &Path) -> Result<(), FetchError> {
    for path in [part.to_owned(), tag_path(part)] {
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(FetchError::Io { path, source });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Where the server's mark of the file's version is kept, beside the part.
pub fn tag_path(part: &Path) -> PathBuf {
    part.with_extension("tag")
}

/// Keeps a strong `ETag`; a weak one does not vouch for bytes.
pub fn write_tag(path: &Path, response: &Response<Body>) -> io::Result<()> {
    let tag = response.headers().get(header::ETAG).and_then(|v| v.to_str().ok());
    match tag.filter(|t| t.starts_with('"')) {
        Some(tag) => std::fs::write(path, tag),
        None => match std::fs::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn wanted(size: Option<u64>, limit: u64) -> Wanted<'static> {
        Wanted { url: "http://h/f", part: Path::new("f.part"), size, limit, checked: true }
    }

    /// The kernel's own full device: what a download meets when the disk is full.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_told_with_what_is_still_to_come() {
        let mut full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has one");
        let body = vec![1; 200_000];
        let wanted = wanted(Some(200_000), u64::MAX);
        let error =
            copy(&mut body.as_slice(), &mut full, 0, Some(200_000), &wanted, PATIENCE, &mut |_, _| {});
        assert!(matches!(error, Err(CopyError::Full(Some(200_000)))), "{error:?}");
        let said = FetchError::NoSpace { path: "f.part".into(), needed: Some(200_000) }.to_string();
        assert!(said.contains("0.2 MB still to come") && said.contains("RETOUCHE_MODELS"), "{said}");
    }

    #[test]
    fn a_body_longer_than_it_may_be_is_cut_off() {
        let mut out = Vec::new();
        let body = vec![1; 200_000];
        let error = copy(
            &mut body.as_slice(),
            &mut out,
            0,
            None,
            &wanted(Some(1000), u64::MAX),
            PATIENCE,
            &mut |_, _| {},
        );
        assert!(matches!(error, Err(CopyError::TooLong(_))), "{error:?}");
        assert!(out.is_empty());
        let error =
            copy(&mut body.as_slice(), &mut out, 0, None, &wanted(None, 100_000), PATIENCE, &mut |_, _| {});
        assert!(matches!(error, Err(CopyError::TooLong(_))) && out.len() <= 100_000);
    }

    /// A link in the place of a part file must not lead writing elsewhere.
    #[test]
    #[cfg(unix)]
    fn a_link_in_the_place_of_a_part_is_replaced() {
        let dir = tempfile::tempdir().expect("a directory");
        let (other, part) = (dir.path().join("other"), dir.path().join("f.part"));
        std::fs::write(&other, "precious").expect("written");
        std::os::unix::fs::symlink(&other, &part).expect("linked");
        assert_eq!(length(&part), 0);
        open_part(&part, 0).and_then(|mut f| f.write_all(b"new")).expect("written");
        assert_eq!(std::fs::read_to_string(&other).expect("read"), "precious");
        assert_eq!(length(&part), 3);
    }
}
