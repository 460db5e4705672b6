//! `retouche models`: what models there are, what they are, and whether they are intact; fetching and removing them.

use super::download::{Bars, fetcher, say_pinned};
use crate::models::catalogue::{Catalogue, CatalogueEntry};
use crate::models::mirror;
use crate::models::pull::{PullOptions, pull};
use crate::models::store::{self, Entry, Place};
use crate::models::{ModelError, add, hugging_face};
use clap::{Args, Subcommand};
use std::io::{self, Write};
use std::path::PathBuf;

/// Arguments of `retouche models`.
#[derive(Debug, Args)]
#[command(after_help = "\
Models that are pulled or added live in the platform's cache directory, or in RETOUCHE_MODELS.

Examples:
  retouche models list --all                       those that are here and those that can be pulled
  retouche models pull firefox/fr-en
  retouche models pull firefox/fr-en --mirror http://mirror.example
  retouche models pull OWNER/NAME --revision main  any model in Hugging Face layout, by its name there
  retouche models add ./my-student --name mine     from a directory, without a network
  retouche run --model firefox/fr-en page.txt")]
pub struct ModelsArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: ModelsAction,
    /// Catalogue of further models (the form of models/catalogue.toml).
    #[arg(long, global = true, value_name = "FILE")]
    pub catalogue: Option<PathBuf>,
}

/// What to do with models.
#[derive(Debug, Subcommand)]
pub enum ModelsAction {
    /// List the models at hand.
    List {
        /// Also those that can be pulled.
        #[arg(long)]
        all: bool,
    },
    /// Print a model's card, or its catalogue entry when it is not here.
    Show {
        /// Name (`fr-en`) or directory.
        name: String,
    },
    /// Download a model into the cache; goes on where an interrupted download stopped.
    Pull(PullArgs),
    /// Copy a directory with a model into the cache.
    Add {
        /// The directory: a Marian student or a model in Hugging Face layout.
        dir: PathBuf,
        /// Name in the store; by default that of its card, or of the directory.
        #[arg(long)]
        name: Option<String>,
    },
    /// Check a model's files against its card; every model at hand when none is named.
    Verify {
        /// Name (`fr-en`) or directory.
        name: Option<String>,
    },
    /// Remove a model from the cache.
    Rm {
        /// Name.
        name: String,
    },
}

/// Arguments of `retouche models pull`.
#[derive(Debug, Args)]
pub struct PullArgs {
    /// Name in the catalogue (`retouche models list --all`), or of a repository on Hugging Face (`OWNER/NAME`).
    pub name: String,
    /// Revision of a repository on Hugging Face: a branch (`main`, unless given), a tag, a commit, or a pull request
    /// (`refs/pr/4`), which is where many have their safetensors.
    #[arg(long, value_name = "REVISION")]
    pub revision: Option<String>,
    /// Address to ask in place of every host; it answers the same paths. Also RETOUCHE_MIRROR; HF_ENDPOINT for Hugging
    /// Face alone.
    #[arg(long, value_name = "URL")]
    pub mirror: Option<String>,
    /// Do not use the network: succeed only if the model is here. Also HF_HUB_OFFLINE=1.
    #[arg(long)]
    pub offline: bool,
    /// Seconds that a server may say nothing.
    #[arg(long, default_value_t = 30.0, value_name = "SECONDS")]
    pub timeout: f64,
    /// Accept files that differ from those of the first pull, where the catalogue pins none.
    #[arg(long)]
    pub repin: bool,
}

/// Why the verb failed.
#[derive(Debug, thiserror::Error)]
pub enum ModelsError {
    /// A model is missing or damaged, or could not be had.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The card cannot be printed.
    #[error("the card of `{0}` cannot be printed: {1}")]
    Print(String, toml::ser::Error),
    /// A number that cannot be a time.
    #[error("--timeout {0}: the time must be above 0 and at most a day, in seconds")]
    Timeout(f64),
    /// A revision of a model whose place is known.
    #[error(
        "the catalogue says where `{0}` comes from: --revision is for repositories that it does not list"
    )]
    Listed(String),
    /// A mirror that cannot be asked.
    #[error(
        "the mirror `{0}` (--mirror, RETOUCHE_MIRROR or HF_ENDPOINT) must begin with http:// or https://"
    )]
    Mirror(String),
    /// Output failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Runs the verb.
