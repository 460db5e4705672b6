//! `retouche run` and `retouche translate`: the whole job, or translation alone.

use super::common::{DamageArgs, InputArgs, Rejects, RepairArgs, WorkArgs};
use super::{CliError, Outcome};
use crate::corpus::progress::Progress;
use crate::corpus::{Done, in_order};
use crate::formats::output::{OutputFormat, Sink, render};
use crate::pipeline::Pipeline;
use crate::text::document::Document;
use clap::Args;

/// Arguments of `retouche run` and `retouche translate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  retouche run page.txt
  retouche run pages.jsonl.gz --text-field body -o out.jsonl.zst
  retouche run 'pages/*.txt' --format tmx -o memory.tmx
  retouche translate --format english note.txt")]
pub struct RunArgs {
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
    #[arg(long, value_enum, default_value = "jsonl")]
    pub format: OutputFormat,
    /// Model for translation: a name (`retouche models list`) or a directory.
    #[arg(long)]
    pub model: Option<String>,
}

/// Runs the verb; `repair` is false for `translate`.
///
/// # Errors
/// [`CliError`] when the settings, the model or the output fail.
pub fn run(args: &RunArgs, repair: bool) -> Result<Outcome, CliError> {
    let (options, settings) = args.repair.options()?;
    let range = args.damage.range()?;
    if !repair && args.damage.is_set() {
        return Err(CliError::Usage("`translate` looks for no damage: use `run`".to_owned()));
    }
    let model = args.model.clone().or(settings.model).unwrap_or_else(|| "fr-en".to_owned());
    // Units of work run in parallel already, so that each translates on one thread, except a lone small input.
    let pipeline = Pipeline::new(options).with_model(&model, if args.work.jobs == 1 { 1 } else { 0 })?;
    let work = |documents: &[Document]| {
        let records =
            if repair { pipeline.run_within(documents, range) } else { pipeline.translate(documents) };
        records
            .iter()
            .map(|record| {
                let words: usize = record.segments.iter().map(|s| s.source_tokens.len()).sum();
                (render(record, args.format), words as u64)
            })
            .collect::<Vec<_>>()
    };
    let input = args.input.documents()?;
    let mut sink = Sink::open(args.work.output.as_deref(), args.format)?;
    let mut rejects = Rejects::open(args.input.rejects.as_ref())?;
    let mut progress = Progress::new(args.work.progress);
    in_order(input, 1, work, |done: Done<_>| -> Result<(), CliError> {
        rejects.report(&done.rejects)?;
        progress.add(done.results.len() as u64, done.results.iter().map(|(_, words)| words).sum());
        for (texts, _) in &done.results {
            sink.write(texts)?;
        }
        Ok(())
    })?;
    progress.finish();
    sink.finish()?;
    Ok(rejects.outcome(Outcome::Done))
}
