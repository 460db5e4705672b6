//! Aligns given sentence pairs with a student, for measuring: one JSON object a line for `scripts/evaluation/aer.py`.
//!
//! `cargo run --release --example align_pairs -- SOURCE TARGET [MODEL]`: files with one sentence a line, and a model's
//! name or directory (the one that is built in). Spans are in bytes.

use retouche::align::{sharpen, words};
use retouche::models::store;
use retouche::text::offset::{Source, Span, Target};
use retouche::translate::student::StudentEngine;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [source, target, rest @ ..] = args.as_slice() else {
        return Err("usage: SOURCE TARGET [MODEL]".into());
    };
    let engine = StudentEngine::new(&store::load(&store::find(rest.first().map_or("fr-en", |m| m))?)?, None)?;
    let (source, target) = (std::fs::read_to_string(source)?, std::fs::read_to_string(target)?);
    let pairs: Vec<(&str, &str)> = source.lines().zip(target.lines()).collect();
    for (first, group) in pairs.chunks(32).enumerate() {
        for (n, (pair, output)) in group.iter().zip(engine.align(group)).enumerate() {
            let source_words: Vec<Span<Source>> = words(pair.0);
            let target_words: Vec<Span<Target>> = words(pair.1);
            let links = sharpen(
                &source_words,
                &target_words,
                &output.source_pieces,
                &output.target_pieces,
                &output.attention,
            );
            let line = serde_json::json!({
                "line": first * 32 + n + 1,
                "source": source_words.iter().map(|w| [w.start, w.end]).collect::<Vec<_>>(),
                "target": target_words.iter().map(|w| [w.start, w.end]).collect::<Vec<_>>(),
                "links": links,
            });
            println!("{line}");
        }
    }
    Ok(())
}
