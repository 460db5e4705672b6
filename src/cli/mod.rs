//! The command line: one file a verb.

pub mod common;
pub mod download;
pub mod explain;
pub mod fix;
pub mod job;
pub mod models;
pub mod rules;
pub mod run;
pub mod scan;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Repairs machine-damaged French text and turns it into clean, aligned French–English text, offline.
#[derive(Debug, Parser)]
#[command(
    name = "retouche",
    version,
    after_help = "\
Examples:
  retouche run page.txt                      repair, translate, align; one JSON record
  retouche run pages.jsonl -o out.tmx --format tmx
  retouche fix page.txt --diff               show what would be repaired
  retouche scan 'pages/*.txt'                list findings; exit code 1 when there are any
  cat page.txt | retouche explain -          the evidence for each finding, for a person"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// The whole job: repair, translate, align.
    Run(run::RunArgs),
    /// List findings; change nothing. Exit code 1 when there are findings.
    Scan(scan::ScanArgs),
    /// Repair only.
    Fix(fix::FixArgs),
    /// Translate only, without repair.
    Translate(run::RunArgs),
    /// Show each finding of one document with its evidence.
    Explain(explain::ExplainArgs),
    /// List the rules, or show one with its examples.
    Rules(rules::RulesArgs),
    /// List, show, fetch, add, verify and remove models.
    Models(models::ModelsArgs),
}

/// Why a verb ended early; the message stands on stderr.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Bad arguments.
    #[error("{0}")]
    Usage(String),
    /// Settings cannot be read.
    #[error(transparent)]
    Settings(#[from] crate::settings::SettingsError),
    /// A model cannot be used.
    #[error(transparent)]
    Model(#[from] crate::models::ModelError),
    /// The `models` verb failed.
    #[error(transparent)]
    Models(#[from] models::ModelsError),
    /// The directory for the results cannot be used.
    #[error(transparent)]
    Shards(#[from] crate::corpus::shards::ShardError),
    /// Output failed.
    #[error(transparent)]
    Write(#[from] crate::formats::WriteError),
    /// Reading failed.
    #[error(transparent)]
    Read(#[from] crate::formats::ReadError),
}

impl CliError {
    /// Whether the reader of our output went away (`| head`), which is success.
    fn is_closed_pipe(&self) -> bool {
        let broken = |e: &std::io::Error| e.kind() == std::io::ErrorKind::BrokenPipe;
        match self {
            Self::Write(e) => broken(&e.source),
            Self::Models(models::ModelsError::Io(e)) => broken(e),
            _ => false,
        }
    }
}

/// How a verb ended; the numbers are the exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All is well.
    Done = 0,
    /// There are findings (`scan`, `fix --check`).
    Findings = 1,
    /// Some records were rejected.
    Rejects = 3,
}

/// Runs the command line. Exit code 2 is bad usage or input.
pub fn dispatch(cli: Cli) -> ExitCode {
    let ended = match cli.verb {
        Verb::Run(args) => run::run(&args, true),
        Verb::Translate(args) => run::run(&args, false),
        Verb::Scan(args) => scan::run(&args),
        Verb::Fix(args) => fix::run(&args),
        Verb::Explain(args) => explain::run(&args),
        Verb::Rules(args) => rules::run(&args),
        Verb::Models(args) => {
            models::run(&args, &mut std::io::stdout().lock()).map(|()| Outcome::Done).map_err(CliError::from)
        }
    };
    match ended {
        Ok(outcome) => ExitCode::from(outcome as u8),
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("retouche: {error}");
            ExitCode::from(2)
        }
    }
}
