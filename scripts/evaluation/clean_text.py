#!/usr/bin/env python3
"""Counts what retouche would change in clean text: every line of a file is a document.

Example: scripts/evaluation/clean_text.py ../shared/testsets/flores-dev.fr ../shared/testsets/wmt13.fr
         scripts/evaluation/clean_text.py ../shared/examples/hard_negatives.jsonl
"""
from __future__ import annotations

import argparse
import collections
import json
import subprocess
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--retouche", default="target/release/retouche")
    args = parser.parse_args()
    for path in args.files:
        lines = path.read_text().splitlines()
        records = [json.loads(line) for line in lines] if path.suffix == ".jsonl" else [{"text": line} for line in lines]
        findings = []
        for lang in ("fr", "en"):
            chosen = [{"id": str(i), "text": r["text"]} for i, r in enumerate(records) if r.get("lang", "fr") == lang]
            done = subprocess.run(
                [args.retouche, "scan", "--format", "jsonl", "--input-format", "jsonl", "--source-lang", lang],
                input="\n".join(map(json.dumps, chosen)), capture_output=True, text=True, check=False)
            if done.returncode not in (0, 1):
                raise SystemExit(f"{path}: retouche failed ({done.returncode}): {done.stderr}")
            findings += [json.loads(line) for line in done.stdout.splitlines()]
        words = sum(len(r["text"].split()) for r in records)
        applied = [f for f in findings if f["status"] == "applied"]
        print(f"{path.name}: {len(records)} texts, {words} words: {len(applied)} applied, "
              f"{len(findings) - len(applied)} suggested; per 1,000 texts {1000 * len(applied) / len(records):.2f} applied, "
              f"per 10,000 words {10_000 * (len(findings) - len(applied)) / words:.2f} suggested")
        for rule, count in collections.Counter((f["rule"], f["status"]) for f in findings).most_common():
            print(f"  {count:4} {rule[1]:9} {rule[0]}")
        for f in applied:
            print(f"  applied in {f['id']}: {f['text']!r} → {f['replacement']!r} ({f['rule']})")


if __name__ == "__main__":
    main()
