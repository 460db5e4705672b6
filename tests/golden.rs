//! Golden documents: pages as they come (`tests/golden/NAME.txt`) and what `fix` makes of them (`NAME.clean.txt`).
//!
//! To accept a change that was looked at: `retouche fix tests/golden/NAME.txt > tests/golden/NAME.clean.txt`.

use assert_cmd::Command;
use std::fs;
use std::path::PathBuf;

fn pages() -> Vec<PathBuf> {
    let directory = fs::read_dir("tests/golden").expect("the golden documents");
    let paths = directory.map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<PathBuf> = paths.filter(|p| !p.to_string_lossy().ends_with(".clean.txt")).collect();
    pages.sort();
    assert!(pages.len() >= 3);
    pages
}

#[test]
fn every_page_comes_out_as_it_should_and_stays_so() {
    for page in pages() {
        let clean = fs::read_to_string(page.with_extension("clean.txt")).expect("the clean page");
        let fix = || Command::cargo_bin("retouche").expect("the binary is built");
        fix().arg("fix").arg(&page).assert().success().stdout(clean.clone());
        fix().arg("fix").write_stdin(clean.clone()).assert().success().stdout(clean);
    }
}

#[test]
fn a_clean_page_stays_as_it_is() {
    let page = fs::read_to_string("tests/golden/propre.txt").expect("the page");
    assert_eq!(page, fs::read_to_string("tests/golden/propre.clean.txt").expect("the clean page"));
}
