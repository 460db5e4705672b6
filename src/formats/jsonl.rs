//! JSON lines: one object a line; the fields that retouche does not use pass through.

use super::ReadError;
use super::input::{Documents, InputOptions, Lines};
use crate::text::document::Document;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;
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
            let (text, mut fields) =
                split_off(&line?, &text_field).map_err(|e| malformed(format!("not a JSON object: {e}")))?;
            let raw = match text {
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

/// The fields of a JSON object, and apart from them the value of one of them: the text, as a rule alone in its object.
fn split_off(line: &str, field: &str) -> serde_json::Result<(Option<Value>, Map<String, Value>)> {
    let mut json = serde_json::Deserializer::from_str(line);
    let parts = json.deserialize_map(Split { field })?;
    json.end()?;
    Ok(parts)
}

/// Reads an object as [`split_off`] does.
struct Split<'a> {
    field: &'a str,
}

impl<'de> Visitor<'de> for Split<'_> {
    type Value = (Option<Value>, Map<String, Value>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut value, mut others) = (None, Map::new());
        while let Some(other) = map.next_key_seed(Name { field: self.field })? {
            match other {
                Some(name) => {
                    others.insert(name, map.next_value()?);
                }
                None => value = Some(map.next_value()?),
            }
        }
        Ok((value, others))
    }
}

/// The name of a field, unless it is this one.
struct Name<'a> {
    field: &'a str,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string key")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok((name != self.field).then(|| name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_split_off_and_the_last_of_two_counts() {
        let line = r#"{"b": 1, "text": "x", "a": {"text": 2}, "text": "y\u00e9", "b": 3}"#;
        let (text, others) = split_off(line, "text").expect("an object");
        assert_eq!(text, Some(Value::from("y\u{e9}")));
        assert_eq!(serde_json::to_string(&others).expect("JSON"), r#"{"b":3,"a":{"text":2}}"#);
        for bad in ["[1]", "3", "{\"text\": \"x\"} 4", "{", ""] {
            let whole = serde_json::from_str::<Map<String, Value>>(bad).expect_err("no object");
            assert_eq!(split_off(bad, "text").expect_err("no object").to_string(), whole.to_string());
        }
    }
}
