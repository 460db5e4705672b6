//! `retouche fix`: the repaired text.

use super::common::{DamageArgs, InputArgs, Rejects, RepairArgs, WorkArgs};
use super::job::{Job, Rendered, is_directory};
use super::{CliError, Outcome};
use crate::formats::input::{InputFormat, InputOptions, documents, expand};
use crate::formats::json_text::push_string;
use crate::formats::jsonl::{ID_FIELD, TEXT_FIELD};
use crate::formats::output::{OutputFormat, Sink, ended, json_line};
use crate::pipeline::Pipeline;
use crate::text::document::Document;
use clap::Args;
use similar::TextDiff;
use std::path::Path;

/// Arguments of `retouche fix`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  retouche fix page.txt > clean.txt
  retouche fix --diff page.txt
  retouche fix --check 'pages/*.txt'          exit code 1 when something would change
  retouche fix pages.jsonl -o clean.jsonl     the text field repaired, all else as it was")]
pub struct FixArgs {
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
    /// Full records instead of repaired text.
    #[arg(long, value_enum, default_value = "same")]
    pub format: FixFormat,
    /// Show the changes as a unified diff.
    #[arg(long, conflicts_with_all = ["check", "in_place"])]
    pub diff: bool,
    /// Change nothing; exit code 1 when something would change.
    #[arg(long, conflicts_with = "in_place")]
    pub check: bool,
    /// Write the repaired text back to its file (text files only).
    #[arg(long, conflicts_with = "output")]
    pub in_place: bool,
}

/// Format of the output of `fix`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FixFormat {
    /// As the input: text for text, the record with its text repaired for JSONL.
    Same,
    /// One record a line, with the ledger.
    Jsonl,
    /// The repaired text alone.
    Clean,
}

/// Runs the verb.
///
/// # Errors
/// [`CliError`] when the settings or the output fail.
pub fn run(args: &FixArgs) -> Result<Outcome, CliError> {
    let (options, _) = args.repair.options()?;
    let range = args.damage.range()?;
    let pipeline = Pipeline::new(options);
    if args.in_place {
        if args.damage.is_set() {
            return Err(CliError::Usage("--in-place keeps every file: no damage range".to_owned()));
        }
        return in_place(args, &pipeline);
    }
    let as_records = args.format == FixFormat::Same && reads_records(args);
    let text_field = args.input.text_field.clone().unwrap_or_else(|| TEXT_FIELD.to_owned());
    let render = |documents: &[Document]| -> Vec<Rendered> {
        documents
            .iter()
            .map(|document| {
                let repaired = pipeline.repair(document);
                if !range.admits(&document.raw, &repaired.edits) {
                    return Rendered::one(String::new(), false);
                }
                let changed = !repaired.ledger.is_empty();
                let text = if args.check {
                    if changed { format!("{}\n", document.id) } else { String::new() }
                } else if args.diff {
                    diff(document, &repaired.clean)
                } else if args.format == FixFormat::Jsonl {
                    json_line(&pipeline.record(document, &repaired))
                } else if as_records {
                    same_record(document, &repaired.clean, &text_field)
                } else {
                    ended(repaired.clean)
                };
                Rendered::one(text, changed)
            })
            .collect()
    };
    if (args.check || args.diff) && args.work.output.as_deref().is_some_and(is_directory) {
        return Err(CliError::Usage("--check and --diff write one stream, not a directory".to_owned()));
    }
    let mut settings = vec![
        format!("verb=fix {:?}", args.format),
        format!("rules={}", pipeline.tool().rules),
        format!("offsets={:?}", args.repair.offsets),
        format!("damage={range:?}"),
    ];
    settings.extend(args.input.settings());
    let lines = as_records || args.format == FixFormat::Jsonl;
    let job = Job {
        input: &args.input,
        work: &args.work,
        format: OutputFormat::Clean,
        suffixes: if lines { &["jsonl"] } else { &["txt"] },
        jobs: args.work.jobs,
        batches: false,
        settings,
    };
    let ended = job.run(render)?;
    Ok(ended.rejects.outcome(if args.check && ended.notable { Outcome::Findings } else { Outcome::Done }))
}

/// Whether the input is records rather than files of text.
fn reads_records(args: &FixArgs) -> bool {
    match args.input.input_format {
        Some(format) => format == InputFormat::Jsonl,
        None => args.input.files.iter().any(|f| f.contains(".jsonl") || f.contains(".ndjson")),
    }
}

/// The input record with its text repaired, as a line of JSON.
fn same_record(document: &Document, clean: &str, text_field: &str) -> String {
    let mut line = String::with_capacity(clean.len() + clean.len() / 16 + 64);
    let mut open = '{';
    let mut field = |name: &str, write: &dyn Fn(&mut String)| {
        line.push(open);
        push_string(&mut line, name);
        line.push(':');
        write(&mut line);
        open = ',';
    };
    if !document.meta.contains_key(ID_FIELD) {
        field(ID_FIELD, &|line| push_string(line, &document.id));
    }
    for (name, value) in document.meta.iter().filter(|(name, _)| *name != text_field) {
        field(name, &|line| line.push_str(&value.to_string()));
    }
    field(text_field, &|line| push_string(line, clean));
    line.push_str("}\n");
    line
}

fn diff(document: &Document, clean: &str) -> String {
    let (before, after) = (ended(document.raw.clone()), ended(clean.to_owned()));
    let diff = TextDiff::from_lines(&before, &after);
    let name = &document.id;
    diff.unified_diff().context_radius(1).header(&format!("a/{name}"), &format!("b/{name}")).to_string()
}

/// Repairs text files where they stand; each is replaced whole or not at all.
fn in_place(args: &FixArgs, pipeline: &Pipeline) -> Result<Outcome, CliError> {
    let files = expand(&args.input.files).map_err(CliError::Usage)?;
    let mut rejects = Rejects::open(args.input.rejects.as_ref())?;
    for file in files {
        let name = file.display().to_string();
        let plain = !name.ends_with(".jsonl") && !name.ends_with(".tsv") && !name.ends_with(".gz");
        if file == Path::new("-") || !plain {
            return Err(CliError::Usage(format!("{name}: --in-place is for plain text files")));
        }
        let options = InputOptions { format: Some(InputFormat::Text), ..InputOptions::default() };
        for document in documents(vec![file.clone()], options) {
            let document = match document {
                Ok(document) => document,
                Err(reject) => {
                    rejects.report(&[reject])?;
                    continue;
                }
            };
            let repaired = pipeline.repair(&document);
            if !repaired.ledger.is_empty() {
                let mut sink = Sink::open(Some(&file), OutputFormat::Clean)?;
                sink.write(&[repaired.clean, String::new(), String::new()])?;
                sink.finish()?;
            }
        }
    }
    Ok(rejects.outcome(Outcome::Done))
}
