#!/usr/bin/env python3
"""BLEU, chrF and speed of `retouche translate` on test sets `PREFIX.fr`, `PREFIX.en`, beside recorded scores of others.

The others' BLEU was recorded on the same files (Firefox Translations' evaluation records; sacreBLEU, tokenizer 13a); a set
without a record shows a dash.

Example: scripts/evaluation/bleu.py ../shared/testsets/flores-test ../shared/testsets/wmt13     (needs `pip install sacrebleu`)
"""
from __future__ import annotations

import argparse
import json
import subprocess
import time
from pathlib import Path

import sacrebleu

# System: BLEU on flores-dev, flores-test, wmt13.
RECORDED = {
    "Firefox tiny": (43.8, 42.1, 33.3),
    "Firefox base-memory": (44.3, 42.9, 33.7),
    "OPUS-MT fr-en": (43.0, 41.7, 33.6),
    "Argos Translate": (40.8, 39.5, 32.1),
    "NLLB-200 distilled 600M": (43.2, 41.9, 33.2),
    "Google (cloud)": (48.7, 46.7, 34.5),
    "Microsoft (cloud)": (48.9, 47.0, 36.1),
}
SETS = ("flores-dev", "flores-test", "wmt13")


def measure(prefix: str, command: list[str]) -> tuple[str, str]:
    """Our scores on one set: a cell of the table, and a line with the rest."""
    french, english = (Path(f"{prefix}.{side}").read_text().splitlines() for side in ("fr", "en"))
    records = "\n".join(json.dumps({"id": str(i), "text": line}) for i, line in enumerate(french))
    start = time.perf_counter()
    out = subprocess.run(command, input=records, capture_output=True, text=True, check=True).stdout
    seconds = time.perf_counter() - start
    targets, flags = [], 0
    for line in out.splitlines():
        segments = json.loads(line)["segments"]
        targets.append(" ".join(s["target"] for s in segments))
        flags += sum(bool(s["flags"]) for s in segments)
    bleu, chrf = sacrebleu.BLEU(), sacrebleu.CHRF()
    scores = bleu.corpus_score(targets, [english]).score, chrf.corpus_score(targets, [english]).score
    words = sum(len(line.split()) for line in french)
    rest = f"{Path(prefix).name}: {words / seconds:.0f} words/s, {flags} segments flagged; {bleu.get_signature()}"
    return f"{scores[0]:.1f} / {scores[1]:.1f}", rest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prefixes", nargs="+")
    parser.add_argument("--retouche", default="target/release/retouche")
    parser.add_argument("--model", default="fr-en", help="a name of the store or a directory")
    args = parser.parse_args()
    command = [args.retouche, "translate", "--model", args.model, "--input-format", "jsonl", "--progress", "none"]
    names = [Path(prefix).name for prefix in args.prefixes]
    measured = [measure(prefix, command) for prefix in args.prefixes]
    print(f"{'BLEU / chrF':26}" + "".join(f"{name:>14}" for name in names))
    print(f"{'retouche ' + args.model:26}" + "".join(f"{cell:>14}" for cell, _ in measured))
    for system, scores in RECORDED.items():
        cells = [str(scores[SETS.index(name)]) if name in SETS else "–" for name in names]
        print(f"{system:26}" + "".join(f"{cell:>14}" for cell in cells))
    for _, rest in measured:
        print(rest)


if __name__ == "__main__":
    main()
