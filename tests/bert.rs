//! The engine `bert` against Python transformers: a French–English Marian model, and tiny M2M100 and NLLB models. What
//! transformers makes of them was recorded by `tests/data/bert/make_fixture.py`.
#![cfg(feature = "rust-bert")]

use retouche::models::{ModelError, store};
use retouche::translate::bert::BertEngine;
use retouche::translate::device::{Device, EngineOptions};
use retouche::translate::engine::{Engine, EngineOutput};
use retouche::translate::guard::Guarded;
use retouche::translate::{Translator, check};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/bert").join(name)
}

/// What the reference made of a sentence.
#[derive(serde::Deserialize)]
struct Expected {
    source: String,
    pieces: usize,
    greedy: Vec<String>,
    greedy_text: String,
    beam: Vec<String>,
    beam_text: String,
    #[serde(default)]
    attention: Vec<Vec<f32>>,
}

fn expected(name: &str) -> Vec<Expected> {
    let text = std::fs::read_to_string(data(&format!("{name}.json"))).expect("read");
    serde_json::from_str(&text).expect("JSON")
}

fn open(dir: &Path) -> Result<BertEngine, ModelError> {
    let entry = store::find(&dir.to_string_lossy())?;
    BertEngine::open(&entry, EngineOptions { device: Device::Cpu, ..EngineOptions::default() })
}

/// A copy of a model that a test may change, without its card.
fn copy(name: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    for file in std::fs::read_dir(data(name)).expect("a directory") {
        let file = file.expect("a file");
        if file.file_name() != "model.toml" {
            std::fs::copy(file.path(), dir.path().join(file.file_name())).expect("copied");
        }
    }
    dir
}

/// Puts the beam of the recorded outputs into a copy's configuration.
fn with_beam(dir: &Path) {
    std::fs::write(dir.join("generation_config.json"), r#"{"num_beams": 4}"#).expect("written");
}

/// Whether an output's pieces are those of the reference, one by one.
fn same(output: &EngineOutput, pieces: &[String], text: &str) -> bool {
    let special = |piece: &&String| {
        piece.starts_with('<') && piece.ends_with('>')
            || piece.starts_with("__")
            || piece.len() == 8 && piece.find('_') == Some(3)
    };
    // A language or an unknown piece is no text here, as in the reference's text.
    let wanted: Vec<String> =
        pieces.iter().map(|p| if special(&p) { String::new() } else { p.replace('▁', " ") }).collect();
    let got: Vec<&str> = output.target_pieces.iter().map(|r| &output.text[r.clone()]).collect();
    let equal = got.len() == wanted.len() && got.iter().zip(&wanted).all(|(a, b)| a.trim() == b.trim());
    equal && output.text.trim() == text.trim()
}

/// Compares all sentences in batches of 1 and of 16, greedily and with the beam.
fn compare(name: &str, dir: &Path) {
    let expected = expected(name);
    let sentences: Vec<&str> = expected.iter().map(|e| e.source.as_str()).collect();
    for beam in [false, true] {
        if beam {
            with_beam(dir);
        }
        let engine = open(dir).expect("opened");
        for size in [1, 16] {
            let outputs: Vec<_> = sentences.chunks(size).flat_map(|batch| engine.translate(batch)).collect();
            let mut equal = 0;
            for (output, e) in outputs.iter().zip(&expected) {
                let (pieces, text) = if beam { (&e.beam, &e.beam_text) } else { (&e.greedy, &e.greedy_text) };
                if same(output, pieces, text) {
                    equal += 1;
                } else {
                    eprintln!("{name}: {:?} is not {text:?}", output.text);
                }
                assert_eq!(engine.pieces(&e.source), e.pieces, "{}", e.source);
                well_formed(output, e);
            }
            assert_eq!((equal, outputs.len()), (200, 200), "{name}, beam {beam}, batches of {size}");
            if !beam {
                attention_is_that_of_the_reference(&outputs, &expected);
            }
        }
    }
    let differ = expected.iter().filter(|e| e.greedy != e.beam).count();
    assert!(differ > 10, "the beam makes a difference in {differ} sentences only");
}

fn well_formed(output: &EngineOutput, expected: &Expected) {
    assert!(output.score.is_some_and(|s| s <= 0.0 && s.is_finite()) && !output.failed);
    assert_eq!(output.source_pieces.len(), expected.pieces);
    assert_eq!(output.target_pieces.len(), output.attention.len());
    assert!(output.source_pieces.iter().all(|r| expected.source.get(r.clone()).is_some()));
    for row in &output.attention {
        assert_eq!(row.len(), expected.pieces);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-3);
    }
}

