#!/usr/bin/env python3
"""Cuts the curated pairs into folds, so that a fold can play the spinner that nobody has listed.

Example: scripts/evaluation/held_out.py --folds 5 --out build/folds
         scripts/evaluation/spin.py ../shared/testsets/flores-dev.fr --pairs build/folds/0.tsv --seed 1 > held-out.jsonl
         target/release/examples/spun_eval held-out.jsonl --without build/folds/0.tsv

A pair and its other number fall into one fold. Left out are pairs whose original the test part of
tests/data/spun/pairs.tsv has, and pairs seen on pages. A last fold, `dev.tsv`, lists the development part of that
table, to leave out where its spins are to count as unlisted.
"""
from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def singular(word: str) -> str:
    """A word and its plural belong together."""
    return word[:-1] if word.endswith("s") and len(word) > 4 else word


def rows(path: Path) -> list[list[str]]:
    """The fields of each line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    own = rows(ROOT / "tests/data/spun/pairs.tsv")
    test = {singular(original) for original, _, part in own if part == "test"}
    folds: list[list[str]] = [[] for _ in range(args.folds)]
    for original, spun, note, _rating in rows(ROOT / "data/spinner_pairs.tsv"):
        if singular(original) in test or not note.startswith(("known", "further")):
            continue
        key = f"{singular(original)} {singular(spun)}"
        fold = int(hashlib.sha256(key.encode()).hexdigest(), 16) % args.folds
        folds[fold].append(f"{original}\t{spun}\tdev\n")
    args.out.mkdir(parents=True, exist_ok=True)
    for number, fold in enumerate(folds):
        (args.out / f"{number}.tsv").write_text("".join(fold), encoding="utf-8")
    listed = [f"{original}\t{spun}\tdev\n" for original, spun, part in own if part == "dev"]
    (args.out / "dev.tsv").write_text("".join(listed), encoding="utf-8")


if __name__ == "__main__":
    main()
