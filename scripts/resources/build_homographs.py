#!/usr/bin/env python3
"""Which French words may hide behind an English one: homographs, ranked by how likely each was replaced by it.

Usage: build_homographs.py WORK_DIR WORDNET_DIR NAMES_FILE OUT_FILE

A homograph is a French form that is spelt like an English word (`front`, `car`, `types`). A machine that replaces
English words by synonyms without knowing the language hits it: `front` becomes `entrance`. The table answers the
question the other way round: `entrance` -> `front`, with the chance that the word stood for it and the sources that
say so. The chance is a softmax over all homographs of a linear score (`synonymy.py`); the weights come from
`fit_synonymy.py`. Words of names (`street`, `times`) are originals as well: rules that restore names ask for them.

Output: `spun TAB original:chance:sources …`, sorted by bytes, for `pack_homographs`; chance as -20 ln p, at most 255;
sources as bits 1 WordNet synset, 2 pertainym, 4 neighbour, 8 Moby, 16 word vectors, 32 translations.
"""
import sys
from pathlib import Path

import numpy as np

from list_words import name_words
from synonymy import NAMES, WORD, Synonymy, Tables, steps

WEIGHTS = {
    "glove": 4.331, "llama": -1.601, "bilingual": -0.461, "translation": 2.110, "synset": 0.978, "pertainym": 0.340,
    "neighbour": 0.868, "moby": 2.668, "glove rank": 0.008, "llama rank": 0.485, "bilingual rank": 0.197,
    "number": 1.982, "part of speech": 2.105, "English frequency": -0.142, "French frequency": 0.081,
    "English excess": -0.740, "any thesaurus": 0.852, "no bilingual": 0.0,
}
MOST, MOST_RARE, MOST_PHRASE = 30, 18, 6  # candidates of a word, of a rare word, of a phrase
RARE = -6.0
LEAST = -7.6  # ln p below which a candidate is left out
WORDS = 4  # words of a spun phrase at most
NEAR, ALIKE = 0.5, 0.25  # cosines from which vectors and translations count as sources


def phrases(synonymy: Synonymy) -> list[str]:
    """Phrases that a thesaurus gives for a homograph, of words that are not rare."""
    english = synonymy.tables.english
    found = set()
    for lemma, others in synonymy.thesauri.moby.items():
        found.update([lemma] if " " in lemma else [])
        found.update(o for o in others if " " in o)
    found.update(lemma for lemma in synonymy.tables.wordnet.by_lemma if " " in lemma)
    return sorted(
        p for p in (p.lower() for p in found)
        if len(p.split()) <= WORDS
        and all(WORD.match(w) and english.get(w, 0) >= steps(-5.6) for w in p.split())
        and any(synonymy.tables.excess(w) > 0.4 and w not in synonymy.tables.lexicon for w in p.split())
        and any(max(row) == 1 for row in synonymy.thesauri.links(p).values())
    )


def candidates(synonymy: Synonymy, weights: np.ndarray, spun: str, most: int) -> list[str]:
    """The cells of one line, best first."""
    features = synonymy.features(spun)
    if features is None:
        return []
    score = features @ weights
    own = [i for i, w in enumerate(synonymy.originals) if w in spun.split(" ")] if " " in spun else []
    place = synonymy.place.get(spun)
    score[own + ([place] if place is not None else [])] = -1e9
    chance = score - score.max() - np.log(np.exp(score - score.max()).sum())
    cells = []
    for i in np.argsort(-chance, kind="stable")[:most]:
        if chance[i] < LEAST:
            break
        row = features[i]
        bits = sum(1 << k for k in range(4) if row[4 + k] > 0.45)
        bits |= 16 * (max(row[0], row[1]) >= NEAR) | 32 * (max(row[2], row[3]) >= ALIKE)
        cells.append(f"{synonymy.originals[i]}:{min(255, round(-20 * chance[i]))}:{bits}")
    return cells


def main() -> None:
    work, out = Path(sys.argv[1]), Path(sys.argv[4])
    tables = Tables(work, Path(sys.argv[2]))
    synonymy = Synonymy(tables, work, name_words(Path(sys.argv[3]), tables))
    synonymy.place = {w: i for i, w in enumerate(synonymy.originals)}
    weights = np.array([WEIGHTS[n] for n in NAMES], np.float32)
    lines = {}
    for spun in tables.spun():
        lines[spun] = candidates(synonymy, weights, spun, MOST if tables.is_word(spun, RARE) else MOST_RARE)
    for spun in phrases(synonymy):
        lines[spun] = candidates(synonymy, weights, spun, MOST_PHRASE)
    with open(out, "w", encoding="utf-8") as file:
        for spun in sorted((s for s, cells in lines.items() if cells), key=str.encode):
            file.write(f"{spun}\t{' '.join(lines[spun])}\n")
    print(f"{len(lines)} spun words, {sum(map(len, lines.values()))} pairs", file=sys.stderr)


if __name__ == "__main__":
    main()
