//! JSON lines: one object a line; the fields that retouche does not use pass through.

use super::ReadError;
use super::input::{Documents, InputOptions, Lines};
use crate::text::document::Document;
use serde_json::{Map, Value};
use std::io::BufRead;

/// Field of the text unless another is named.
pub const TEXT_FIELD: &str = "text";
/// Field of the id unless another is named.
pub const ID_FIELD: &str = "id";

/// The documents of a file.
pub fn read(reader: Box<dyn BufRead + Send>, file: String, options: &InputOptions) -> Documents {
    let text_field = options.text_field.clone().unwrap_or_else(|| TEXT_FIELD.to_owned());
    let id_field = options.id_field.clone().unwrap_or_else(|| ID_FIELD.to_owned());
    let lines = Lines::new(reader, file.clone());
    Box::new(lines.filter(|(_, line)| !matches!(line, Ok(l) if l.trim().is_empty())).map(
        move |(record, line)| {
            let malformed = |reason: String| ReadError::Malformed { file: file.clone(), record, reason };
            let mut fields: Map<String, Value> =
                serde_json::from_str(&line?).map_err(|e| malformed(format!("not a JSON object: {e}")))?;
            let raw = match fields.shift_remove(&text_field) {
                Some(Value::String(text)) => text,
                Some(_) => return Err(malformed(format!("the field `{text_field}` is not a string"))),
                None => {
                    let reason =
                        format!("no field `{text_field}`; name the field of the text with --text-field");
                    return Err(malformed(reason));
                }
            };
            let id = match fields.get(&id_field) {
                Some(Value::String(id)) => id.clone(),
                Some(Value::Number(id)) => id.to_string(),
                _ => record.to_string(),
            };
            if id_field == ID_FIELD {
                fields.shift_remove(ID_FIELD);
            }
            Ok(Document { id, raw, meta: fields })
        },
    ))
}
