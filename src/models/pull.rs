//! Pulling a model: plan the files, download each beside the cache's own, check, and only then show the whole.
//!
//! Everything happens in a staging directory (`.NAME.part`), so that the cache never holds half a model. What was
//! interrupted stays there and is gone on from; what is wrong is removed at once.

use super::card::{Card, CardFile, Role};
use super::catalogue::{CatalogueEntry, CatalogueFile, Compression};
use super::fetch::{self, FetchError, Fetcher, Wanted};
use super::lock::Lock;
use super::store::{self, Entry, Place};
use super::unpack::{Digested, digest, unpack, written};
use super::{ModelError, firefox, hugging_face};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The most that a file of unknown size may have: the largest known weights have some 7 GB.
const LARGEST: u64 = 16 * 1024 * 1024 * 1024;
/// The most that a packed file of unknown size may unpack to; students have some tens of megabytes.
const LARGEST_UNPACKED: u64 = 1024 * 1024 * 1024;

/// Who says what a file must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pin {
    /// The catalogue.
    Catalogue,
    /// The first pull.
    Lock,
    /// The server's own index, which is trusted for the first pull.
    Index,
    /// Nobody yet.
    None,
}

/// A file to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Its name in the store.
    pub path: String,
    /// What it is for.
    pub role: Role,
    /// Its address.
    pub url: String,
    /// How the address serves it.
    pub compression: Compression,
    /// Its size once unpacked, if known.
    pub size: Option<u64>,
    /// Its SHA-256 once unpacked, if known.
    pub sha256: Option<String>,
    /// Size as served, if known and packed.
    pub packed_size: Option<u64>,
    /// SHA-256 as served, if known and packed.
    pub packed_sha256: Option<String>,
    /// Who says so.
    pub pin: Pin,
}

/// Files to be had, and what the entry could not know of them.
struct Plan {
    files: Vec<Planned>,
    /// The commit that they are of, where a server keeps them in commits.
    commit: Option<String>,
    licence: Option<String>,
}

/// What a pull may do, and where.
#[derive(Debug, Clone)]
pub struct PullOptions {
    /// The cache.
    pub root: PathBuf,
    /// Whether downloading is forbidden.
    pub offline: bool,
    /// Whether files may differ from those of the first pull.
    pub repin: bool,
}

