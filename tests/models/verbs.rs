//! `retouche models …` and `--model`, run as a user runs them.

use super::download::noise;
use super::server::{Reply, Server};
use super::store::{Store, gzipped, model};
use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use retouche::models::card::sha256_hex;
use serde_json::json;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const RECORDS: &str = "/v1/buckets/main/collections/translations-models-v2/records";
const FRENCH: [(&str, &str, u64); 3] = [
    ("model", "15f997bc0d13808b0b0fbd0786e684a3c8a52adcd8071844b76123fdacbf2b90", 31_561_787),
    ("lex", "87c6752ea908f5f0347c10ac0cf7d80d9c2f4f20c81c90168f3e8230b56d4440", 4_824_120),
    ("vocab", "783abf3abe075afdf8d85d233994bef2c3a064e935ab1bed946820aff6ac002a", 814_404),
];

/// Mozilla's index as it would list the French release, with attachments that are `packed`.
fn french_index(packed: &[u8]) -> Vec<u8> {
    let records: Vec<_> = FRENCH
        .iter()
        .map(|(kind, digest, size)| {
            json!({
                "name": format!("{kind}.fren"), "fileType": kind, "version": "3.0", "architecture": "base-memory",
                "sourceLanguage": "fr", "targetLanguage": "en", "decompressedHash": digest,
                "decompressedSize": size,
                "attachment": { "location": format!("main-workspace/translations-models-v2/{kind}.zst"),
                                "size": packed.len(), "hash": sha256_hex(packed) }
            })
        })
        .collect();
    json!({ "data": records }).to_string().into_bytes()
}

#[test]
fn the_french_student_is_found_through_the_index_and_wrong_content_is_refused() {
    let packed = zstd::encode_all(&noise(50_000)[..], 3).expect("packed");
    let index = french_index(&packed);
    let server = Server::start(move |r| match r.path.as_str() {
        RECORDS => Reply::Whole(index.clone()),
        "/main-workspace/translations-models-v2/model.zst" => Reply::Whole(packed.clone()),
        _ => Reply::Status(404),
    });
    let store = Store::new();
    store
        .retouche(&["models", "pull", "firefox/fr-en", "--mirror", &server.url])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("it has 50000 bytes, not 31561787"))
        .stderr(contains("nothing was kept"));
    assert!(!store.path("firefox/fr-en").exists());
    // A bomb: packed bytes that unpack to more than the model has.
    let packed = zstd::encode_all(&vec![0; 40_000_000][..], 3).expect("packed");
    let index = french_index(&packed);
    let bomb =
        Server::start(move |r| Reply::Whole(if r.path == RECORDS { index.clone() } else { packed.clone() }));
    store
        .retouche(&["models", "pull", "firefox/fr-en"])
        .env("RETOUCHE_MIRROR", &bomb.url)
        .assert()
        .code(2)
        .stderr(contains("more than the 31561787 bytes"));
    // Served bytes that are not those of the index.
    let index = french_index(b"others");
    let other = Server::start(move |r| {
        Reply::Whole(if r.path == RECORDS { index.clone() } else { b"OTHERS".to_vec() })
    });
    store
        .retouche(&["models", "pull", "firefox/fr-en", "--mirror", &other.url])
        .assert()
        .code(2)
        .stderr(contains("SHA-256 as served"));
    store.retouche(&["models", "list"]).assert().success().stdout(contains("firefox").not());
}

