//! The validators over the real files that ship: cut, flipped, lied to. Always a typed error or a valid model; never a
//! panic, and never memory by the file's word.

use peak_alloc::PeakAlloc;
use proptest::prelude::*;
use retouche::models::ModelError;
use retouche::models::{marian, sentencepiece};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What a validator may allocate over a file of 18 MB: less than a tenth of it.
const ALLOWED: usize = 1_800_000;

static MODEL: LazyLock<Vec<u8>> = LazyLock::new(|| shipped("model.bin"));
static SOURCE: LazyLock<Vec<u8>> = LazyLock::new(|| shipped("source.spm"));
static TARGET: LazyLock<Vec<u8>> = LazyLock::new(|| shipped("target.spm"));
/// The peak of memory belongs to the whole process: tests that measure it take turns.
static TURN: Mutex<()> = Mutex::new(());

fn shipped(file: &str) -> Vec<u8> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/fr-en").join(file);
    std::fs::read(path).expect("it ships")
}

/// Runs a validator: only a typed error counts as refusal, and memory is measured.
fn judge<T>(what: &str, validate: impl FnOnce() -> Result<T, ModelError>) -> bool {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let valid = match validate() {
        Ok(_) => true,
        Err(ModelError::Invalid(reason)) => {
            assert!(!reason.is_empty());
            false
        }
        Err(other) => panic!("{what}: another error than expected: {other}"),
    };
    let used = MEMORY.peak_usage().saturating_sub(before);
    assert!(used < ALLOWED, "{what}: {used} bytes for a check");
    valid
}

fn marian_judged(what: &str, bytes: &[u8]) -> bool {
    judge(what, || marian::validate(bytes))
}

fn vocabulary_judged(what: &str, bytes: &[u8]) -> bool {
    judge(what, || sentencepiece::validate(bytes))
}

fn number(bytes: &[u8], at: usize) -> usize {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes")) as usize
}

/// Where the parts of the model file end: each header, name, shape, the gap, each tensor's data.
fn boundaries(model: &[u8]) -> Vec<usize> {
    let count = number(model, 8);
    let headers: Vec<[usize; 4]> =
        (0..count).map(|i| [0, 8, 16, 24].map(|field| number(model, 16 + i * 32 + field))).collect();
    let mut at = 16;
    let mut found = vec![0, 8, 16];
    let mut step = |by: usize| {
        at += by;
        found.push(at);
    };
    (0..count).for_each(|_| step(32));
    headers.iter().for_each(|h| step(h[0]));
    headers.iter().for_each(|h| step(h[2] * 4));
    let gap_at = 16 + headers.iter().map(|h| 32 + h[0] + h[2] * 4).sum::<usize>();
    step(8 + number(model, gap_at));
    headers.iter().for_each(|h| step(h[3]));
    assert_eq!(found.last(), Some(&model.len()), "the layout is understood to the last byte");
    found
}