/// What is told while a pull goes on.
#[derive(Debug)]
pub enum News<'a> {
    /// A file begins, or goes on: bytes on disk and bytes in all, if known.
    Progress(&'a str, u64, Option<u64>),
    /// A file is whole and right.
    Done(&'a CardFile, Pin),
}

/// What a pull brought.
#[derive(Debug)]
pub struct Pulled {
    /// The model, in the cache.
    pub entry: Entry,
    /// Whether it had been there, intact, before.
    pub was_here: bool,
    /// Files that nobody had vouched for and that are pinned from now on.
    pub pinned: Vec<String>,
}

/// Brings a model into the cache.
///
/// # Errors
/// [`ModelError`] that says which file or address is at fault and what to do.
pub fn pull(
    entry: &CatalogueEntry,
    options: &PullOptions,
    fetcher: &Fetcher,
    news: &mut dyn FnMut(News<'_>),
) -> Result<Pulled, ModelError> {
    let home = options.root.join(&entry.name);
    if !options.repin
        && let Some(entry) = intact(entry, &home)
    {
        return Ok(Pulled { entry, was_here: true, pinned: vec![] });
    }
    if options.offline {
        return Err(FetchError::Offline(format!("`{}`", entry.name)).into());
    }
    let mut lock = Lock::read(&options.root)?;
    let mut plan = plan(entry, fetcher)?;
    let staging = staging_of(&home);
    std::fs::create_dir_all(&staging).map_err(|e| written(&staging, e))?;
    if !options.repin {
        for file in &mut plan.files {
            if let Some(pin) = lock.pin(&entry.name, &file.path).filter(|_| file.pin != Pin::Catalogue) {
                (file.size, file.sha256, file.pin) = (Some(pin.size), Some(pin.sha256.clone()), Pin::Lock);
            }
        }
    }
    let mut files = Vec::new();
    for file in &plan.files {
        let got = fetch_file(file, &staging, fetcher, news)?;
        news(News::Done(&got, file.pin));
        files.push(got);
    }
    let card = card(entry, &plan, files);
    let found = install(card, &staging, &home)?;
    lock.set(&entry.name, &found.card.files)?;
    let unvouched = |f: &&Planned| matches!(f.pin, Pin::None | Pin::Index);
    let pinned = plan.files.iter().filter(unvouched).map(|f| f.path.clone()).collect();
    Ok(Pulled { entry: found, was_here: false, pinned })
}

/// The model in the cache, if it is whole, unaltered, and what the catalogue pins.
fn intact(entry: &CatalogueEntry, home: &Path) -> Option<Entry> {
    let card = store::read_card(home).ok()?;
    let here = card.more.get("revision").and_then(toml::Value::as_str);
    if here.zip(entry.hugging_face.as_deref()).is_some_and(|(here, wanted)| here != wanted) {
        return None;
    }
    let same = entry.files.iter().all(|wanted| {
        card.files.iter().any(|f| {
            f.path == wanted.path && wanted.sha256.as_ref().is_none_or(|s| f.sha256.eq_ignore_ascii_case(s))
        })
    });
    let found = Entry { card, place: Place::Directory(home.to_owned()) };
    (same && store::verify(&found).is_ok()).then_some(found)
}

/// The files of an entry and their addresses.
fn plan(entry: &CatalogueEntry, fetcher: &Fetcher) -> Result<Plan, ModelError> {
    let (name, plain) = (&entry.name, |files| Plan { files, commit: None, licence: None });
    if let Some(revision) = &entry.hugging_face {
        let address = hugging_face::index_address(name, revision);
        let index = fetcher.text(&address, hugging_face::INDEX_LIMIT);
        let found = hugging_face::plan(name, &index.map_err(|e| hugging_face::refused(e, name, revision))?)?;
        return Ok(Plan { files: found.files, commit: Some(found.commit), licence: found.licence });
    }
    let Some(base) = &entry.base else {
        let index = fetcher.text(firefox::RECORDS, firefox::RECORDS_LIMIT)?;
        return firefox::plan(entry, &index).map(plain);
    };
    let planned = |file: &CatalogueFile| {
        let place = file.url.as_deref().unwrap_or(&file.path);
        let absolute = place.contains("://");
        Planned {
            path: file.path.clone(),
            role: file.role,
            url: if absolute { place.to_owned() } else { format!("{}/{place}", base.trim_end_matches('/')) },
            compression: file.compression,
            size: file.size,
            sha256: file.sha256.as_ref().map(|s| s.to_lowercase()),
            packed_size: None,
            packed_sha256: None,
            pin: if file.sha256.is_some() { Pin::Catalogue } else { Pin::None },
        }
    };
    Ok(plain(entry.files.iter().map(planned).collect()))
}

/// Downloads one file into the staging directory and checks it.
fn fetch_file(
    file: &Planned,
    staging: &Path,
    fetcher: &Fetcher,
    news: &mut dyn FnMut(News<'_>),
) -> Result<CardFile, ModelError> {
    let target = staging.join(&file.path);
    if let Some(parent) = target.parent() {
        std::fs::create_dir_all(parent).map_err(|e| written(parent, e))?;
    }
    let card_file =
        |d: Digested| CardFile { path: file.path.clone(), role: file.role, size: d.size, sha256: d.sha256 };
    // A file that an interrupted pull had finished.
    if file.sha256.is_some() && target.is_file() {
        let found = digest(&target)?;
        if difference(file, &found).is_none() {
            return Ok(card_file(found));
        }
    }
    let part = suffixed(&target, ".part");
    let packed = file.compression != Compression::None;
    let wanted = Wanted {
        url: &file.url,
        part: &part,
        size: if packed { file.packed_size } else { file.size },
        limit: LARGEST,
        checked: file.sha256.is_some(),
    };
    let mut resumed = part.is_file();
    loop {
        let fetched = fetcher.file(&wanted, &mut |have, total| news(News::Progress(&file.path, have, total)));
        fetched.map_err(|error| match error {
            FetchError::Size { url, offered, wanted, .. } if file.pin == Pin::Lock => {
                let reason = format!("the server offers {offered} bytes where {wanted} are wanted");
                ModelError::Wrong { url, reason, hint: hint(file.pin) }
            }
            other => other.into(),
        })?;
        match check(file, &part, &target) {
            Ok(found) => {
                fetch::remove(&part)?;
                return Ok(card_file(found));
            }
            Err(error @ ModelError::Wrong { .. }) => {
                fetch::remove(&part)?;
                // The beginning may stem from an earlier version of the file: once more, from the start.
                if !std::mem::take(&mut resumed) {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// Checks a downloaded file and gives it its name.
fn check(file: &Planned, part: &Path, target: &Path) -> Result<Digested, ModelError> {
    let wrong = |reason| ModelError::Wrong { url: file.url.clone(), reason, hint: hint(file.pin) };
    if file.compression == Compression::None {
        let found = digest(part)?;
        if let Some(reason) = difference(file, &found) {
            return Err(wrong(reason));
        }
        std::fs::rename(part, target).map_err(|e| written(target, e))?;
        return Ok(found);
    }
    if let Some(wanted) = &file.packed_sha256 {
        let found = digest(part)?.sha256;
        if found != *wanted {
            return Err(wrong(format!("its SHA-256 as served is {found}, not {wanted}")));
        }
    }
    let plain = suffixed(target, ".plain");
    let unpacked = unpack(part, &plain, file.compression, file.size.unwrap_or(LARGEST_UNPACKED));
    let found = unpacked.map_err(|e| match e {
        ModelError::Altered { reason, .. } => wrong(reason),
        other => other,
    });
    let checked = found.and_then(|found| match difference(file, &found) {
        Some(reason) => Err(wrong(reason)),
        None => Ok(found),
    });
    if checked.is_err() {
        // It may be large, and the disk full.
        let _ = std::fs::remove_file(&plain);
    }
    let found = checked?;
    std::fs::rename(&plain, target).map_err(|e| written(target, e))?;
    Ok(found)
}

/// How a file differs from what was planned.
fn difference(file: &Planned, found: &Digested) -> Option<String> {
    if let Some(size) = file.size.filter(|&size| size != found.size) {
        return Some(format!("it has {} bytes, not {size}", found.size));
    }
    let wanted = file.sha256.as_ref().filter(|&s| *s != found.sha256)?;
    Some(format!("its SHA-256 is {}, not {wanted}", found.sha256))
}

fn hint(pin: Pin) -> &'static str {
    match pin {
        Pin::Catalogue | Pin::Index => "nothing was kept; try again, or another mirror (--mirror URL)",
        Pin::Lock => {
            "it was another when first pulled (models.lock); nothing was kept; --repin accepts the new one"
        }
        Pin::None => "nothing was kept; try again",
    }
}

fn card(entry: &CatalogueEntry, plan: &Plan, files: Vec<CardFile>) -> Card {
    let text = |s: &str| toml::Value::String(s.to_owned());
    let addresses: toml::Table = plan.files.iter().map(|p| (p.path.clone(), text(&p.url))).collect();
    let said = [
        ("source_lang", Some(entry.source_lang.as_str())),
        ("target_lang", Some(entry.target_lang.as_str())),
        ("revision", entry.hugging_face.as_deref()),
    ];
    let mut more = BTreeMap::from([("pulled_from".to_owned(), toml::Value::Table(addresses))]);
    for (name, value) in said {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            more.insert(name.to_owned(), text(value));
        }
    }
    Card {
        name: entry.name.clone(),
        version: plan.commit.clone().unwrap_or_default(),
        engine: entry.engine.clone(),
        origin: entry.origin.clone(),
        licence: plan.licence.clone().unwrap_or_else(|| entry.licence.clone()),
        files,
        more,
    }
}

/// Writes the card into the staging directory, checks the model as a whole, and puts it in its place.
///
/// # Errors
/// [`ModelError`]; the staging directory goes when the model is not a valid one.
pub(super) fn install(card: Card, staging: &Path, home: &Path) -> Result<Entry, ModelError> {
    let card_path = staging.join("model.toml");
    let text = toml::to_string_pretty(&card)
        .map_err(|e| ModelError::Card { path: card_path.clone(), reason: e.to_string() })?;
    std::fs::write(&card_path, text).map_err(|e| written(&card_path, e))?;
    let staged = Entry { card, place: Place::Directory(staging.to_owned()) };
    if let Err(error) = store::check_format(&staged) {
        // It was pulled or copied right and is no model all the same: there is nothing to go on from.
        let _ = std::fs::remove_dir_all(staging);
        return Err(error);
    }
    // A directory cannot take the place of another in one step: the old one steps aside first.
    let aside = hidden(home, ".old");
    let _ = std::fs::remove_dir_all(&aside);
    let had_one = std::fs::rename(home, &aside).is_ok();
    if let Err(source) = std::fs::rename(staging, home) {
        if had_one {
            let _ = std::fs::rename(&aside, home);
        }
        return Err(ModelError::Io { path: home.into(), source });
    }
    let _ = std::fs::remove_dir_all(&aside);
    Ok(Entry { card: staged.card, place: Place::Directory(home.to_owned()) })
}

/// Where a model is put together before it takes its place.
pub(super) fn staging_of(home: &Path) -> PathBuf {
    hidden(home, ".part")
}

/// `owner/.name.suffix` for `owner/name`: listings pass over hidden directories.
fn hidden(home: &Path, suffix: &str) -> PathBuf {
    let leaf = home.file_name().unwrap_or_default().to_string_lossy();
    home.with_file_name(format!(".{leaf}{suffix}"))
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let leaf = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{leaf}{suffix}"))
}
