//! Validation of a vocabulary's normaliser: flags, and a table of characters and what becomes of them.
//!
//! The table (`precompiled_charsmap`) is a double-array trie whose leaves point into a blob of strings, each ended by
//! a zero. The engine follows offsets and leaves by the table's word: a leaf behind the end of the blob is a panic at
//! the first sentence that meets it, and a long string makes every character of a text as long as itself.

use super::{Message, ModelError, Value};

/// Longest replacement of a character that is allowed, in bytes; NFKC's own longest is 33 (U+FDFA).
const MAX_REPLACEMENT: usize = 256;

/// Checks the normaliser of a vocabulary.
///
/// # Errors
/// [`ModelError::Invalid`] with the first thing that is wrong.
pub fn validate(spec: &[u8]) -> Result<(), ModelError> {
    let mut message = Message { bytes: spec, at: 0 };
    while let Some((field, value)) = message.next()? {
        if let (2, Value::Bytes(table)) = (field, value) {
            validate_table(table)?;
        }
    }
    Ok(())
}

fn validate_table(table: &[u8]) -> Result<(), ModelError> {
    // The engine takes a table as short as this for none.
    let Some((size, rest)) = table.split_first_chunk::<4>().filter(|(_, rest)| !rest.is_empty()) else {
        return Ok(());
    };
    let size = usize::try_from(u32::from_le_bytes(*size)).unwrap_or(usize::MAX);
    let Some((trie, strings)) = rest.split_at_checked(size) else {
        return Err(ModelError::invalid("the normaliser's table is longer than the vocabulary"));
    };
    let units: Vec<u32> =
        trie.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect();
    let mut leaves = leaves(&units);
    leaves.sort_unstable();
    leaves.dedup();
    for leaf in leaves {
        let text = strings.get(leaf..).ok_or_else(|| {
            ModelError::invalid("the normaliser's table points outside its own replacements")
        })?;
        let length = text.iter().take(MAX_REPLACEMENT + 1).position(|&b| b == 0).unwrap_or(text.len());
        if length > MAX_REPLACEMENT {
            return Err(ModelError::invalid(
                "the normaliser replaces a character by more than any real one does",
            ));
        }
    }
    Ok(())
}

/// The values of all leaves that can be reached from the root. Offsets may lead in circles: each node is visited once.
fn leaves(units: &[u32]) -> Vec<usize> {
    let offset = |unit: u32| ((unit >> 10) << ((unit & 0x200) >> 6)) as usize;
    let Some(&root) = units.first() else { return Vec::new() };
    let (mut seen, mut todo, mut found) = (vec![false; units.len()], vec![offset(root)], Vec::new());
    let mut is_new = vec![true; units.len()];
    while let Some(base) = todo.pop() {
        for byte in 0..256_u32 {
            let at = base ^ byte as usize;
            // A node belongs to a byte when its label is that byte; leaves have the highest bit set and no label.
            let Some(&unit) = units.get(at).filter(|&&u| u & 0x8000_00ff == byte) else { continue };
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            let next = at ^ offset(unit);
            if (unit >> 8) & 1 == 1
                && let Some(&leaf) = units.get(next)
            {
                found.push((leaf & 0x7fff_ffff) as usize);
            }
            if next < units.len() && std::mem::replace(&mut is_new[next], false) {
                todo.push(next);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table that replaces `a` by `text`, its leaf pointing `at` bytes into the strings.
    fn table(at: u32, text: &[u8]) -> Vec<u8> {
        // Root: offset 256 (stored shifted). Node of `a` at 256 ^ 97, with a leaf at that place ^ 512.
        let mut units = vec![0_u32; 1024];
        units[0] = 256 << 10;
        units[256 ^ 97] = 97 | (1 << 8) | (512 << 10);
        units[256 ^ 97 ^ 512] = 0x8000_0000 | at;
        let mut bytes = (units.len() as u32 * 4).to_le_bytes().to_vec();
        units.iter().for_each(|u| bytes.extend(u.to_le_bytes()));
        bytes.extend(text);
        bytes
    }

    #[test]
    fn a_leaf_must_point_to_a_short_replacement() {
        assert!(validate_table(&table(0, b"A\0")).is_ok());
        assert!(validate_table(&table(1, b"A\0")).is_ok());
        let outside = validate_table(&table(3, b"A\0")).expect_err("behind the end");
        assert!(outside.to_string().contains("outside"), "{outside}");
        assert!(validate_table(&table(0, &[b'A'; 100_000])).is_err(), "a bomb");
        assert!(validate_table(&table(0, b"A\0")[..100]).is_err(), "a cut table");
        assert!(validate_table(b"").is_ok() && validate_table(&[0, 0, 0, 0]).is_ok());
    }

    #[test]
    fn circles_end() {
        let mut bytes = table(0, b"A\0");
        for unit in bytes[4..4 + 4096].chunks_exact_mut(4) {
            unit[3] |= 0x55;
        }
        let _ = validate_table(&bytes);
    }
}
