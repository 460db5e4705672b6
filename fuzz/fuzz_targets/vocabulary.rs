//! A vocabulary that passes the validator is safe in the library that uses it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use retouche::models::sentencepiece;

fuzz_target!(|bytes: &[u8]| {
    if sentencepiece::validate(bytes).is_ok() {
        let vocabulary = fxtranslate::spm::SpmVocab::from_bytes(bytes);
        let ids = vocabulary.encode("L’œuvre du préfet, « ﬁnie » à 12 h 30 : ½ ﷺ e\u{301}.");
        vocabulary.decode_with_offsets(&ids);
    }
});
