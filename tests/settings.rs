//! The user's own words (`[glossary]`, `[names]`, `[protect]`) and the range of damage scores, from the command line.

use assert_cmd::Command;
use predicates::prelude::*;
use std::path::PathBuf;

/// `retouche VERB` with these settings, in a directory of their own.
fn with(settings: &str, verb: &[&str]) -> (tempfile::TempDir, Command) {
    let dir = tempfile::tempdir().expect("a directory");
    let file: PathBuf = dir.path().join("retouche.toml");
    std::fs::write(&file, settings).expect("written");
    let mut command = Command::cargo_bin("retouche").expect("the binary is built");
    command.args(verb).arg("--config").arg(&file);
    (dir, command)
}

#[test]
fn the_glossary_replaces_whole_words_in_both_cases() {
    let (_dir, mut fix) =
        with("[glossary]\ngizmotype = \"machine\"\n\"big widget\" = \"grand appareil\"\n", &["fix"]);
    fix.write_stdin("Un gizmotype, des gizmotypes. Gizmotype et big widget.\n")
        .assert()
        .success()
        .stdout("Un machine, des gizmotypes. Machine et grand appareil.\n");
    let (_dir, mut fix) = with("[glossary]\ngizmo = \"machine\"\n", &["fix", "--source-lang", "en"]);
    fix.write_stdin("A gizmo here.\n").assert().success().stdout("A machine here.\n");
}

#[test]
fn names_are_kept_and_restored_towards() {
    let text = "Il habite Zarkan Dolir. La ville de Zarkann Dolir résiste.\n";
    let (_dir, mut fix) = with("[names]\nlist = [\"Zarkan Dolir\"]\n", &["fix"]);
    fix.write_stdin(text)
        .assert()
        .success()
        .stdout("Il habite Zarkan Dolir. La ville de Zarkan Dolir résiste.\n");
    let (_dir, mut fix) = with("[names]\nlist = [\"Mesa Street Gazette\"]\n", &["fix"]);
    fix.write_stdin("Il l’a dit à la Mesa Avenue Gazette hier.\n")
        .assert()
        .success()
        .stdout("Il l’a dit à la Mesa Street Gazette hier.\n");
}

#[test]
fn what_is_protected_stays() {
    let text = "Nous ne voulons accepter aucun kind de système politique qui ne soit pas inclusif.\n";
    let (_dir, mut free) = with("", &["fix"]);
    free.write_stdin(text).assert().success().stdout(predicate::str::contains("aucun type de"));
    let (_dir, mut kept) = with("[protect]\nlist = [\"aucun kind\"]\n", &["fix"]);
    kept.write_stdin(text).assert().success().stdout(text);
}

#[test]
fn a_range_of_damage_scores_keeps_what_lies_in_it() {
    let damaged =
        "Nous ne voulons accepter aucun kind de système, automotive de violents combats sont signalés.";
    let clean = "Le ministre a parlé de la paix mardi devant les députés.";
    let input = format!(
        "{}\n{}\n",
        serde_json::json!({"id": "damaged", "text": damaged}),
        serde_json::json!({"id": "clean", "text": clean})
    );
    let ids = |arguments: &[&str]| -> Vec<String> {
        let mut fix = Command::cargo_bin("retouche").expect("the binary is built");
        fix.args(["fix", "--format", "jsonl", "--input-format", "jsonl"]).args(arguments);
        let out = fix.write_stdin(input.clone()).assert().success().get_output().stdout.clone();
        String::from_utf8(out)
            .expect("UTF-8")
            .lines()
            .map(|line| {
                let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
                assert!((0.0..=1.0).contains(&record["damage"].as_f64().expect("a score")));
                record["id"].as_str().expect("an id").to_owned()
            })
            .collect()
    };
    assert_eq!(ids(&[]), ["damaged", "clean"]);
    assert_eq!(ids(&["--min-damage", "0.5"]), ["damaged"]);
    assert_eq!(ids(&["--max-damage", "0.5"]), ["clean"]);
    for bad in [&["--min-damage", "2"][..], &["--min-damage", "0.9", "--max-damage", "0.1"]] {
        let mut scan = Command::cargo_bin("retouche").expect("the binary is built");
        scan.arg("scan").args(bad).write_stdin(clean).assert().code(2);
    }
}
