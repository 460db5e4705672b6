#!/usr/bin/env python3
"""Trains the small neural model that guesses a hidden homograph from the words around it.

Usage: train_cloze.py CORPORA_DIR WORK_DIR TRIGRAM_MODEL OUT_FILE [EPOCHS]      (8 epochs by default)

WORK_DIR holds what Tables in synonymy.py reads. The trigram model sees two words to either side; this one sees five
in order and the twenty to either side as a bag, and has to choose among the homographs only. Its vocabulary is the
trigram model's. A position is drawn with a chance that falls with the root of its word's frequency. The weights that
ship had eight epochs in two runs, three and then five with the rate started anew at 1.2e-3.

    hidden = relu(near · [embeddings of the ten nearest] + far · Σ embeddings of the others / √count)
    logit(homograph) = out[homograph] · (mid · hidden) + bias

Layout, little endian: magic "RTCZ0001"; u32 vocabulary V, rows R, dimensions D, hidden units N, near words a side,
far words a side, targets T, rows too common to count far away; u16[V] row of each word; then for each of the matrices
embeddings R×D, near N×(2·near·D), far N×D, mid D×N, out T×D its rows' scales f32 and its cells i8; near bias f32[N],
mid bias f32[D], out bias f32[T]; u16[T] word of each target, ascending.
"""
import gzip
import random
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from synonymy import Tables
from tokens import tokens, vocabulary

CORPORA = {
    "hansard36": (1_000_000, 1), "debian_www": (200_000, 2), "tatoeba2017": (200_000, 2), "laws_ca": (80_000, 1),
    "php_doc": (30_000, 1), "python_doc": (22_000, 1), "django_doc": (22_000, 1), "multi30k": (40_000, 1),
}
ROWS, DIMENSIONS, HIDDEN, NEAR, FAR = 32_000, 64, 192, 5, 20
TOO_COMMON = 200
FREQUENT = 3e-5  # share of running words above which positions are thinned
QUOTES = set("«»“”\"„‘")
BATCH, RATE = 4096, 2e-3


def stream(corpora: Path, ids: dict[str, int]) -> np.ndarray:
    """All sentences in random order, as word ids between `<s>` and `</s>`."""
    rng, rows = random.Random(11), []
    for name, (most, weight) in CORPORA.items():
        with gzip.open(corpora / f"{name}.fr-en.tsv.gz", "rt", encoding="utf-8") as lines:
            french = [line.split("\t", 1)[0] for line in lines]
        for k, text in enumerate(rng.sample(french, most) if len(french) > most else french):
            # One sentence in fifty of the running text is left out, to look at.
            if k % 50 == 7 and name in ("hansard36", "debian_www", "tatoeba2017"):
                continue
            row = [ids.get(w, ids["<unk>"]) for w in tokens(text) if w not in QUOTES]
            if len(row) >= 4:
                rows += [np.array([ids["<s>"], *row, ids["</s>"]], np.uint16)] * weight
    rng.shuffle(rows)
    return np.concatenate(rows).astype(np.int64)


class Cloze(nn.Module):
    """The model; see the module's text."""

    def __init__(self, targets: int):
        super().__init__()
        self.emb = nn.Embedding(ROWS, DIMENSIONS)
        nn.init.normal_(self.emb.weight, 0, 0.1)
        self.near = nn.Linear(DIMENSIONS * 2 * NEAR, HIDDEN)
        self.far = nn.Linear(DIMENSIONS, HIDDEN, bias=False)
        self.mid = nn.Linear(HIDDEN, DIMENSIONS)
        self.out = nn.Linear(DIMENSIONS, targets)
        self.drop = nn.Dropout(0.1)

    def forward(self, near, far, there):
        bag = (self.emb(far) * there[..., None]).sum(1) / there.sum(1, keepdim=True).clamp(min=1).sqrt()
        hidden = torch.relu(self.near(self.emb(near).flatten(1)) + self.far(bag))
        return self.out(self.mid(self.drop(hidden)))


