//! The table of a safetensors file: the length of a JSON header, the header, the data.

use super::{MOST, Number, Problem, Stored, bytes_at, bytes_of, wrong};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::io::{Read, Seek};

/// The longest header; what is written has some 100 bytes a tensor.
const LONGEST_HEADER: u64 = 16 * 1024 * 1024;

/// What the header says of a tensor.
#[derive(Deserialize)]
struct Said {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

/// The tensors of a file of `length` bytes whose first eight say `header`.
pub fn table(file: &mut (impl Read + Seek), length: u64, header: u64) -> Result<Vec<Stored>, Problem> {
    if header > length - 8 || header > LONGEST_HEADER {
        return wrong(format!("its header claims {header} bytes in a file of {length}"));
    }
    let (text, data) = (bytes_at(file, 8, header)?, 8 + header);
    let said: Map<String, Value> = match serde_json::from_slice(&text) {
        Ok(said) => said,
        Err(e) => return wrong(format!("its header is not one of safetensors: {e}")),
    };
    if said.len() > MOST {
        return wrong(format!("it claims {} tensors", said.len()));
    }
    let tensors = said.into_iter().filter(|(name, _)| name != "__metadata__");
    tensors.map(|(name, said)| stored(name, said, data, length)).collect()
}

fn stored(name: String, said: Value, data: u64, length: u64) -> Result<Stored, Problem> {
    let said: Said = match serde_json::from_value(said) {
        Ok(said) => said,
        Err(e) => return wrong(format!("`{name}`: {e}")),
    };
    let Some(number) = number(&said.dtype) else {
        return wrong(format!("`{name}` is made of {}, which no model of ours is", said.dtype));
    };
    let (start, end) = said.data_offsets;
    if end > length - data || end.checked_sub(start) != bytes_of(&said.shape, number) {
        return wrong(format!("`{name}`: its shape {:?} does not fit the bytes it claims", said.shape));
    }
    Ok(Stored { name, number, shape: said.shape, start: data + start })
}

fn number(dtype: &str) -> Option<Number> {
    Some(match dtype {
        "F32" => Number::Float,
        "F16" => Number::Half,
        "BF16" => Number::BFloat16,
        "F64" => Number::Double,
        "I64" | "U64" => Number::Whole(8),
        "I32" | "U32" => Number::Whole(4),
        "I16" | "U16" => Number::Whole(2),
        "I8" | "U8" | "BOOL" => Number::Whole(1),
        _ => return None,
    })
}