fn attention_is_that_of_the_reference(outputs: &[EngineOutput], expected: &[Expected]) {
    let mut compared = 0;
    for (output, e) in outputs.iter().zip(expected).filter(|(_, e)| !e.attention.is_empty()) {
        compared += 1;
        for (row, wanted) in output.attention.iter().zip(&e.attention) {
            assert!(row.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-4), "{row:?} {wanted:?}");
        }
    }
    assert_eq!(compared, 2);
}

#[test]
fn a_french_english_marian_model_gives_what_transformers_gives() {
    compare("fr-en", copy("fr-en").path());
}

#[test]
fn m2m100_gives_what_transformers_gives() {
    compare("m2m100", copy("m2m100").path());
}

#[test]
fn nllb_gives_what_transformers_gives() {
    compare("nllb", copy("nllb").path());
}

#[test]
fn nllb_is_tokenised_alike_without_its_tokenizer_json() {
    let dir = copy("nllb");
    std::fs::remove_file(dir.path().join("tokenizer.json")).expect("removed");
    compare("nllb", dir.path());
}

#[test]
fn a_marian_model_without_source_spm_is_cut_by_its_tokenizer_json() {
    let dir = copy("fr-en");
    // Words that are one piece each.
    let sentences = ["Le ministre a demandé plus de temps"];
    let by_pieces = open(dir.path()).expect("opened").translate(&sentences);
    std::fs::remove_file(dir.path().join("source.spm")).expect("removed");
    let vocabulary = std::fs::read_to_string(dir.path().join("vocab.json")).expect("read");
    let vocabulary: serde_json::Value = serde_json::from_str(&vocabulary).expect("JSON");
    let special = |id: u32, content: &str| {
        serde_json::json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true})
    };
    let tokenizer = serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "normalizer": null, "post_processor": null, "decoder": null,
        "added_tokens": [special(0, "</s>"), special(1, "<unk>")],
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"},
    });
    std::fs::write(dir.path().join("tokenizer.json"), tokenizer.to_string()).expect("written");
    let by_tokenizer = open(dir.path()).expect("opened").translate(&sentences);
    assert_eq!(by_tokenizer[0].text, by_pieces[0].text);
    assert_eq!(by_tokenizer[0].source_pieces.len(), 8);
}

#[test]
fn the_card_names_the_languages() {
    let dir = copy("m2m100");
    let card = store::find(&dir.path().to_string_lossy()).expect("recognised").card;
    let translate = |target: &str| {
        let mut card = card.clone();
        card.more.insert("target_lang".to_owned(), target.into());
        let entry = store::Entry { card, place: store::Place::Directory(dir.path().into()) };
        Ok::<_, ModelError>(
            BertEngine::open(&entry, EngineOptions::default())?.translate(&["Bonjour à tous."]),
        )
    };
    let (english, german) = (translate("en").expect("English"), translate("de").expect("German"));
    assert_ne!(english, german);
    assert_eq!(english, open(dir.path()).expect("opened").translate(&["Bonjour à tous."]));
    assert!(translate("xx").expect_err("unknown").to_string().contains("target_lang"));
}

#[test]
fn the_command_line_translates_with_a_directory() {
    let run = |device: &str| {
        assert_cmd::Command::cargo_bin("retouche")
            .expect("built")
            .args(["translate", "--format", "jsonl", "--device", device, "--model"])
            .arg(data("fr-en"))
            .write_stdin("Le ministre a publié un rapport.\n")
            .assert()
    };
    let out = run("auto").success();
    let record: serde_json::Value = serde_json::from_slice(&out.get_output().stdout).expect("JSON");
    let segment = &record["segments"][0];
    assert!(segment["target"].as_str().is_some_and(|t| t.contains("minister")), "{segment}");
    assert!(segment["alignment"].as_str().is_some_and(|a| a.contains('-')), "{segment}");
    if !tch::Cuda::is_available() {
        let error = String::from_utf8_lossy(&run("cuda:0").failure().get_output().stderr).into_owned();
        assert!(error.contains("no CUDA") && error.contains("--device auto"), "{error}");
    }
}

