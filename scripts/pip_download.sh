#!/usr/bin/env bash
# `pip download` of wheels, with the machine's pip or, where Python came without one, with that of a virtual environment
# (scripts/setup.sh installs what that needs).
set -euo pipefail
python=python3
if ! python3 -m pip --version >/dev/null 2>&1; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  python3 -m venv "$work"
  python=$work/bin/python3
fi
"$python" -m pip download --quiet --no-deps --only-binary=:all: "$@"
