//! A store for one test, and what tests put into it.

use assert_cmd::Command;
use retouche::models::card::sha256_hex;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A cache of its own, and the binary with nothing of the environment that could change what it does.
pub struct Store {
    dir: tempfile::TempDir,
}

impl Store {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a directory") }
    }

    pub fn retouche(&self, args: &[&str]) -> Command {
        let mut command = Command::cargo_bin("retouche").expect("the binary is built");
        for name in [
            "HF_HUB_OFFLINE",
            "HF_ENDPOINT",
            "HF_HUB_CACHE",
            "RETOUCHE_MIRROR",
            "HTTP_PROXY",
            "http_proxy",
            "ALL_PROXY",
        ] {
            command.env_remove(name);
        }
        command.env("RETOUCHE_MODELS", self.dir.path()).env("HF_HOME", self.path("hf-home")).args(args);
        command
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Writes a catalogue whose one entry serves `files` (role, name, bytes) of a student, and returns its path.
    pub fn catalogue(&self, name: &str, base: &str, files: &[(&str, &str, &[u8])]) -> String {
        let mut text = format!(
            "[[models]]\nname = '{name}'\nengine = 'student'\nsource_lang = 'x'\ntarget_lang = 'en'\n\
             licence = 'MPL-2.0'\norigin = 'a test'\nbase = '{base}'\n"
        );
        for (role, path, bytes) in files {
            let digest = sha256_hex(bytes);
            text.push_str(&format!(
                "[[models.files]]\nrole = '{role}'\npath = '{path}'\nurl = '{path}.gz'\ncompression = 'gz'\n\
                 size = {}\nsha256 = '{digest}'\n",
                bytes.len()
            ));
        }
        let path = self.path("mine.toml");
        fs::write(&path, text).expect("written");
        path.to_string_lossy().into_owned()
    }
}

pub fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("packed")
}

pub fn model(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("it ships")
}
