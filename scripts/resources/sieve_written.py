#!/usr/bin/env python3
"""Keeps of newly written sentences those that are whole, new, and share no six words in a row with the test sets or seeds.

Usage: sieve_written.py SHARED_DIR FILE… > written.txt     (or articles.txt)

SHARED_DIR holds `testsets/` and `seeds/`. FILEs hold one sentence a line.
"""
import sys
from pathlib import Path

from tokens import tokens

RUN, LEAST = 6, 5


def runs(text: str) -> set[tuple[str, ...]]:
    """All runs of six words; figures and marks do not count as words."""
    words = [w for w in tokens(text) if w[0].isalpha()]
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def main() -> None:
    shared, files = Path(sys.argv[1]), sys.argv[2:]
    kept_apart = set()
    for path in [*sorted((shared / "testsets").glob("*.fr")), *sorted((shared / "seeds").glob("*.txt"))]:
        for line in path.read_text(encoding="utf-8").splitlines():
            kept_apart |= runs(line)
    seen, overlapping = set(), 0
    for path in files:
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            line = " ".join(line.split())
            if len(tokens(line)) < LEAST or line in seen:
                continue
            seen.add(line)
            if runs(line) & kept_apart:
                overlapping += 1
            else:
                print(line)
    print(f"{len(seen) - overlapping} sentences kept, {overlapping} left out for their overlap", file=sys.stderr)


if __name__ == "__main__":
    main()
