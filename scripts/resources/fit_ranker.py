#!/usr/bin/env python3
"""Fits the weights of the candidate ranker: a softmax regression over the candidates of each spun form.

Usage: fit_ranker.py CANDIDATES.tsv…    (lines `CANDIDATE` of `spun_eval --candidates`)

Groups without the right candidate are left out. A weak pull towards zero keeps the weights small.
"""
import sys

import numpy as np

PULL = 0.002


def load(path: str):
    groups = {}
    for line in open(path, encoding="utf-8"):
        if not line.startswith("CANDIDATE"):
            continue
        _, group, _, right, *features = line.rstrip("\n").split("\t")
        groups.setdefault(group, []).append((int(right), [float(f) for f in features]))
    for rows in groups.values():
        if sum(r for r, _ in rows) == 1:
            yield np.array([f for _, f in rows]), [r for r, _ in rows].index(1)


def main() -> None:
    groups = [g for path in sys.argv[1:] for g in load(path)]
    x = np.concatenate([g for g, _ in groups])
    starts = np.cumsum([0] + [len(g) for g, _ in groups])[:-1]
    right = starts + np.array([r for _, r in groups])
    index = np.repeat(np.arange(len(groups)), [len(g) for g, _ in groups])
    scale = x.std(axis=0) + 1e-6
    z = x / scale
    w, m, v = np.zeros(x.shape[1]), 0.0, 0.0
    for step in range(1, 1501):
        score = z @ w
        score -= np.maximum.reduceat(score, starts)[index]
        p = np.exp(score)
        p /= np.add.reduceat(p, starts)[index]
        gradient = (z.T @ p - z[right].sum(axis=0)) / len(groups) + 2 * PULL * w
        m = 0.9 * m + 0.1 * gradient
        v = 0.99 * v + 0.01 * gradient**2
        w -= 0.03 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-9)
    best = np.maximum.reduceat(z @ w, starts)
    print(f"{len(groups)} groups, first right {np.mean(best == (z @ w)[right]):.3f}, log loss {-np.mean(np.log(p[right])):.3f}")
    print("WEIGHTS", ", ".join(f"{value:.2f}" for value in w / scale))


if __name__ == "__main__":
    main()
