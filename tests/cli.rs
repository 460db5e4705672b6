//! The command line: cases as data, and one test for each kind of bad input.

use assert_cmd::Command;
use predicates::prelude::*;
use std::fs;
use std::io::Write;

fn retouche() -> Command {
    Command::cargo_bin("retouche").expect("the binary is built")
}

const DAMAGED: &str = "LES troupes avancent.\n\nUn soldat monte la garde Crédit : Reuters\n";
const CLEAN: &str = "Les troupes avancent.\n\nUn soldat monte la garde.\n";

#[test]
fn a_beam_is_searched_as_wide_as_asked_and_no_wider() {
    let translated = |beam: &str| {
        let text = "Le président de la commission a présenté hier son rapport sur l’avenir de la pêche dans l’Atlantique.";
        retouche().args(["translate", "--format", "english", "--beam", beam, "-"]).write_stdin(text).assert()
    };
    for beam in ["1", "4"] {
        let output = translated(beam).success().get_output().stdout.clone();
        assert!(String::from_utf8_lossy(&output).contains("commission"), "{output:?}");
    }
    for beam in ["0", "17", "x"] {
        translated(beam).code(2);
    }
}

#[test]
fn the_engine_reads_a_guess_that_is_not_written() {
    let text =
        "Les attaques ont été repoussées, automotive de violents combats sont signalés dans la vallée.\n";
    let output = retouche().args(["run", "--apply-at", "1"]).write_stdin(text).assert().success();
    let record: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).expect("one record");
    let segment = &record["segments"][0];
    assert_eq!(segment["source"], text.trim_end());
    assert_eq!(segment["flags"], serde_json::json!(["suggestion_read"]));
    let target = segment["target"].as_str().expect("a translation");
    assert!(!target.contains("automo"), "{target}");
}

#[test]
fn cases_of_the_command_line() {
    trycmd::TestCases::new().case("tests/cli/*.toml");
}

#[test]
fn fix_repairs_and_its_own_output_stays() {
    let first = retouche().arg("fix").write_stdin(DAMAGED).assert().success().stdout(CLEAN);
    let again = String::from_utf8(first.get_output().stdout.clone()).expect("UTF-8");
    retouche().arg("fix").write_stdin(again).assert().success().stdout(CLEAN);
}

#[test]
fn fix_check_and_scan_exit_with_one_when_there_is_something() {
    retouche().args(["fix", "--check"]).write_stdin(DAMAGED).assert().code(1);
    retouche().args(["fix", "--check"]).write_stdin(CLEAN).assert().code(0);
    retouche().arg("scan").write_stdin(DAMAGED).assert().code(1);
    retouche().arg("scan").write_stdin("Il fait beau.\n").assert().code(0).stdout("");
}

#[test]
fn fix_in_place_replaces_the_file_whole() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("page.txt");
    fs::write(&file, DAMAGED).expect("written");
    retouche().args(["fix", "--in-place"]).arg(&file).assert().success();
    assert_eq!(fs::read_to_string(&file).expect("read"), CLEAN);
    assert_eq!(fs::read_dir(dir.path()).expect("listed").count(), 1, "no temporary file stays");
}

#[test]
fn jsonl_keeps_its_other_fields_and_its_order_for_any_number_of_threads() {
    let input: String = (0..300)
        .map(|i| format!("{{\"id\":\"d{i}\",\"url\":\"u{i}\",\"text\":\"LES troupes avancent {i}.\"}}\n"))
        .collect();
    let run = |jobs: &str| {
        let args = ["fix", "--input-format", "jsonl", "-j", jobs];
        retouche().args(args).write_stdin(input.clone()).assert().success().get_output().stdout.clone()
    };
    let one = run("1");
    assert_eq!(one, run("2"));
    assert_eq!(one, run("5"));
    let text = String::from_utf8(one).expect("UTF-8");
    let first: serde_json::Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["url"], "u0");
    assert_eq!(first["text"], "Les troupes avancent 0.");
}

#[test]
fn bad_records_are_named_and_good_ones_still_come_out() {
    let input = "{\"text\":\"Un.\"}\nnot json\n{\"body\":\"no text\"}\n{\"text\":7}\n{\"text\":\"Deux.\"}\n";
    retouche()
        .args(["fix", "--input-format", "jsonl", "--format", "clean"])
        .write_stdin(input)
        .assert()
        .code(3)
        .stdout("Un.\nDeux.\n")
        .stderr(predicate::str::contains("record 2: not a JSON object"))
        .stderr(predicate::str::contains("record 3: no field `text`"))
        .stderr(predicate::str::contains("record 4: the field `text` is not a string"));
}

