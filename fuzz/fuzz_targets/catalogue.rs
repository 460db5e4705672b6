//! Cards, and Mozilla's index of models: text from elsewhere, read into typed values or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use retouche::models::card::Card;
use retouche::models::catalogue::Catalogue;
use retouche::models::firefox;
use std::path::Path;

fuzz_target!(|text: &str| {
    let _ = Card::parse(text, Path::new("model.toml"));
    if let Ok(catalogue) = Catalogue::read(None) {
        for entry in catalogue.entries() {
            let _ = firefox::plan(entry, text);
        }
    }
});
