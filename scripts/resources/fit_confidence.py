#!/usr/bin/env python3
"""Fits the chances of `src/rules/spun/judge.rs`: that a form is spun, and that its best candidate is the original.

Usage: fit_confidence.py --spun FEATURES.txt… --clean FEATURES.txt…

The files hold the lines `FEATURES` of `spun_eval --features --no-skim` on development spins (with and without `--no-curated`)
and on clean text. Three logistic regressions: ALONE from forms judged without the rest of their document, TOGETHER
from documents with other spun words, RIGHT from spun forms. TOGETHER reads what ALONE said of the other forms, so fit,
put ALONE in place, build, dump and fit again. Prints the weights and, for each tenth of the confidence, the share of
right repairs.
"""
import argparse

import numpy as np

NAMES = (
    "one", "foreign", "English excess", "French frequency", "capitalised", "at sentence start", "clash", "vetoed",
    "gain", "best chance", "curated", "attested", "cloze gain", "adjacent English", "English around",
    "log occurrences", "logit of share", "phrase", "names beside", "names beside if capitalised", "quoted",
    "foreign and vetoed", "beside half English", "others", "others if French",
)
OTHERS = [NAMES.index("others"), NAMES.index("others if French")]
PULL = 3.0
KNOTS = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.96)
# The chances of the pairs were fitted on the originals of these spins, so that others are ranked a little worse.
OPTIMISM = 0.05
CLEAN_WEIGHT = 4.0  # a false alarm in clean text costs more than one in a damaged page


def load(paths: list[str]) -> np.ndarray:
    """Rows of spun, right, features."""
    rows = []
    for path in paths:
        for line in open(path, encoding="utf-8"):
            if line.startswith("FEATURES"):
                _, spun, right, _, *features = line.split("\t")
                rows.append([float(v) for v in (spun, right, *features)])
    return np.array(rows)


def fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray, without=()) -> np.ndarray:
    """Logistic regression by Newton's method, with a pull towards zero."""
    kept = [i for i in range(x.shape[1]) if i not in without]
    z, w = x[:, kept], np.zeros(len(kept))
    pull = PULL * (np.arange(len(kept)) > 0)
    for _ in range(60):
        p = 1 / (1 + np.exp(-z @ w))
        gradient = z.T @ (weight * (p - y)) + pull * w
        w -= np.linalg.solve((z.T * (weight * p * (1 - p))) @ z + np.diag(pull + 1e-6), gradient)
    full = np.zeros(x.shape[1])
    full[kept] = w
    return full


def chance(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The logistic function of the weighted features."""
    return 1 / (1 + np.exp(-x @ w))


def calibration(product: np.ndarray, right: np.ndarray, weight: np.ndarray) -> list[tuple[float, float]]:
    """Points of a rising line from the product of the chances to the share of right repairs near it."""
    line, high = [(0.0, 0.0)], 0.0
    for knot in KNOTS:
        near = np.abs(product - knot) <= (0.05 if knot < 0.9 else 0.03)
        high = max(high, float(np.average(right[near], weights=weight[near])))
        line.append((knot, max(0.0, high - OPTIMISM)))
    return [*line, (1.0, 0.97)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spun", nargs="+", required=True)
    parser.add_argument("--clean", nargs="+", required=True)
    args = parser.parse_args()
    spun, clean = load(args.spun), load(args.clean)
    both = np.vstack([spun, clean])
    x, y, right = both[:, 2:], both[:, 0], both[:, 1]
    weight = np.concatenate([np.ones(len(spun)), np.full(len(clean), CLEAN_WEIGHT)])
    first_look = (x[:, NAMES.index("foreign")] == 1) | (x[:, NAMES.index("English excess")] >= 1.5)
    together = x[:, OTHERS[0]] > 0
    weights = {
        "ALONE": fit(x[first_look], y[first_look], weight[first_look], OTHERS),
        "TOGETHER": fit(x[together], y[together], weight[together]),
        "RIGHT": fit(x[y == 1], right[y == 1], np.ones(int(y.sum())), OTHERS),
    }
    for name, w in weights.items():
        print(f"const {name}: [f32; FEATURES] = [{', '.join(f'{v:.2f}' for v in w)}];")
    is_spun = np.where(together, chance(x, weights["TOGETHER"]), np.where(first_look, chance(x, weights["ALONE"]), 0))
    product = is_spun * chance(x, weights["RIGHT"])
    line = calibration(product, right, weight)
    print(f"const CALIBRATION: [[f32; 2]; {len(line)}] = [{', '.join(f'[{a:.2f}, {b:.3f}]' for a, b in line)}];")
    confidence = np.interp(product, *zip(*line))
    for name, rows in (("spun pages", np.arange(len(both)) < len(spun)), ("clean text", np.arange(len(both)) >= len(spun))):
        reported = rows & (is_spun >= 0.5)
        print(f"{name}: {int(y[rows].sum())} spun forms, {int(y[reported].sum())} found, "
              f"{int((1 - y[reported]).sum())} false alarms, {int((rows & (confidence >= 0.9)).sum())} applied, "
              f"{int(right[rows & (confidence >= 0.9)].sum())} right")
    for low in (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        high = 0.95 if low == 0.9 else 1.01 if low == 0.95 else low + 0.1
        here = (confidence >= low) & (confidence < high)
        if here.any():
            print(f"{low:.2f}-{min(high, 1):.2f}: {here.sum()} judgements, {right[here].mean():.3f} right")


if __name__ == "__main__":
    main()
