//! The `retouche` command: parse and dispatch, nothing else.

use clap::Parser;
use retouche::cli::{Cli, dispatch};
use std::process::ExitCode;

/// Repair makes many small short-lived lists; this allocator hands them out faster than the C library's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    dispatch(Cli::parse())
}
