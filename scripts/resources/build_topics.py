#!/usr/bin/env python3
"""What French words are about: a vector for each, so that candidates can be compared with the words around them.

Usage: build_topics.py TRIGRAM_MODEL OUT_FILE

The corpora of the other models are parliament and manuals; these vectors come from the French web (`vectors.French`).
Their principal components are scaled by the root of their spread, so that the first few do not drown the others, and
rows are cut to the components that matter most and scaled to length one. A word counts among those around a place by
a / (a + its frequency) (Arora et al. 2017, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings").

Layout, little endian: magic "RTTP0002"; u32 words V of the trigram model's vocabulary, rows R, dimensions D (even);
u16[V] row of each word, 0 for none; u8[V] what each counts, 255 for 1; R rows. A row has D/2 bytes: the low halves
are its first D/2 cells, the high ones the others; cell = round(40 x) + 8 in 0..=15. The first row is all noughts.
"""
import struct
import sys
from pathlib import Path

import numpy as np

from tokens import log_frequencies, vocabulary
from vectors import French

DIMENSIONS, STEPS = 240, 40
FREQUENT = 2e-5  # a


def components(vectors: np.ndarray) -> np.ndarray:
    """The first principal components, half whitened, rows of length one."""
    centred = vectors - vectors.mean(axis=0)
    _, spread, axes = np.linalg.svd(centred, full_matrices=False)
    cut = centred @ axes[:DIMENSIONS].T / np.sqrt(spread[:DIMENSIONS])
    return cut / np.linalg.norm(cut, axis=1, keepdims=True)


def packed(vectors: np.ndarray) -> bytes:
    """Four bits a cell."""
    cells = np.clip(np.rint(STEPS * vectors) + 8, 0, 15).astype(np.uint8)
    half = DIMENSIONS // 2
    return (cells[:, :half] | cells[:, half:] << 4).tobytes()


def main() -> None:
    trigram, out = Path(sys.argv[1]), Path(sys.argv[2])
    words = vocabulary(trigram)
    french = French()
    rows = french.rows(words)
    used, row_of = np.unique(rows[rows >= 0], return_inverse=True)
    numbers = np.zeros(len(words), "<u2")
    numbers[rows >= 0] = row_of + 1
    # The spread is that of running vocabulary: a row counts as often as words have it.
    vectors = np.zeros((len(used), DIMENSIONS), np.float32)
    vectors[row_of] = components(french.vectors[rows[rows >= 0]])
    counts = FREQUENT / (FREQUENT + 10.0 ** log_frequencies(trigram))
    with open(out, "wb") as file:
        file.write(b"RTTP0002" + struct.pack("<III", len(words), len(used) + 1, DIMENSIONS))
        file.write(numbers.tobytes() + np.rint(255 * counts).astype(np.uint8).tobytes())
        file.write(packed(np.zeros((1, DIMENSIONS))) + packed(vectors))
    print(f"{out}: {(numbers > 0).sum()} words, {len(used)} rows, {out.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
