#!/usr/bin/env python3
"""Aligns the prepared pairs piece by piece, for the guided attention of `train.py`.

IBM Model 1 with a fixed diagonal prior, in both directions (Dyer, Chahuneau and Smith 2013, without fitting the
tension); a target piece is linked to the source piece with the greatest product of both posteriors, and to none where
that is small. `alignments.npz` holds, for each target piece, its source position in the sentence, or 255.

Example: align.py --data build/training --learn 120000
"""
from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

NONE = 255
ROUNDS = 5
TENSION = 4.0
NULL = 0.08
# Product of the posteriors below which a piece is linked to nothing.
LEAST = 0.2
LONGEST = 90


class Pairs:
    """The cells (target piece, source piece) of some sentence pairs, laid end to end."""

    def __init__(self, data: list[tuple[np.ndarray, np.ndarray]], first: int, last: int):
        sources, targets, keys, prior, sizes = [], [], [], [], []
        self.shapes = []
        (pieces_s, ends_s), (pieces_t, ends_t) = data
        for i in range(first, last):
            s = pieces_s[(ends_s[i - 1] if i else 0) : ends_s[i] - 1]
            t = pieces_t[(ends_t[i - 1] if i else 0) : ends_t[i] - 1]
            if not (0 < len(s) <= LONGEST and 0 < len(t) <= LONGEST):
                s, t = s[:0], t[:0]
            self.shapes.append((len(t), len(s)))
            keys.append((t[:, None].astype(np.int64) << 16 | s[None, :]).ravel())
            if len(s):
                place = np.abs(np.arange(len(t))[:, None] / len(t) - np.arange(len(s))[None, :] / len(s))
                prior.append(np.exp(-TENSION * place).astype(np.float32).ravel())
        self.keys = np.concatenate(keys)
        self.prior = np.concatenate(prior)
        counts = np.array([t * s for t, s in self.shapes])
        self.starts = np.concatenate([[0], np.cumsum(counts)])
        # Which row (target piece) and which column (source piece) of the whole stretch each cell belongs to.
        self.row = np.concatenate([np.repeat(np.arange(t), s) + b for (t, s), b in zip(self.shapes, offsets(self.shapes, 0))])
        self.column = np.concatenate([np.tile(np.arange(s), t) + b for (t, s), b in zip(self.shapes, offsets(self.shapes, 1))])


def offsets(shapes: list[tuple[int, int]], side: int) -> np.ndarray:
    return np.concatenate([[0], np.cumsum([shape[side] for shape in shapes])])[:-1]


def posterior(weights: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Weights normalised within their group, with the null link's share."""
    total = np.bincount(group, weights)[group]
    return (1 - NULL) * weights / np.maximum(total, 1e-12)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--learn", type=int, default=120_000, help="pairs to learn the table from")
    parser.add_argument("--skip", type=int, default=0, help="first pair to align")
    parser.add_argument("--pairs", type=int, default=400_000, help="pairs to align")
    args = parser.parse_args()
    data = [(f["pieces"], f["ends"]) for f in (np.load(args.data / f"{n}.npz") for n in ("source", "target"))]
    learn = Pairs(data, args.skip, args.skip + args.learn)
    known, cell = np.unique(learn.keys, return_inverse=True)
    target_of, source_of = known >> 16, known & 0xFFFF
    tables = [np.ones(len(known), np.float32) for _ in range(2)]
    for n in range(ROUNDS):
        for direction, (group, given) in enumerate(((learn.row, source_of), (learn.column, target_of))):
            # Direction 0 links each target piece to a source piece: p(target | source); 1 the other way.
            weights = tables[direction][cell] * learn.prior
            counts = np.bincount(cell, posterior(weights, group), len(known))
            tables[direction] = (counts / np.maximum(np.bincount(given, counts)[given], 1e-9)).astype(np.float32)
        print(f"round {n + 1} of {ROUNDS}", flush=True)
    del learn, cell
    total = len(data[1][1])
    out = np.full(len(data[1][0]), NONE, np.uint8)
    linked = seen = 0
    for first in range(args.skip, min(total, args.skip + args.pairs), 20_000):
        some = Pairs(data, first, min(total, first + 20_000))
        at = np.minimum(np.searchsorted(known, some.keys), len(known) - 1)
        there = known[at] == some.keys
        both = np.ones(len(some.keys))
        for table, group in zip(tables, (some.row, some.column)):
            both *= posterior(np.where(there, table[at], 1e-7) * some.prior, group)
        for i, (t, s) in enumerate(some.shapes):
            if not t:
                continue
            cells = both[some.starts[i] : some.starts[i + 1]].reshape(t, s)
            best = cells.argmax(1)
            sure = cells[np.arange(t), best] >= LEAST
            begin = data[1][1][first + i - 1] if first + i else 0
            out[begin : begin + t] = np.where(sure, best, NONE)
            linked, seen = linked + int(sure.sum()), seen + t
    np.savez_compressed(args.data / "alignments.npz", places=out)
    print(f"{linked} of {seen} target pieces linked")


if __name__ == "__main__":
    main()
