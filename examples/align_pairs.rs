//! Aligns given sentence pairs with a student, for measuring: one JSON object a line for `scripts/evaluation/aer.py`.
//!
//! `cargo run --release --example align_pairs -- SOURCE TARGET [MODEL [HEADS]]`: files with one sentence a line, and a model's
//! name or directory (the one that is built in). Spans are in bytes. HEADS, for models of the engine `bert`: what heads of the
//! cross-attention to look at instead of the usual ones: `all`, a layer (`1`), or one head of it (`1:3`).

use retouche::align::{sharpen, words};
use retouche::models::store::{self, Entry};
use retouche::text::offset::{Source, Span, Target};
use retouche::translate::engine::EngineOutput;
use retouche::translate::student::StudentEngine;

type Aligner = Box<dyn Fn(&[(&str, &str)]) -> Vec<EngineOutput>>;

/// The model's engine, as far as this build has it.
fn aligner(entry: &Entry, heads: Option<&str>) -> Result<Aligner, Box<dyn std::error::Error>> {
    #[cfg(feature = "rust-bert")]
    if entry.card.engine == store::BERT_ENGINE {
        let mut engine = retouche::translate::bert::BertEngine::open(entry, Default::default())?;
        if let Some(heads) = heads {
            let (layers, each) = engine.heads();
            let of = |layer: usize| (0..each).map(move |head| (layer, head)).collect::<Vec<_>>();
            engine = engine.with_heads(match heads.split_once(':') {
                Some((layer, head)) => vec![(layer.parse()?, head.parse()?)],
                None if heads == "all" => (0..layers).flat_map(of).collect(),
                None => of(heads.parse()?),
            })?;
        }
        return Ok(Box::new(move |pairs| engine.align(pairs)));
    }
    if heads.is_some() {
        return Err("only models of the engine `bert` have heads to choose from".into());
    }
    let engine = StudentEngine::new(&store::load(entry)?, None)?;
    Ok(Box::new(move |pairs| engine.align(pairs)))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [source, target, rest @ ..] = args.as_slice() else {
        return Err("usage: SOURCE TARGET [MODEL [HEADS]]".into());
    };
    let entry = store::find(rest.first().map_or("fr-en", |m| m))?;
    let align = aligner(&entry, rest.get(1).map(String::as_str))?;
    let (source, target) = (std::fs::read_to_string(source)?, std::fs::read_to_string(target)?);
    let pairs: Vec<(&str, &str)> = source.lines().zip(target.lines()).collect();
    for (first, group) in pairs.chunks(32).enumerate() {
        for (n, (pair, output)) in group.iter().zip(align(group)).enumerate() {
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
