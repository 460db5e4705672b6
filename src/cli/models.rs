//! `retouche models`: what models are here, what they are, and whether they are intact.

use crate::models::ModelError;
use crate::models::store::{self, Entry, Place};
use clap::{Args, Subcommand};
use std::io::{self, Write};

/// Arguments of `retouche models`.
#[derive(Debug, Args)]
pub struct ModelsArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: ModelsAction,
}

/// What to do with models.
#[derive(Debug, Subcommand)]
pub enum ModelsAction {
    /// List the models at hand.
    List,
    /// Print a model's card.
    Show {
        /// Name (`fr-en`) or directory.
        name: String,
    },
    /// Check a model's files against its card; every model at hand when none is named.
    Verify {
        /// Name (`fr-en`) or directory.
        name: Option<String>,
    },
}

/// Why the verb failed.
#[derive(Debug, thiserror::Error)]
pub enum ModelsError {
    /// A model is missing or damaged.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The card cannot be printed.
    #[error("the card of `{0}` cannot be printed: {1}")]
    Print(String, toml::ser::Error),
    /// Output failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Runs the verb.
///
/// # Errors
/// [`ModelsError`] for a model that is missing or altered, or when `out` cannot be written.
pub fn run(args: &ModelsArgs, out: &mut dyn Write) -> Result<(), ModelsError> {
    match &args.action {
        ModelsAction::List => {
            for entry in store::list() {
                let size: u64 = entry.card.files.iter().map(|f| f.size).sum();
                writeln!(
                    out,
                    "{:24} {:9} {:8.1} MB  {}  {}",
                    entry.card.name,
                    entry.card.engine,
                    size as f64 / 1e6,
                    place(&entry),
                    entry.card.licence
                )?;
            }
        }
        ModelsAction::Show { name } => {
            let entry = store::find(name)?;
            let card = toml::to_string_pretty(&entry.card)
                .map_err(|e| ModelsError::Print(entry.card.name.clone(), e))?;
            writeln!(out, "# {}\n{card}", place(&entry))?;
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
        }
    }
    Ok(())
}

fn place(entry: &Entry) -> String {
    match &entry.place {
        Place::Embedded => "embedded".to_owned(),
        Place::Directory(dir) => dir.display().to_string(),
    }
}