def export(state, words, row_of, targets, out: Path) -> None:
    """Writes the weights in eight bits a cell."""
    def quantised(name: str) -> bytes:
        matrix = state[name + ".weight"].float().numpy()
        scale = np.abs(matrix).max(axis=1) / 127 + 1e-12
        return scale.astype("<f4").tobytes() + np.rint(matrix / scale[:, None]).astype(np.int8).tobytes()

    order = sorted(range(len(targets)), key=lambda i: targets[i])
    state["out.weight"], state["out.bias"] = state["out.weight"][order], state["out.bias"][order]
    header = (len(words), ROWS, DIMENSIONS, HIDDEN, NEAR, FAR, len(targets), TOO_COMMON)
    with open(out, "wb") as file:
        file.write(b"RTCZ0001" + struct.pack("<8I", *header) + row_of.astype("<u2").tobytes())
        for name in ("emb", "near", "far", "mid", "out"):
            file.write(quantised(name))
        for name in ("near", "mid", "out"):
            file.write(state[name + ".bias"].numpy().astype("<f4").tobytes())
        file.write(np.array(sorted(targets), "<u2").tobytes())
    print(f"{out}: {out.stat().st_size} bytes", file=sys.stderr)


def main() -> None:
    corpora, work, trigram, out = map(Path, sys.argv[1:5])
    epochs = int(sys.argv[5]) if len(sys.argv) > 5 else 8
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    words = vocabulary(trigram)
    ids = {w: i for i, w in enumerate(words)}
    text = stream(corpora, ids)
    count = np.bincount(text, minlength=len(words))
    row_of = np.zeros(len(words), np.int64)
    row_of[np.argsort(-count)[: ROWS - 1]] = np.arange(1, ROWS)
    row_of[ids["<unk>"]] = 0
    wanted = Tables(work, work / "unpacked/usr/share/wordnet").homographs()
    targets = [ids[w] for w in wanted if w in ids and count[ids[w]] >= 8]
    target_of = np.full(len(words), -1)
    target_of[targets] = np.arange(len(targets))
    sentence, rows = np.cumsum(text == ids["<s>"]), row_of[text]
    places = np.flatnonzero(target_of[text] >= 0)
    chance = np.minimum(1, np.sqrt(FREQUENT / (count[text[places]] / len(text))))
    near = np.array([*range(-NEAR, 0), *range(1, NEAR + 1)])
    far = np.array([*range(-FAR, -NEAR), *range(NEAR + 1, FAR + 1)])

    def batch(at: np.ndarray):
        index = np.clip(at[:, None] + near, 0, len(text) - 1)
        inside = sentence[index] == sentence[at][:, None]
        edge = np.where(near < 0, row_of[ids["<s>"]], row_of[ids["</s>"]])
        close = np.where(inside, rows[index], edge)
        index = np.clip(at[:, None] + far, 0, len(text) - 1)
        there = (sentence[index] == sentence[at][:, None]) & (rows[index] > TOO_COMMON)
        distant = np.where(there, rows[index], 0)
        return [torch.from_numpy(a) for a in (close, distant, there.astype(np.float32), target_of[text[at]])]

    model = Cloze(len(targets))
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE)
    steps, step, total = epochs * int(chance.sum() // BATCH), 0, 0.0
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda i: min(1, (i + 1) / 200) * max(0.02, 1 - i / steps))
    for _ in range(epochs):
        drawn = places[rng.random(len(places)) < chance]
        rng.shuffle(drawn)
        for i in range(0, len(drawn) - BATCH, BATCH):
            *inputs, wanted_targets = batch(drawn[i : i + BATCH])
            optimiser.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = model(*inputs)
            loss = nn.functional.cross_entropy(logits.float(), wanted_targets)
            loss.backward()
            optimiser.step()
            schedule.step()
            step, total = step + 1, total + loss.item()
            if step % 100 == 0:
                print(f"{step}/{steps}: {total / 100:.3f}", file=sys.stderr)
                total = 0.0
    export(model.state_dict(), words, row_of, targets, out)


if __name__ == "__main__":
    main()