#[test]
fn a_model_is_pulled_verified_listed_shown_used_repaired_and_removed() {
    let files =
        [("model", "model.bin"), ("source_vocabulary", "source.spm"), ("target_vocabulary", "target.spm")];
    let files = files.map(|(role, path)| (role, path, model(&format!("models/fr-en/{path}"))));
    let served = files.iter().map(|(_, path, bytes)| (format!("/m/{path}.gz"), gzipped(bytes))).collect();
    let server = Server::files(served);
    let store = Store::new();
    let listed: Vec<(&str, &str, &[u8])> = files.iter().map(|(r, p, b)| (*r, *p, b.as_slice())).collect();
    let catalogue = store.catalogue("test/fr-en", &format!("{}/m/", server.url), &listed);
    let models =
        |args: &[&str]| store.retouche(&[&["models", "--catalogue", &catalogue], args].concat()).assert();

    models(&["show", "test/fr-en"]).success().stdout(contains("models pull test/fr-en"));
    models(&["list", "--all"]).success().stdout(contains("test/fr-en").and(contains("can be pulled")));
    models(&["pull", "test/fr-en"])
        .success()
        .stdout(contains("test/fr-en: pulled and verified"))
        .stderr(contains("as the catalogue says"));
    models(&["pull", "test/fr-en", "--offline"]).success().stdout(contains("here already, intact"));
    assert_eq!(server.seen().len(), 3);
    models(&["verify"]).success().stdout(contains("test/fr-en: 3 files intact"));
    models(&["list"])
        .success()
        .stdout(contains("test/fr-en").and(contains(store.path("test/fr-en").to_string_lossy())));
    models(&["show", "test/fr-en"]).success().stdout(contains("pulled_from").and(contains("model.bin.gz")));
    let translate = ["translate", "--model", "test/fr-en", "--format", "english"];
    let here = store.retouche(&translate).write_stdin("Le chat dort.\n").assert().success();
    let shipped =
        store.retouche(&["translate", "--format", "english"]).write_stdin("Le chat dort.\n").assert();
    assert_eq!(here.get_output().stdout, shipped.get_output().stdout);

    let weights = store.path("test/fr-en/model.bin");
    let mut bytes = fs::read(&weights).expect("read");
    bytes[9_000_000] ^= 1;
    fs::write(&weights, bytes).expect("written");
    models(&["verify", "test/fr-en"]).code(2).stderr(contains("model.bin").and(contains("get it again")));
    store.retouche(&translate).write_stdin("Le chat dort.\n").assert().code(2).stderr(contains("model.bin"));
    models(&["pull", "test/fr-en"]).success();
    models(&["verify", "test/fr-en"]).success();

    models(&["rm", "test/fr-en"]).success().stdout(contains("19.0 MB freed"));
    models(&["verify", "test/fr-en"]).code(2);
    models(&["rm", "test/fr-en"]).code(2).stderr(contains("no model named"));
    models(&["rm", "fr-en"]).code(2).stderr(contains("compiled into the program"));
    assert!(!store.path("test").exists());
}

#[test]
fn a_device_that_the_engine_cannot_use_is_refused_with_one_that_works() {
    let store = Store::new();
    let on = |device: &str| {
        store
            .retouche(&["translate", "--device", device, "--format", "english"])
            .write_stdin("Bonjour.")
            .assert()
    };
    on("cuda:0")
        .code(2)
        .stderr(contains("the engine `student` runs on the processor").and(contains("--device auto")));
    on("gpu").code(2).stderr(contains("`gpu` is no device").and(contains("cuda:N")));
    on("cpu").success();
}

#[test]
fn right_bytes_that_are_no_model_are_refused() {
    let junk = noise(10_000);
    let server = Server::files(HashMap::from([
        ("/model.bin.gz".to_owned(), gzipped(&junk)),
        ("/v.spm.gz".to_owned(), gzipped(&junk)),
    ]));
    let store = Store::new();
    let catalogue = store.catalogue(
        "test/junk",
        &server.url,
        &[("model", "model.bin", &junk), ("vocabulary", "v.spm", &junk)],
    );
    store
        .retouche(&["models", "--catalogue", &catalogue, "pull", "test/junk"])
        .assert()
        .code(2)
        .stderr(contains("not a valid model file"));
    assert!(!store.path("test/junk").exists() && !store.path("test/.junk.part").exists());
}

#[test]
fn weights_in_hugging_face_layout_are_looked_at_whatever_the_build() {
    let server = Server::start(|r| match r.path.ends_with("model.safetensors") {
        true => Reply::Whole(noise(70_000)),
        false => Reply::Whole(b"{}".to_vec()),
    });
    let store = Store::new();
    store
        .retouche(&["models", "pull", "Helsinki-NLP/opus-mt-fr-en"])
        .env("HF_ENDPOINT", &server.url)
        .assert()
        .code(2)
        .stderr(contains("not a valid model file").and(contains("header claims")));
    assert!(!store.path("Helsinki-NLP/opus-mt-fr-en").exists());
    let dir = tempfile::tempdir().expect("a directory");
    // An archive of rust-bert's, with a description that would call something.
    let archive = model("tests/data/bert/tiny.ot");
    let at = archive.windows(12).position(|w| w == b"torch._utils").expect("it is there");
    let hostile = [&archive[..at], b"posix__utils", &archive[at + 12..]].concat();
    fs::write(dir.path().join("config.json"), "{}").expect("written");
    fs::write(dir.path().join("rust_model.ot"), hostile).expect("written");
    let from = dir.path().to_string_lossy().into_owned();
    store
        .retouche(&["models", "add", &from, "--name", "mine"])
        .assert()
        .code(2)
        .stderr(contains("its description of the tensors is not one of libtorch's"));
    assert!(!store.path("mine").exists());
}

