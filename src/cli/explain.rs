//! `retouche explain`: one document, each finding with its evidence, for a person.

use super::common::RepairArgs;
use super::{CliError, Outcome};
use crate::formats::WriteError;
use crate::formats::input::{InputFormat, InputOptions, documents};
use crate::pipeline::Pipeline;
use crate::repair::{Edit, Status};
use anstyle::{AnsiColor, Style};
use clap::Args;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// Arguments of `retouche explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  retouche explain page.txt
  retouche explain page.txt:12     the findings of line 12 only")]
pub struct ExplainArgs {
    /// FILE or FILE:LINE; `-` is stdin.
    pub place: String,
    /// How to repair.
    #[command(flatten)]
    pub repair: RepairArgs,
}

/// Runs the verb.
///
/// # Errors
/// [`CliError`] when the file cannot be read or stdout not written.
pub fn run(args: &ExplainArgs) -> Result<Outcome, CliError> {
    let (options, _) = args.repair.options()?;
    let pipeline = Pipeline::new(options);
    let (file, only) = match args.place.rsplit_once(':') {
        Some((file, line)) if !PathBuf::from(&args.place).exists() => match line.parse::<usize>() {
            Ok(line) => (file.to_owned(), Some(line)),
            Err(_) => (args.place.clone(), None),
        },
        _ => (args.place.clone(), None),
    };
    let options = InputOptions { format: Some(InputFormat::Text), ..InputOptions::default() };
    let mut out = std::io::stdout().lock();
    let colour = out.is_terminal() && std::env::var_os("NO_COLOR").is_none();
    for document in documents(vec![PathBuf::from(file)], options) {
        let document = document?;
        let repaired = pipeline.repair(&document);
        let mut text = String::new();
        for edit in &repaired.edits {
            let line = document.raw[..edit.finding.span.start].matches('\n').count() + 1;
            if only.is_none_or(|only| only == line) {
                text.push_str(&explained(&document.raw, line, edit, colour));
            }
        }
        if text.is_empty() {
            text.push_str("nothing found\n");
        }
        out.write_all(text.as_bytes()).map_err(|source| WriteError { path: "stdout".into(), source })?;
    }
    Ok(Outcome::Done)
}

/// One finding: its line with the damage marked, the repair, and why.
fn explained(raw: &str, line: usize, edit: &Edit, colour: bool) -> String {
    let paint = |style: Style, text: &str| {
        if colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    };
    let (red, green) = (AnsiColor::Red.on_default(), AnsiColor::Green.on_default());
    let (bold, f) = (Style::new().bold(), &edit.finding);
    let before = f.span.of(raw);
    // Enough of the surroundings to see the damage, never over a line's edge.
    let left: String = raw[..f.span.start].chars().rev().take_while(|&c| c != '\n').take(50).collect();
    let left: String = left.chars().rev().collect();
    let right: String = raw[f.span.end..].chars().take_while(|&c| c != '\n').take(50).collect();
    let status = match edit.status {
        Status::Applied => "applied",
        Status::Suggested => "suggested",
    };
    let head =
        format!("line {line}: {} ({}, {status}, {:.2})", f.category.name(), f.rule, f.confidence.value());
    let mut out = format!("{}\n  {left}{}{right}\n", paint(bold, &head), paint(red, before));
    if let Some(after) = f.proposal.replacement() {
        out.push_str(&format!("  {left}{}{right}\n", paint(green, after)));
    }
    for reason in &f.why {
        out.push_str(&format!("    – {reason}\n"));
    }
    for candidate in f.candidates.iter().take(5) {
        out.push_str(&format!("    {:>7.2}  {}\n", candidate.score, candidate.text));
    }
    out.push('\n');
    out
}
