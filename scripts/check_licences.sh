#!/usr/bin/env bash
# Every dependency's licence must allow an Apache-2.0 release. The list of allowed licences is in deny.toml;
# this reads the same list with cargo metadata alone, so that no extra tool is needed.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo metadata --locked --all-features --format-version 1 --filter-platform x86_64-unknown-linux-gnu | python3 scripts/check_licences.py deny.toml