#[test]
fn weights_in_the_format_of_rust_bert_give_the_same() {
    let dir = copy("m2m100");
    let sentences = ["Bonjour à tous.", "Le ministre a publié un rapport."];
    let from_safetensors = open(dir.path()).expect("opened").translate(&sentences);
    let weights = dir.path().join("model.safetensors");
    let tensors = tch::Tensor::read_safetensors(&weights).expect("read");
    tch::Tensor::save_multi(&tensors, dir.path().join("rust_model.ot")).expect("written");
    std::fs::remove_file(weights).expect("removed");
    assert_eq!(open(dir.path()).expect("opened").translate(&sentences), from_safetensors);
}

/// A model with room for few pieces: sentences are cut to fit, and one that was not costs itself only.
#[test]
fn the_lengths_that_a_model_has_room_for_are_kept_to() {
    let dir = copy("fr-en");
    let path = dir.path().join("config.json");
    let config = std::fs::read_to_string(&path).expect("read");
    let short = "\"max_position_embeddings\": 64";
    std::fs::write(&path, config.replace("\"max_position_embeddings\": 512", short)).expect("written");
    let engine = Arc::new(open(dir.path()).expect("opened"));
    assert_eq!(engine.longest(), 32);
    let long = "Le ministre a publié un rapport sur la ville et sur le port, ".repeat(12);
    let sources = ["Le ministre a publié un rapport.", long.as_str(), "Les secours sont arrivés."];
    for translation in Translator::new(engine.clone(), 2).translate(&sources) {
        assert!(!translation.flags.contains(&check::ENGINE.to_owned()), "{:?}", translation.flags);
        assert!(!translation.target.is_empty());
    }
    // Given uncut, the long one is more than libtorch's table of positions: it panics, and the guard holds.
    let outputs = Guarded::new(engine).translate(&sources);
    assert_eq!(outputs.iter().map(|o| o.failed).collect::<Vec<_>>(), [false, true, false]);
    assert!(outputs[0].text.contains("minister") && !outputs[2].text.is_empty());
}

