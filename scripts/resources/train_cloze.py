#!/usr/bin/env python3
"""Trains the small neural model that guesses a hidden homograph from the words around it.

Usage: train_cloze.py CORPORA_DIR WORK_DIR TRIGRAM_MODEL OUT_FILE [--epochs N] [--save FILE.pt] [--start FILE.pt]
       train_cloze.py … --average FILE.pt…         (8 epochs by default)

WORK_DIR holds what Tables in synonymy.py reads, and bilingual.npz. The trigram model sees two words to either side; this
one sees five in order and the twenty to either side as a bag, and has to choose among the homographs only. Its
vocabulary is the trigram model's. A position is drawn with a chance that falls with the root of its word's frequency.

Parliaments are no newspapers, so two things are to help with news. Sentences written for this (`corpora.py`) make up
a share of each batch that grows with the cube of time. And an embedding is the sum of a free vector and of a projection
of vectors that others trained (`vectors.py`): the word's on the French web, and the English ones of its translation, or
for a homograph that is to be guessed of its namesake. So words that the corpora hardly have start from what others know
of them; and that the projections learn this, three in ten free vectors are left out at random in each step. The sums
alone are written.

    hidden = relu(near · [embeddings of the ten nearest] + far · Σ embeddings of the others / √count)
    logit(homograph) = out[homograph] · (mid · hidden) + bias

Layout, little endian: magic "RTCZ0001"; u32 vocabulary V, rows R, dimensions D, hidden units N, near words a side,
far words a side, targets T, rows too common to count far away; u16[V] row of each word; then for each of the matrices
embeddings R×D, near N×(2·near·D), far N×D, mid D×N, out T×D its rows' scales f32 and its cells i8; near bias f32[N],
mid bias f32[D], out bias f32[T]; u16[T] word of each target, ascending.

`--save` keeps the weights in full, and `--start` goes on from them, for a vocabulary that may have changed. `--average`
trains nothing and writes the mean of saved weights (Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima").
The weights that ship had four epochs without `articles.txt` and went on from there for three (`--rate 1.7e-3
--least-written 0.1`), three with its first 3,325 lines (1.4e-3, 0.2), two and a half with 6,052 (1.2e-3, 0.3) and one and
a half with 7,956 (1.1e-3, 0.35). From the mean of the last four stages, whose losses on flores-dev were 3.35 to 3.38 nats
each and whose mean has 3.28, it went on for one and a half with 29,117 lines, twice (1.1e-3, 0.35, seeds 11 and 12), and from
the mean of these for as many with all, twice (0.9e-3, 0.35 and 0.3, seeds 21 and 22). The four have 3.19 to 3.20, as has their
mean, which ships.
"""
import argparse
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from bilingual import translations
from corpora import CORPORA_OF_CLOZE, sample, written
from synonymy import Tables
from tokens import tokens, vocabulary
from vectors import French, glove, unit

ROWS, DIMENSIONS, HIDDEN, NEAR, FAR = 32_000, 128, 512, 5, 20
TOO_COMMON = 200
FREQUENT, FREQUENT_WRITTEN = 3e-5, 3e-4  # shares of running words above which positions are thinned
LEAST, WRITTEN_COUNTS = 8, 5  # occurrences of a word that is to be guessed, and how many a written one is worth
MOST_WRITTEN = 0.35  # share of written positions in the last batch
QUOTES = set("«»“”\"„‘")
BATCH, RATE = 4096, 2e-3
LEFT_OUT = 0.3  # share of free vectors
BESIDE = np.array([*range(-NEAR, 0), *range(1, NEAR + 1)])
AROUND = np.array([*range(-FAR, -NEAR), *range(NEAR + 1, FAR + 1)])


def encoded(texts, ids: dict[str, int]) -> np.ndarray:
    """All sentences as word ids between `<s>` and `</s>`."""
    rows = []
    for text in texts:
        row = [ids.get(w, ids["<unk>"]) for w in tokens(text) if w not in QUOTES]
        if len(row) >= 4:
            rows.append(np.array([ids["<s>"], *row, ids["</s>"]], np.uint16))
    return np.concatenate(rows).astype(np.int64)


