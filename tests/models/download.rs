//! Downloading against a server that misbehaves in every way that servers do.

use super::server::{Reply, Server};
use retouche::models::ModelError;
use retouche::models::card::sha256_hex;
use retouche::models::catalogue::{Catalogue, CatalogueEntry};
use retouche::models::fetch::{FetchError, FetchOptions, Fetcher, Wanted};
use retouche::models::pull::{PullOptions, Pulled, pull};
use std::path::Path;
use std::time::{Duration, Instant};

/// Bytes that repeat nowhere, so that a wrong splice shows.
pub fn noise(n: usize) -> Vec<u8> {
    (0..n as u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

fn fetcher(retries: u32, timeout: Duration) -> Fetcher {
    Fetcher::new(FetchOptions {
        timeout,
        retries,
        pause: Duration::from_millis(10),
        ..FetchOptions::default()
    })
}

fn usual() -> Fetcher {
    fetcher(3, Duration::from_secs(5))
}

fn get(
    fetcher: &Fetcher,
    url: &str,
    part: &Path,
    size: Option<u64>,
    checked: bool,
) -> Result<(), FetchError> {
    let wanted = Wanted { url, part, size, limit: 10_000_000, checked };
    fetcher.file(&wanted, &mut |_, _| {})
}

#[test]
fn a_broken_connection_is_gone_on_from() {
    let body = noise(300_000);
    let whole = body.clone();
    let server = Server::start(move |r| match r.nth {
        0 => Reply::Cut(whole.clone(), 100_000),
        1 => Reply::Cut(whole.clone(), 200_000),
        _ => Reply::Whole(whole.clone()),
    });
    let dir = tempfile::tempdir().expect("a directory");
    let part = dir.path().join("f.part");
    get(&usual(), &format!("{}/f", server.url), &part, Some(300_000), true).expect("fetched");
    assert_eq!(std::fs::read(&part).expect("read"), body);
    let ranges: Vec<_> = server.seen().iter().map(|r| r.range).collect();
    assert_eq!(ranges, [None, Some(100_000), Some(200_000)]);
}

#[test]
fn a_later_run_goes_on_where_the_last_one_stopped() {
    let body = noise(300_000);
    let whole = body.clone();
    let server = Server::start(move |r| match r.nth {
        0 => Reply::Cut(whole.clone(), 150_000),
        _ => Reply::Whole(whole.clone()),
    });
    let dir = tempfile::tempdir().expect("a directory");
    let (part, url) = (dir.path().join("f.part"), format!("{}/f", server.url));
    let error =
        get(&fetcher(0, Duration::from_secs(5)), &url, &part, Some(300_000), true).expect_err("broken");
    assert!(matches!(error, FetchError::Interrupted { have: 150_000, .. }), "{error}");
    assert!(error.to_string().contains("run the same command again"), "{error}");
    get(&usual(), &url, &part, Some(300_000), true).expect("fetched");
    assert_eq!(server.seen()[1].range, Some(150_000));
    assert_eq!(std::fs::read(&part).expect("read"), body);
}

#[test]
fn bytes_that_nobody_vouches_for_are_not_joined_to_those_of_another_version() {
    let (old, new) = (noise(300_000), noise(300_000).into_iter().rev().collect::<Vec<u8>>());
    let after = new.clone();
    let server = Server::start(move |r| match r.nth {
        0 => Reply::Tagged(old[..200_000].to_vec(), "\"one\""),
        _ => Reply::Tagged(after.clone(), "\"two\""),
    });
    let dir = tempfile::tempdir().expect("a directory");
    let (part, url) = (dir.path().join("f.part"), format!("{}/f", server.url));
    get(&usual(), &url, &part, None, false).expect("fetched");
    get(&usual(), &url, &part, None, false).expect("fetched");
    assert_eq!(server.seen()[1].if_range.as_deref(), Some("\"one\""));
    assert_eq!(std::fs::read(&part).expect("read"), new);
    // Without a mark of the version there is nothing to go on from.
    let untagged = Server::start(|_| Reply::Whole(noise(1000)));
    get(&usual(), &format!("{}/f", untagged.url), &part, None, false).expect("fetched");
    get(&usual(), &format!("{}/f", untagged.url), &part, None, false).expect("fetched");
    assert!(untagged.seen()[1].range.is_none());
}

#[test]
fn servers_without_ranges_or_with_wrong_ones_cost_a_fresh_start_only() {
    let body = noise(200_000);
    for odd in [Reply::NoRanges(body.clone()), Reply::WrongPart(body.clone())] {
        let whole = body.clone();
        let server = Server::start(move |r| match r.nth {
            0 => Reply::Cut(whole.clone(), 120_000),
            1 => odd.clone(),
            _ => Reply::Whole(whole.clone()),
        });
        let dir = tempfile::tempdir().expect("a directory");
        let part = dir.path().join("f.part");
        get(&usual(), &format!("{}/f", server.url), &part, Some(200_000), true).expect("fetched");
        assert_eq!(std::fs::read(&part).expect("read"), body);
    }
    // The part here is longer than the file there, and nothing says how long it should be: 416.
    let dir = tempfile::tempdir().expect("a directory");
    let part = dir.path().join("f.part");
    std::fs::write(&part, noise(500)).expect("written");
    let server = Server::start(|_| Reply::Whole(noise(400)));
    get(&usual(), &format!("{}/f", server.url), &part, None, true).expect("fetched");
    assert_eq!(std::fs::read(&part).expect("read"), noise(400));
}

#[test]
fn a_missing_file_is_said_at_once_and_a_busy_server_is_asked_again() {
    let dir = tempfile::tempdir().expect("a directory");
    let part = dir.path().join("f.part");
    let server = Server::start(|_| Reply::Status(404));
    let error = get(&usual(), &format!("{}/f", server.url), &part, None, true).expect_err("not there");
    assert!(matches!(error, FetchError::Status { status: 404, .. }), "{error}");
    assert!(error.to_string().contains("--mirror"), "{error}");
    assert_eq!(server.seen().len(), 1);
    let busy = Server::start(|r| if r.nth < 2 { Reply::Status(503) } else { Reply::Whole(noise(10)) });
    get(&usual(), &format!("{}/f", busy.url), &part, Some(10), true).expect("fetched in the end");
    assert_eq!(busy.seen().len(), 3);
}

#[test]
fn redirects_are_followed_and_keep_the_range() {
    let body = noise(200_000);
    let whole = body.clone();
    let server = Server::start(move |r| match (r.path.as_str(), r.nth) {
        ("/f", _) => Reply::Redirect("/elsewhere".to_owned()),
        (_, 0) => Reply::Cut(whole.clone(), 100_000),
        _ => Reply::Whole(whole.clone()),
    });
    let dir = tempfile::tempdir().expect("a directory");
    let part = dir.path().join("f.part");
    get(&usual(), &format!("{}/f", server.url), &part, Some(200_000), true).expect("fetched");
    assert_eq!(std::fs::read(&part).expect("read"), body);
    assert_eq!(server.seen().last().and_then(|r| r.range), Some(100_000));
    let circle = Server::start(|_| Reply::Redirect("/f".to_owned()));
    get(&usual(), &format!("{}/f", circle.url), &part, Some(1), true).expect_err("round and round");
}

#[test]
fn a_silent_server_is_given_up_and_a_stalled_one_gone_on_from() {
    let dir = tempfile::tempdir().expect("a directory");
    let part = dir.path().join("f.part");
    let short = || fetcher(3, Duration::from_millis(300));
    let (silent, start) = (Server::start(|_| Reply::Silent), Instant::now());
    let error = get(&short(), &format!("{}/f", silent.url), &part, None, true).expect_err("silence");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(error.to_string().contains("said nothing for 300ms"), "{error}");
    let body = noise(200_000);
    let whole = body.clone();
    let stalls = Server::start(move |r| match r.nth {
        0 => Reply::Stall(whole.clone(), 90_000),
        _ => Reply::Whole(whole.clone()),
    });
    get(&short(), &format!("{}/f", stalls.url), &part, Some(200_000), true).expect("fetched");
    assert_eq!(std::fs::read(&part).expect("read"), body);
    assert_eq!(stalls.seen()[1].range, Some(90_000));
}

/// Every byte comes in time, and the file would take hours.
#[test]
fn a_server_that_trickles_is_given_up_and_what_came_is_kept() {
    let dir = tempfile::tempdir().expect("a directory");
    let part = dir.path().join("f.part");
    let (server, start) = (Server::start(|_| Reply::Trickle(noise(1_000_000))), Instant::now());
    let slow = fetcher(1, Duration::from_millis(300));
    let error = get(&slow, &format!("{}/f", server.url), &part, Some(1_000_000), true).expect_err("too slow");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(error.to_string().contains("less than 1 KB a second"), "{error}");
    let have = std::fs::metadata(&part).expect("kept").len();
    assert!(have > 0 && server.seen()[1].range.is_some(), "the second try went on");
    let error = slow.text(&format!("{}/index", server.url), 2_000_000).expect_err("too slow");
    assert!(
        error.to_string().contains("Without a network") && start.elapsed() < Duration::from_secs(10),
        "{error}"
    );
}

#[test]
fn another_size_is_refused_before_or_as_soon_as_it_shows() {
    let dir = tempfile::tempdir().expect("a directory");
    let part = dir.path().join("f.part");
    let server = Server::start(|_| Reply::Whole(noise(500)));
    let error = get(&usual(), &format!("{}/f", server.url), &part, Some(400), true).expect_err("too long");
    assert!(matches!(error, FetchError::Size { offered: 500, wanted: 400, .. }), "{error}");
    let endless = Server::start(|_| Reply::Unmeasured(noise(5_000_000)));
    let error = get(&usual(), &format!("{}/f", endless.url), &part, Some(400), true).expect_err("too long");
    assert!(matches!(error, FetchError::Size { wanted: 400, .. }), "{error}");
    assert!(!part.exists(), "nothing is kept of it");
}

/// An entry with one file, which is not the weights, so that any bytes will do.
fn entry(base: &str, sha256: Option<&str>) -> CatalogueEntry {
    let pin = sha256.map_or(String::new(), |s| format!("sha256 = '{s}'"));
    let text = format!(
        "[[models]]\nname = 'test/one'\nengine = 'bert'\nsource_lang = 'fr'\ntarget_lang = 'en'\nlicence = 'x'\n\
         origin = 'x'\nbase = '{base}'\n[[models.files]]\npath = 'model.safetensors'\nrole = 'tokenizer'\n{pin}\n"
    );
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("written");
    Catalogue::read(Some(file.path())).expect("valid").get("test/one").expect("listed").clone()
}

fn pull_into(root: &Path, entry: &CatalogueEntry, repin: bool) -> Result<Pulled, ModelError> {
    let options = PullOptions { root: root.to_owned(), offline: false, repin };
    pull(entry, &options, &usual(), &mut |_| {})
}

#[test]
fn wrong_bytes_are_refused_and_leave_nothing() {
    let server = Server::start(|_| Reply::Whole(noise(5000)));
    let root = tempfile::tempdir().expect("a directory");
    let error =
        pull_into(root.path(), &entry(&server.url, Some(&"0".repeat(64))), false).expect_err("another file");
    assert!(error.to_string().contains("SHA-256") && error.to_string().contains("another mirror"), "{error}");
    assert!(!root.path().join("test/one").exists());
    let staged = std::fs::read_dir(root.path().join("test/.one.part")).expect("staging").count();
    assert_eq!(staged, 0, "neither the part nor its tag");
}

#[test]
fn a_stale_beginning_is_found_out_and_fetched_anew() {
    let body = noise(5000);
    let digest = sha256_hex(&body);
    let server = Server::start(move |_| Reply::Whole(body.clone()));
    let root = tempfile::tempdir().expect("a directory");
    let staging = root.path().join("test/.one.part");
    std::fs::create_dir_all(&staging).expect("made");
    std::fs::write(staging.join("model.safetensors.part"), vec![9; 1000]).expect("written");
    pull_into(root.path(), &entry(&server.url, Some(&digest)), false).expect("pulled");
    let ranges: Vec<_> = server.seen().iter().map(|r| r.range).collect();
    assert_eq!(ranges, [Some(1000), None]);
    assert!(!staging.exists());
}

#[test]
fn the_first_pull_pins_what_the_catalogue_does_not() {
    let (first, second) = (noise(5000), noise(6000));
    let server =
        Server::start(move |r| Reply::Whole(if r.nth == 0 { first.clone() } else { second.clone() }));
    let root = tempfile::tempdir().expect("a directory");
    let entry = entry(&server.url, None);
    assert_eq!(pull_into(root.path(), &entry, false).expect("pulled").pinned, ["model.safetensors"]);
    assert!(pull_into(root.path(), &entry, false).expect("here").was_here);
    std::fs::remove_dir_all(root.path().join("test")).expect("removed");
    let error = pull_into(root.path(), &entry, false).expect_err("another file");
    assert!(error.to_string().contains("offers 6000 bytes where 5000 are wanted"), "{error}");
    let lock = std::fs::read_to_string(root.path().join("models.lock")).expect("a lock");
    assert!(lock.contains(&sha256_hex(&noise(5000))));
    pull_into(root.path(), &entry, true).expect("accepted");
    let lock = std::fs::read_to_string(root.path().join("models.lock")).expect("a lock");
    assert!(lock.contains(&sha256_hex(&noise(6000))));
}
