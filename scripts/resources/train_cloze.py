#!/usr/bin/env python3
"""Trains the small neural model that guesses a hidden homograph from the words around it.

Usage: train_cloze.py CORPORA_DIR WORK_DIR TRIGRAM_MODEL OUT_FILE [EPOCHS [START_FILE]]      (8 epochs by default)

WORK_DIR holds what Tables in synonymy.py reads, and homographs.tsv. The trigram model sees two words to either side;
this one sees five in order and the twenty to either side as a bag, and has to choose among the homographs only. Its
vocabulary is the trigram model's. A position is drawn with a chance that falls with the root of its word's frequency.
Half of the loss asks for the word among all homographs, half among its rivals: words that stand beside it as
candidates of some spun word, which is the choice that the ranker has to make.

With START_FILE, training goes on from a model with the same vocabulary that is as wide or narrower and has as many
rows or more; what it lacks in width starts without effect, the rarest of its rows are dropped.

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
from tokens import tokens

CORPORA = {
    "hansard36": (1_000_000, 1), "debian_www": (200_000, 2), "tatoeba2017": (200_000, 2), "laws_ca": (80_000, 1),
    "php_doc": (30_000, 1), "python_doc": (22_000, 1), "django_doc": (22_000, 1), "multi30k": (40_000, 1),
}
ROWS, DIMENSIONS, HIDDEN, NEAR, FAR = 20_000, 96, 384, 5, 20
TOO_COMMON = 200
FREQUENT = 3e-5  # share of running words above which positions are thinned
QUOTES = set("«»“”\"„‘")
BATCH, RATE = 4096, 2e-3
RIVALS = 48  # drawn anew for each batch from a word's rivals
MATRICES = ("emb", "near", "far", "mid", "out")


def vocabulary(path: Path) -> list[str]:
    """The words of the trigram model, in order of their ids."""
    data = path.read_bytes()
    size, _, _, length = struct.unpack("<IIII", data[8:24])
    return data[24 : 24 + length].decode().split("\n")[:size]


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
    return np.concatenate(rows).astype(np.int32)


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


def header(path: Path) -> tuple[tuple[int, ...], np.ndarray, list[int]]:
    """Sizes, rows and targets of an exported model."""
    data = path.read_bytes()
    sizes = struct.unpack("<8I", data[8:40])
    row_of = np.frombuffer(data[40 : 40 + 2 * sizes[0]], "<u2").astype(np.int64)
    return sizes, row_of, np.frombuffer(data[-2 * sizes[6] :], "<u2").astype(int).tolist()


def widen(model: Cloze, path: Path) -> None:
    """Takes over the weights of an exported model; cells that it lacks stay small where they read, zero where they act."""
    (words, rows, dimensions, hidden, near, far, targets, _), _, _ = header(path)
    if rows < ROWS or (near, far) != (NEAR, FAR):
        raise SystemExit(f"{path}: another reach, or too few rows")
    data = memoryview(path.read_bytes())[40 + 2 * words :]

    def floats(n: int) -> torch.Tensor:
        nonlocal data
        part, data = data[: 4 * n], data[4 * n :]
        return torch.from_numpy(np.frombuffer(part, "<f4").copy())

    shapes = ((rows, dimensions), (hidden, 2 * near * dimensions), (hidden, dimensions), (dimensions, hidden), (targets, dimensions))
    old = {}
    for name, (height, width) in zip(MATRICES, shapes):
        scale = floats(height)
        cells, data = np.frombuffer(data[: height * width], np.int8).astype(np.float32), data[height * width :]
        old[name] = scale[:, None] * torch.from_numpy(cells.reshape(height, width))
    with torch.no_grad():
        model.emb.weight[:, :dimensions] = old["emb"][:ROWS]
        model.near.weight.view(HIDDEN, 2 * NEAR, DIMENSIONS)[:hidden] = 0
        model.near.weight.view(HIDDEN, 2 * NEAR, DIMENSIONS)[:hidden, :, :dimensions] = old["near"].view(hidden, 2 * near, dimensions)
        model.far.weight[:hidden] = 0
        model.far.weight[:hidden, :dimensions] = old["far"]
        model.mid.weight[:dimensions] = 0
        model.mid.weight[:dimensions, :hidden] = old["mid"]
        model.out.weight[:, dimensions:] = 0
        model.out.weight[:, :dimensions] = old["out"]
        model.near.bias[:hidden] = floats(hidden)
        model.mid.bias[:dimensions] = floats(dimensions)
        model.out.bias[:] = floats(targets)


def rivals(path: Path, target_of: dict[str, int], rng: np.random.Generator, most: int = 400) -> np.ndarray:
    """For each target, `most` draws of the targets that are candidates of the same spun words, likelier ones oftener."""
    found = [[] for _ in target_of]
    for line in open(path, encoding="utf-8"):
        cells = [c.split(":") for c in line.rstrip("\n").split("\t")[1].split(" ")]
        known = [(target_of[o], np.exp(-int(chance) / 20)) for o, chance, _ in cells if o in target_of]
        for i, (own, _) in enumerate(known):
            found[own] += [(other, p) for k, (other, p) in enumerate(known) if k != i]
    table = rng.integers(0, len(found), (len(found), most))
    for own, pairs in enumerate(found):
        if pairs:
            others, p = np.array([o for o, _ in pairs]), np.sqrt([p for _, p in pairs])
            # A quarter of the draws stays random.
            table[own, most // 4 :] = rng.choice(others, most - most // 4, p=p / p.sum())
    return table


def export(state, words, row_of, targets, out: Path) -> None:
    """Writes the weights in eight bits a cell."""
    def quantised(name: str) -> bytes:
        matrix = state[name + ".weight"].float().numpy()
        scale = np.abs(matrix).max(axis=1) / 127 + 1e-12
        return scale.astype("<f4").tobytes() + np.rint(matrix / scale[:, None]).astype(np.int8).tobytes()

    sizes = (len(words), ROWS, DIMENSIONS, HIDDEN, NEAR, FAR, len(targets), TOO_COMMON)
    with open(out, "wb") as file:
        file.write(b"RTCZ0001" + struct.pack("<8I", *sizes) + row_of.astype("<u2").tobytes())
        for name in MATRICES:
            file.write(quantised(name))
        for name in ("near", "mid", "out"):
            file.write(state[name + ".bias"].numpy().astype("<f4").tobytes())
        file.write(np.array(targets, "<u2").tobytes())
    print(f"{out}: {out.stat().st_size} bytes", file=sys.stderr)


def main() -> None:
    corpora, work, trigram, out = map(Path, sys.argv[1:5])
    epochs = float(sys.argv[5]) if len(sys.argv) > 5 else 8
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    words = vocabulary(trigram)
    ids = {w: i for i, w in enumerate(words)}
    start = Path(sys.argv[6]) if len(sys.argv) > 6 else None
    text = stream(corpora, ids)
    count = np.bincount(text, minlength=len(words))
    if start:
        _, row_of, targets = header(start)
        row_of[row_of >= ROWS] = 0
    else:
        row_of = np.zeros(len(words), np.int64)
        row_of[np.argsort(-count)[: ROWS - 1]] = np.arange(1, ROWS)
        row_of[ids["<unk>"]] = 0
        wanted = Tables(work, work / "unpacked/usr/share/wordnet").homographs()
        targets = sorted(ids[w] for w in wanted if w in ids and count[ids[w]] >= 8)
    target_of = np.full(len(words), -1)
    target_of[targets] = np.arange(len(targets))
    against = rivals(work / "homographs.tsv", {words[t]: i for i, t in enumerate(targets)}, rng)
    sentence, rows = np.cumsum(text == ids["<s>"], dtype=np.int32), row_of[text]
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
    if start:
        widen(model, start)
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE)
    steps, step, totals = int(epochs * chance.sum() // BATCH), 0, np.zeros(2)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda i: min(1, (i + 1) / 200) * max(0.02, 1 - i / steps))
    while step < steps:
        drawn = places[rng.random(len(places)) < chance]
        rng.shuffle(drawn)
        for i in range(0, len(drawn) - BATCH, BATCH):
            *inputs, right = batch(drawn[i : i + BATCH])
            optimiser.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = model(*inputs)
            among = torch.from_numpy(against[right.numpy()][:, rng.choice(against.shape[1], RIVALS, replace=False)])
            few = logits.gather(1, torch.cat([right[:, None], among], 1)).float()
            few[:, 1:].masked_fill_(among == right[:, None], -1e4)
            among_all = nn.functional.cross_entropy(logits.float(), right)
            among_rivals = -few.log_softmax(1)[:, 0].mean()
            (0.5 * among_all + 0.5 * among_rivals).backward()
            optimiser.step()
            schedule.step()
            step, totals = step + 1, totals + (among_all.item(), among_rivals.item())
            if step % 100 == 0:
                print(f"{step}/{steps}: {totals[0] / 100:.3f} among all, {totals[1] / 100:.3f} among rivals", file=sys.stderr)
                totals[:] = 0
            if step == steps:
                break
    export(model.state_dict(), words, row_of, targets, out)


if __name__ == "__main__":
    main()
