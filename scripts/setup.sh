#!/usr/bin/env bash
# Installs the system packages that the build and the tests need: a C/C++ compiler, and Python 3 for the scripts.
# Does nothing where they are there already. Needs root (or sudo) only when something is missing.
set -euo pipefail
missing=()
command -v c++ >/dev/null || missing+=(g++)
command -v python3 >/dev/null || missing+=(python3)
python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
[ ${#missing[@]} -eq 0 ] && exit 0
sudo=""
[ "$(id -u)" -eq 0 ] || sudo=sudo
if command -v apt-get >/dev/null; then
  $sudo apt-get update -q
  $sudo apt-get install -y -q "${missing[@]}"
else
  echo "setup: please install: ${missing[*]}" >&2
  exit 1
fi