/// Where the top messages of a vocabulary begin and end.
fn message_boundaries(file: &[u8]) -> Vec<usize> {
    let mut at = 0;
    let mut found = vec![0];
    while at < file.len() {
        let varint = |at: &mut usize| {
            let mut value = 0_usize;
            for shift in (0..).step_by(7) {
                let byte = file[*at];
                *at += 1;
                value |= usize::from(byte & 0x7f) << shift;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            value
        };
        let key = varint(&mut at);
        assert_eq!(key & 7, 2, "the real files hold messages only");
        let length = varint(&mut at);
        found.push(at);
        at += length;
        found.push(at);
    }
    found
}

#[test]
fn the_real_files_are_valid_within_the_memory_allowed() {
    let _turn = TURN.lock();
    assert!(marian_judged("model.bin", &MODEL));
    assert!(vocabulary_judged("source.spm", &SOURCE));
    assert!(vocabulary_judged("target.spm", &TARGET));
}

#[test]
fn a_model_cut_at_any_boundary_is_refused() {
    let _turn = TURN.lock();
    for end in boundaries(&MODEL) {
        for cut in [end.saturating_sub(1), end, end + 1] {
            if cut < MODEL.len() {
                assert!(!marian_judged(&format!("cut at {cut}"), &MODEL[..cut]), "cut at {cut}");
            }
        }
    }
}

#[test]
fn a_vocabulary_cut_inside_a_message_is_refused() {
    let _turn = TURN.lock();
    for (name, file) in [("source", &*SOURCE), ("target", &*TARGET)] {
        let ends = message_boundaries(file);
        // Between messages a cut file is a shorter vocabulary, which the count of rows tells later; inside it is not.
        for pair in ends.windows(2).step_by(97) {
            let cut = usize::midpoint(pair[0], pair[1]);
            let inside = cut > pair[0] && cut < pair[1];
            let valid = vocabulary_judged(&format!("{name} cut at {cut}"), &file[..cut]);
            assert!(!(inside && valid), "{name} cut at {cut} inside a message");
        }
    }
}

#[test]
fn hostile_counts_and_sizes_are_refused() {
    let _turn = TURN.lock();
    let hostile = [
        u64::MAX,
        u64::MAX / 32,
        u64::MAX / 4,
        1 << 63,
        1 << 44,
        1 << 32,
        u64::from(u32::MAX),
        1 << 31,
        20_000,
    ];
    let count = number(&MODEL, 8);
    let mut file = MODEL.clone();
    let places = (0..count).step_by(7).flat_map(|i| [0, 8, 16, 24].map(|field| 16 + i * 32 + field));
    for at in [0, 8].into_iter().chain(places) {
        let saved: [u8; 8] = file[at..at + 8].try_into().expect("eight bytes");
        for value in hostile {
            file[at..at + 8].copy_from_slice(&value.to_le_bytes());
            assert!(!marian_judged(&format!("{value} at {at}"), &file), "{value} at {at}");
        }
        file[at..at + 8].copy_from_slice(&saved);
    }
    // The same counts in a file of sixteen bytes.
    for value in hostile {
        let mut tiny = 1_u64.to_le_bytes().to_vec();
        tiny.extend(value.to_le_bytes());
        assert!(!marian_judged("sixteen bytes", &tiny));
    }
}

#[test]
fn hostile_dimensions_are_refused() {
    let _turn = TURN.lock();
    let bounds = boundaries(&MODEL);
    let count = number(&MODEL, 8);
    let shapes = bounds[2 + 2 * count]..bounds[2 + 3 * count];
    let mut file = MODEL.clone();
    for at in shapes.step_by(4) {
        let saved: [u8; 4] = file[at..at + 4].try_into().expect("four bytes");
        for value in [i32::MAX, i32::MIN, -1, 0, 1 << 24] {
            file[at..at + 4].copy_from_slice(&value.to_le_bytes());
            // Marian's own settings, which stand in the file as a tensor, may be empty.
            let valid = marian_judged(&format!("{value} at {at}"), &file);
            assert!(!valid || value == 0, "{value} at {at}");
        }
        file[at..at + 4].copy_from_slice(&saved);
    }
}

#[test]
fn hostile_lengths_in_a_vocabulary_are_refused() {
    let _turn = TURN.lock();
    let ends = message_boundaries(&SOURCE);
    // Ten bytes that say 2^63 or so, in the place of a message's length.
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    for &end in ends.iter().skip(2).step_by(211) {
        for length in [&huge[..], &[0xff; 11][..], &[0xff, 0xff, 0xff, 0xff, 0x0f][..]] {
            let mut file = SOURCE[..end].to_vec();
            file.push(0x0a);
            file.extend(length);
            file.extend(&SOURCE[end..(end + 1000).min(SOURCE.len())]);
            assert!(!vocabulary_judged("a huge length", &file), "at {end}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_model_cut_anywhere_is_refused(cut in 0..MODEL.len()) {
        let _turn = TURN.lock();
        prop_assert!(!marian_judged("cut", &MODEL[..cut]));
    }

    /// One flipped bit in what describes the tensors: refused, or a name that nobody reads.
    #[test]
    fn flipped_bits_in_headers_end_in_an_error_or_a_valid_model(at in 0..300_usize * 60, bit in 0..8_u32) {
        let _turn = TURN.lock();
        let mut file = MODEL[..].to_vec();
        file[at] ^= 1 << bit;
        marian_judged(&format!("bit {bit} of byte {at}"), &file);
    }

    #[test]
    fn flipped_bytes_in_a_vocabulary_end_in_an_error_or_a_valid_one(at in 0..SOURCE.len(), byte: u8, cut in 0..SOURCE.len()) {
        let _turn = TURN.lock();
        let mut file = SOURCE.clone();
        file[at] = byte;
        vocabulary_judged(&format!("byte {at} = {byte}"), &file);
        vocabulary_judged(&format!("byte {at} = {byte}, cut at {cut}"), &file[..cut]);
    }

    /// What passes the validator is safe to read: a flipped vocabulary encodes and decodes without a panic.
    #[test]
    fn a_flipped_vocabulary_that_passes_can_be_used(at in 0..SOURCE.len(), byte: u8) {
        let _turn = TURN.lock();
        let mut file = SOURCE.clone();
        file[at] = byte;
        if sentencepiece::validate(&file).is_ok() {
            let vocabulary = fxtranslate::spm::SpmVocab::from_bytes(&file);
            let text = "L’œuvre du préfet, « ﬁnie » à 12 h 30 : ½ ﷺ ！ e\u{301}.";
            let ids = vocabulary.encode(text);
            vocabulary.decode_with_offsets(&ids);
        }
    }
}
