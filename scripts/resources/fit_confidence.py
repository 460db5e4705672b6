#!/usr/bin/env python3
"""Fits the chances of `src/rules/spun/weights.rs`: that a form is spun, and that its best candidate is the original.

Usage: fit_confidence.py --weights "W, W, …" --spun JUDGEMENTS.txt… --clean JUDGEMENTS.txt…

The files hold what `spun_eval --judgements --no-skim` prints for development spins and for clean text; the weights are
those that `fit_ranker.py` printed, and candidates are ranked by them first. Four logistic regressions: ALONE and ALONE_FRENCH
from forms judged without the rest of their document, TOGETHER from those near other spun words (by what the first
two say of them), RIGHT from spun forms. The product of two is the confidence. Prints the weights and, for each tenth of the
confidence, the share of right repairs, with RIGHT fitted on other originals.

Some of the spun documents, and some of the clean, must be as long as real pages (`spin.py --lines 25 --words 15`; 25
consecutive lines of a corpus): in texts of a few sentences, a form that stands there twice is nearly always a spun one.
"""
import argparse
from collections import defaultdict

import numpy as np

from judgements import AT, Suspect, fold, load

OTHERS = [AT["others"], AT["others if French"]]
# What says that a form is spun, but not of what: they brought nothing to RIGHT.
NOT_RIGHT = OTHERS + [AT[name] for name in ("cannot be guessed", "own topic", "score", "clash if French")]
SPEAK, MOST_OTHERS, APPLY_AT, NEAR = 0.5, 2.0, 0.68, 300  # as in judge.rs and company.rs
PULL, PULL_RIGHT, FOLDS = 3.0, 30.0, 3
CLEAN_WEIGHT = 10.0  # a false alarm in clean text costs more than one in a damaged page


def fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray, pull: float, without=()) -> np.ndarray:
    """Logistic regression by Newton's method, with a pull towards zero."""
    kept = [i for i in range(x.shape[1]) if i not in without]
    z, w = x[:, kept], np.zeros(len(kept))
    pulls = pull * (np.arange(len(kept)) > 0)
    for _ in range(40):
        p = chance(z, w)
        gradient = z.T @ (weight * (p - y)) + pulls * w
        w -= np.linalg.solve((z.T * (weight * p * (1 - p))) @ z + np.diag(pulls + 1e-6), gradient)
    full = np.zeros(x.shape[1])
    full[kept] = w
    return full


def chance(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The logistic function of the weighted features."""
    return 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))


def fill_others(x: np.ndarray, alone: np.ndarray, suspects: list[Suspect]) -> None:
    """Puts the features that the words near a form fill in, as `src/rules/spun/company.rs` does."""
    documents = defaultdict(list)
    for i, suspect in enumerate(suspects):
        documents[suspect.document].append(i)
    others = np.zeros(len(x))
    for inside in documents.values():
        for i in inside:
            near = lambda place: sum(
                alone[k] for k in inside if k != i and any(abs(at - place) <= NEAR for at in suspects[k].places))
            others[i] = max(map(near, suspects[i].places))
    others = np.minimum(others, MOST_OTHERS)
    others[others < SPEAK] = 0
    x[:, OTHERS[0]], x[:, OTHERS[1]] = others, others * (1 - x[:, AT["foreign"]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--spun", nargs="+", required=True)
    parser.add_argument("--clean", nargs="+", required=True)
    args = parser.parse_args()
    ranker = np.array([float(w) for w in args.weights.split(",")])
    spun, clean = load(args.spun), load(args.clean)
    suspects = spun + clean
    for suspect in suspects:
        suspect.rank(ranker)
    x = np.array([s.features for s in suspects])
    y = np.array([s.original is not None for s in suspects], float)
    right = np.array([s.place == 0 for s in suspects], float) * y
    weight = np.where(np.arange(len(x)) < len(spun), 1.0, CLEAN_WEIGHT)
    foreign = x[:, AT["foreign"]] == 1
    french = ~foreign & ((x[:, AT["English excess"]] >= 1.5) | (x[:, AT["surprising"]] == 1))
    weights, alone = {}, np.zeros(len(x))
    for name, here in (("ALONE", foreign), ("ALONE_FRENCH", french)):
        weights[name] = fit(x[here], y[here], weight[here], PULL, OTHERS)
        alone[here] = chance(x[here], weights[name])
    fill_others(x, alone, suspects)
    together = x[:, OTHERS[0]] > 0
    weights["TOGETHER"] = fit(x[together], y[together], weight[together], PULL)
    is_spun = np.where(together, chance(x, weights["TOGETHER"]), alone)

    one = np.ones(len(x))
    weights["RIGHT"] = fit(x[y == 1], right[y == 1], one[y == 1], PULL_RIGHT, NOT_RIGHT)
    is_right = chance(x, weights["RIGHT"])
    folds = np.array([fold(s.original, FOLDS) if s.original else -1 for s in suspects])
    for k in range(FOLDS):
        rest = (y == 1) & (folds != k)
        is_right[folds == k] = chance(x[folds == k], fit(x[rest], right[rest], one[rest], PULL_RIGHT, NOT_RIGHT))
    product = is_spun * is_right
    for name, w in weights.items():
        print(f"const {name}: [f32; FEATURES] = [{', '.join(f'{v:.2f}' for v in w)}];")
    loss = -np.mean(np.log(np.where(right[y == 1] == 1, is_right[y == 1], 1 - is_right[y == 1]) + 1e-9))
    print(f"RIGHT, originals left out of the fit: log loss {loss:.3f}")

    for name, rows in (("spun pages", np.arange(len(x)) < len(spun)), ("clean text", np.arange(len(x)) >= len(spun))):
        reported, applied = rows & (is_spun >= 0.5), rows & (product >= APPLY_AT)
        print(f"{name}: {int(y[rows].sum())} spun forms, {int(y[reported].sum())} found, "
              f"{int((1 - y[reported]).sum())} false alarms, {int(applied.sum())} applied, {int(right[applied].sum())} right")
    for low in (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        high = 0.95 if low == 0.9 else 1.01 if low == 0.95 else low + 0.1
        here = (product >= low) & (product < high)
        if here.any():
            print(f"{low:.2f}-{min(high, 1):.2f}: {here.sum()} judgements, {right[here].mean():.3f} right")


if __name__ == "__main__":
    main()
