//! Adding a local directory to the cache, and removing a model from it.

use super::ModelError;
use super::card::Card;
use super::card::Role;
use super::catalogue::Compression;
use super::catalogue::{Catalogue, CatalogueEntry, is_model_name};
use super::pull::{install, staging_of};
use super::store::{self, Entry};
use super::unpack::unpack;
use std::path::Path;

/// Copies a directory with a model into the cache at `root`, under `name`, the name of its card, or its own.
///
/// This is how a model comes to a machine without a network. A name of the catalogue is only given to files that the
/// catalogue would have pulled.
///
/// # Errors
/// [`ModelError`] when the directory holds no model, its files are not what its card or the catalogue says, or the
/// name is taken.
pub fn add(dir: &Path, name: Option<&str>, root: &Path, catalogue: &Catalogue) -> Result<Entry, ModelError> {
    let mut card = store::read_card(dir)?;
    if let Some(name) = name {
        card.name = name.to_owned();
    }
    if !is_model_name(&card.name) {
        return Err(ModelError::Name(card.name));
    }
    if let Some(entry) = catalogue.get(&card.name) {
        must_be(entry, &card, dir)?;
    }
    let home = root.join(&card.name);
    if home.exists() {
        return Err(ModelError::Taken { name: card.name, path: home });
    }
    let staging = staging_of(&home);
    if staging.exists() {
        std::fs::remove_dir_all(&staging)
            .map_err(|source| ModelError::Io { path: staging.clone(), source })?;
    }
    let copied = copy(&card, dir, &staging).and_then(|()| install(card, &staging, &home));
    if copied.is_err() {
        // Half a copy serves nobody; the directory that it came from is still there.
        let _ = std::fs::remove_dir_all(&staging);
    }
    copied
}

fn copy(card: &Card, dir: &Path, staging: &Path) -> Result<(), ModelError> {
    for file in &card.files {
        let (from, to) = (dir.join(&file.path), staging.join(&file.path));
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent)
                .map_err(|source| ModelError::Io { path: parent.into(), source })?;
        }
        let found = unpack(&from, &to, Compression::None, file.size)?;
        file.check_digest(&found, &from)?;
    }
    Ok(())
}

/// Every file that the catalogue pins must be among the card's; a shortlist may be left out, for our engine needs none.
fn must_be(entry: &CatalogueEntry, card: &Card, dir: &Path) -> Result<(), ModelError> {
    for wanted in &entry.files {
        let Some(sha256) = &wanted.sha256 else { continue };
        let there = card.files.iter().any(|f| f.sha256.eq_ignore_ascii_case(sha256));
        if !there && wanted.role != Role::Shortlist {
            let reason = format!(
                "no file here has the SHA-256 {sha256} of `{}`, so it is not the catalogue's `{}`; give it another \
                 name with --name",
                wanted.path, entry.name
            );
            return Err(ModelError::Mismatch { path: dir.into(), reason });
        }
    }
    Ok(())
}

/// Removes a model from the cache at `root`, with what an interrupted pull of it left; returns the bytes freed.
///
/// # Errors
/// [`ModelError::Embedded`] for the model inside the program, [`ModelError::Unknown`] when it is not in the cache.
pub fn remove(name: &str, root: &Path) -> Result<u64, ModelError> {
    let here =
        || store::list().into_iter().filter(|e| e.place != store::Place::Embedded).map(|e| e.card.name);
    if !is_model_name(name) {
        return Err(ModelError::unknown(name, here()));
    }
    let home = root.join(name);
    let staging = staging_of(&home);
    let has_card = home.join("model.toml").is_file();
    if !has_card && !staging.is_dir() {
        if store::find(name).is_ok_and(|e| e.place == store::Place::Embedded) {
            return Err(ModelError::Embedded(name.to_owned()));
        }
        return Err(ModelError::unknown(name, here()));
    }
    let mut freed = 0;
    for dir in [has_card.then_some(home.clone()), Some(staging)].into_iter().flatten().filter(|d| d.is_dir())
    {
        freed += size_of(&dir);
        std::fs::remove_dir_all(&dir).map_err(|source| ModelError::Io { path: dir.clone(), source })?;
    }
    if let Some(owner) = home.parent().filter(|owner| *owner != root) {
        // Fails, as it should, when the owner has other models.
        let _ = std::fs::remove_dir(owner);
    }
    Ok(freed)
}

fn size_of(dir: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    entries
        .filter_map(Result::ok)
        .map(|e| match e.metadata() {
            Ok(m) if m.is_dir() => size_of(&e.path()),
            Ok(m) => m.len(),
            Err(_) => 0,
        })
        .sum()
}
