//! `retouche run` and `retouche translate`: the whole job, or translation alone.

use super::common::{DamageArgs, InputArgs, RepairArgs, WorkArgs};
use super::job::{Job, Rendered};
use super::{CliError, Outcome};
use crate::formats::output::{OutputFormat, render};
use crate::pipeline::Pipeline;
use crate::record::Record;
use crate::text::document::Document;
use crate::translate::device::{Device, EngineOptions};
use clap::Args;

/// Arguments of `retouche run` and `retouche translate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  retouche run page.txt
  retouche run pages.jsonl.gz --text-field body -o out.jsonl.zst
  retouche run 'pages/*.txt' --format tmx -o memory.tmx
  retouche run corpus.jsonl.zst -o out/              many files; after an interruption the same with --resume
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
    /// Where the model runs: `auto`, `cpu`, or `cuda:N` (the engine `bert`, where libtorch has CUDA).
    #[arg(long, default_value_t)]
    pub device: Device,
    /// Translations of a sentence that go on side by side: 1 is the fastest, more may be better. Unless given, as many
    /// as the model's authors chose.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub beam: Option<u8>,
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
    let threads = if args.work.jobs == 1 { 1 } else { 0 };
    let engine = EngineOptions { device: args.device, threads, beam: args.beam.map(usize::from) };
    let pipeline = Pipeline::new(options).with_model(&model, engine)?;
    let rules = pipeline.tool();
    let render = |documents: &[Document]| {
        let records =
            if repair { pipeline.run_within(documents, range) } else { pipeline.translate(documents) };
        let rendered = |record: &Record| Rendered {
            texts: render(record, args.format),
            words: record.segments.iter().map(|s| s.source_tokens.len()).sum::<usize>() as u64,
            notable: false,
        };
        records.iter().map(rendered).collect::<Vec<_>>()
    };
    let mut settings = vec![
        format!("verb={}", if repair { "run" } else { "translate" }),
        format!("format={:?}", args.format),
        format!("rules={}", rules.rules),
        format!("model={}", rules.model.unwrap_or_default()),
        format!("beam={:?}", args.beam),
        format!("offsets={:?}", args.repair.offsets),
        format!("damage={range:?}"),
    ];
    settings.extend(args.input.settings());
    let job = Job {
        input: &args.input,
        work: &args.work,
        format: args.format,
        suffixes: args.format.suffixes(),
        jobs: 1,
        batches: true,
        settings,
    };
    Ok(job.run(render)?.rejects.outcome(Outcome::Done))
}
