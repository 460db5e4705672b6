//! The `retouche` command: parse and dispatch, nothing else.

use clap::Parser;
use retouche::cli::{Cli, dispatch};
use std::process::ExitCode;

fn main() -> ExitCode {
    dispatch(Cli::parse())
}
