#!/usr/bin/env python3
"""Fits the weights of `build_homographs.py`: which homograph a spun word stands for, a softmax over all of them.

Usage: fit_synonymy.py WORK_DIR WORDNET_DIR REPOSITORY

Learns from the development half of tests/data/spun/pairs.tsv and from data/spinner_pairs.tsv, less every pair whose
original is in the test half. Prints the weights and, by cross-validation over originals, where the right word ranks.
"""
import hashlib
import random
import sys
from pathlib import Path

import numpy as np

from synonymy import NAMES, Synonymy, Tables

PULL = 1e-3
HARD, RANDOM = 400, 100  # wrong candidates of a pair
MOST = 3000  # pairs to learn from: more would fill the memory


def stem(word: str) -> str:
    """A word and its plural belong together."""
    return word[:-1] if word.endswith("s") and len(word) > 4 else word


def pairs(root: Path) -> list[tuple[str, str]]:
    """Pairs to learn from: (original, spun)."""
    own = [line.split("\t") for line in (root / "tests/data/spun/pairs.tsv").read_text().splitlines() if line[0] != "#"]
    test = {stem(original) for original, _, part in own if part == "test"}
    curated = [line.split("\t")[:2] for line in (root / "data/spinner_pairs.tsv").read_text().splitlines() if "\t" in line]
    found = [(o, s) for o, s, part in own if part == "dev"]
    found += [(o.strip(), s.strip()) for o, s in curated if not o.startswith("#") and stem(o) not in test]
    return sorted(set(found))


def fit(x: np.ndarray) -> np.ndarray:
    """Softmax regression over the candidates of each pair, the first being right."""
    w, m, v = np.zeros(x.shape[2]), 0.0, 0.0
    for step in range(1, 801):
        score = x @ w
        p = np.exp(score - score.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        gradient = (np.einsum("pc,pcf->pf", p, x) - x[:, 0]).mean(axis=0) + 2 * PULL * w
        m, v = 0.9 * m + 0.1 * gradient, 0.99 * v + 0.01 * gradient**2
        w -= 0.03 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-9)
    return w


def main() -> None:
    work, root = Path(sys.argv[1]), Path(sys.argv[3])
    synonymy = Synonymy(Tables(work, Path(sys.argv[2])), work)
    place = {w: i for i, w in enumerate(synonymy.originals)}
    rng = np.random.default_rng(1)
    packed, groups, whole = [], [], []
    known = [pair for pair in pairs(root) if pair[0] in place]
    for original, spun in random.Random(1).sample(known, min(MOST, len(known))):
        features = synonymy.features(spun)
        if features is None:
            continue
        own = [place[w] for w in spun.split(" ") if w in place]
        near = features[:, 8:11].sum(axis=1) + 3 * features[:, 4:8].sum(axis=1)
        near[[place[original], *own]] = -99
        wrong = np.concatenate([np.argsort(-near)[:HARD], rng.choice(len(near), RANDOM)])
        packed.append(features[np.concatenate([[place[original]], wrong])])
        groups.append(int(hashlib.sha256(stem(original).encode()).hexdigest(), 16) // 2 % 2)
        whole.append((features, place[original], [i for i in own if i != place[original]]))
    x, groups = np.stack(packed).astype(float), np.array(groups)
    mean, scale = x.mean(axis=(0, 1)), x.std(axis=(0, 1)) + 1e-6
    z = (x - mean) / scale
    ranks = []
    for k in (0, 1):
        w = fit(z[groups != k]) / scale
        for (features, right, own), group in zip(whole, groups):
            if group == k:
                score = features @ w
                score[own] = -1e9
                ranks.append(int((score > score[right]).sum()))
    ranks = np.array(ranks)
    print(f"{len(ranks)} pairs, rank of the right word: " + ", ".join(f"top {n} {np.mean(ranks < n):.3f}" for n in (1, 3, 10, 30, 100)))
    w = fit(z) / scale
    print("WEIGHTS = {" + ", ".join(f'"{n}": {v:.3f}' for n, v in zip(NAMES, w)) + "}")


if __name__ == "__main__":
    main()