#[test]
fn invalid_utf8_is_rejected_with_its_place() {
    let input: &[u8] = b"{\"text\":\"a\"}\n{\"text\":\"\xff\"}\n{\"text\":\"b\"}\n";
    retouche()
        .args(["fix", "--input-format", "jsonl", "--format", "clean"])
        .write_stdin(input)
        .assert()
        .code(3)
        .stdout("a\nb\n")
        .stderr(predicate::str::contains("record 2: not UTF-8 at byte 9"));
}

#[test]
fn a_truncated_archive_gives_what_it_holds_and_an_error() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("pages.jsonl.gz");
    // Text that does not compress to nothing, so that the cut leaves whole records before it.
    let text: String = (0..20_000_u64)
        .map(|i| format!("{{\"text\":\"Phrase {}.\"}}\n", i.wrapping_mul(2_654_435_761) % 99_991))
        .collect();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).expect("compressed");
    let whole = encoder.finish().expect("compressed");
    fs::write(&file, &whole[..whole.len() * 2 / 3]).expect("written");
    retouche()
        .args(["fix", "--format", "clean"])
        .arg(&file)
        .assert()
        .code(3)
        .stdout(predicate::str::starts_with("Phrase "))
        .stderr(predicate::str::contains("pages.jsonl.gz: record"));
}

#[test]
fn empty_input_and_nul_bytes_are_no_problem() {
    retouche().args(["fix", "--input-format", "jsonl"]).write_stdin("").assert().success().stdout("");
    retouche().arg("fix").write_stdin("").assert().success();
    retouche().arg("fix").write_stdin("a\0b\n").assert().success().stdout("a\0b\n");
}

#[test]
fn a_line_of_many_megabytes_passes() {
    let line = "Le ministre a parlé de la paix. ".repeat(100 * 1024 * 1024 / 32);
    let out = retouche().args(["fix", "-j", "1"]).write_stdin(line.clone()).assert().success();
    assert_eq!(out.get_output().stdout.len(), line.len() + 1);
}

#[test]
fn an_output_that_cannot_be_written_is_named() {
    retouche()
        .args(["fix", "-o", "/no/such/directory/out.txt"])
        .write_stdin("Bonjour.")
        .assert()
        .code(2)
        .stderr(predicate::str::contains("/no/such/directory/out.txt"));
    retouche()
        .args(["fix", "no-such-file.txt"])
        .assert()
        .code(3)
        .stderr(predicate::str::contains("no-such-file.txt"));
}

#[test]
#[cfg(unix)]
fn a_closed_pipe_ends_quietly_with_success() {
    let binary = assert_cmd::cargo::cargo_bin("retouche");
    let script = format!(
        "yes '{{\"text\":\"Bonjour à tous.\"}}' | head -200000 | ({} fix --input-format jsonl; echo $? >&2) | head -1",
        binary.display()
    );
    let out = std::process::Command::new("bash").args(["-c", &script]).output().expect("bash runs");
    assert_eq!(String::from_utf8_lossy(&out.stderr).trim(), "0");
}

#[test]
fn run_ties_english_to_french_to_raw() {
    let out = retouche().arg("run").write_stdin(DAMAGED).assert().success().get_output().stdout.clone();
    let record: serde_json::Value = serde_json::from_slice(&out).expect("a record");
    let clean: Vec<char> = record["clean"].as_str().expect("text").chars().collect();
    let segments = record["segments"].as_array().expect("segments");
    assert_eq!(segments.len(), 2);
    for segment in segments {
        let span = |name: &str| {
            let pair = segment[name].as_array().expect("a span");
            (pair[0].as_u64().expect("a number") as usize, pair[1].as_u64().expect("a number") as usize)
        };
        let (start, end) = span("clean");
        assert_eq!(segment["source"], clean[start..end].iter().collect::<String>());
        assert!(
            !segment["target"].as_str().expect("text").is_empty()
                || !segment["flags"].as_array().expect("flags").is_empty()
        );
        let (sources, targets) = (segment["source_tokens"].as_array(), segment["target_tokens"].as_array());
        for pair in segment["alignment"].as_str().expect("pairs").split_whitespace() {
            let (s, t) = pair.split_once('-').expect("a pair");
            assert!(s.parse::<usize>().expect("a number") < sources.expect("tokens").len());
            assert!(t.parse::<usize>().expect("a number") < targets.expect("tokens").len());
        }
    }
}

