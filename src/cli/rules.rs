//! `retouche rules`: the rules with their examples.

use super::{CliError, Outcome};
use crate::formats::WriteError;
use crate::rules::registry;
use clap::{Args, Subcommand};
use std::fmt::Write as _;
use std::io::Write as _;

/// Arguments of `retouche rules`.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// What to do; by default, list.
    #[command(subcommand)]
    pub action: Option<RulesAction>,
}

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub enum RulesAction {
    /// One line a rule.
    List,
    /// One rule with its examples.
    Show {
        /// `family/name`.
        id: String,
    },
}

/// Runs the verb.
///
/// # Errors
/// [`CliError::Usage`] for a rule that does not exist.
pub fn run(args: &RulesArgs) -> Result<Outcome, CliError> {
    let rules = registry::all();
    let mut text = String::new();
    // Writing to a String cannot fail.
    match &args.action {
        None | Some(RulesAction::List) => {
            for rule in &rules {
                let info = rule.info();
                let _ = writeln!(text, "{:32} {:20} {}", info.id, info.category.name(), info.summary);
            }
        }
        Some(RulesAction::Show { id }) => {
            let Some(rule) = rules.iter().find(|r| r.info().id == id) else {
                return Err(CliError::Usage(format!("no rule `{id}`: `retouche rules` lists them")));
            };
            let info = rule.info();
            let _ = writeln!(text, "{}\n{}\n{}\n\nfires:", info.id, info.category.name(), info.summary);
            for example in info.fires {
                let _ = writeln!(text, "  {:?}\n  → {:?}", example.damaged, example.repaired);
            }
            text.push_str("\nstays silent:\n");
            for clean in info.silent {
                let _ = writeln!(text, "  {clean:?}");
            }
        }
    }
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|source| WriteError { path: "stdout".into(), source })?;
    Ok(Outcome::Done)
}
