#!/usr/bin/env python3
"""Scores `retouche scan` against annotated pages, category by category.

Example: scripts/evaluation/seeds.py --seeds ../shared/seeds

`artifacts.jsonl` holds one artifact a line (doc, start_char, end_char, text, repair, action, category, confidence);
those marked `ambiguous` are left out. An artifact is found when a finding, of any category, overlaps it; it is right when a finding
proposes its repair (spaces and apostrophes folded), deletes it, or points at it where the annotation
only points. Applied edits that touch no annotation are listed.
"""
from __future__ import annotations

import argparse
import collections
import json
import re
import subprocess
from pathlib import Path


def loose(text: str | None) -> str:
    """Spaces and apostrophes folded; stops and capitals count."""
    return re.sub(r"[\s\u00a0\u202f]+", " ", (text or "").replace("’", "'")).strip()


def scan(retouche: str, page: Path) -> list[dict]:
    """The findings of one page; any exit code but 0 and 1 is a failure of the run, not a page without findings."""
    done = subprocess.run([retouche, "scan", "--format", "jsonl", str(page)], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{page}: retouche failed ({done.returncode}): {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def right(artifact: dict, finding: dict, raw: str) -> bool:
    """Whether a finding does what the annotation asks, compared over the union of both spans."""
    if artifact["action"] == "flag":
        return True
    start = min(artifact["start_char"], finding["start"])
    end = max(artifact["end_char"], finding["end"])

    def result(item_start: int, item_end: int, text: str) -> str:
        return loose(raw[start:item_start] + text + raw[item_end:end])

    wanted = result(artifact["start_char"], artifact["end_char"], artifact["repair"] or "")
    proposals = [finding["replacement"]] + [c["text"] for c in finding["candidates"][:1]]
    return any(p is not None and result(finding["start"], finding["end"], p) == wanted for p in proposals)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=Path, default=Path("../shared/seeds"))
    parser.add_argument("--retouche", default="target/release/retouche")
    parser.add_argument("--missed", action="store_true", help="list what was not found")
    args = parser.parse_args()
    artifacts = [json.loads(line) for line in (args.seeds / "artifacts.jsonl").open()]
    everything = collections.defaultdict(list)
    for artifact in artifacts:
        everything[artifact["doc"]].append(artifact)
    total, found, fine = collections.Counter(), collections.Counter(), collections.Counter()
    outside = []
    for page, on_page in everything.items():
        raw = (args.seeds / page).read_bytes().decode()
        findings = scan(args.retouche, args.seeds / page)
        for artifact in on_page:
            if artifact["confidence"] == "ambiguous":
                continue
            category = artifact["category"]
            total[category] += 1
            near = [f for f in findings if f["start"] < artifact["end_char"] and artifact["start_char"] < f["end"]]
            found[category] += bool(near)
            fine[category] += any(right(artifact, f, raw) for f in near)
            if not near and args.missed:
                print(f"missed: {page} {artifact['start_char']} {category}: {artifact['text']!r}")
        for f in findings:
            touches = any(f["start"] < a["end_char"] and a["start_char"] < f["end"] for a in on_page)
            if f["status"] == "applied" and not touches:
                outside.append(f"{page} {f['start']}: {f['text']!r} → {f['replacement']!r} ({f['rule']})")
    print(f"{'category':22} {'annotated':>9} {'found':>7} {'right':>7}")
    for category in sorted(total):
        print(f"{category:22} {total[category]:9} {found[category]:7} {fine[category]:7}")
    n = sum(total.values())
    print(f"{'all':22} {n:9} {sum(found.values()) / n:7.1%} {sum(fine.values()) / n:7.1%}")
    print(f"applied edits outside the annotation: {len(outside)}")
    for line in outside:
        print("  " + line)


if __name__ == "__main__":
    main()
