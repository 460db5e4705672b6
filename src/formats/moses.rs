//! Moses: three files in step, `.fr`, `.en` and `.align`, one segment a line.

use super::tsv::cell;
use crate::record::Record;

/// The lines of a record for the three files.
pub fn lines(record: &Record) -> [String; 3] {
    let mut out = [String::new(), String::new(), String::new()];
    for segment in &record.segments {
        for (file, text) in out.iter_mut().zip([&segment.source, &segment.target, &segment.alignment]) {
            file.push_str(&cell(text));
            file.push('\n');
        }
    }
    out
}
