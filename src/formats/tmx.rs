//! TMX 1.4b, the exchange format of translation memories.

use crate::record::Record;
use std::fmt::Write as _;

/// What stands before the first unit.
pub fn header() -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE tmx SYSTEM \"tmx14.dtd\">\n<tmx version=\"1.4\">\n\
         <header creationtool=\"retouche\" creationtoolversion=\"{}\" segtype=\"sentence\" o-tmf=\"retouche\" \
         adminlang=\"en\" srclang=\"fr\" datatype=\"plaintext\"/>\n<body>\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// What stands after the last unit.
pub const FOOTER: &str = "</body>\n</tmx>\n";

/// The translation units of a record: one a segment that has a translation.
pub fn units(record: &Record) -> String {
    let mut out = String::new();
    for segment in record.segments.iter().filter(|s| !s.target.is_empty()) {
        out.push_str("<tu>");
        let mut property = |kind: &str, value: &str| {
            // Writing to a String cannot fail.
            let _ = write!(out, "<prop type=\"{kind}\">{}</prop>", escape(value));
        };
        property("document", &record.id);
        property("segment", &segment.n.to_string());
        property("raw-span", &format!("{}-{}", segment.raw[0], segment.raw[1]));
        if let Some(score) = segment.score {
            property("score", &format!("{score:.4}"));
        }
        if !segment.flags.is_empty() {
            property("flags", &segment.flags.join(" "));
        }
        for (lang, text) in [("fr", &segment.source), ("en", &segment.target)] {
            let _ = write!(out, "<tuv xml:lang=\"{lang}\"><seg>{}</seg></tuv>", escape(text));
        }
        out.push_str("</tu>\n");
    }
    out
}

/// Text as XML 1.0 content: entities escaped, characters that XML forbids dropped.
fn escape(text: &str) -> String {
    let allowed = |c: &char| matches!(*c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(allowed) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_characters_are_dropped_and_entities_escaped() {
        assert_eq!(escape("a\u{0}\u{b}<b> & \"c\"\u{ffff}"), "a&lt;b&gt; &amp; &quot;c&quot;");
    }
}
