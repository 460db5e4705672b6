#!/usr/bin/env python3
"""BLEU and chrF of `retouche translate` on test sets `PREFIX.fr`, `PREFIX.en` (needs `pip install sacrebleu`).

Example: scripts/evaluation/bleu.py ../shared/testsets/flores-test ../shared/testsets/wmt13
"""
from __future__ import annotations

import argparse
import json
import subprocess
import time
from pathlib import Path

import sacrebleu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prefixes", nargs="+")
    parser.add_argument("--retouche", default="target/release/retouche")
    args = parser.parse_args()
    for prefix in args.prefixes:
        french = Path(f"{prefix}.fr").read_text().splitlines()
        english = Path(f"{prefix}.en").read_text().splitlines()
        records = "\n".join(json.dumps({"id": str(i), "text": line}) for i, line in enumerate(french))
        start = time.perf_counter()
        out = subprocess.run([args.retouche, "translate", "--input-format", "jsonl", "--progress", "none"],
                             input=records, capture_output=True, text=True, check=True).stdout
        seconds = time.perf_counter() - start
        targets, flags = [], 0
        for line in out.splitlines():
            segments = json.loads(line)["segments"]
            targets.append(" ".join(s["target"] for s in segments))
            flags += sum(bool(s["flags"]) for s in segments)
        words = sum(len(line.split()) for line in french)
        print(f"{Path(prefix).name}: BLEU {sacrebleu.corpus_bleu(targets, [english]).score:.1f}, "
              f"chrF {sacrebleu.corpus_chrf(targets, [english]).score:.1f}, {words / seconds:.0f} words/s, "
              f"{flags} segments flagged")


if __name__ == "__main__":
    main()
