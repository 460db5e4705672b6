#!/usr/bin/env python3
"""How often spun-word repairs are right, by their confidence: a reliability table from spun documents of `spin.py`.

Example: scripts/evaluation/calibration.py test.jsonl --retouche target/release/retouche
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

from spun import scan

EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.01)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--retouche", default="target/release/retouche")
    args = parser.parse_args()
    pairs = []
    for path in args.files:
        records = [json.loads(line) for line in path.open(encoding="utf-8")]
        findings = scan(args.retouche, records)
        for i, record in enumerate(records):
            seen = set()
            for f in findings[str(i)]:
                # The occurrences of a form share their verdict: each form counts once in a document.
                if not f["rule"].startswith("spun/") or (f["text"], f["replacement"]) in seen:
                    continue
                seen.add((f["text"], f["replacement"]))
                here = [s for s in record.get("spins", []) if f["start"] < s["end"] and s["start"] < f["end"]]
                right = any(s["original"].lower() == (f["replacement"] or "").lower() for s in here)
                pairs.append((f["confidence"], right))
    print("confidence   findings  mean   right")
    error = 0.0
    for low, high in zip(EDGES, EDGES[1:]):
        here = [(c, r) for c, r in pairs if low <= c < high]
        if here:
            mean, right = sum(c for c, _ in here) / len(here), sum(r for _, r in here) / len(here)
            error += abs(mean - right) * len(here)
            print(f"{low:.2f}–{min(high, 1):.2f}  {len(here):9}  {mean:.3f}  {right:.3f}")
    print(f"expected calibration error {error / max(1, len(pairs)):.3f} over {len(pairs)} findings")


if __name__ == "__main__":
    main()