class Places:
    """The positions of a text whose words are to be guessed."""

    def __init__(self, text: np.ndarray, start: int, end: int, row_of: np.ndarray, target_of: np.ndarray, frequent: float):
        self.text, self.rows, self.target_of = text, row_of[text], target_of
        self.edge = np.where(BESIDE < 0, row_of[start], row_of[end])
        self.sentence = np.cumsum(text == start)
        self.all = np.flatnonzero(target_of[text] >= 0)
        count = np.bincount(text, minlength=len(row_of))
        self.chance = np.minimum(1, np.sqrt(frequent / (count[text[self.all]] / len(text))))
        self.drawn = np.array([], np.int64)

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """The next positions of an endless stream of passes, each thinned and shuffled anew."""
        while len(self.drawn) < n:
            again = self.all[rng.random(len(self.all)) < self.chance]
            self.drawn = np.concatenate([self.drawn, rng.permutation(again)])
        taken, self.drawn = self.drawn[:n], self.drawn[n:]
        return taken

    def batch(self, at: np.ndarray) -> list[torch.Tensor]:
        """Rows near by, rows farther away and which of them count, and the answers.

        A spinner replaces a word throughout, so where it comes twice in a sentence both are hidden.
        """
        def look(offsets):
            index = np.clip(at[:, None] + offsets, 0, len(self.text) - 1)
            shown = self.text[index] != self.text[at][:, None]
            return self.rows[index] * shown, self.sentence[index] == self.sentence[at][:, None]

        close, inside = look(BESIDE)
        distant, there = look(AROUND)
        there &= distant > TOO_COMMON
        arrays = (np.where(inside, close, self.edge), np.where(there, distant, 0), there.astype(np.float32),
                  self.target_of[self.text[at]])
        return [torch.from_numpy(a) for a in arrays]


class Cloze(nn.Module):
    """The model; see the module's text."""

    def __init__(self, meaning: np.ndarray, namesakes: np.ndarray):
        super().__init__()
        self.emb = nn.Embedding(ROWS, DIMENSIONS)
        nn.init.normal_(self.emb.weight, 0, 0.1)
        self.near = nn.Linear(DIMENSIONS * 2 * NEAR, HIDDEN)
        self.far = nn.Linear(DIMENSIONS, HIDDEN, bias=False)
        self.mid = nn.Linear(HIDDEN, DIMENSIONS)
        self.out = nn.Linear(DIMENSIONS, len(namesakes))
        self.drop = nn.Dropout(0.1)
        self.of_meaning = nn.Linear(meaning.shape[1], DIMENSIONS, bias=False)
        self.of_namesake = nn.Linear(namesakes.shape[1], DIMENSIONS, bias=False)
        self.register_buffer("meaning", torch.from_numpy(meaning), persistent=False)
        self.register_buffer("namesakes", torch.from_numpy(namesakes), persistent=False)

    def free(self, vectors):
        """The free vectors, in training without some."""
        return vectors * (torch.rand(len(vectors), 1) > LEFT_OUT) if self.training else vectors

    def hidden(self, near, far, there):
        table = self.free(self.emb.weight) + self.of_meaning(self.meaning)
        near, far = (nn.functional.embedding(rows, table) for rows in (near, far))
        bag = (far * there[..., None]).sum(1) / there.sum(1, keepdim=True).clamp(min=1).sqrt()
        return torch.relu(self.near(near.flatten(1)) + self.far(bag))

    def forward(self, near, far, there):
        answers = self.free(self.out.weight) + self.of_namesake(self.namesakes)
        return self.mid(self.drop(self.hidden(near, far, there))) @ answers.T + self.out.bias

    @torch.no_grad()
    def weights(self) -> dict[str, np.ndarray]:
        """The matrices and biases to write, projections added."""
        found = {name: value.float().numpy() for name, value in self.state_dict().items()}
        found["emb.weight"] = found["emb.weight"] + self.of_meaning(self.meaning).numpy()
        found["out.weight"] = found["out.weight"] + self.of_namesake(self.namesakes).numpy()
        return found


def export(weights: dict[str, np.ndarray], row_of: np.ndarray, targets: list[int], out: Path) -> None:
    """Writes the weights in eight bits a cell."""
    def quantised(matrix: np.ndarray) -> bytes:
        scale = np.abs(matrix).max(axis=1) / 127 + 1e-12
        return scale.astype("<f4").tobytes() + np.rint(matrix / scale[:, None]).astype(np.int8).tobytes()

    header = (len(row_of), ROWS, DIMENSIONS, HIDDEN, NEAR, FAR, len(targets), TOO_COMMON)
    with open(out, "wb") as file:
        file.write(b"RTCZ0001" + struct.pack("<8I", *header) + row_of.astype("<u2").tobytes())
        for name in ("emb", "near", "far", "mid", "out"):
            file.write(quantised(weights[name + ".weight"]))
        for name in ("near", "mid", "out"):
            file.write(weights[name + ".bias"].astype("<f4").tobytes())
        file.write(np.array(targets, "<u2").tobytes())
    print(f"{out}: {out.stat().st_size} bytes", file=sys.stderr)


