//! Options that several verbs share, and what they amount to.

use super::{CliError, Outcome};
use crate::corpus::progress::ProgressMode;
use crate::damage::Range;
use crate::formats::ReadError;
use crate::formats::input::{BytesRead, Documents, InputFormat, InputOptions, documents, expand};
use crate::pipeline::PipelineOptions;
use crate::repair::Policy;
use crate::rules::Confidence;
use crate::settings::Settings;
use crate::text::document::Lang;
use crate::text::unit::OffsetUnit;
use clap::Args;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

/// What to read.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// Files or globs; `-` or none is stdin. `.gz` and `.zst` are decompressed.
    pub files: Vec<String>,
    /// Format of the input; by default told by the file name, text for stdin.
    #[arg(long, value_enum)]
    pub input_format: Option<InputFormat>,
    /// Field (JSONL) or column (TSV: number from 1, or header name) of the text.
    #[arg(long)]
    pub text_field: Option<String>,
    /// Field or column of the id.
    #[arg(long)]
    pub id_field: Option<String>,
    /// Write what could not be read to this file, one JSON object a line.
    #[arg(long)]
    pub rejects: Option<PathBuf>,
}

impl InputArgs {
    /// The files that the arguments name.
    ///
    /// # Errors
    /// [`CliError::Usage`] for a pattern without files.
    pub fn files(&self) -> Result<Vec<PathBuf>, CliError> {
        expand(&self.files).map_err(CliError::Usage)
    }

    /// The documents of some files, and the count of the bytes read for them.
    pub fn documents(&self, files: Vec<PathBuf>) -> (Documents, BytesRead) {
        let read = BytesRead::default();
        let options = InputOptions {
            format: self.input_format,
            text_field: self.text_field.clone(),
            id_field: self.id_field.clone(),
            read: BytesRead::clone(&read),
        };
        (documents(files, options), read)
    }

    /// What of these options changes the results, as `name=value`.
    pub fn settings(&self) -> [String; 3] {
        [
            format!("input-format={:?}", self.input_format),
            format!("text-field={:?}", self.text_field),
            format!("id-field={:?}", self.id_field),
        ]
    }
}

/// How to repair.
#[derive(Debug, Args)]
pub struct RepairArgs {
    /// Confidence from which findings are applied, 0 to 1; by default 0.9, for spun words 0.68.
    #[arg(long)]
    pub apply_at: Option<f32>,
    /// Switch off a rule, a family or a category; may be repeated.
    #[arg(long, value_name = "RULE")]
    pub disable: Vec<String>,
    /// Language of the documents.
    #[arg(long, value_enum, default_value = "fr")]
    pub source_lang: Lang,
    /// Unit of offsets in the output.
    #[arg(long, value_enum, default_value = "chars")]
    pub offsets: OffsetUnit,
    /// Settings file; by default the nearest `retouche.toml` upward.
    #[arg(long)]
    pub config: Option<PathBuf>,
}

impl RepairArgs {
    /// The settings file and the options together; the command line wins.
    ///
    /// # Errors
    /// [`CliError`] for settings that cannot be read or a threshold outside 0 to 1.
    pub fn options(&self) -> Result<(PipelineOptions, Settings), CliError> {
        let settings = Settings::find(self.config.as_deref())?;
        let apply_at = self.apply_at.or(settings.apply_at);
        if let Some(apply_at) = apply_at.filter(|at| !(0.0..=1.0).contains(at)) {
            return Err(CliError::Usage(format!("the threshold {apply_at} is not between 0 and 1")));
        }
        let disabled = settings.disable.iter().chain(&self.disable).cloned().collect();
        let options = PipelineOptions {
            lang: self.source_lang,
            policy: Policy { apply_at: apply_at.map(Confidence::new), disabled },
            user: settings.lexicon(),
            unit: self.offsets,
        };
        Ok((options, settings))
    }
}

/// Which documents to keep.
#[derive(Debug, Args)]
pub struct DamageArgs {
    /// Leave out documents with a lower damage score (0 to 1: the chance that the page was spun or machine-translated).
    #[arg(long, value_name = "SCORE")]
    pub min_damage: Option<f32>,
    /// Leave out documents with a higher damage score.
    #[arg(long, value_name = "SCORE")]
    pub max_damage: Option<f32>,
}

impl DamageArgs {
    /// The range of scores to keep.
    ///
    /// # Errors
    /// [`CliError::Usage`] for a score outside 0 to 1 or a range that holds none.
    pub fn range(&self) -> Result<Range, CliError> {
        let range = Range { least: self.min_damage.unwrap_or(0.0), most: self.max_damage.unwrap_or(1.0) };
        for score in [range.least, range.most] {
            if !(0.0..=1.0).contains(&score) {
                return Err(CliError::Usage(format!("the damage score {score} is not between 0 and 1")));
            }
        }
        if range.least > range.most {
            let Range { least, most } = range;
            return Err(CliError::Usage(format!("no damage score lies between {least} and {most}")));
        }
        Ok(range)
    }

    /// Whether a range was asked for.
    pub const fn is_set(&self) -> bool {
        self.min_damage.is_some() || self.max_damage.is_some()
    }
}

/// How to work.
#[derive(Debug, Args)]
pub struct WorkArgs {
    /// Threads; 0 is one a core.
    #[arg(short, long, default_value_t = 0)]
    pub jobs: usize,
    /// Progress on stderr.
    #[arg(long, value_enum, default_value = "auto")]
    pub progress: ProgressMode,
    /// Write results to this file instead of stdout; a directory (`DIR/`) gets one file for every so many records.
    #[arg(short, long)]
    pub output: Option<PathBuf>,
    /// Go on with an interrupted run into a directory: what is finished there stays.
    #[arg(long)]
    pub resume: bool,
    /// Input records of each file of a directory (1000).
    #[arg(long, value_name = "RECORDS", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    pub shard: Option<usize>,
}

/// Reports what could not be read, and remembers that there was something.
pub struct Rejects {
    file: Option<(PathBuf, File)>,
    count: u64,
}

impl Rejects {
    /// Opens the rejects file if one is named.
    ///
    /// # Errors
    /// [`CliError::Write`] when it cannot be made.
    pub fn open(path: Option<&PathBuf>) -> Result<Self, CliError> {
        let file = match path {
            Some(path) => {
                let file = File::create(path)
                    .map_err(|source| crate::formats::WriteError { path: path.clone(), source })?;
                Some((path.clone(), file))
            }
            None => None,
        };
        Ok(Self { file, count: 0 })
    }

    /// Reports some.
    ///
    /// # Errors
    /// [`CliError::Write`] when the rejects file cannot be written.
    pub fn report(&mut self, rejects: &[ReadError]) -> Result<(), CliError> {
        for reject in rejects {
            self.count += 1;
            eprintln!("retouche: rejected: {reject}");
            if let Some((path, file)) = &mut self.file {
                writeln!(file, "{}", serde_json::json!({ "error": reject.to_string() }))
                    .map_err(|source| crate::formats::WriteError { path: path.clone(), source })?;
            }
        }
        Ok(())
    }

    /// The outcome of a verb that is otherwise `usual`.
    pub fn outcome(&self, usual: Outcome) -> Outcome {
        if self.count > 0 { Outcome::Rejects } else { usual }
    }
}
