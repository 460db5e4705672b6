//! Plain text: one document a file.

use super::ReadError;
use super::input::{Documents, utf8};
use crate::text::document::Document;
use std::io::{BufRead, Read};

/// The one document of a file; its id is the file's name.
pub fn read(mut reader: Box<dyn BufRead + Send>, file: String) -> Documents {
    Box::new(std::iter::once_with(move || {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map_err(|source| ReadError::Io {
            file: file.clone(),
            record: 1,
            source,
        })?;
        let id = file.rsplit(['/', '\\']).next().unwrap_or(&file).to_owned();
        Ok(Document::new(id, utf8(bytes, &file, 1)?))
    }))
}
