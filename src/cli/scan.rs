//! `retouche scan`: findings only.

use super::common::{DamageArgs, InputArgs, RepairArgs, WorkArgs};
use super::job::{Job, Rendered, is_directory};
use super::{CliError, Outcome};
use crate::formats::output::{OutputFormat, json_line};
use crate::pipeline::Pipeline;
use crate::record::EditRecord;
use crate::repair::Status;
use crate::rules::{Candidate, Category, Confidence};
use crate::text::document::Document;
use crate::text::unit::OffsetMap;
use clap::Args;
use serde::Serialize;

/// Arguments of `retouche scan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  retouche scan page.txt
  retouche scan --format jsonl pages.jsonl > findings.jsonl")]
pub struct ScanArgs {
    /// What to read.
    #[command(flatten)]
    pub input: InputArgs,
    /// How to repair.
    #[command(flatten)]
    pub repair: RepairArgs,
    /// Which documents to keep.
    #[command(flatten)]
    pub damage: DamageArgs,
    /// How to work.
    #[command(flatten)]
    pub work: WorkArgs,
    /// Format of the output.
    #[arg(long, value_enum, default_value = "human")]
    pub format: ScanFormat,
}

/// Format of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ScanFormat {
    /// A line a finding, for a person.
    Human,
    /// A JSON object a finding.
    Jsonl,
}

/// A finding as `scan --format jsonl` prints it; `start` and `end` point into the raw text.
#[derive(Serialize)]
struct FindingLine<'a> {
    id: &'a str,
    start: usize,
    end: usize,
    text: String,
    category: Category,
    rule: String,
    confidence: Confidence,
    status: Status,
    replacement: Option<String>,
    candidates: Vec<Candidate>,
    why: Vec<String>,
}

/// Runs the verb.
///
/// # Errors
/// [`CliError`] when the settings or the output fail.
pub fn run(args: &ScanArgs) -> Result<Outcome, CliError> {
    let (options, _) = args.repair.options()?;
    let range = args.damage.range()?;
    let unit = options.unit;
    let pipeline = Pipeline::new(options);
    let render = |documents: &[Document]| -> Vec<Rendered> {
        documents
            .iter()
            .map(|document| {
                let map = OffsetMap::new(&document.raw, unit);
                let repaired = pipeline.repair(document);
                if !range.admits(&document.raw, &repaired.edits) {
                    return Rendered::one(String::new(), false);
                }
                let lines = repaired.edits.iter().map(|edit| {
                    let e = EditRecord::new(edit, &document.raw, &map);
                    match args.format {
                        ScanFormat::Jsonl => json_line(&FindingLine {
                            id: &document.id,
                            start: e.start,
                            end: e.end,
                            text: e.before,
                            category: e.category,
                            rule: e.rule,
                            confidence: e.confidence,
                            status: e.status,
                            replacement: e.after,
                            candidates: e.candidates,
                            why: e.why,
                        }),
                        ScanFormat::Human => human(&document.id, &e),
                    }
                });
                Rendered::one(lines.collect(), !repaired.edits.is_empty())
            })
            .collect()
    };
    if args.work.output.as_deref().is_some_and(is_directory) {
        return Err(CliError::Usage("`scan` writes one stream, not a directory".to_owned()));
    }
    let job = Job {
        input: &args.input,
        work: &args.work,
        format: OutputFormat::Jsonl,
        suffixes: &["jsonl"],
        jobs: args.work.jobs,
        batches: false,
        settings: Vec::new(),
    };
    let ended = job.run(render)?;
    Ok(ended.rejects.outcome(if ended.notable { Outcome::Findings } else { Outcome::Done }))
}

fn human(id: &str, e: &EditRecord) -> String {
    let action = match (&e.after, e.status) {
        (Some(after), Status::Applied) => format!("→ {after:?}"),
        (Some(after), Status::Suggested) => format!("→ {after:?} ?"),
        (None, _) => "look".to_owned(),
    };
    let why = e.why.join("; ");
    format!(
        "{id}:{}-{}: {} {:?} {action} ({:.2}, {}) {why}\n",
        e.start,
        e.end,
        e.category.name(),
        e.before,
        e.confidence.value(),
        e.rule
    )
}
