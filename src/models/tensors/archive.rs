//! The table of a `.ot` file, as `tch` and so rust-bert write them: a ZIP archive that libtorch made, with the tensors' bytes in
//! `NAME/data/N`, uncompressed, and in `NAME/data.pkl` what they are.
//!
//! Only these members are looked at, and nothing is unpacked: the code that stands beside them stays where it is.

use super::pickle::{self, Described};
use super::{MOST, Problem, Stored, bytes_at, bytes_of, wrong};
use std::collections::HashMap;
use std::io::{Read, Seek};

/// The last record of an archive: its fixed part, and the comment that may follow.
const END: usize = 22;
/// The longest list of members: some 100 bytes for each tensor.
const LONGEST_LIST: u64 = 16 * 1024 * 1024;
/// The longest description; some 150 bytes for each tensor.
const LONGEST_DESCRIPTION: u64 = 1024 * 1024;

/// A member: where its local header stands, and its bytes.
#[derive(Debug, Clone, Copy)]
struct Member {
    header: u64,
    size: u64,
}

/// The tensors of an archive of `length` bytes.
pub fn table(file: &mut (impl Read + Seek), length: u64) -> Result<Vec<Stored>, Problem> {
    let (members, data_end) = members(file, length)?;
    let mut described = None;
    let mut storages: HashMap<&str, Member> = HashMap::new();
    for (name, member) in &members {
        // The outermost folder has the name that the file had when it was written.
        let path = name.split_once('/').map_or("", |(_, path)| path);
        if path == "data.pkl" {
            described = Some(*member);
        } else if let Some(key) = path.strip_prefix("data/") {
            storages.insert(key, *member);
        }
    }
    let Some(described) = described else {
        return wrong("the archive holds no `data.pkl`: it is not one of libtorch's");
    };
    if described.size > LONGEST_DESCRIPTION {
        return wrong(format!("its description of the tensors claims {} bytes", described.size));
    }
    let start = data_of(file, described, data_end)?;
    let description = bytes_at(file, start, described.size)?;
    let mut starts: HashMap<String, (u64, u64)> = HashMap::new();
    let mut tensors = Vec::new();
    for Described { name, number, shape, storage, offset } in pickle::tensors(&description)? {
        let (start, size) = match starts.get(&storage) {
            Some(&known) => known,
            None => {
                let Some(&member) = storages.get(storage.as_str()) else {
                    return wrong(format!("`{name}` has no data"));
                };
                let found = (data_of(file, member, data_end)?, member.size);
                starts.insert(storage, found);
                found
            }
        };
        let from = offset.checked_mul(number.size());
        let end = from.zip(bytes_of(&shape, number)).and_then(|(from, bytes)| from.checked_add(bytes));
        let (Some(from), true) = (from, end.is_some_and(|end| end <= size)) else {
            return wrong(format!("`{name}`: its shape {shape:?} does not fit its {size} bytes"));
        };
        tensors.push(Stored { name, number, shape, start: start + from });
    }
    Ok(tensors)
}

/// The members of the archive by name, and where its list of them begins: no data lies beyond.
fn members(file: &mut (impl Read + Seek), length: u64) -> Result<(Vec<(String, Member)>, u64), Problem> {
    let tail = bytes_at(file, length.saturating_sub(END as u64 + 0xffff), length.min(END as u64 + 0xffff))?;
    let Some(end) = tail.windows(END).rposition(|w| w.starts_with(b"PK\x05\x06")) else {
        return wrong("the archive has no end: it is cut off");
    };
    let end = &tail[end..];
    let (count, size, start) = (number(end, 10, 2), number(end, 12, 4), number(end, 16, 4));
    if count == 0xffff || start == 0xffff_ffff {
        return wrong("the archive is larger than 4 GB: convert it to model.safetensors");
    }
    if start.checked_add(size).is_none_or(|end| end > length) || size > LONGEST_LIST || count > MOST as u64 {
        return wrong(format!("the archive claims {count} members, listed in {size} bytes at {start}"));
    }
    let list = bytes_at(file, start, size)?;
    let mut members = Vec::new();
    let mut rest = list.as_slice();
    for _ in 0..count {
        if rest.len() < 46 || !rest.starts_with(b"PK\x01\x02") {
            return wrong("the archive's list of members is damaged");
        }
        let field = |at, bytes| number(rest, at, bytes);
        let (method, packed, plain) = (field(10, 2), field(20, 4), field(24, 4));
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::try_from(field(at, 2)).unwrap_or(0));
        let Some(bytes) = rest.get(46..46 + name) else {
            return wrong("the archive's list of members is damaged");
        };
        let name_text = String::from_utf8_lossy(bytes).into_owned();
        let is_ours = name_text.ends_with("/data.pkl") || name_text.contains("/data/");
        if is_ours && (method != 0 || packed != plain || field(8, 2) & 1 != 0) {
            return wrong(format!("`{name_text}` is packed, as libtorch packs no tensors"));
        }
        members.push((name_text, Member { header: field(42, 4), size: plain }));
        rest = rest.get(46 + name + extra + comment..).unwrap_or_default();
    }
    Ok((members, start))
}

/// Where a member's bytes begin: after its local header, which has lengths of its own.
fn data_of(file: &mut (impl Read + Seek), member: Member, data_end: u64) -> Result<u64, Problem> {
    if member.header.checked_add(30).is_none_or(|end| end > data_end) {
        return wrong("a member of the archive begins beyond its end");
    }
    let header = bytes_at(file, member.header, 30)?;
    if !header.starts_with(b"PK\x03\x04") {
        return wrong("a member of the archive has no header");
    }
    let start = member.header + 30 + number(&header, 26, 2) + number(&header, 28, 2);
    if start.checked_add(member.size).is_none_or(|end| end > data_end) {
        return wrong("a member of the archive goes beyond its end");
    }
    Ok(start)
}

/// A number of some bytes, little-endian; what is not there counts as zero.
fn number(bytes: &[u8], at: usize, size: usize) -> u64 {
    bytes.iter().skip(at).take(size).rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte))
}