def resumed(model: Cloze, path: Path, names: list[str], answers: list[str]) -> dict[str, torch.Tensor]:
    """The weights of a saved model, row by row where the words have moved; a new word gets the median of all."""
    saved, state = torch.load(path), dict(model.state_dict())
    for name, value in saved["state"].items():
        if not name.startswith(("emb.", "out.")):
            state[name] = value
    for part, here, there in (("emb.weight", names, saved["names"]), ("out.weight", answers, saved["answers"]),
                              ("out.bias", answers, saved["answers"])):
        place = {word: i for i, word in enumerate(there)}
        old = saved["state"][part]
        unknown = torch.full_like(old[0], old.median().item())
        state[part] = torch.stack([old[place[w]] if w in place else unknown for w in here])
    return state


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("corpora", "work", "trigram", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--epochs", type=float, default=8)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--least-written", type=float, default=0.0, help="share of written positions in the first batch")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", type=Path)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--average", type=Path, nargs="+")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    words = vocabulary(args.trigram)
    ids = {w: i for i, w in enumerate(words)}
    streams = [encoded(sample(args.corpora, CORPORA_OF_CLOZE, 11), ids), encoded(written(), ids)]
    count = sum(np.bincount(s, minlength=len(words)) * times for s, times in zip(streams, (1, WRITTEN_COUNTS)))
    common = np.argsort(-count)[: ROWS - 1]
    row_of = np.zeros(len(words), np.int64)
    row_of[common] = np.arange(1, ROWS)
    row_of[ids["<unk>"]] = 0
    names = ["<unk>", *(words[i] for i in common)]
    wanted = Tables(args.work, args.work / "unpacked/usr/share/wordnet").homographs()
    targets = sorted(ids[w] for w in wanted if w in ids and count[ids[w]] >= LEAST)
    answers = [words[i] for i in targets]
    english, french = translations(args.work), French()

    def known(english: list[str], words: list[str]) -> np.ndarray:
        return np.concatenate([unit(glove(english)), unit(french.of(words))], axis=1).astype(np.float32)

    model = Cloze(known([english.get(w, "") for w in names], names), known(answers, answers))
    if args.average:
        states = [resumed(model, path, names, answers) for path in args.average]
        model.load_state_dict({part: sum(s[part] for s in states) / len(states) for part in states[0]})
        return export(model.weights(), row_of, targets, args.out)
    if args.start:
        model.load_state_dict(resumed(model, args.start, names, answers))
    target_of = np.full(len(words), -1)
    target_of[targets] = np.arange(len(targets))
    edges = ids["<s>"], ids["</s>"]
    general, own = (Places(s, *edges, row_of, target_of, f) for s, f in zip(streams, (FREQUENT, FREQUENT_WRITTEN)))
    optimiser = torch.optim.Adam(model.parameters(), lr=args.rate)
    steps, total = int(args.epochs * general.chance.sum() / BATCH), 0.0
    print(f"{len(general.all)} and {len(own.all)} positions of {len(targets)} homographs, {steps} steps", file=sys.stderr)
    for step in range(1, steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = args.rate * min(1, step / 200) * max(0.02, 1 - step / steps)
        share = max(args.least_written, MOST_WRITTEN * (step / steps) ** 3)
        of_own = int(BATCH * share)
        batches = general.batch(general.draw(BATCH - of_own, rng)), own.batch(own.draw(of_own, rng))
        *inputs, answer = (torch.cat(parts) for parts in zip(*batches))
        optimiser.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(*inputs)
        loss = nn.functional.cross_entropy(logits.float(), answer)
        loss.backward()
        optimiser.step()
        total += loss.item()
        if step % 100 == 0:
            print(f"{step}/{steps}: {total / 100:.3f}", file=sys.stderr)
            total = 0.0
        if args.save and (step % 100 == 0 or step == steps):
            torch.save({"state": model.state_dict(), "names": names, "answers": answers}, args.save)
    export(model.weights(), row_of, targets, args.out)


if __name__ == "__main__":
    main()