#[test]
fn every_format_of_run_is_well_formed() {
    let dir = tempfile::tempdir().expect("a directory");
    let tmx = dir.path().join("memory.tmx");
    retouche()
        .args(["run", "--format", "tmx", "-o"])
        .arg(&tmx)
        .write_stdin("a < b & c\u{1} d.\n")
        .assert()
        .success();
    let mut reader =
        quick_xml::Reader::from_str(Box::leak(fs::read_to_string(&tmx).expect("read").into_boxed_str()));
    loop {
        if reader.read_event().expect("valid XML") == quick_xml::events::Event::Eof {
            break;
        }
    }
    let prefix = dir.path().join("corpus");
    retouche().args(["run", "--format", "moses", "-o"]).arg(&prefix).write_stdin(DAMAGED).assert().success();
    let lines = |suffix: &str| {
        fs::read_to_string(dir.path().join(format!("corpus.{suffix}"))).expect("read").lines().count()
    };
    assert_eq!((lines("fr"), lines("en"), lines("align")), (2, 2, 2));
    for format in ["jsonl", "segments", "tsv", "clean", "english"] {
        retouche().args(["run", "--format", format]).write_stdin(DAMAGED).assert().success();
    }
}

/// The files of a directory with their bytes, by name.
#[cfg(unix)]
fn files(directory: &std::path::Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).expect("listed").map(|e| e.expect("an entry"));
    entries
        .map(|e| (e.file_name().to_string_lossy().into_owned(), fs::read(e.path()).expect("read")))
        .collect()
}

#[test]
#[cfg(unix)]
fn a_killed_run_resumes_to_the_same_bytes_for_any_number_of_threads() {
    let dir = tempfile::tempdir().expect("a directory");
    let input = dir.path().join("pages.jsonl");
    let records: String = (0..30_000)
        .map(|i| {
            if i % 997 == 5 {
                "no record\n".to_owned()
            } else {
                format!("{{\"text\":\"LES troupes avancent {i}.\"}}\n")
            }
        })
        .collect();
    fs::write(&input, records).expect("written");
    let output = |name: &str| dir.path().join(name).display().to_string() + "/";
    let args = |name: &str, jobs: &str| {
        let fixed = ["fix", "--shard", "100", "-j", jobs, "-o", &output(name)].map(str::to_owned);
        [fixed.to_vec(), vec![input.display().to_string()]].concat()
    };
    retouche().args(args("whole", "1")).assert().code(3);
    let whole = files(&dir.path().join("whole"));
    assert_eq!(whole.len(), 301, "300 shards and the manifest");

    let binary = assert_cmd::cargo::cargo_bin("retouche");
    let mut child = std::process::Command::new(binary)
        .args(args("killed", "2"))
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("started");
    while !dir.path().join("killed/part-00007.jsonl").exists() {
        std::thread::yield_now();
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    let begun = files(&dir.path().join("killed"));
    assert!(begun.len() < whole.len(), "it was still at work");
    let parts = begun.iter().filter(|(name, _)| name.starts_with("part-"));
    parts.for_each(|(name, bytes)| assert!(whole[name] == *bytes, "{name} is whole under its final name"));

    // Without --resume the directory is not touched.
    retouche()
        .args(args("killed", "2"))
        .assert()
        .code(2)
        .stderr(predicate::str::contains("already holds a run"));
    retouche().args(args("killed", "2")).arg("--resume").assert().code(3);
    assert!(files(&dir.path().join("killed")) == whole);
    // Another run cannot go on with it.
    retouche()
        .args(args("killed", "2"))
        .args(["--resume", "--disable", "casing"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("was begun by another run (setting rules="));
}

#[test]
fn run_writes_shards_in_every_format() {
    let dir = tempfile::tempdir().expect("a directory");
    let input = "{\"text\":\"Bonjour.\"}\n".repeat(5);
    for (format, names) in
        [("moses", vec!["fr", "en", "align"]), ("tmx", vec!["tmx"]), ("english", vec!["txt"])]
    {
        let output = dir.path().join(format).display().to_string() + "/";
        retouche()
            .args(["run", "--input-format", "jsonl", "--shard", "2", "--format", format, "-o", &output])
            .write_stdin(input.clone())
            .assert()
            .success();
        for name in names {
            assert!(dir.path().join(format!("{format}/part-00002.{name}")).exists(), "{format}: {name}");
        }
    }
}
