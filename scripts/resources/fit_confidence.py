#!/usr/bin/env python3
"""Fits the confidence of a repair: a logistic regression on the features of each judgement.

Usage: fit_confidence.py FEATURES.tsv…    (lines `FEATURES` of `spun_eval --features`)

Prints the weights and, for each tenth of the confidence, how many judgements are right.
"""
import sys

import numpy as np


def main() -> None:
    rows = []
    for path in sys.argv[1:]:
        for line in open(path, encoding="utf-8"):
            rows.append([float(v) for v in line.split("\t")[1:]])
    data = np.array(rows)
    y, share, gain = data[:, 0], data[:, 1].clip(0.01, 0.999), data[:, 2].clip(0, 8)
    linked, curated, foreign, n, clash, vetoed = data[:, 3:].T
    x = np.stack([np.ones(len(y)), np.log(share / (1 - share)), gain, linked, curated, foreign,
                  np.minimum(n, 4) - 1, clash, vetoed], axis=1)
    w = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        h = (x * (p * (1 - p))[:, None]).T @ x + 1.0 * np.eye(len(w))
        w -= np.linalg.solve(h, x.T @ (p - y) + 1.0 * w)
    p = 1 / (1 + np.exp(-x @ w))
    names = "bias logit(share) gain linked curated foreign occurrences clash vetoed".split()
    print("WEIGHTS", ", ".join(f"{n} {v:.2f}" for n, v in zip(names, w)))
    for low in (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        high = 0.95 if low == 0.9 else 1.01 if low == 0.95 else low + 0.1
        here = (p >= low) & (p < high)
        if here.any():
            print(f"{low:.2f}-{min(high, 1):.2f}: {here.sum()} judgements, {y[here].mean():.3f} right")


if __name__ == "__main__":
    main()
