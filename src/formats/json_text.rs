//! Texts as JSON strings. Most of a text needs no escape, which is told of many bytes at once.

/// Appends a text as a JSON string, escaped as `serde_json` does.
pub fn push_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while !rest.is_empty() {
        let plain = plain(rest);
        out.push_str(&rest[..plain]);
        let mut chars = rest[plain..].chars();
        if let Some(c) = chars.next() {
            push_char(out, c);
        }
        rest = chars.as_str();
    }
    out.push('"');
}

/// How many bytes at the beginning of a text need no escape.
fn plain(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        if has_special(eight) {
            break;
        }
        at += 8;
    }
    let is_special = |&byte: &u8| byte < b' ' || byte == b'"' || byte == b'\\';
    bytes[at..].iter().position(is_special).map_or(bytes.len(), |special| at + special)
}

/// Whether one of eight bytes needs an escape: a byte below another borrows from the highest bit (as in Lamport 1975,
/// "Multiple byte processing with full-word instructions").
const fn has_special(eight: [u8; 8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let bytes = u64::from_le_bytes(eight);
    let control = bytes.wrapping_sub(b' ' as u64 * EACH) & !bytes;
    let quote = bytes ^ (b'"' as u64 * EACH);
    let backslash = bytes ^ (b'\\' as u64 * EACH);
    let nought = quote.wrapping_sub(EACH) & !quote | backslash.wrapping_sub(EACH) & !backslash;
    (control | nought) & (0x80 * EACH) != 0
}

/// Appends one character, escaped where it must be.
fn push_char(out: &mut String, c: char) {
    let short = match c {
        '"' => '"',
        '\\' => '\\',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        ..='\u{1f}' => {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
            return;
        }
        _ => {
            out.push(c);
            return;
        }
    };
    out.push('\\');
    out.push(short);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_written_as_serde_does() {
        let every: String = (0..0x2100).filter_map(char::from_u32).collect();
        let long = "Il a dit : « C’est l’été » ; ".repeat(9);
        for text in ["", "a", "\"", &every, &long, &format!("{long}\n{long}\\{every}\"{long}")] {
            let mut ours = String::new();
            push_string(&mut ours, text);
            assert_eq!(ours, serde_json::to_string(text).expect("JSON"));
        }
    }
}
