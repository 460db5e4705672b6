#!/usr/bin/env python3
"""Trains the French trigram model and writes models/language/fr-trigram.bin.

Usage: train_language_model.py CORPORA_DIR OUT_FILE

Interpolated Kneser-Ney with one absolute discount an order, pruned by weighted difference (Seymore and Rosenfeld
1996), backoff weights recomputed after pruning so that every context still sums to one, log10 probabilities in 8 bits.

Layout, little endian (all offsets follow from the header):
  magic "RTLM0001", u32 words V, u32 bigrams B, u32 trigrams T, u32 bytes of the word list
  word list: the V words joined by newlines, sorted by bytes (the position is the id)
  u32[V+1]  start of each word in the list
  u8[V]     unigram -log10 p * 32;  u8[V] unigram backoff;  u32[V+1] first bigram of each word
  u16[B]    second word;  u8[B] -log10 p * 32;  u8[B] backoff;  u24[B+1] first trigram
  u16[T]    third word;  u8[T] -log10 p * 32
"""
import struct
import sys
from itertools import chain
from pathlib import Path

import numpy as np

from corpora import CORPORA_OF_TRIGRAM, sample, written
from tokens import tokens

WRITTEN_COUNTS = 2  # how often a sentence written for this counts
VOCABULARY = 64_000
BIGRAMS, TRIGRAMS = 750_000, 1_500_000
DISCOUNT = {1: 0.5, 2: 0.75, 3: 0.85}
START, END, UNKNOWN = "<s>", "</s>", "<unk>"


def encode(folder: Path):
    """Vocabulary (sorted by bytes) and the corpus as word ids, sentence after sentence."""
    ids, stream = {}, []
    buffer = []
    for text in chain(sample(folder, CORPORA_OF_TRIGRAM, 7), written() * WRITTEN_COUNTS):
        words = tokens(text)
        if not words:
            continue
        row = [0, 0]
        for word in words:
            row.append(ids.setdefault(word, len(ids) + 3))
        row.append(1)
        buffer.extend(row)
        if len(buffer) > 4_000_000:
            stream.append(np.array(buffer, np.uint32))
            buffer = []
    stream.append(np.array(buffer, np.uint32))
    stream = np.concatenate(stream)
    count = np.bincount(stream, minlength=len(ids) + 3)
    names = [START, END, UNKNOWN] + list(ids)
    order = [i for i in np.argsort(-count[3:], kind="stable")[: VOCABULARY - 3] + 3 if count[i] >= 3]
    kept = sorted([0, 1, 2] + [int(i) for i in order], key=lambda i: names[i].encode())
    remap = np.empty(len(names), np.uint64)
    vocabulary = [names[i] for i in kept]
    remap[:] = vocabulary.index(UNKNOWN)
    for new, old in enumerate(kept):
        remap[old] = new
    return vocabulary, remap[stream]


def count_ngrams(keys: np.ndarray):
    """Distinct keys, sorted, with their counts."""
    keys.sort()
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return keys[starts], np.diff(np.append(starts, len(keys)))


def groups(context: np.ndarray):
    """Start of each run of equal contexts, and for each entry the index of its run."""
    starts = np.flatnonzero(np.concatenate(([True], context[1:] != context[:-1])))
    index = np.zeros(len(context), np.int64)
    index[starts[1:]] = 1
    return starts, np.cumsum(index)


def quantise(p: np.ndarray) -> np.ndarray:
    """-log10 p in steps of 1/32, clipped to 8 bits."""
    return np.clip(np.rint(-32 * np.log10(np.maximum(p, 1e-9))), 0, 255).astype(np.uint8)


def top(score: np.ndarray, n: int, forced: np.ndarray) -> np.ndarray:
    """Mask of the n best scores; forced entries are kept whatever their score."""
    score = np.where(forced, np.inf, score)
    if len(score) <= n:
        return np.ones(len(score), bool)
    cut = np.partition(score, len(score) - n)[len(score) - n]
    return score >= cut


