#!/usr/bin/env python3
"""What French words are about: a short vector for each, so that candidates can be compared with the words around them.

Usage: build_topics.py WORK_DIR TRIGRAM_MODEL SPINNER_PAIRS OUT_FILE

The corpora of the other models are parliament and manuals; English word vectors know the world at large. So a French
word gets the GloVe vector of the English word that it keeps company with most in the parallel corpora
(WORK_DIR/bilingual.npz, WORK_DIR/words.txt), centred and scaled to length one. The commonest and rarest words
have no company there and get none; of the rest, those that the trigram model finds likeliest. Possible originals
(WORK_DIR/homographs.tsv, SPINNER_PAIRS) have a second vector, that of the English word spelt like them.

Layout, little endian: magic "RTTP0001"; u32 words V of the trigram model's vocabulary, rows R, originals N, dimensions
D (even); u16[V] row of each word, 0 for none; R rows; u16[N] words of the originals, ascending; their N rows. A row has
D/2 bytes of two cells each, low half first, cell = round(16 x) + 8 in 0..=15.
"""
import struct
import sys
from pathlib import Path

import numpy as np

from synonymy import glove, unit
from tokens import vocabulary

ROWS, DIMENSIONS = 15_000, 50
COMPANY = 0.15  # Dice times pointwise mutual information


def translations(work: Path) -> dict[str, str]:
    """The English word that each French word keeps company with most."""
    data = np.load(work / "bilingual.npz", allow_pickle=True)
    english, french = (work / "words.txt").read_text().split("\n"), list(data["french"])
    value = data["dice"] * data["pmi"]
    order = np.argsort(value)
    order = order[value[order] > COMPANY]
    best = dict(zip(data["column"][order].tolist(), data["row"][order].tolist()))
    return {french[column]: english[row] for column, row in best.items()}


def originals(work: Path, pairs: Path) -> set[str]:
    """What a spun word may stand for."""
    listed = {line.split("\t")[0] for line in pairs.open(encoding="utf-8") if not line.startswith("#")}
    rows = (line.split("\t")[1] for line in (work / "homographs.tsv").open(encoding="utf-8"))
    return listed | {cell.split(":")[0] for row in rows for cell in row.split(" ")}


def packed(vectors: np.ndarray) -> bytes:
    """Four bits a cell."""
    cells = np.clip(np.rint(16 * vectors) + 8, 0, 15).astype(np.uint8)
    return (cells[:, 0::2] | cells[:, 1::2] << 4).tobytes()


def main() -> None:
    work, trigram, pairs, out = map(Path, sys.argv[1:5])
    words = vocabulary(trigram)
    data = trigram.read_bytes()
    (size, _, _, length) = struct.unpack("<IIII", data[8:24])
    at = 24 + length + 4 * (size + 1)
    unigram = np.frombuffer(data, np.uint8, size, at)
    english = translations(work)
    known = [i for i in np.argsort(unigram, kind="stable").tolist() if words[i] in english]
    vectors = unit(glove([english[words[i]] for i in known]))
    there = np.flatnonzero(vectors.any(axis=1))[: ROWS - 1]
    row_of = np.zeros(size, "<u2")
    row_of[[known[k] for k in there]] = np.arange(1, len(there) + 1)
    possible = originals(work, pairs)
    own = [i for i, word in enumerate(words) if word in possible]
    own_vectors = unit(glove([words[i] for i in own]))
    own_there = np.flatnonzero(own_vectors.any(axis=1))
    with open(out, "wb") as file:
        file.write(b"RTTP0001" + struct.pack("<IIII", size, len(there) + 1, len(own_there), DIMENSIONS))
        file.write(row_of.tobytes() + packed(np.concatenate([np.zeros((1, DIMENSIONS)), vectors[there]])))
        file.write(np.array(own, "<u2")[own_there].tobytes() + packed(own_vectors[own_there]))
    print(f"{out}: {len(there)} words, {len(own_there)} originals, {out.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
