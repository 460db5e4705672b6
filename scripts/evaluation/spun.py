#!/usr/bin/env python3
"""Measures `retouche scan` on spun documents of `spin.py`: what is found, ranked and repaired.

Example: scripts/evaluation/spin.py ../shared/testsets/flores-test.fr ../shared/testsets/wmt13.fr --part test > test.jsonl
         scripts/evaluation/spun.py test.jsonl

A spin is found when a finding overlaps it; ranked when the original is among a finding's first three candidates;
repaired when an applied edit puts the original there. Applied edits on no spin count as wrong. Spun forms that are
French as well are reported apart, and those in documents with another spun form apart again. `--against TABLE` says
how many of the pairs a curated table has, and gives the figures for the others alone.
"""
from __future__ import annotations

import argparse
import collections
import json
import subprocess
from pathlib import Path


def share(n: int, of: int) -> str:
    """As a percentage."""
    return f"{100 * n / of:.1f}%" if of else "–"


def scan(retouche: str, records: list[dict]) -> dict[str, list[dict]]:
    """Findings by document."""
    lines = "\n".join(json.dumps({"id": str(i), "text": r["text"]}) for i, r in enumerate(records))
    done = subprocess.run([retouche, "scan", "--format", "jsonl", "--input-format", "jsonl", "--progress", "none"],
                          input=lines, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"retouche failed ({done.returncode}): {done.stderr}")
    found = collections.defaultdict(list)
    for line in done.stdout.splitlines():
        finding = json.loads(line)
        found[finding["id"]].append(finding)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--retouche", default="target/release/retouche")
    parser.add_argument("--lexicon", type=Path, default=Path("target/resources/forms.txt"),
                        help="French forms, one a line (scripts/resources/build.sh writes them)")
    parser.add_argument("--against", type=Path, help="a curated table: original TAB spun")
    parser.add_argument("--errors", action="store_true", help="list wrong applied edits")
    args = parser.parse_args()
    records = [json.loads(line) for line in args.file.open(encoding="utf-8")]
    lexicon, findings = set(args.lexicon.read_text(encoding="utf-8").split()), scan(args.retouche, records)
    curated = set()
    if args.against:
        rows = (line.split("\t") for line in args.against.read_text(encoding="utf-8").splitlines())
        curated = {(row[0], row[1]) for row in rows if len(row) > 1}
    tally = collections.defaultdict(collections.Counter)
    outside = 0
    for i, record in enumerate(records):
        near_any = set()
        forms = {s["spun"] for s in record["spins"]}
        for s in record["spins"]:
            near = [f for f in findings[str(i)] if f["start"] < s["end"] and s["start"] < f["end"]]
            near_any.update(id(f) for f in near)
            original, spun = s["original"].lower(), s["spun"].lower()
            names = lambda f: [c["text"].lower() for c in f["candidates"][:3]] or [(f["replacement"] or "").lower()]
            applied = [f for f in near if f["status"] == "applied"]
            groups = ["all"]
            is_french = " " not in spun and spun in lexicon
            groups.append("form French too" if is_french else "form not French")
            if is_french and len(forms) > 1:
                groups.append("form French too, another in the document")
            if args.against and (original, spun) not in curated:
                groups.append("pair not in the curated table")
            for group in groups:
                tally[group].update({
                    "spins": 1, "found": bool(near), "first": any(names(f)[:1] == [original] for f in near),
                    "top3": any(original in names(f) for f in near), "applied": bool(applied),
                    "right": any((f["replacement"] or "").lower() == original for f in applied)})
            if args.errors and applied and not any((f["replacement"] or "").lower() == original for f in applied):
                print(f"wrong: {spun!r} for {original!r} → {[f['replacement'] for f in applied]}")
        stray = [f for f in findings[str(i)] if f["status"] == "applied" and f["rule"].startswith("spun/") and id(f) not in near_any]
        outside += len(stray)
    for group, t in tally.items():
        print(f"{group}: {t['spins']} spins, found {share(t['found'], t['spins'])}, first {share(t['first'], t['spins'])}, "
              f"in top three {share(t['top3'], t['spins'])}, applied {t['applied']}, right of applied "
              f"{share(t['right'], t['applied'])}, repaired {share(t['right'], t['spins'])}")
    t = tally["all"]
    print(f"applied outside spins: {outside}; right of all applied {share(t['right'], t['applied'] + outside)}")


if __name__ == "__main__":
    main()
