//! The table of a weights file (safetensors, or the archives of rust-bert) is read or refused, and speaks of no byte that the
//! file does not have.
#![no_main]

use libfuzzer_sys::fuzz_target;
use retouche::models::tensors;

fuzz_target!(|bytes: &[u8]| {
    for tensor in tensors::list_bytes(bytes).unwrap_or_default() {
        assert!(tensor.start + tensor.elements() * tensor.number.size() <= bytes.len() as u64);
    }
});
