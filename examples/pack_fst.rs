//! Packs a sorted `key TAB value` table into the container that the library reads in place.
//!
//! Usage: `pack_fst MAGIC TABLE.tsv [SUFFIXES.txt] OUT.bin`
//!
//! Layout: 8 bytes of magic, u32 length of the side text, the side text, then an `fst` map.

use std::error::Error;
use std::fs;
use std::io::Write;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (magic, table, side, out) = match args.as_slice() {
        [magic, table, out] => (magic, table, Vec::new(), out),
        [magic, table, side, out] => (magic, table, fs::read(side)?, out),
        _ => return Err("usage: pack_fst MAGIC TABLE.tsv [SUFFIXES.txt] OUT.bin".into()),
    };
    let mut file = std::io::BufWriter::new(fs::File::create(out)?);
    file.write_all(magic.as_bytes())?;
    file.write_all(&u32::try_from(side.len())?.to_le_bytes())?;
    file.write_all(&side)?;
    let mut map = fst::MapBuilder::new(file)?;
    for line in fs::read_to_string(table)?.lines() {
        let (key, value) = line.split_once('\t').ok_or("a line without a tab")?;
        map.insert(key, value.parse()?)?;
    }
    map.into_inner()?.flush()?;
    println!("{out}: {} bytes", fs::metadata(out)?.len());
    Ok(())
}
