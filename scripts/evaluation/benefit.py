#!/usr/bin/env python3
"""What repair is worth to translation: BLEU and chrF of spun, repaired and unspun text (needs `pip install sacrebleu`).

Example: scripts/evaluation/benefit.py ../shared/testsets/flores-test --part test --lines 5

PREFIX.fr is cut into documents of a few lines, spun (`spin.py`), and translated by the same engine: raw (`translate`),
repaired (`fix`, then `translate`), by the whole job (`run`, which reads what repair only suggests), and as it was
before. The share won back is that of the loss from the unspun to the raw. Only documents that were spun are scored.
"""
from __future__ import annotations

import argparse
import json
import random
import subprocess
from pathlib import Path

import sacrebleu

from spin import PAIRS, load, spin


def through(retouche: str, verb: list[str], texts: list[str]) -> list[dict]:
    """The records that a verb makes of texts."""
    lines = "\n".join(json.dumps({"id": str(i), "text": t}) for i, t in enumerate(texts))
    done = subprocess.run([retouche, *verb, "--input-format", "jsonl", "--progress", "none"],
                          input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prefix", type=Path)
    parser.add_argument("--part", default="test")
    parser.add_argument("--pairs", type=Path, default=PAIRS)
    parser.add_argument("--lines", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--documents", type=int, default=0, help="only the first so many spun ones")
    parser.add_argument("--retouche", default="target/release/retouche")
    args = parser.parse_args()
    french = Path(f"{args.prefix}.fr").read_text(encoding="utf-8").splitlines()
    english = Path(f"{args.prefix}.en").read_text(encoding="utf-8").splitlines()
    rng, table = random.Random(args.seed), load(args.pairs, args.part)
    clean, raw, reference = [], [], []
    for i in range(0, len(french), args.lines):
        text = "\n".join(french[i:i + args.lines])
        spun, spins = spin(text, table, 3, rng)
        if spins and (not args.documents or len(clean) < args.documents):
            clean.append(text)
            raw.append(spun)
            reference.append(" ".join(english[i:i + args.lines]))
    repaired = [r["clean"] for r in through(args.retouche, ["fix", "--format", "jsonl"], raw)]
    ways = (("unspun", "translate", clean), ("spun", "translate", raw), ("repaired", "translate", repaired), ("run", "run", raw))
    scores = {}
    for name, verb, texts in ways:
        targets = [" ".join(s["target"] for s in r["segments"]) for r in through(args.retouche, [verb], texts)]
        scores[name] = (sacrebleu.corpus_bleu(targets, [reference]).score, sacrebleu.corpus_chrf(targets, [reference]).score)
        print(f"{name:9} BLEU {scores[name][0]:.2f}  chrF {scores[name][1]:.2f}")
    for name in ("repaired", "run"):
        for k, metric in enumerate(("BLEU", "chrF")):
            loss = scores["unspun"][k] - scores["spun"][k]
            won = scores[name][k] - scores["spun"][k]
            print(f"{name}, {metric}: loss {loss:.2f}, won back {won:.2f}" + (f" ({100 * won / loss:.0f}%)" if loss > 0 else ""))
    print(f"{len(clean)} documents of {args.lines} lines")


if __name__ == "__main__":
    main()
