#!/usr/bin/env bash
# The tests of the cargo feature `rust-bert`: fetches libtorch (about 800 MB, once), runs the unit tests of the engine and
# tests/bert.rs, which compares it with what Python transformers gave.
set -euo pipefail
cd "$(dirname "$0")/.."
eval "$(bash scripts/setup_libtorch.sh)"
cargo test --locked --release --features rust-bert --lib translate::
cargo test --locked --release --features rust-bert --test bert "$@"
