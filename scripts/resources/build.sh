#!/usr/bin/env bash
# Builds every table of models/language/ from packages and from the French side of the parallel corpora.
#
# Usage: scripts/resources/build.sh CORPORA_DIR
#
# CORPORA_DIR holds NAME.fr-en.tsv.gz (French TAB English). Needs Python 3 with requirements.txt, apt-get (for two
# Debian packages, which are unpacked and not installed) and cargo. Takes two hours on one core, most of it for
# train_cloze.py, which is trained in one go here; the weights that ship came about in stages (see its head).
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
cut -f1 "$work/lexicon.tsv" > "$work/forms.txt" # scripts/evaluation/spun.py asks for it
"$python" build_frequency.py "$work/frequency.tsv"
wordnet=$work/unpacked/usr/share/wordnet
names=$root/data/spun_names.txt
"$python" list_words.py "$work" "$wordnet" "$names"
"$python" bilingual.py "$corpora" "$work"
"$python" build_homographs.py "$work" "$wordnet" "$names" "$work/homographs.tsv"
"$python" train_language_model.py "$corpora" "$out/fr-trigram.bin"
"$python" build_topics.py "$out/fr-trigram.bin" "$out/fr-topics.bin"
"$python" train_cloze.py "$corpora" "$work" "$out/fr-trigram.bin" "$out/fr-cloze.bin"

cd "$root"
pack() { cargo run --release --quiet --example "$@"; }
pack pack_fst RTLX0001 "$work/lexicon.tsv" "$work/suffixes.txt" "$out/lexicon.bin"
pack pack_fst RTFQ0001 "$work/frequency.tsv" "$out/frequency.bin"
pack pack_homographs "$work/homographs.tsv" "$out/homographs.bin"
"$python" "$here/write_cards.py" "$out"
