#!/usr/bin/env python3
"""Fits the weights of the candidate ranker: a softmax regression over the candidates of each spun form.

Usage: fit_ranker.py JUDGEMENTS.txt…    (`spun_eval --judgements` on development spins, some of them `--no-curated`)

Spins whose original is no candidate are left out. A weak pull towards zero keeps the weights small. Prints the weights
and how they do on originals that were left out of the fit.
"""
import sys

import numpy as np

from judgements import Suspect, fold, load

PULL, STEPS, FOLDS = 0.004, 500, 3


def fit(suspects: list[Suspect]) -> np.ndarray:
    """The weights that make the originals most likely."""
    x = np.concatenate([s.matrix for s in suspects])
    sizes = [len(s.matrix) for s in suspects]
    starts = np.cumsum([0, *sizes])[:-1]
    right, index = starts + [s.place for s in suspects], np.repeat(np.arange(len(sizes)), sizes)
    scale = x.std(axis=0) + 1e-6
    z, w, m, v = x / scale, np.zeros(x.shape[1]), 0.0, 0.0
    for step in range(1, STEPS + 1):
        score = z @ w
        score -= np.maximum.reduceat(score, starts)[index]
        p = np.exp(score)
        p /= np.add.reduceat(p, starts)[index]
        gradient = (z.T @ p - z[right].sum(axis=0)) / len(sizes) + 2 * PULL * w
        m, v = 0.9 * m + 0.1 * gradient, 0.99 * v + 0.01 * gradient**2
        w -= 0.03 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-9)
    return w / scale


def main() -> None:
    suspects = [s for s in load(sys.argv[1:]) if s.place is not None]
    ranks, loss = [], 0.0
    for k in range(FOLDS):
        w = fit([s for s in suspects if fold(s.original, FOLDS) != k])
        for s in (s for s in suspects if fold(s.original, FOLDS) == k):
            score, own = s.matrix @ w, s.place
            ranks.append(int((score > score[own]).sum()))
            loss += np.log(np.exp(score - score[own]).sum())
    ranks = np.array(ranks)
    print(f"{len(ranks)} spins, originals left out of the fit: first {np.mean(ranks < 1):.3f}, "
          f"among three {np.mean(ranks < 3):.3f}, log loss {loss / len(ranks):.3f}")
    print("WEIGHTS", ", ".join(f"{value:.2f}" for value in fit(suspects)))


if __name__ == "__main__":
    main()
