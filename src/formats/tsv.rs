//! Tab-separated values: one document a line. Columns go by number from 1, or by name when the first line is a header.

use super::ReadError;
use super::input::{Documents, InputOptions, Lines};
use crate::text::document::Document;
use serde_json::{Map, Value};
use std::io::BufRead;

/// The documents of a file. Other columns pass through as `meta`, under their header or number.
pub fn read(reader: Box<dyn BufRead + Send>, file: String, options: &InputOptions) -> Documents {
    let text_field = options.text_field.clone().unwrap_or_else(|| "1".to_owned());
    let id_field = options.id_field.clone();
    let by_name =
        [Some(&text_field), id_field.as_ref()].into_iter().flatten().any(|f| f.parse::<usize>().is_err());
    let mut header: Option<Vec<String>> = None;
    let lines = Lines::new(reader, file.clone());
    Box::new(lines.filter_map(move |(record, line)| {
        let malformed = |reason: String| ReadError::Malformed { file: file.clone(), record, reason };
        let line = match line {
            Ok(line) => line,
            Err(e) => return Some(Err(e)),
        };
        let cells: Vec<&str> = line.split('\t').collect();
        if by_name && header.is_none() {
            header = Some(cells.iter().map(|c| (*c).to_owned()).collect());
            return None;
        }
        let column = |field: &str| match &header {
            Some(names) => names.iter().position(|n| n == field),
            None => field.parse::<usize>().ok()?.checked_sub(1),
        };
        let Some(raw) = column(&text_field).and_then(|c| cells.get(c)) else {
            return Some(Err(malformed(format!("no column `{text_field}`; name it with --text-field"))));
        };
        let id_column = id_field.as_deref().and_then(column);
        let id =
            id_column.and_then(|c| cells.get(c)).map_or_else(|| record.to_string(), |id| (*id).to_owned());
        let meta: Map<String, Value> = cells
            .iter()
            .enumerate()
            .filter(|(c, _)| Some(*c) != column(&text_field) && Some(*c) != id_column)
            .map(|(c, cell)| {
                let name =
                    header.as_ref().and_then(|h| h.get(c)).cloned().unwrap_or_else(|| (c + 1).to_string());
                (name, Value::String((*cell).to_owned()))
            })
            .collect();
        Some(Ok(Document { id, raw: (*raw).to_owned(), meta }))
    }))
}

/// A cell's text: tabs and line ends would break the table.
pub fn cell(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}
