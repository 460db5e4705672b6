//! Plain text: one document a file.

use super::ReadError;
use super::input::{Documents, LONGEST_RECORD, too_long, utf8};
use crate::text::document::Document;
use std::io::{BufRead, Read};

/// The one document of a file; its id is the file's name.
pub fn read(mut reader: Box<dyn BufRead + Send>, file: String) -> Documents {
    Box::new(std::iter::once_with(move || {
        let mut bytes = Vec::new();
        let failed = |source| ReadError::Io { file: file.clone(), record: 1, source };
        reader.by_ref().take(LONGEST_RECORD as u64).read_to_end(&mut bytes).map_err(failed)?;
        let rest = std::io::copy(&mut reader, &mut std::io::sink()).map_err(failed)?;
        if rest > 0 {
            return Err(too_long(&file, 1, bytes.len() + rest as usize));
        }
        let id = file.rsplit(['/', '\\']).next().unwrap_or(&file).to_owned();
        Ok(Document::new(id, utf8(bytes, &file, 1)?))
    }))
}
