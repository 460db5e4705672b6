#!/usr/bin/env python3
"""Fits the damage score of `src/damage.rs` on clean documents and the same documents damaged on purpose.

Usage: fit_damage.py RETOUCHE REPOSITORY CLEAN.txt…

CLEAN.txt hold a French sentence a line (development text). Each document of a few lines comes twice: as it is, and
damaged: half of them spun (`scripts/evaluation/spin.py`, development pairs), half with what machine translation of a
web page leaves (sentences cut at links, credits, post residue, names and idioms rendered word by word, English
words), drawn from the same tables that the rules read: the score says what a page is if the rules see its damage.
Prints the weights and, for each fifth of the score, the share of damaged documents.
"""
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np

FAMILIES = (
    {"spinner_homograph", "spinner_in_name", "spun_english"},
    {"name_translated", "name_malformed"},
    {"spun_source_calque", "literal_calque", "untranslated_residue"},
    {"inline_fragment", "agreement", "quote_mark"},
    {"caption_credit", "page_residue", "social_residue", "casing"},
    {"duplication"},
)
PULL = 2.0


def column(path: Path, n: int) -> list[str]:
    """A column of a table, its first alternative."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [row[n].split("|")[0] for row in rows[1:] if len(row) > n and row[n]]


def machine_damage(text: str, root: Path, rng: random.Random) -> str:
    """One to three kinds of what machine translation of a page leaves."""
    lines = text.split("\n")
    for kind in rng.sample(("cut", "credit", "post", "name", "idiom", "english", "prefix", "twice"), rng.randint(1, 3)):
        i = rng.randrange(len(lines))
        words = lines[i].split(" ")
        at = rng.randrange(len(words)) if len(words) > 4 else 0
        if kind == "cut" and at:
            words[at - 1] = words[at - 1].rstrip(",.;") + "."
            words[at] = words[at][:1].lower() + words[at][1:]
        elif kind == "credit":
            words = lines[i].rstrip(".").split(" ") + ["Crédit", ":", rng.choice(["Reuters", "Getty", "AFP"])]
        elif kind == "post":
            words += [f"pic.twitter.com/{rng.choice('abcdef')}NnfDVCp{rng.randrange(99)}"]
        elif kind == "name":
            words += ["a", "déclaré", rng.choice(column(root / "data/names.tsv", 2)) + "."]
        elif kind == "idiom":
            words = words[:at] + [rng.choice(column(root / "data/idioms.tsv", 0)).replace("…", "la ville")] + words[at:]
        elif kind == "english":
            words = words[:at] + [rng.choice(column(root / "data/residue.tsv", 0))] + words[at:]
        elif kind == "prefix" and i == 0:
            words = ["", "date", "2021-07"] + words
        elif kind == "twice":
            lines.insert(i, lines[i])
        lines[i] = " ".join(words)
    return "\n".join(lines)


def features(record: dict) -> list[float]:
    """As `damage::features`."""
    words = max(1, len(record["raw"].split()))
    mass = [sum(e["confidence"] for e in record["edits"] if e["category"] in family) for family in FAMILIES]
    row = [v for m in mass for v in (np.log1p(100 * m / words), min(m, 1.0))]
    nothing = not any(mass)
    return [1.0, *row, float(nothing), 0.0 if nothing else float(np.log(words / 100))]


def main() -> None:
    retouche, root = sys.argv[1], Path(sys.argv[2])
    sys.path.insert(0, str(root / "scripts/evaluation"))
    from spin import PAIRS, documents, load, spin

    rng, table = random.Random(1), load(PAIRS, "dev")
    texts, labels = [], []
    for path in sys.argv[3:]:
        for clean in documents(Path(path), 5):
            damaged = spin(clean, table, 3, rng)[0] if rng.random() < 0.5 else machine_damage(clean, root, rng)
            if damaged != clean:
                texts += [clean, damaged]
                labels += [0, 1]
    lines = "\n".join(json.dumps({"id": str(i), "text": t}) for i, t in enumerate(texts))
    done = subprocess.run([retouche, "fix", "--format", "jsonl", "--input-format", "jsonl", "--progress", "none"],
                          input=lines, capture_output=True, text=True, check=True)
    x = np.array([features(json.loads(line)) for line in done.stdout.splitlines()])
    y = np.array(labels, float)
    held = np.arange(len(y)) // 2 % 5 == 0

    def fit(rows: np.ndarray) -> np.ndarray:
        w, z, pull = np.zeros(x.shape[1]), x[rows], PULL * (np.arange(x.shape[1]) > 0)
        for _ in range(60):
            p = 1 / (1 + np.exp(-z @ w))
            w -= np.linalg.solve((z.T * (p * (1 - p))) @ z + np.diag(pull + 1e-6), z.T @ (p - y[rows]) + pull * w)
        return w

    score = 1 / (1 + np.exp(-x[held] @ fit(~held)))
    for low in (0, 0.2, 0.4, 0.6, 0.8):
        here = (score >= low) & (score < low + 0.2 + 1e-9)
        if here.any():
            print(f"{low:.1f}-{low + 0.2:.1f}: {here.sum()} documents left out of the fit, {y[held][here].mean():.3f} damaged")
    w = fit(np.ones(len(y), bool))
    print(f"const BIAS: f32 = {w[0]:.2f};")
    pairs = ", ".join(f"[{a:.2f}, {b:.2f}]" for a, b in w[1:-2].reshape(-1, 2))
    print(f"const WEIGHTS: [[f32; 2]; FAMILIES] = [{pairs}];")
    print(f"const NOTHING: f32 = {w[-2]:.2f};\nconst LENGTH: f32 = {w[-1]:.2f};")


if __name__ == "__main__":
    main()
