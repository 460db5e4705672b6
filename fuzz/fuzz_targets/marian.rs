//! Any bytes are a valid student or a typed error, and reading one takes no more memory than its file suggests.
#![no_main]

use libfuzzer_sys::fuzz_target;
use retouche::models::marian;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(items) = marian::read(bytes) {
        for item in items.values() {
            let _ = (item.to_f32(), item.text());
        }
    }
});
