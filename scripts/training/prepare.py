#!/usr/bin/env python3
"""Tokenises the corpora into arrays, in the shuffled order in which training will see them.

Example: prepare.py --corpora ../shared/corpora --vocabularies build/training --out build/training --pairs 600000
"""
from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
import sentencepiece as spm

import corpus

UNKNOWN = 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--vocabularies", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=600_000, help="pairs to keep, over all corpora")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    kept: list[tuple[str, str]] = []
    for name, share in corpus.MIXTURE.items():
        all_pairs = list(corpus.pairs(args.corpora / f"{name}.fr-en.tsv.gz"))
        wanted = int(args.pairs * share)
        kept += rng.sample(all_pairs, min(wanted, len(all_pairs)))
        print(f"{name}: {len(all_pairs)} usable pairs, {min(wanted, len(all_pairs))} kept")
    rng.shuffle(kept)
    kept = [corpus.augment(fr, en, rng) for fr, en in kept]
    sides = []
    for side, name in enumerate(("source", "target")):
        vocabulary = spm.SentencePieceProcessor(model_file=str(args.vocabularies / f"{name}.spm"))
        sides.append(vocabulary.encode([pair[side] for pair in kept], num_threads=2))
    # A student that reads the unknown piece in its answers learns to say it.
    known = [i for i, row in enumerate(sides[1]) if UNKNOWN not in row]
    print(f"{len(kept) - len(known)} pairs left out for an unknown piece in English")
    for rows, name in zip(([side[i] for i in known] for side in sides), ("source", "target")):
        ends = np.cumsum([len(r) + 1 for r in rows])
        flat = np.concatenate([np.array([*r, 0], np.uint16) for r in rows])
        np.savez(args.out / f"{name}.npz", pieces=flat, ends=ends)
        print(f"{name}: {len(flat)} pieces")


if __name__ == "__main__":
    main()
