use super::*;

/// A file that `tch` wrote (`Tensor::save_multi`): three tensors of 32, 16 and 64 bits.
const ARCHIVE: &[u8] = include_bytes!("../../../tests/data/bert/tiny.ot");

fn safetensors(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data, 7);
    bytes
}

fn refused(bytes: &[u8]) -> String {
    match list_bytes(bytes) {
        Err(ModelError::Invalid(reason)) => reason,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn the_table_of_safetensors_says_where_each_tensor_is() {
    let header = r#"{"__metadata__": {"format": "pt"}, "a": {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]},
        "b": {"dtype": "I64", "shape": [], "data_offsets": [12, 20]}}"#;
    let found = list_bytes(&safetensors(header, 20)).expect("valid");
    let start = 8 + header.len() as u64;
    assert_eq!(
        found,
        [
            Stored { name: "a".into(), number: Number::Half, shape: vec![2, 3], start },
            Stored { name: "b".into(), number: Number::Whole(8), shape: vec![], start: start + 12 },
        ]
    );
    assert_eq!((found[0].elements(), found[1].elements()), (6, 1));
}

#[test]
fn a_table_of_safetensors_that_lies_is_refused() {
    for (header, data, said) in [
        (r#"{"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}"#, 11, "does not fit"),
        (r#"{"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 12]}}"#, 12, "does not fit"),
        (r#"{"a": {"dtype": "F32", "shape": [3], "data_offsets": [12, 0]}}"#, 12, "does not fit"),
        (r#"{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 12]}}"#, 12, "invalid value"),
        // Products that wrap around, or that a zero hides.
        (
            r#"{"a": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]}}"#,
            0,
            "does not",
        ),
        (
            r#"{"a": {"dtype": "F32", "shape": [0, 9223372036854775807, 4], "data_offsets": [0, 0]}}"#,
            0,
            "does not",
        ),
        (r#"{"a": {"dtype": "F8_E4M3", "shape": [1], "data_offsets": [0, 1]}}"#, 1, "F8_E4M3"),
        ("[]", 0, "not one of safetensors"),
    ] {
        let reason = refused(&safetensors(header, data));
        assert!(reason.contains(said), "{header}: {reason}");
    }
    assert!(refused(&u64::MAX.to_le_bytes()).contains("claims 18446744073709551615 bytes"));
    assert!(refused(b"1234567").contains("not even a header"));
}

#[test]
fn an_archive_that_libtorch_wrote_is_understood() {
    let mut found = list_bytes(ARCHIVE).expect("valid");
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let told: Vec<(&str, Number, &[u64])> =
        found.iter().map(|t| (t.name.as_str(), t.number, t.shape.as_slice())).collect();
    assert_eq!(
        told,
        [
            ("half", Number::Half, &[4][..]),
            ("model.a.weight", Number::Float, &[2, 3]),
            ("number", Number::Whole(8), &[1]),
        ]
    );
    let at = usize::try_from(found[1].start).expect("small");
    let values: Vec<f32> = ARCHIVE[at..at + 24]
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes(b.try_into().expect("four")))
        .collect();
    assert_eq!(values, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
}

#[test]
fn an_archive_cut_anywhere_is_refused() {
    for cut in 0..ARCHIVE.len() {
        refused(&ARCHIVE[..cut]);
    }
}

/// Replaces one run of bytes by another of the same length.
fn with(from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = ARCHIVE.windows(from.len()).position(|w| w == from).expect("it is there");
    [&ARCHIVE[..at], to, &ARCHIVE[at + from.len()..]].concat()
}

#[test]
fn a_description_that_would_call_something_is_refused() {
    let reason = refused(&with(b"torch._utils\n_rebuild_tensor_v2", b"posix_______\nsystem____________"));
    assert!(reason.contains("not one of libtorch's"), "{reason}");
    refused(&with(b"collections\nOrderedDict", b"collections\nCounter____"));
    refused(&with(b"torch\nFloatStorage", b"torch\nQuantStorage"));
    // `i`, `o` and the extension registry make objects, too.
    for word in [b'i', b'o', 0x82, 0x8c, b'I', 0x93] {
        refused(&with(&[0x81, b'}'], &[word, b'}']));
    }
}

#[test]
fn a_shape_that_the_archive_cannot_hold_is_refused() {
    // Two rows of three: `K\x02K\x03` in the description.
    let reason = refused(&with(b"K\x02K\x03t", b"K\xffK\x03t"));
    assert!(reason.contains("does not fit"), "{reason}");
    // Rows and columns change places: the bytes no longer stand row by row.
    refused(&with(b"K\x02K\x03t", b"K\x03K\x02t"));
}

#[test]
fn entries_that_nest_without_end_are_refused() {
    let mut description = vec![0x80, 2];
    for _ in 0..100_000 {
        description.extend(b"}(X\x01\x00\x00\x00a");
    }
    description.push(b'}');
    description.extend(vec![b'u'; 100_000]);
    description.push(b'.');
    assert!(pickle::tensors(&description).is_err());
    let mut description = vec![0x80, 2, b')'];
    description.extend(vec![0x85; 100_000]);
    assert!(pickle::tensors(&description).is_err());
}