///
/// # Errors
/// [`ModelsError`] for a model that is missing, altered or cannot be had, or when `out` cannot be written.
pub fn run(args: &ModelsArgs, out: &mut dyn Write) -> Result<(), ModelsError> {
    let catalogue = Catalogue::read(args.catalogue.as_deref())?;
    match &args.action {
        ModelsAction::List { all } => list(*all, &catalogue, out),
        ModelsAction::Show { name } => show(name, &catalogue, out),
        ModelsAction::Pull(pull_args) => run_pull(pull_args, &catalogue, out),
        ModelsAction::Add { dir, name } => {
            let entry = add::add(dir, name.as_deref(), &cache()?, &catalogue)?;
            writeln!(out, "{}: added to {}", entry.card.name, place(&entry))?;
            Ok(())
        }
        ModelsAction::Verify { name } => {
            let entries = match name {
                Some(name) => vec![store::find(name)?],
                None => store::list(),
            };
            for entry in entries {
                store::verify(&entry)?;
                writeln!(out, "{}: {} files intact", entry.card.name, entry.card.files.len())?;
            }
            Ok(())
        }
        ModelsAction::Rm { name } => {
            let freed = add::remove(name, &cache()?)?;
            writeln!(out, "{name}: removed, {:.1} MB freed", freed as f64 / 1e6)?;
            Ok(())
        }
    }
}

fn cache() -> Result<PathBuf, ModelError> {
    store::cache_dir().ok_or(ModelError::NoCache)
}

fn list(all: bool, catalogue: &Catalogue, out: &mut dyn Write) -> Result<(), ModelsError> {
    let here = store::list();
    for entry in &here {
        let size = entry.card.files.iter().map(|f| f.size).sum();
        line(out, &entry.card.name, &entry.card.engine, Some(size), &place(entry), &entry.card.licence)?;
    }
    let absent = |e: &&CatalogueEntry| all && here.iter().all(|h| h.card.name != e.name);
    for entry in catalogue.entries().iter().filter(absent) {
        let sizes: Option<Vec<u64>> = entry.files.iter().map(|f| f.size).collect();
        let size = sizes.filter(|s| !s.is_empty()).map(|s| s.iter().sum());
        line(out, &entry.name, &entry.engine, size, "can be pulled", &entry.licence)?;
    }
    Ok(())
}

fn line(
    out: &mut dyn Write,
    name: &str,
    engine: &str,
    size: Option<u64>,
    place: &str,
    licence: &str,
) -> Result<(), ModelsError> {
    let size = size.map_or("?".to_owned(), |s| format!("{:.1}", s as f64 / 1e6));
    writeln!(out, "{name:34} {engine:9} {size:>8} MB  {place}  {licence}")?;
    Ok(())
}

fn show(name: &str, catalogue: &Catalogue, out: &mut dyn Write) -> Result<(), ModelsError> {
    let unprintable = |e| ModelsError::Print(name.to_owned(), e);
    match (store::find(name), catalogue.get(name)) {
        (Ok(entry), _) => {
            let card = toml::to_string_pretty(&entry.card).map_err(unprintable)?;
            writeln!(out, "# {}\n{card}", place(&entry))?;
        }
        (Err(ModelError::Unknown { .. } | ModelError::NotHere(_)), Some(entry)) => {
            let text = toml::to_string_pretty(entry).map_err(unprintable)?;
            writeln!(out, "# in the catalogue; `retouche models pull {name}` fetches it\n{text}")?;
        }
        (Err(error), _) => return Err(error.into()),
    }
    Ok(())
}

fn run_pull(args: &PullArgs, catalogue: &Catalogue, out: &mut dyn Write) -> Result<(), ModelsError> {
    let known = || catalogue.entries().iter().map(|e| e.name.clone());
    let entry = match (catalogue.get(&args.name), &args.revision) {
        (Some(_), Some(_)) => return Err(ModelsError::Listed(args.name.clone())),
        (Some(entry), None) => Some(entry.clone()),
        (None, revision) => {
            let revision = revision.as_deref().unwrap_or(hugging_face::MAIN);
            if !hugging_face::is_revision(revision) {
                return Err(ModelError::Revision(revision.to_owned()).into());
            }
            hugging_face::entry(&args.name, revision)
        }
    };
    let entry = entry.ok_or_else(|| ModelError::unknown(&args.name, known()))?;
    let offline = args.offline || mirror::is_offline();
    let options = PullOptions { root: cache()?, offline, repin: args.repin };
    let fetcher = fetcher(args.mirror.clone(), args.timeout)?;
    let mut bars = Bars::new();
    let pulled = pull(&entry, &options, &fetcher, &mut |news| bars.tell(&news));
    bars.finish();
    let pulled = pulled?;
    say_pinned(&pulled);
    let state = if pulled.was_here { "here already, intact" } else { "pulled and verified" };
    writeln!(out, "{}: {state}: {}", entry.name, place(&pulled.entry))?;
    if !store::has_engine(&entry.engine) {
        let (name, engine) = (entry.name.clone(), entry.engine.clone());
        eprintln!("retouche: {}", ModelError::Engine { name, engine });
    }
    Ok(())
}

fn place(entry: &Entry) -> String {
    match &entry.place {
        Place::Embedded => "embedded".to_owned(),
        Place::Directory(dir) => dir.display().to_string(),
    }
}
