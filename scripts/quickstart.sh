#!/usr/bin/env bash
# Builds retouche and runs the main job on a sample page: the first of the README's two commands.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
cargo build --locked --release
target/release/retouche run "$@" docs/sample.txt
