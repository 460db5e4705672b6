#!/usr/bin/env bash
# The README's test command: fetches the model that some tests need, then runs every test.
# Without a network the tests of the second model are skipped, and say so.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -d build/pt-en ]; then
  bash scripts/fetch_test_model.sh || echo "test: no Portuguese test model; its tests are skipped" >&2
fi
cargo test --locked --release "$@"