def main() -> None:
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    vocabulary, stream = encode(folder)
    v = len(vocabulary)
    start, unknown = vocabulary.index(START), vocabulary.index(UNKNOWN)
    print(f"{len(stream)} tokens, vocabulary {v}", file=sys.stderr)
    a, b, c = stream[:-2], stream[1:-1], stream[2:]
    # A trigram never runs past a sentence start, and predicts neither the start nor an unknown word.
    good = (c != start) & (c != unknown)
    shift = np.uint64(16)
    tri, tri_n = count_ngrams((a[good] << (shift + shift)) | (b[good] << shift) | c[good])
    good2 = (stream[1:] != start) & (stream[1:] != unknown)
    bi_raw, bi_raw_n = count_ngrams((stream[:-1][good2] << shift) | stream[1:][good2])
    print(f"{len(tri)} trigrams, {len(bi_raw)} bigrams", file=sys.stderr)

    # Lower orders count the distinct left contexts of an n-gram instead of its occurrences.
    bi, bi_n = count_ngrams(tri & np.uint64(0xFFFFFFFF))
    bi_w1 = bi >> shift
    after_start = bi_w1 == start
    bi_n = np.where(after_start, bi_raw_n[np.searchsorted(bi_raw, bi)], bi_n).astype(float)
    uni_n = np.bincount((bi_raw & np.uint64(0xFFFF)).astype(np.int64), minlength=v).astype(float)

    p1 = np.maximum(uni_n - DISCOUNT[1], 0.02) / uni_n.sum()
    p1[start] = p1[unknown] = 1e-8
    p1 /= p1.sum()

    s2, g2 = groups(bi_w1)
    total2 = np.add.reduceat(bi_n, s2)
    kinds2 = np.diff(np.append(s2, len(bi)))
    gamma2 = DISCOUNT[2] * kinds2 / total2
    own2 = (bi_n - DISCOUNT[2]).clip(0) / total2[g2]
    p2 = own2 + gamma2[g2] * p1[(bi & np.uint64(0xFFFF)).astype(np.int64)]

    context3 = tri >> shift
    s3, g3 = groups(context3)
    total3 = np.add.reduceat(tri_n, s3).astype(float)
    kinds3 = np.diff(np.append(s3, len(tri)))
    gamma3 = DISCOUNT[3] * kinds3 / total3
    lower = np.searchsorted(bi, tri & np.uint64(0xFFFFFFFF))
    own3 = (tri_n - DISCOUNT[3]).clip(0) / total3[g3]
    p3 = own3 + gamma3[g3] * p2[lower]

    gain3 = tri_n * np.log(p3 / (gamma3[g3] * p2[lower]))
    gain3[tri_n < 2] = -1
    gain3[(context3 & np.uint64(0xFFFF)) == unknown] = -1
    keep3 = top(gain3, TRIGRAMS, np.zeros(len(tri), bool)) & (gain3 > 0)
    tri, own3, lower, g3, context3 = tri[keep3], own3[keep3], lower[keep3], g3[keep3], context3[keep3]
    contexts = np.unique(context3)
    is_context = np.isin(bi, contexts)
    gain2 = bi_raw_n[np.searchsorted(bi_raw, bi)] * np.log(p2 / (gamma2[g2] * p1[(bi & np.uint64(0xFFFF)).astype(np.int64)]))
    gain2[bi_n < 2] *= 0.5
    keep2 = top(gain2, BIGRAMS, is_context)
    print(f"kept {len(tri)} trigrams, {int(keep2.sum())} bigrams ({len(contexts)} contexts)", file=sys.stderr)

    # Mass of the entries dropped from a context goes to its backoff weight.
    mass2 = np.bincount(g2[keep2], own2[keep2], len(s2))
    back2 = np.clip(1 - mass2, 1e-6, 1)
    second = (bi & np.uint64(0xFFFF)).astype(np.int64)
    p2_final = np.where(keep2, own2, 0) + back2[g2] * p1[second]
    back1 = np.ones(v)
    back1[bi_w1[s2].astype(np.int64)] = back2
    mass3 = np.bincount(g3, own3, len(s3))
    p3_final = own3 + np.clip(1 - mass3, 1e-6, 1)[g3] * p2_final[lower]

    bi_k = bi[keep2]
    back_bi = np.ones(len(bi_k))
    all_contexts = np.unique(context3)
    where = np.searchsorted(bi_k, all_contexts)
    present = (where < len(bi_k)) & (bi_k[np.minimum(where, len(bi_k) - 1)] == all_contexts)
    first_of = np.searchsorted(context3, all_contexts)
    back_bi[where[present]] = np.clip(1 - mass3[g3[first_of]], 1e-6, 1)[present]
    # Trigrams whose context bigram is not listed (after a sentence start) cannot be reached.
    reach = np.isin(context3, bi_k)
    tri, p3_final, context3 = tri[reach], p3_final[reach], context3[reach]

    words = [w.encode() for w in vocabulary]
    starts = np.cumsum([0] + [len(w) + 1 for w in words]).astype("<u4")
    blob = b"\n".join(words) + b"\n"
    uni_first = np.searchsorted(bi_k >> shift, np.arange(v + 1, dtype=np.uint64)).astype("<u4")
    tri_first = np.append(np.searchsorted(context3, bi_k), len(tri)).astype("<u4")
    with open(out, "wb") as file:
        file.write(b"RTLM0001" + struct.pack("<IIII", v, len(bi_k), len(tri), len(blob)) + blob)
        file.write(starts.tobytes() + quantise(p1).tobytes() + quantise(back1).tobytes() + uni_first.tobytes())
        file.write((bi_k & np.uint64(0xFFFF)).astype("<u2").tobytes())
        file.write(quantise(p2_final[keep2]).tobytes() + quantise(back_bi).tobytes())
        file.write(tri_first.view(np.uint8).reshape(-1, 4)[:, :3].tobytes())
        file.write((tri & np.uint64(0xFFFF)).astype("<u2").tobytes() + quantise(p3_final).tobytes())
    print(f"{out}: {out.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
