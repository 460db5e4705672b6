//! Cards, Mozilla's index of models and Hugging Face's description of a repository: text from elsewhere, read into typed
//! values or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use retouche::models::card::Card;
use retouche::models::catalogue::Catalogue;
use retouche::models::{firefox, hugging_face};
use std::path::Path;

fuzz_target!(|text: &str| {
    let _ = Card::parse(text, Path::new("model.toml"));
    if let Ok(found) = hugging_face::plan("owner/name", text) {
        for file in found.files {
            // Names that the store writes to, and addresses that it asks.
            assert!(
                !file.path.contains(['/', '\\'])
                    && file.url.starts_with("https://huggingface.co/owner/name/resolve/")
            );
        }
    }
    if let Ok(catalogue) = Catalogue::read(None) {
        for entry in catalogue.entries() {
            let _ = firefox::plan(entry, text);
        }
    }
});
