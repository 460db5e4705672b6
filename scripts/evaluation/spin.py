#!/usr/bin/env python3
"""Damages clean French the way a synonym spinner does, and says where: development and test data for spun words.

Example: scripts/evaluation/spin.py ../shared/testsets/flores-dev.fr --part dev --seed 1 > spins.jsonl

A document is a few consecutive lines. In each, up to `--words` forms that the pair table knows are replaced: whole
words, lower case and Capitalised forms apart (capitals throughout are left alone), one synonym a form, every
occurrence, nothing around it re-agreed. Output: one object a line, `{"id", "text", "clean", "spins": [{"start",
"end", "original", "spun"}]}`, offsets in code points of `text`.

The default table, tests/data/spun/pairs.tsv, was written by hand for measuring and is read by no part of the
program; words and their plurals are in one of two parts, `dev` to tune on and `test` to report.
"""
from __future__ import annotations

import argparse
import json
import random
import re
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAIRS = HERE.parent.parent / "tests" / "data" / "spun" / "pairs.tsv"


def load(path: Path, part: str) -> dict[str, list[str]]:
    """Original -> synonyms of one part of the table (`all` for the whole)."""
    table = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            original, spun, where = line.split("\t")
            if part in (where, "all"):
                table[original].append(spun)
    return table


def forms(text: str, table: dict[str, list[str]]) -> list[str]:
    """The forms of a text, as written, that the table can replace."""
    found = set()
    for form in re.findall(r"\b[A-Za-z]+\b", text):
        lower = form.lower()
        if lower in table and form in (lower, lower.capitalize()):
            found.add(form)
    return sorted(found)


def spin(text: str, table: dict[str, list[str]], words: int, rng: random.Random) -> tuple[str, list[dict]]:
    """The damaged text and its spins; no spins when the table has none of the text's words."""
    known = forms(text, table)
    chosen = rng.sample(known, min(len(known), rng.randint(1, words)))
    synonym = {}
    for form in chosen:
        spun = rng.choice(table[form.lower()])
        synonym[form] = spun if form.islower() else spun[0].upper() + spun[1:]
    if not synonym:
        return text, []
    out, spins, at, length = [], [], 0, 0
    for match in re.finditer(r"\b(" + "|".join(map(re.escape, synonym)) + r")\b", text):
        between, spun = text[at:match.start()], synonym[match[1]]
        start = length + len(between)
        out += [between, spun]
        spins.append({"start": start, "end": start + len(spun), "original": match[1], "spun": spun})
        at, length = match.end(), start + len(spun)
    return "".join(out) + text[at:], spins


def documents(path: Path, lines: int) -> list[str]:
    """The file cut into documents of a few lines each."""
    text = path.read_text(encoding="utf-8").splitlines()
    return ["\n".join(text[i:i + lines]) for i in range(0, len(text), lines)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", help="clean French, one sentence a line")
    parser.add_argument("--pairs", type=Path, default=PAIRS)
    parser.add_argument("--part", choices=["dev", "test", "all"], default="dev")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", type=int, default=5, help="lines of a document")
    parser.add_argument("--words", type=int, default=3, help="forms replaced in a document at most")
    args = parser.parse_args()
    rng, table = random.Random(args.seed), load(args.pairs, args.part)
    for path in args.files:
        for n, clean in enumerate(documents(path, args.lines)):
            text, spins = spin(clean, table, args.words, rng)
            if spins:
                record = {"id": f"{path.stem}-{n}", "text": text, "clean": clean, "spins": spins}
                print(json.dumps(record, ensure_ascii=False))


if __name__ == "__main__":
    main()
