#!/usr/bin/env python3
"""Makes the two vocabularies of the student.

Source: a SentencePiece unigram model of the French side of the corpora, cased, with byte fallback.
Target: the English part of the parent student's vocabulary, so that the parent's decoder stays as it is.

Example: vocabulary.py --corpora ../shared/corpora --parent PT-EN-DIR --out build/training
"""
from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
import sentencepiece as spm
from sentencepiece import sentencepiece_model_pb2 as proto

import corpus


def sample(corpora: Path, side: int, share: float) -> list[str]:
    """Every line of one side that a coin keeps."""
    rng = random.Random(7)
    lines = []
    for name, weight in corpus.MIXTURE.items():
        keep = share if name in ("hansard36", "laws_ca") else min(1.0, 3 * share)
        if name == "laws_ca":
            keep /= 4
        for pair in corpus.pairs(corpora / f"{name}.fr-en.tsv.gz"):
            if weight and rng.random() < keep:
                lines.append(pair[side])
    return lines


def train_source(lines: list[str], size: int, out: Path) -> None:
    """Trains the French vocabulary; `</s>` is piece 0 and `<unk>` piece 1, as Marian has them."""
    straight = [line.replace("'", "’") if i % 2 else line for i, line in enumerate(lines)]
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(straight), model_prefix=str(out / "source"), vocab_size=size, model_type="unigram",
        eos_id=0, unk_id=1, bos_id=-1, pad_id=-1, byte_fallback=True, character_coverage=0.9998,
        user_defined_symbols=corpus.SHIELDS, normalization_rule_name="nmt_nfkc", num_threads=2,
        max_sentence_length=2000, minloglevel=1,
    )
    (out / "source.model").rename(out / "source.spm")


def prune_target(parent: Path, english: list[str], out: Path) -> None:
    """Keeps the parent's pieces that English text uses, all its single characters and specials; adds shields.

    `target_rows.npy` maps each new piece to its row in the parent's embeddings (-1 for a new one).
    """
    old = spm.SentencePieceProcessor(model_file=str(parent))
    model = proto.ModelProto()
    model.ParseFromString(parent.read_bytes())
    used = np.zeros(old.vocab_size(), np.int64)
    for ids in old.encode(english):
        np.add.at(used, ids, 1)
    normal = proto.ModelProto.SentencePiece.Type.NORMAL
    rows = [
        i for i, piece in enumerate(model.pieces)
        if used[i] >= 2 or piece.type != normal or (len(piece.piece) == 1 and ord(piece.piece) < 0x2100)
    ]
    pieces = [model.pieces[i] for i in rows]
    kept = [proto.ModelProto.SentencePiece.FromString(p.SerializeToString()) for p in pieces]
    del model.pieces[:]
    model.pieces.extend(kept)
    for symbol in corpus.SHIELDS:
        model.pieces.add(piece=symbol, score=0.0, type=proto.ModelProto.SentencePiece.Type.USER_DEFINED)
    rows += [-1] * len(corpus.SHIELDS)
    # A multiple of 16 fits the matrix kernels.
    (out / "target.spm").write_bytes(model.SerializeToString())
    np.save(out / "target_rows.npy", np.array(rows))
    print(f"target vocabulary: {len(rows)} of {old.vocab_size()} pieces")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--parent", type=Path, required=True, help="directory of the Portuguese-English student")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=16000, help="pieces of the source vocabulary")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    prune_target(next(args.parent.glob("vocab*.spm")), sample(args.corpora, 1, 0.3), args.out)
    train_source(sample(args.corpora, 0, 0.25), args.size, args.out)


if __name__ == "__main__":
    main()
