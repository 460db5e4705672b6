#!/usr/bin/env python3
"""What English words have in common in French: co-occurrence in the sentence pairs of the corpora.

Usage: bilingual.py CORPORA_DIR WORK_DIR

Two English words that translate alike mean alike, so each gets a vector over French words, weighted by how strongly
the two keep company across sentence pairs (Dice times pointwise mutual information). WORK_DIR/words.txt names the
English words, one a line; WORK_DIR/bilingual.npz gets the matrix: `row`, `column`, `dice`, `pmi`, and the French
words in `french`.
"""
import gzip
import random
import re
import sys
from pathlib import Path

import numpy as np
import scipy.sparse as sparse

CORPORA = {
    "hansard36": 600_000, "debian_www": 100_000, "tatoeba2017": 140_000, "multi30k": 30_000, "php_doc": 40_000,
    "python_doc": 22_000, "django_doc": 22_000, "laws_ca": 80_000,
}
LONGEST = 30  # French words of a sentence: in long ones company says little
RAREST, COMMONEST = 5, 0.02  # French words: sentences at least, share of sentences at most
WORDS = re.compile(r"[a-zà-öø-ÿœ]+(?:-[a-zà-öø-ÿœ]+)*")
COMPANY = 0.15  # Dice times pointwise mutual information, of a translation


def translations(work: Path) -> dict[str, str]:
    """The English word that each French word keeps company with most, by the table that this script wrote."""
    data = np.load(work / "bilingual.npz", allow_pickle=True)
    english, french = (work / "words.txt").read_text().split("\n"), list(data["french"])
    value = data["dice"] * data["pmi"]
    order = np.argsort(value)
    order = order[value[order] > COMPANY]
    best = dict(zip(data["column"][order].tolist(), data["row"][order].tolist()))
    return {french[column]: english[row] for column, row in best.items()}


def main() -> None:
    corpora, work = Path(sys.argv[1]), Path(sys.argv[2])
    english = {w: i for i, w in enumerate((work / "words.txt").read_text().split("\n"))}
    rng, french, count = random.Random(3), {}, 0
    cells = {"en": ([], []), "fr": ([], [])}
    for name, most in CORPORA.items():
        lines = gzip.open(corpora / f"{name}.fr-en.tsv.gz", "rt", encoding="utf-8").read().splitlines()
        for line in rng.sample(lines, most) if len(lines) > most else lines:
            fr, en = line.split("\t")[:2]
            fr = set(WORDS.findall(fr.lower()))
            en = [english[w] for w in set(WORDS.findall(en.lower())) if w in english]
            if not en or not fr or len(fr) > LONGEST:
                continue
            fr = [french.setdefault(w, len(french)) for w in fr]
            for side, ids in (("en", en), ("fr", fr)):
                cells[side][0].extend([count] * len(ids))
                cells[side][1].extend(ids)
            count += 1

    def matrix(side: str, width: int):
        rows, columns = (np.array(c, np.int32) for c in cells[side])
        return sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(count, width))

    e, f = matrix("en", len(english)), matrix("fr", len(french))
    total = np.asarray(f.sum(0)).ravel()
    kept = np.flatnonzero((total >= RAREST) & (total < count * COMMONEST))
    f = f[:, kept]
    together = (e.T.tocsr() @ f).tocoo()
    n_e, n_f = np.asarray(e.sum(0)).ravel(), np.asarray(f.sum(0)).ravel()
    row, column, n = together.row, together.col, together.data
    expected = n_e[row] * n_f[column] / count
    pmi = np.log(n / expected)
    strong = (n >= 2) & (pmi > 1) & (n - expected > np.sqrt(n))
    dice = 2 * n / (n_e[row] + n_f[column])
    names = np.array(list(french))[kept]
    np.savez(work / "bilingual.npz", row=row[strong], column=column[strong], dice=dice[strong], pmi=pmi[strong], french=names)
    print(f"{count} sentence pairs, {strong.sum()} cells", file=sys.stderr)


if __name__ == "__main__":
    main()