#[test]
fn without_a_network_it_fails_in_seconds_and_says_the_way_round() {
    let store = Store::new();
    let start = Instant::now();
    // Nothing listens there.
    store
        .retouche(&["models", "pull", "firefox/fr-en", "--mirror", "http://127.0.0.1:1"])
        .assert()
        .code(2)
        .stderr(contains("127.0.0.1:1").and(contains("models add DIR")).and(contains("--mirror")));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let off = || contains("downloading is off").and(contains("models add DIR"));
    store.retouche(&["models", "pull", "firefox/fr-en", "--offline"]).assert().code(2).stderr(off());
    store
        .retouche(&["models", "pull", "firefox/fr-en"])
        .env("HF_HUB_OFFLINE", "1")
        .assert()
        .code(2)
        .stderr(off());
    store
        .retouche(&["models", "pull", "firefox/fr-em", "--offline"])
        .assert()
        .code(2)
        .stderr(contains("did you mean `firefox/fr-en`"));
    store
        .retouche(&["run", "--model", "firefox/fr-en"])
        .write_stdin("Bonjour.")
        .assert()
        .code(2)
        .stderr(contains("`retouche models pull firefox/fr-en` fetches it"));
    store
        .retouche(&["models", "pull", "firefox/fr-en", "--timeout", "0"])
        .assert()
        .code(2)
        .stderr(contains("--timeout"));
    store
        .retouche(&["models", "pull", "firefox/fr-en", "--mirror", "mirror.example"])
        .assert()
        .code(2)
        .stderr(contains("must begin with http://"));
}

#[test]
fn hugging_face_names_come_from_its_endpoint_and_are_pinned_plainly() {
    let weights = model("tests/data/bert/m2m100/model.safetensors");
    let server = Server::start(move |r| match r.path.strip_prefix("/Helsinki-NLP/opus-mt-fr-en/resolve/") {
        Some("refs%2Fpr%2F4/model.safetensors") => Reply::Tagged(weights.clone(), "\"w\""),
        Some(path) if path.starts_with("main/") => Reply::Tagged(path.as_bytes().to_vec(), "\"x\""),
        _ => Reply::Status(404),
    });
    let store = Store::new();
    store
        .retouche(&["models", "pull", "Helsinki-NLP/opus-mt-fr-en"])
        .env("HF_ENDPOINT", &server.url)
        .assert()
        .success()
        .stderr(contains("not known before").and(contains("pinned in models.lock")));
    store
        .retouche(&["models", "verify"])
        .assert()
        .success()
        .stdout(contains("opus-mt-fr-en: 5 files intact"));
}

#[test]
fn a_directory_is_added_under_a_name_and_only_the_right_one_under_a_catalogue_name() {
    let store = Store::new();
    let dir = tempfile::tempdir().expect("a directory");
    for file in ["model.bin", "source.spm", "target.spm"] {
        fs::write(dir.path().join(file), model(&format!("models/fr-en/{file}"))).expect("written");
    }
    let from = dir.path().to_string_lossy().into_owned();
    let add = |args: &[&str]| store.retouche(&[&["models", "add", &from], args].concat()).assert();
    add(&["--name", "mine"]).success().stdout(contains("mine: added to"));
    add(&["--name", "mine"]).code(2).stderr(contains("taken").and(contains("models rm mine")));
    add(&["--name", "../mine"]).code(2).stderr(contains("cannot be a model's name"));
    add(&["--name", "firefox/fr-en"]).code(2).stderr(contains("not the catalogue's"));
    store.retouche(&["models", "verify", "mine"]).assert().success();
    store.retouche(&["models", "rm", "mine"]).assert().success();
    fs::write(dir.path().join("model.bin"), noise(1000)).expect("written");
    add(&["--name", "broken"]).code(2).stderr(contains("not a valid model file"));
    assert!(!store.path("broken").exists() && !store.path(".broken.part").exists());
}

