#!/usr/bin/env python3
"""How many segments with numbers keep them in the translation, and which other flags there are, page by page.

Example: scripts/evaluation/kept_numbers.py ../shared/seeds/*.txt
"""
from __future__ import annotations

import argparse
import collections
import json
import re
import subprocess


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", help="text, JSONL or TSV, as `retouche run` reads them")
    parser.add_argument("--retouche", default="target/release/retouche")
    args = parser.parse_args()
    numbered = lost = 0
    for file in args.files:
        run = subprocess.run([args.retouche, "run", "--progress", "none", file], capture_output=True, text=True, check=True)
        segments = [s for line in run.stdout.splitlines() for s in json.loads(line)["segments"]]
        with_numbers = [s for s in segments if re.search(r"\d", s["source"])]
        without = [s for s in with_numbers if digits(s["source"]) - digits(s["target"])]
        flags = collections.Counter(flag for s in segments for flag in s["flags"])
        print(f"{file}: {len(segments)} segments, {len(with_numbers)} with digits, {len(without)} lose some; flags {dict(flags)}")
        for segment in without:
            print(f"    {segment['source']!r} → {segment['target']!r}")
        numbered, lost = numbered + len(with_numbers), lost + len(without)
    print(f"all: {100 * (numbered - lost) / max(numbered, 1):.1f} % of {numbered} segments with digits keep them all")


def digits(text: str) -> collections.Counter:
    """The numbers of a text as digits alone; small ones may be spelt out, so that they do not count."""
    joined = re.sub(r"(?<=\d)[  \u00a0\u202f\u2009.,](?=\d{3}\b)|(?<=\d)[.,](?=\d)", "", text)
    return collections.Counter(n for n in re.findall(r"\d+", joined) if len(n) > 1)


if __name__ == "__main__":
    main()
