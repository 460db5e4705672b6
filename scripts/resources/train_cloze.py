#!/usr/bin/env python3
"""Trains the small neural model that guesses a hidden homograph from the words around it.

Usage: train_cloze.py CORPORA_DIR WORK_DIR TRIGRAM_MODEL OUT_FILE [--epochs N] [--save FILE.pt] [--start FILE.pt]   (8 epochs by default)

WORK_DIR holds what Tables in synonymy.py reads, and bilingual.npz. The trigram model sees two words to either side; this
one sees five in order and the twenty to either side as a bag, and has to choose among the homographs only. Its
vocabulary is the trigram model's. A position is drawn with a chance that falls with the root of its word's frequency.

Parliaments are no newspapers, so two things are to help with news. Sentences written for this (`corpora.py`) make up
a share of each batch that grows with the cube of time. And an embedding is the sum of a free vector and of a projection
of English word vectors: those of the word's translation, and for a homograph that is to be guessed of its namesake. So
words that the corpora hardly have start from what English knows of them. The sums alone are written.

    hidden = relu(near · [embeddings of the ten nearest] + far · Σ embeddings of the others / √count)
    logit(homograph) = out[homograph] · (mid · hidden) + bias

Layout, little endian: magic "RTCZ0001"; u32 vocabulary V, rows R, dimensions D, hidden units N, near words a side,
far words a side, targets T, rows too common to count far away; u16[V] row of each word; then for each of the matrices
embeddings R×D, near N×(2·near·D), far N×D, mid D×N, out T×D its rows' scales f32 and its cells i8; near bias f32[N],
mid bias f32[D], out bias f32[T]; u16[T] word of each target, ascending.

`--save` keeps the weights in full, and `--start` goes on from them, for a vocabulary that may have changed. The weights
that ship had five epochs with the first 22,000 written sentences, two with 37,500 (`--rate 1.5e-3 --least-written 0.15`),
and one and a half with all (`--rate 1e-3 --least-written 0.25`), each begun where the one before had ended.
"""
import argparse
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from build_topics import translations
from corpora import CORPORA_OF_CLOZE, sample, written
from synonymy import Tables, glove, unit
from tokens import tokens, vocabulary

ROWS, DIMENSIONS, HIDDEN, NEAR, FAR = 32_000, 128, 512, 5, 20
KEPT, LOOKED_AT = 384, 8_000  # hidden units that are written, and positions by which they are chosen
TOO_COMMON = 200
FREQUENT, FREQUENT_WRITTEN = 3e-5, 3e-4  # shares of running words above which positions are thinned
LEAST, WRITTEN_COUNTS = 8, 5  # occurrences of a word that is to be guessed, and how many a written one is worth
MOST_WRITTEN = 0.35  # share of written positions in the last batch
QUOTES = set("«»“”\"„‘")
BATCH, RATE = 4096, 2e-3
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

    def embedded(self, rows):
        return self.emb(rows) + self.of_meaning(self.meaning[rows])

    def hidden(self, near, far, there):
        bag = (self.embedded(far) * there[..., None]).sum(1) / there.sum(1, keepdim=True).clamp(min=1).sqrt()
        return torch.relu(self.near(self.embedded(near).flatten(1)) + self.far(bag))

    def forward(self, near, far, there):
        answers = self.out.weight + self.of_namesake(self.namesakes)
        return self.mid(self.drop(self.hidden(near, far, there))) @ answers.T + self.out.bias

    @torch.no_grad()
    def weights(self, inputs) -> dict[str, np.ndarray]:
        """The matrices and biases to write: projections added, the units that move these inputs least left out.

        What a unit says in the mean goes to the bias. Without a quarter of them the model is less sure of itself, and
        better on other text.
        """
        found = {name: value.float().numpy() for name, value in self.state_dict().items()}
        found["emb.weight"] = found["emb.weight"] + self.of_meaning(self.meaning).numpy()
        found["out.weight"] = found["out.weight"] + self.of_namesake(self.namesakes).numpy()
        hidden = self.hidden(*inputs)
        moves = hidden.std(0) * self.mid.weight.norm(dim=0)
        order = moves.argsort(descending=True).numpy()
        kept, left = np.sort(order[:KEPT]), order[KEPT:]
        found["mid.bias"] = found["mid.bias"] + found["mid.weight"][:, left] @ hidden.mean(0).numpy()[left]
        found["mid.weight"] = found["mid.weight"][:, kept]
        for name in ("near.weight", "near.bias", "far.weight"):
            found[name] = found[name][kept]
        return found


def export(weights: dict[str, np.ndarray], row_of: np.ndarray, targets: list[int], out: Path) -> None:
    """Writes the weights in eight bits a cell."""
    def quantised(matrix: np.ndarray) -> bytes:
        scale = np.abs(matrix).max(axis=1) / 127 + 1e-12
        return scale.astype("<f4").tobytes() + np.rint(matrix / scale[:, None]).astype(np.int8).tobytes()

    header = (len(row_of), ROWS, DIMENSIONS, KEPT, NEAR, FAR, len(targets), TOO_COMMON)
    with open(out, "wb") as file:
        file.write(b"RTCZ0001" + struct.pack("<8I", *header) + row_of.astype("<u2").tobytes())
        for name in ("emb", "near", "far", "mid", "out"):
            file.write(quantised(weights[name + ".weight"]))
        for name in ("near", "mid", "out"):
            file.write(weights[name + ".bias"].astype("<f4").tobytes())
        file.write(np.array(targets, "<u2").tobytes())
    print(f"{out}: {out.stat().st_size} bytes", file=sys.stderr)


def resume(model: Cloze, saved: dict, names: list[str], answers: list[str]) -> None:
    """Takes the weights of a saved model, row by row where the words have moved; a new word gets the median of all."""
    state = model.state_dict()
    for name, value in saved["state"].items():
        if not name.startswith(("emb.", "out.")):
            state[name] = value
    for part, here, there in (("emb.weight", names, saved["names"]), ("out.weight", answers, saved["answers"]),
                              ("out.bias", answers, saved["answers"])):
        place = {word: i for i, word in enumerate(there)}
        old = saved["state"][part]
        rows = [old[place[w]] if w in place else old.median().expand_as(old[0]) for w in here]
        state[part] = torch.stack(rows)
    model.load_state_dict(state)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("corpora", "work", "trigram", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--epochs", type=float, default=8)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--least-written", type=float, default=0.0, help="share of written positions in the first batch")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--start", type=Path)
    args = parser.parse_args()
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
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
    target_of = np.full(len(words), -1)
    target_of[targets] = np.arange(len(targets))
    edges = ids["<s>"], ids["</s>"]
    general, own = (Places(s, *edges, row_of, target_of, f) for s, f in zip(streams, (FREQUENT, FREQUENT_WRITTEN)))

    english = translations(args.work)
    model = Cloze(unit(glove([english.get(w, "") for w in names])), unit(glove(answers)))
    if args.start:
        resume(model, torch.load(args.start), names, answers)
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
    *inputs, _ = own.batch(own.draw(LOOKED_AT, rng))
    export(model.weights(inputs), row_of, targets, args.out)


if __name__ == "__main__":
    main()