/// Sixteen bytes that claim 2^40 tensors, and what a library would believe: refused in words, within 1 GB of memory.
#[test]
#[cfg(target_os = "linux")]
fn a_hostile_model_in_a_directory_is_refused_within_little_memory() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut claim = 1_u64.to_le_bytes().to_vec();
    claim.extend((1_u64 << 40).to_le_bytes());
    fs::write(dir.path().join("model.bin"), claim).expect("written");
    fs::write(dir.path().join("vocab.spm"), model("models/fr-en/source.spm")).expect("written");
    let binary = assert_cmd::cargo::cargo_bin("retouche");
    let translate = format!(
        "ulimit -v 1000000 && echo Bonjour. | '{}' translate --model '{}'",
        binary.display(),
        dir.path().display()
    );
    let refused = |reason: &'static str| {
        Command::new("bash").args(["-c", &translate]).assert().code(2).stderr(contains(reason));
    };
    refused("it claims 1099511627776 tensors");
    fs::write(dir.path().join("model.bin"), model("models/fr-en/model.bin")).expect("written");
    // A piece whose length goes beyond the file.
    fs::write(dir.path().join("vocab.spm"), [0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f]).expect("written");
    refused("the vocabulary ends before its contents do");
}

/// A real file system of one megabyte, where the machine lets us mount one.
#[test]
#[cfg(target_os = "linux")]
fn a_full_file_system_ends_the_pull_with_what_to_do() {
    let server = Server::start(|_| Reply::Whole(noise(3_000_000)));
    let store = Store::new();
    let catalogue = store.path("mine.toml");
    fs::write(
        &catalogue,
        format!(
            "[[models]]\nname='t/big'\nengine='bert'\nsource_lang='x'\ntarget_lang='en'\nlicence='x'\norigin='x'\n\
             base='{}'\n[[models.files]]\npath='model.safetensors'\nrole='model'\n",
            server.url
        ),
    )
    .expect("written");
    let small = store.path("small");
    fs::create_dir(&small).expect("made");
    let mount = format!("mount -t tmpfs -o size=1m tmpfs '{}'", small.display());
    let can = std::process::Command::new("unshare").args(["-rm", "sh", "-c", &mount]).output();
    if !can.is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: no file system can be mounted here");
        return;
    }
    let binary = assert_cmd::cargo::cargo_bin("retouche");
    let script = format!(
        "{mount} && RETOUCHE_MODELS='{}' '{}' models --catalogue '{}' pull t/big",
        small.display(),
        binary.display(),
        catalogue.display()
    );
    Command::new("unshare")
        .args(["-rm", "sh", "-c", &script])
        .assert()
        .code(2)
        .stderr(contains("no space left on the device").and(contains("RETOUCHE_MODELS")));
}

/// The Portuguese student of scripts/fetch_test_model.sh, through the whole chain.
#[test]
fn another_firefox_student_is_pulled_and_translates() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("build/pt-en");
    if !dir.is_dir() {
        eprintln!("skipped: no Portuguese test model (scripts/fetch_test_model.sh)");
        return;
    }
    let read = |name: &str| fs::read(dir.join(name)).expect("part of the model");
    let (weights, vocabulary) = (read("model.pten.intgemm.alphas.bin"), read("vocab.pten.spm"));
    let zst = |bytes: &[u8]| zstd::encode_all(bytes, 1).expect("packed");
    let served = [("model", weights), ("vocab", vocabulary)];
    let records: Vec<_> = served
        .iter()
        .map(|(kind, bytes)| {
            json!({
                "name": kind, "fileType": kind, "version": "3.0", "architecture": "tiny",
                "sourceLanguage": "pt", "targetLanguage": "en", "decompressedHash": sha256_hex(bytes),
                "decompressedSize": bytes.len(),
                "attachment": { "location": format!("x/{kind}.zst"), "size": zst(bytes).len(),
                                "hash": sha256_hex(&zst(bytes)) }
            })
        })
        .collect();
    let mut files: HashMap<String, Vec<u8>> =
        served.iter().map(|(kind, bytes)| (format!("/x/{kind}.zst"), zst(bytes))).collect();
    files.insert(RECORDS.to_owned(), json!({ "data": records }).to_string().into_bytes());
    let server = Server::files(files);
    let store = Store::new();
    store
        .retouche(&["models", "pull", "firefox/pt-en", "--mirror", &server.url])
        .assert()
        .success()
        .stderr(contains("as the server's index says").and(contains("pinned in models.lock")));
    store
        .retouche(&["translate", "--model", "firefox/pt-en", "--format", "english"])
        .write_stdin("O gato está na cozinha.\n")
        .assert()
        .success()
        .stdout(contains("cat").and(contains("kitchen")));
}
