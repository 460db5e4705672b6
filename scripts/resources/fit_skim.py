#!/usr/bin/env python3
"""Fits the first look of `src/rules/spun/weights.rs` (SKIM, SKIM_SURPRISING, SKIM_FRENCH): what can be told without the neural model.

Usage: fit_skim.py --spun JUDGEMENTS.txt… --clean JUDGEMENTS.txt…

The files hold what `spun_eval --judgements --no-skim --no-cloze` prints for development spins and for clean text. One logistic
regression for forms that are foreign or clash, one for French forms that surprise, and one for French forms in
documents with other spun words, all on the features that need no neural model. Prints the weights and, for each share of the spins that may be lost, the chance to
cut at and the share of the other forms that is left.
"""
import argparse

import numpy as np

from fit_confidence import chance, fit
from judgements import AT, JUDGEMENT, load

# What the neural model or the rest of the document would have to say, and what follows from it.
UNKNOWN = (
    "cloze gain", "logit of share", "foreign and vetoed", "curated phrase", "topic gain", "cannot be guessed", "own topic",
    "score", "clash if French", "others", "others if French",
)
PULL = 0.5
LOSSES = (0.001, 0.002, 0.005, 0.01, 0.02)


def report(name: str, x: np.ndarray, y: np.ndarray, without: tuple[str, ...]) -> None:
    """Fits one look and prints it."""
    weights = fit(x, y, np.ones(len(y)), PULL, [AT[feature] for feature in without])
    p = chance(x, weights)
    spun = np.sort(p[y == 1])
    print(f"{name}: {', '.join(f'{w:.2f}' for w in weights)}")
    for loss in LOSSES:
        cut = spun[int(loss * len(spun))]
        print(f"  loses {100 * loss:.1f} % of {len(spun)} below {cut:.4f}, leaves {100 * (p[y == 0] >= cut).mean():.1f} % of the rest")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spun", nargs="+", required=True)
    parser.add_argument("--clean", nargs="+", required=True)
    args = parser.parse_args()
    suspects = load(args.spun) + load(args.clean)
    x = np.array([s.features for s in suspects])
    y = np.array([s.original is not None for s in suspects], float)
    assert x.shape[1] == len(JUDGEMENT), "the dump is of another version"
    foreign = x[:, AT["foreign"]] == 1
    first = foreign | (x[:, AT["clash"]] == 1)
    second = ~foreign & (x[:, AT["others"]] > 0)
    report("SKIM", x[first], y[first], UNKNOWN)
    surprising = ~first & (x[:, AT["surprising"]] == 1)
    report("SKIM_SURPRISING", x[surprising], y[surprising], (*UNKNOWN, "foreign", "beside half English"))
    report("SKIM_FRENCH", x[second], y[second], (*UNKNOWN, "foreign", "beside half English"))


if __name__ == "__main__":
    main()
