//! The engine `bert` against Python transformers: a tiny Marian model of a toy language and what transformers made of
//! it (`tests/data/bert/make_fixture.py`).
#![cfg(feature = "rust-bert")]

use retouche::models::store;
use retouche::translate::bert::BertEngine;
use retouche::translate::engine::Engine;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const VOCABULARY: usize = 120;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/bert").join(name)
}

/// A vocabulary of words, each a piece: `▁w7` has the id 7.
fn write_vocabularies(dir: &Path) {
    let name = |id: usize| match id {
        0 => "</s>".to_owned(),
        1 => "<unk>".to_owned(),
        id if id == VOCABULARY - 1 => "<pad>".to_owned(),
        id => format!("▁w{id}"),
    };
    let ids: BTreeMap<String, usize> = (0..VOCABULARY).map(|id| (name(id), id)).collect();
    std::fs::write(dir.join("vocab.json"), serde_json::to_string(&ids).expect("JSON")).expect("written");
    let mut spm = Vec::new();
    for id in 0..VOCABULARY {
        let (piece, kind) = (
            name(id),
            match id {
                0 => 3,
                1 => 2,
                _ => 1,
            },
        );
        let mut message = vec![0x0a, piece.len() as u8];
        message.extend(piece.bytes());
        message.push(0x15);
        // Longer pieces score better, so that a word is one piece.
        message.extend((-1.0_f32).to_le_bytes());
        message.extend([0x18, kind]);
        spm.extend([0x0a, message.len() as u8]);
        spm.extend(message);
    }
    for side in ["source.spm", "target.spm"] {
        std::fs::write(dir.join(side), &spm).expect("written");
    }
}

fn text(ids: &[u64]) -> String {
    ids.iter().map(|id| format!("w{id}")).collect::<Vec<_>>().join(" ")
}

/// The model in a directory.
fn fixture(dir: &Path) {
    for file in ["config.json", "model.safetensors"] {
        std::fs::copy(data(file), dir.join(file)).expect("copied");
    }
    write_vocabularies(dir);
}

/// What the reference made of the model.
#[derive(serde::Deserialize)]
struct Expected {
    sentences: Vec<Vec<u64>>,
    outputs: Vec<Vec<u64>>,
    beam_outputs: Vec<Vec<u64>>,
    attention: Vec<Vec<f32>>,
}

fn open(dir: &Path) -> Result<BertEngine, retouche::models::ModelError> {
    BertEngine::open(&store::find(&dir.to_string_lossy()).expect("recognised by its files"))
}

#[test]
fn greedy_output_and_alignment_equal_python_transformers() {
    let dir = tempfile::tempdir().expect("a directory");
    fixture(dir.path());
    let engine = open(dir.path()).expect("opened");
    let expected = std::fs::read_to_string(data("expected.json")).expect("read");
    let expected: Expected = serde_json::from_str(&expected).expect("JSON");
    let sentences: Vec<String> = expected.sentences.iter().map(|ids| text(ids)).collect();
    let sentences: Vec<&str> = sentences.iter().map(String::as_str).collect();
    for size in [1, 16] {
        let got: Vec<_> = sentences.chunks(size).flat_map(|batch| engine.translate(batch)).collect();
        let equal = got.iter().zip(&expected.outputs).filter(|(got, ids)| got.text == text(ids));
        assert_eq!((equal.count(), got.len()), (200, 200), "batches of {size}");
        assert_eq!(got[0].attention.len(), expected.attention.len());
        for (row, wanted) in got[0].attention.iter().zip(&expected.attention) {
            assert_eq!(row.len(), wanted.len());
            assert!(row.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-4), "{row:?} {wanted:?}");
        }
        for output in &got {
            assert!(output.score.is_some_and(|s| s <= 0.0 && s.is_finite()) && !output.failed);
            assert_eq!(output.source_pieces.len(), output.attention.first().map_or(0, Vec::len));
            assert_eq!(output.target_pieces.len(), output.attention.len());
        }
    }
    // The command line finds the engine by the directory's files.
    let out = assert_cmd::Command::cargo_bin("retouche")
        .expect("built")
        .args(["translate", "--format", "english", "--model"])
        .arg(dir.path())
        .write_stdin("Un petit texte.\n")
        .assert()
        .success();
    assert!(!out.get_output().stdout.is_empty());
}

