#!/usr/bin/env python3
"""Checks records from outside: `retouche run` on pages must tell how its clean text came from the raw one.

For each page: the raw text is the file's; applying the applied edits to it gives the clean text; every segment's span of
the clean text is its source; every character that is not white space lies in exactly one segment; alignments point at
words; no target is empty without a flag; and `fix` leaves the clean text as it is.

Example: scripts/evaluation/records.py ../shared/seeds/*.txt
"""
from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path


def check(page: Path, retouche: str) -> tuple[int, int]:
    """Raises AssertionError with the page's name when something does not hold; returns applied edits and segments."""
    run = subprocess.run([retouche, "run", "--progress", "none", str(page)], capture_output=True, text=True, check=True)
    record = json.loads(run.stdout)
    raw, clean = record["raw"], record["clean"]
    assert raw == page.read_text(), f"{page}: raw text"
    rebuilt, at = "", 0
    applied = [e for e in record["edits"] if e["status"] == "applied"]
    for edit in sorted(applied, key=lambda e: (e["start"], e["end"])):
        assert edit["start"] >= at, f"{page}: edits overlap at {edit['start']}"
        assert raw[edit["start"] : edit["end"]] == edit["before"], f"{page}: span of an edit at {edit['start']}"
        rebuilt += raw[at : edit["start"]] + (edit["after"] or "")
        at = edit["end"]
    assert rebuilt + raw[at:] == clean, f"{page}: applied edits do not give the clean text"
    covered = [0] * len(clean)
    for segment in record["segments"]:
        start, end = segment["clean"]
        assert clean[start:end] == segment["source"], f"{page}: span of segment {segment['n']}"
        assert 0 <= segment["raw"][0] <= segment["raw"][1] <= len(raw), f"{page}: raw span of segment {segment['n']}"
        assert segment["target"].strip() or segment["flags"], f"{page}: empty target of segment {segment['n']}"
        for i in range(start, end):
            covered[i] += 1
        for pair in segment["alignment"].split():
            source, target = (int(n) for n in pair.split("-"))
            assert source < len(segment["source_tokens"]) and target < len(segment["target_tokens"]), f"{page}: {pair}"
    assert all(n == 1 or c.isspace() for n, c in zip(covered, clean)), f"{page}: a character in no or two segments"
    again = subprocess.run([retouche, "fix"], input=clean, capture_output=True, text=True, check=True).stdout
    assert again.rstrip("\n") == clean.rstrip("\n"), f"{page}: `fix` changes its own output"
    return len(applied), len(record["segments"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--retouche", default="target/release/retouche")
    args = parser.parse_args()
    for page in args.pages:
        edits, segments = check(page, args.retouche)
        print(f"{page.name}: {edits} applied edits, {segments} segments: all holds")


if __name__ == "__main__":
    main()
