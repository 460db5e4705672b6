#!/usr/bin/env python3
"""Chooses the prepared pairs that are most like a development set, in the order in which they were prepared.

The difference of the cross-entropies of a pair under a language model of the development set and under one of all pairs,
summed over both sides and divided by the length (Moore and Lewis 2010; Axelrod, He and Gao 2011). The models are
bigrams of pieces, interpolated with unigrams, since a development set is small. A part of the pairs is kept whatever
they score, so that the student does not forget other text.

Example: choose.py --data build/training --like ../shared/testsets/flores-dev --keep 0.4 --skip 420000 --out build/chosen
"""
from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
import sentencepiece as spm

NAMES = ("source", "target")
# Weights of the bigram, the unigram and the general model in the model of the development set.
BIGRAM, UNIGRAM = 0.15, 0.55
# Share of the kept pairs that is drawn at random.
RANDOM = 0.15


def bigram_keys(pieces: np.ndarray) -> np.ndarray:
    """Each piece with the one before it; the first follows the end of sentence, 0."""
    before = np.concatenate([[0], pieces[:-1]]).astype(np.int64)
    return before << 16 | pieces


def difference(pieces: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Nats by which the model of `like` finds each piece less likely than the model of all pieces does."""
    size = 1 << 16
    general = (np.bincount(pieces, minlength=size) + 0.5) / (len(pieces) + 0.5 * size)
    unigram = np.bincount(like, minlength=size) / len(like)
    keys, counts = np.unique(bigram_keys(like), return_counts=True)
    after = np.bincount(keys >> 16, counts, minlength=size)
    wanted = bigram_keys(pieces)
    at = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    bigram = np.where(keys[at] == wanted, counts[at], 0) / np.maximum(after[wanted >> 16], 1)
    inside = BIGRAM * bigram + UNIGRAM * unigram[pieces] + (1 - BIGRAM - UNIGRAM) * general[pieces]
    return np.log(general[pieces]) - np.log(inside)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="what prepare.py and align.py wrote")
    parser.add_argument("--like", type=Path, required=True, help="prefix of a development set, PATH.fr and PATH.en")
    parser.add_argument("--keep", type=float, default=0.4, help="share of the pairs to keep")
    parser.add_argument("--skip", type=int, default=0, help="pairs at the start that were seen before")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    loaded = {name: dict(np.load(args.data / f"{name}.npz")) for name in NAMES}
    pairs = len(loaded["source"]["ends"])
    score, length = np.zeros(pairs), np.zeros(pairs)
    for name, suffix in zip(NAMES, ("fr", "en")):
        vocabulary = spm.SentencePieceProcessor(model_file=str(args.data / f"{name}.spm"))
        lines = Path(f"{args.like}.{suffix}").read_text().splitlines()
        like = np.concatenate([np.array([*row, 0], np.uint16) for row in vocabulary.encode(lines)])
        pieces, ends = loaded[name]["pieces"], loaded[name]["ends"]
        starts = np.concatenate([[0], ends[:-1]])
        score += np.add.reduceat(difference(pieces, like), starts)
        length += ends - starts
    # Very short pairs score by chance: a constant draws them towards the middle.
    score = score / (length + 10)
    score[: args.skip] = np.inf
    count = int(args.keep * (pairs - args.skip))
    chosen = np.argsort(score)[: int(count * (1 - RANDOM))]
    others = np.setdiff1d(np.arange(args.skip, pairs), chosen)
    chosen = np.sort(np.concatenate([chosen, np.random.default_rng(1).choice(others, count - len(chosen), replace=False)]))
    for name in NAMES:
        pieces, ends = loaded[name]["pieces"], loaded[name]["ends"]
        starts = np.concatenate([[0], ends[:-1]])
        lengths = (ends - starts)[chosen]
        kept_ends = np.cumsum(lengths)
        places = np.repeat(starts[chosen] - (kept_ends - lengths), lengths) + np.arange(kept_ends[-1])
        np.savez(args.out / f"{name}.npz", pieces=pieces[places], ends=kept_ends)
        print(f"{name}: {kept_ends[-1]} pieces of {len(chosen)} pairs, {lengths.mean():.1f} a pair, {(ends - starts).mean():.1f} before")
        shutil.copy(args.data / f"{name}.spm", args.out)
    # Alignments go by target pieces, the last side of the loop.
    np.savez(args.out / "alignments.npz", places=np.load(args.data / "alignments.npz")["places"][places])


if __name__ == "__main__":
    main()
