//! Names of Hugging Face: pulled as the Hub describes them, or found where its own tools keep them.

use super::server::{Reply, Server};
use super::store::{Store, model};
use predicates::prelude::*;
use predicates::str::contains;
use retouche::models::card::sha256_hex;
use serde_json::json;
use std::fs;

const NAME: &str = "someone/many-languages";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const FILES: [&str; 5] =
    ["config.json", "model.safetensors", "sentencepiece.bpe.model", "vocab.json", "special_tokens_map.json"];

fn file(name: &str) -> Vec<u8> {
    model(&format!("tests/data/bert/m2m100/{name}"))
}

/// The Hub's description of a repository with the tiny M2M100 model and files that nobody should ask for; `weights` is the
/// digest that it gives of those.
fn description(weights: &str) -> Vec<u8> {
    let sibling = |name: &&str| match *name {
        "model.safetensors" => {
            let size = file(name).len();
            json!({ "rfilename": name, "size": size, "lfs": { "sha256": weights, "size": size, "pointerSize": 134 } })
        }
        _ => json!({ "rfilename": name, "size": file(name).len() }),
    };
    let mut siblings: Vec<_> = FILES.iter().map(sibling).collect();
    siblings.extend(["README.md", "pytorch_model.bin"].map(|name| json!({ "rfilename": name, "size": 9 })));
    json!({ "id": NAME, "sha": COMMIT, "cardData": { "license": "mit" }, "siblings": siblings })
        .to_string()
        .into_bytes()
}

fn right() -> String {
    sha256_hex(&file("model.safetensors"))
}

/// A Hub with that repository at `revision`; the first answer for the weights is cut off.
fn hub(revision: &str, weights: &str) -> Server {
    let address = format!("/api/models/{NAME}/revision/{revision}?blobs=true");
    let description = description(weights);
    Server::start(move |r| {
        if r.path == address {
            return Reply::Whole(description.clone());
        }
        match r.path.strip_prefix(&format!("/{NAME}/resolve/{COMMIT}/")) {
            Some("model.safetensors") if r.nth == 0 => Reply::Cut(file("model.safetensors"), 50_000),
            Some(name) if FILES.contains(&name) => Reply::Whole(file(name)),
            _ => Reply::Status(404),
        }
    })
}

#[test]
fn a_repository_that_no_catalogue_lists_is_pulled_from_one_commit() {
    let (server, store) = (hub("main", &right()), Store::new());
    let models = |args: &[&str]| {
        store.retouche(&[&["models"], args].concat()).env("HF_ENDPOINT", &server.url).assert()
    };
    models(&["pull", NAME]).success().stdout(contains("pulled and verified")).stderr(
        contains("as the server's index says")
            .and(contains("not known before"))
            .and(contains("pinned in models.lock")),
    );
    let asked: Vec<String> = server.seen().into_iter().map(|r| r.path).collect();
    assert!(asked.iter().all(|path| !path.contains("pytorch") && !path.contains("README")), "{asked:?}");
    assert!(server.seen().iter().any(|r| r.range == Some(50_000)), "the weights were gone on from");
    models(&["pull", NAME, "--offline"]).success().stdout(contains("here already, intact"));
    models(&["verify", NAME]).success().stdout(contains("5 files intact"));
    models(&["show", NAME]).success().stdout(
        contains(format!("version = \"{COMMIT}\""))
            .and(contains("licence = \"mit\""))
            .and(contains("revision = \"main\"")),
    );
    models(&["rm", NAME]).success();
    // Another file under the same name: pinned by the first pull, whatever the Hub says of it now.
    let changed = hub("main", &"0".repeat(64));
    let again = |args: &[&str]| {
        store.retouche(&[&["models", "pull", NAME], args].concat()).env("HF_ENDPOINT", &changed.url).assert()
    };
    again(&[]).success();
    models(&["rm", NAME]).success();
    again(&["--repin"]).code(2).stderr(contains("SHA-256").and(contains("nothing was kept")));
    assert!(!store.path(NAME).exists());
}

