//! Packs the homograph candidates into the container that the library reads in place.
//!
//! Usage: `pack_homographs HOMOGRAPHS.tsv OUT.bin`
//!
//! Layout: magic `RTHG0002`, u32 length of the names, the originals' names one a line; u32 length of the postings,
//! the postings; then an `fst` map from spun form to the offset of its postings.
//! A posting list is a count byte, then for each candidate u16 name, u8 chance (-20 ln p), u8 sources.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Write;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [table, out] = args.as_slice() else { return Err("usage: pack_homographs TABLE.tsv OUT.bin".into()) };
    let text = fs::read_to_string(table)?;
    let mut ids = BTreeMap::new();
    for line in text.lines() {
        for cell in line.split('\t').nth(1).ok_or("a line without a tab")?.split(' ') {
            ids.insert(cell.split(':').next().unwrap_or_default(), 0u16);
        }
    }
    for (n, id) in ids.values_mut().enumerate() {
        *id = u16::try_from(n)?;
    }
    let names = ids.keys().copied().collect::<Vec<_>>().join("\n");
    let (mut postings, mut keys) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let (key, cells) = line.split_once('\t').ok_or("a line without a tab")?;
        keys.push((key, postings.len() as u64));
        let cells: Vec<&str> = cells.split(' ').collect();
        postings.push(u8::try_from(cells.len())?);
        for cell in cells {
            let mut fields = cell.split(':');
            let (name, prior, sources) = (fields.next(), fields.next(), fields.next());
            let id = ids[name.ok_or("no name")?];
            postings.extend(id.to_le_bytes());
            postings.push(prior.ok_or("no prior")?.parse()?);
            postings.push(sources.ok_or("no sources")?.parse()?);
        }
    }
    let mut file = std::io::BufWriter::new(fs::File::create(out)?);
    file.write_all(b"RTHG0002")?;
    file.write_all(&u32::try_from(names.len())?.to_le_bytes())?;
    file.write_all(names.as_bytes())?;
    file.write_all(&u32::try_from(postings.len())?.to_le_bytes())?;
    file.write_all(&postings)?;
    let mut map = fst::MapBuilder::new(file)?;
    for (key, offset) in keys {
        map.insert(key, offset)?;
    }
    map.into_inner()?.flush()?;
    println!("{out}: {} bytes", fs::metadata(out)?.len());
    Ok(())
}
