#!/usr/bin/env python3
"""Makes the starting student from the Portuguese-English parent.

The decoder and encoder layers are copied. A target piece keeps its row. A source piece that the parent knows keeps
the parent's row; any other starts as the weighted mean of the rows of the English pieces that it occurs with most
(Dice coefficient over short pairs, the three best, squared weights).

Example: transfer.py --parent PT-EN-DIR --data build/training --out build/training/start.npz
"""
from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import sentencepiece as spm
from scipy import sparse

import marian_io


def occurrence(data: dict[str, np.ndarray], sentences: np.ndarray, pieces: int) -> sparse.csr_matrix:
    """Which piece occurs in which sentence (1 or 0)."""
    starts = np.concatenate([[0], data["ends"][:-1]])
    rows, columns = [], []
    for row, i in enumerate(sentences):
        unique = np.unique(data["pieces"][starts[i] : data["ends"][i]])
        rows.append(np.full(len(unique), row))
        columns.append(unique)
    rows, columns = np.concatenate(rows), np.concatenate(columns)
    return sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), (len(sentences), pieces))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parent", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    tensors, _ = marian_io.read(next(args.parent.glob("model*.bin")))
    tensors = {n: v for n, v in tensors.items() if not n.endswith("QuantMultA")}
    parent_rows = tensors.pop("Wemb")
    rows = np.load(args.data / "target_rows.npy")
    unknown = parent_rows.mean(0, keepdims=True)
    tensors["decoder_Wemb"] = np.where(rows[:, None] >= 0, parent_rows[np.maximum(rows, 0)], unknown)
    bias = tensors["decoder_ff_logit_out_b"].reshape(-1)
    tensors["decoder_ff_logit_out_b"] = np.where(rows >= 0, bias[np.maximum(rows, 0)], bias.min())[None]

    source_vocabulary = spm.SentencePieceProcessor(model_file=str(args.data / "source.spm"))
    parent_vocabulary = spm.SentencePieceProcessor(model_file=str(next(args.parent.glob("vocab*.spm"))))
    parent_ids = {parent_vocabulary.id_to_piece(i): i for i in range(parent_vocabulary.vocab_size())}
    # dict(): an open archive would decompress an array at every look.
    source, target = (dict(np.load(args.data / f"{side}.npz")) for side in ("source", "target"))
    lengths = np.diff(np.concatenate([[0], source["ends"]]))
    short = np.flatnonzero(lengths <= 24)[:200_000]
    french = occurrence(source, short, source_vocabulary.vocab_size())
    english = occurrence(target, short, len(rows))
    together = (french.T @ english).tocsr()
    french_count = np.asarray(french.sum(0)).ravel()
    english_count = np.asarray(english.sum(0)).ravel()

    embedding = np.tile(unknown, (source_vocabulary.vocab_size(), 1)).astype(np.float32)
    copied = averaged = 0
    for piece in range(source_vocabulary.vocab_size()):
        known = parent_ids.get(source_vocabulary.id_to_piece(piece))
        begin, end = together.indptr[piece], together.indptr[piece + 1]
        candidates, counts = together.indices[begin:end], together.data[begin:end]
        dice = 2 * counts / (french_count[piece] + english_count[candidates] + 4)
        if known is not None and (len(dice) == 0 or french_count[piece] < 20 or piece < 2):
            embedding[piece] = parent_rows[known]
            copied += 1
        elif len(dice):
            best = np.argsort(-dice)[:3]
            weights = dice[best] ** 2
            mean = weights @ tensors["decoder_Wemb"][candidates[best]] / weights.sum()
            # A piece that both languages of the parent share carries more than its co-occurrences say.
            embedding[piece] = mean if known is None else 0.5 * (mean + parent_rows[known])
            averaged += 1
    tensors["encoder_Wemb"] = embedding
    print(f"source pieces: {copied} copied, {averaged} averaged, {len(embedding) - copied - averaged} unknown")
    np.savez(args.out, **tensors)


if __name__ == "__main__":
    main()
