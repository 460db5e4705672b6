#!/usr/bin/env bash
# Builds every table of models/language/ from packages and from the French side of the parallel corpora.
#
# Usage: scripts/resources/build.sh CORPORA_DIR
#
# CORPORA_DIR holds NAME.fr-en.tsv.gz (French TAB English). Needs Python 3 with requirements.txt, apt-get (for two
# Debian packages, which are unpacked and not installed) and cargo. Takes about four minutes on one core.
set -euo pipefail
corpora=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${WORK_DIR:-$root/target/resources}
python=${PYTHON:-python3}
out=$root/models/language
mkdir -p "$work" "$out"

cd "$work"
apt-get download hunspell-fr-comprehensive wordnet-base
for package in ./*.deb; do dpkg -x "$package" unpacked; done

cd "$here"
"$python" build_lexicon.py "$work/unpacked/usr/share/hunspell" "$work/lexicon.tsv" "$work/suffixes.txt"
"$python" build_frequency.py "$work/frequency.tsv"
"$python" build_homographs.py "$work" "$work/unpacked/usr/share/wordnet" "$work/homographs.tsv"
"$python" build_vectors.py "$work" "$work/vectors.tsv" "$work/vectors.side"
"$python" train_language_model.py "$corpora" "$out/fr-trigram.bin"

cd "$root"
pack() { cargo run --release --quiet --example "$@"; }
pack pack_fst RTLX0001 "$work/lexicon.tsv" "$work/suffixes.txt" "$out/lexicon.bin"
pack pack_fst RTFQ0001 "$work/frequency.tsv" "$out/frequency.bin"
pack pack_fst RTVE0001 "$work/vectors.tsv" "$work/vectors.side" "$out/vectors.bin"
pack pack_homographs "$work/homographs.tsv" "$out/homographs.bin"
"$python" "$here/write_cards.py" "$out"