/// Models of many languages say in their configuration how long a translation may be; transformers keeps to it.
#[test]
fn the_longest_translation_is_the_one_that_the_models_authors_set() {
    let dir = copy("m2m100");
    std::fs::write(dir.path().join("generation_config.json"), r#"{"max_length": 12}"#).expect("written");
    let engine = open(dir.path()).expect("opened");
    assert_eq!(engine.longest(), 6);
    let sentences: Vec<String> = expected("m2m100").into_iter().map(|e| e.source).collect();
    let sentences: Vec<&str> = sentences.iter().map(String::as_str).take(40).collect();
    let outputs = engine.translate(&sentences);
    // Of the twelve one is what decoding starts from, one the language.
    assert!(outputs.iter().any(|o| o.truncated && o.target_pieces.len() == 10));
    assert!(outputs.iter().all(|o| o.target_pieces.len() <= 10));
}

#[test]
fn a_translation_that_does_not_end_stops_at_twice_its_source() {
    // A model that has learned nothing seldom comes to an end.
    let engine = open(copy("m2m100").path()).expect("opened");
    let sentences: Vec<String> = expected("m2m100").into_iter().map(|e| e.source).collect();
    let sentences: Vec<&str> = sentences.iter().map(String::as_str).take(40).collect();
    let outputs = engine.translate(&sentences);
    assert!(outputs.iter().any(|o| o.truncated));
    assert!(outputs.iter().all(|o| o.target_pieces.len() <= 2 * o.source_pieces.len() + 4));
}

#[test]
fn the_card_may_name_the_heads_of_the_alignment() {
    let dir = copy("m2m100");
    let card = store::find(&dir.path().to_string_lossy()).expect("recognised").card;
    let attention = |heads: &str| {
        let mut card = card.clone();
        card.more.insert("alignment_heads".to_owned(), heads.parse::<toml::Value>().expect("TOML"));
        let entry = store::Entry { card, place: store::Place::Directory(dir.path().into()) };
        let engine = BertEngine::open(&entry, EngineOptions::default())?;
        Ok::<_, ModelError>(engine.translate(&["Bonjour à tous."]).remove(0).attention)
    };
    assert_ne!(attention("[[0, 0]]").expect("a head"), attention("[[1, 0]]").expect("a head"));
    for wrong in ["[[2, 0]]", "[[0, 99]]", "[[-1, 0]]", "[]", "'all'"] {
        let error = attention(wrong).expect_err("refused").to_string();
        assert!(error.contains("alignment_heads") || error.contains("no head"), "{error}");
    }
}

/// What a configuration claims must be in the file before rust-bert allocates it: here 800 MB for a file of 128 KB.
#[test]
fn a_configuration_of_layers_that_the_file_lacks_is_refused_at_once() {
    let dir = copy("m2m100");
    let path = dir.path().join("config.json");
    let mut config: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).expect("read")).expect("JSON");
    for layers in ["encoder_layers", "decoder_layers"] {
        config[layers] = 48.into();
    }
    for inner in ["encoder_ffn_dim", "decoder_ffn_dim"] {
        config[inner] = 32_768.into();
    }
    std::fs::write(&path, config.to_string()).expect("written");
    let error = open(dir.path()).err().expect("refused").to_string();
    assert!(error.contains("the layers of config.json need"), "{error}");
}

/// The archive that `src/models/tensors/tests.rs` reads was written like this.
#[test]
fn tch_writes_archives_like_the_one_that_our_reader_is_tested_with() {
    let values = |n: i64, kind: tch::Kind| tch::Tensor::arange(n, (kind, tch::Device::Cpu));
    let tensors = [
        ("model.a.weight", values(6, tch::Kind::Float).view([2, 3])),
        ("half", values(4, tch::Kind::Half)),
        ("number", values(1, tch::Kind::Int64)),
    ];
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tiny.ot");
    tch::Tensor::save_multi(&tensors, &path).expect("written");
    let table = |path: &Path| {
        let found = retouche::models::tensors::list(path).expect("a table");
        let mut found: Vec<_> = found.into_iter().map(|t| (t.name, t.number, t.shape)).collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    };
    assert_eq!(table(&path), table(&data("tiny.ot")));
}

#[test]
fn damaged_models_are_typed_errors() {
    let dir = copy("m2m100");
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
    let altered = |file: &str, from: &str, to: &str| {
        let path = dir.path().join(file);
        let text = std::fs::read_to_string(&path).expect("read");
        assert!(text.contains(from), "{file} says {from}");
        std::fs::write(&path, text.replacen(from, to, 1)).expect("written");
        let error = open(dir.path()).err().map(|e| e.to_string());
        std::fs::write(&path, text).expect("written");
        error.unwrap_or_else(|| panic!("{file} with {to} was taken"))
    };
    for (from, to) in [
        ("\"d_model\": 32", "\"d_model\": 64"),
        ("\"d_model\": 32", "\"d_model\": 1073741824"),
        ("\"decoder_layers\": 2", "\"decoder_layers\": 3"),
        ("\"encoder_ffn_dim\": 64", "\"encoder_ffn_dim\": 128"),
        ("\"pad_token_id\": 1", "\"pad_token_id\": 400"),
        ("\"m2m_100\"", "\"bart\""),
    ] {
        altered("config.json", from, to);
    }
    assert!(altered("vocab.json", "\"</s>\": 2", "\"</s>\": 900000").contains("900000"));
    assert!(altered("vocab.json", "{", "[").contains("vocab.json"));
    std::fs::write(dir.path().join("tokenizer.json"), "{}").expect("written");
    assert!(open(dir.path()).err().is_some_and(|e| e.to_string().contains("tokenizer.json")));
}