#[test]
fn a_revision_may_be_named_and_a_mirror_asked() {
    let (server, store) = (hub("refs%2Fpr%2F4", &right()), Store::new());
    let pull = |args: &[&str]| {
        store.retouche(&[&["models", "pull", NAME, "--mirror", &server.url], args].concat()).assert()
    };
    pull(&[])
        .code(2)
        .stderr(contains("shows nothing of that name and the revision `main`").and(contains("404")));
    pull(&["--revision", "refs/pr/4"]).success();
    // It is here, but of another revision than is wanted now.
    pull(&["--revision", "main"]).code(2);
    store.retouche(&["models", "verify", NAME]).assert().success();
    pull(&["--revision", "../main"]).code(2).stderr(contains("cannot be a revision"));
    store
        .retouche(&["models", "pull", "facebook/m2m100_418M", "--revision", "main"])
        .assert()
        .code(2)
        .stderr(contains("the catalogue says where"));
    store
        .retouche(&["models", "pull", "firefox/xx-en", "--mirror", &server.url])
        .assert()
        .code(2)
        .stderr(contains("no model named"));
    assert!(server.seen().iter().all(|r| !r.path.contains("firefox")));
}

#[test]
fn a_size_that_differs_from_the_first_pull_is_refused_with_the_way_to_accept_it() {
    let store = Store::new();
    let serve = |vocabulary: Vec<u8>| {
        let size = vocabulary.len();
        Server::start(move |r| {
            let name = r.path.rsplit('/').next().unwrap_or_default();
            if r.path.starts_with("/api/") {
                let mut said: serde_json::Value =
                    serde_json::from_slice(&description(&right())).expect("JSON");
                said["siblings"][3]["size"] = size.into();
                return Reply::Whole(said.to_string().into_bytes());
            }
            Reply::Whole(if name == "vocab.json" { vocabulary.clone() } else { file(name) })
        })
    };
    let (first, second) = (serve(b"{}".to_vec()), serve(b"{ }".to_vec()));
    let pull = |server: &Server, args: &[&str]| {
        store.retouche(&[&["models", "pull", NAME, "--mirror", &server.url], args].concat()).assert()
    };
    pull(&first, &[]).success();
    store.retouche(&["models", "rm", NAME]).assert().success();
    pull(&second, &[]).code(2).stderr(contains("offers 3 bytes where 2 are wanted").and(contains("--repin")));
    pull(&second, &["--repin"]).success();
}

#[test]
fn what_hugging_faces_own_tools_have_downloaded_is_found_without_a_network() {
    let store = Store::new();
    let repository = store.path("hf-home/hub/models--someone--many-languages");
    let snapshot = repository.join("snapshots").join(COMMIT);
    fs::create_dir_all(&snapshot).expect("made");
    fs::create_dir_all(repository.join("refs")).expect("made");
    fs::write(repository.join("refs/main"), COMMIT).expect("written");
    let verify = || store.retouche(&["models", "verify", NAME]).env("HF_HUB_OFFLINE", "1").assert();
    verify().code(2).stderr(contains("no model named"));
    for name in FILES {
        fs::write(snapshot.join(name), file(name)).expect("written");
    }
    verify().success().stdout(contains("someone/many-languages: 5 files intact"));
    let shown = store.retouche(&["models", "show", NAME]).assert().success();
    shown.stdout(contains("as its tools downloaded it").and(contains("engine = \"bert\"")));
    store.retouche(&["models", "show", "someone/else"]).assert().code(2);
    // Another place for the same.
    let elsewhere = store.path("hf-home/hub");
    store
        .retouche(&["models", "verify", NAME])
        .env("HF_HOME", store.path("nowhere"))
        .env("HF_HUB_CACHE", elsewhere)
        .assert()
        .success();
}