#[test]
fn beam_search_equals_python_transformers() {
    let dir = tempfile::tempdir().expect("a directory");
    fixture(dir.path());
    // Without the scale of embeddings the model is unsure of itself, and a beam makes a difference.
    let config = std::fs::read_to_string(data("config.json")).expect("read");
    let unsure = config.replace("\"scale_embedding\": true", "\"scale_embedding\": false");
    std::fs::write(dir.path().join("config.json"), &unsure).expect("written");
    let greedy = open(dir.path()).expect("opened");
    let beam = unsure.replacen('{', "{\"num_beams\": 4,", 1);
    std::fs::write(dir.path().join("config.json"), beam).expect("written");
    let engine = open(dir.path()).expect("opened");
    let expected: Expected =
        serde_json::from_str(&std::fs::read_to_string(data("expected.json")).expect("read")).expect("JSON");
    let sentences: Vec<String> = expected.sentences.iter().map(|ids| text(ids)).collect();
    let sentences: Vec<&str> = sentences.iter().map(String::as_str).collect();
    let plain = greedy.translate(&sentences);
    let differ = plain.iter().zip(&expected.beam_outputs).filter(|(got, ids)| got.text != text(ids)).count();
    assert!(differ > 10, "the beam makes a difference in {differ} sentences only");
    for size in [1, 16] {
        let got: Vec<_> = sentences.chunks(size).flat_map(|batch| engine.translate(batch)).collect();
        let equal = got.iter().zip(&expected.beam_outputs).filter(|(got, ids)| got.text == text(ids));
        assert_eq!((equal.count(), got.len()), (200, 200), "batches of {size}");
        assert!(got.iter().all(|o| o.attention.len() == o.target_pieces.len() && o.score.is_some()));
    }
}

#[test]
fn weights_in_the_format_of_rust_bert_give_the_same() {
    let dir = tempfile::tempdir().expect("a directory");
    fixture(dir.path());
    let sentences = ["w5 w17 w80", "w3 w4 w5 w6 w7"];
    let from_safetensors = open(dir.path()).expect("opened").translate(&sentences);
    let weights = dir.path().join("model.safetensors");
    let tensors = tch::Tensor::read_safetensors(&weights).expect("read");
    tch::Tensor::save_multi(&tensors, dir.path().join("rust_model.ot")).expect("written");
    std::fs::remove_file(weights).expect("removed");
    assert_eq!(open(dir.path()).expect("opened").translate(&sentences), from_safetensors);
}

#[test]
fn damaged_models_are_typed_errors() {
    let dir = tempfile::tempdir().expect("a directory");
    fixture(dir.path());
    let weights = dir.path().join("model.safetensors");
    let whole = std::fs::read(&weights).expect("read");
    let mut hostile = whole.clone();
    hostile[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    for bytes in [&whole[..4], &whole[..100], &whole[..whole.len() - 1], b"", &hostile] {
        std::fs::write(&weights, bytes).expect("written");
        let error = open(dir.path()).err().expect("refused").to_string();
        assert!(error.contains("model.safetensors"), "{error}");
    }
    std::fs::write(&weights, &whole).expect("written");
    let config = std::fs::read_to_string(dir.path().join("config.json")).expect("read");
    for (from, to) in [
        ("\"d_model\": 32", "\"d_model\": 64"),
        ("\"vocab_size\": 120", "\"vocab_size\": 900000"),
        ("\"decoder_layers\": 2", "\"decoder_layers\": 3"),
        ("\"encoder_ffn_dim\": 64", "\"encoder_ffn_dim\": 128"),
    ] {
        std::fs::write(dir.path().join("config.json"), config.replace(from, to)).expect("written");
        assert!(open(dir.path()).is_err(), "{to}");
    }
}
