#!/usr/bin/env bash
# The tests of the cargo feature `rust-bert`: fetches libtorch (about 800 MB, once) and runs tests/bert.rs.
set -euo pipefail
cd "$(dirname "$0")/.."
eval "$(bash scripts/setup_libtorch.sh)"
cargo test --locked --release --features rust-bert --test bert "$@"
