#!/usr/bin/env python3
"""Trains the student until a given time of day, and writes checkpoints as it goes.

The learning rate rises, holds and falls with the clock, so that a run always ends annealed however fast the machine
is. Everything else is deterministic: the data order is that of `prepare.py`, starting at `--skip` pairs.

Example: train.py --data build/training --start build/training/start.npz --out build/training/run --until 18:30
"""
from __future__ import annotations

import argparse
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import sacrebleu
import sentencepiece as spm
import torch

import marian_io
from align import NONE
from muon import Muon
from student import EOS, Student


# Weight of the guided attention beside the translation.
GUIDE = 0.1
# Pairs that are sorted by length together.
WINDOW = 20_000


class Data:
    """Batches of similar length from the tokenised corpora, in order."""

    def __init__(self, folder: Path, skip: int, tokens: int):
        self.sides = [np.load(folder / f"{n}.npz") for n in ("source", "target")]
        self.pieces = [s["pieces"].astype(np.int64) for s in self.sides]
        self.ends = [s["ends"] for s in self.sides]
        alignments = folder / "alignments.npz"
        self.places = np.load(alignments)["places"] if alignments.exists() else None
        self.at = skip % len(self.ends[0])
        self.tokens = tokens
        self.rng = np.random.default_rng(skip + 1)

    def pair(self, i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Source pieces, target pieces, and the source position of each target piece (-1 for none)."""
        source, target = (slice(e[i - 1] if i else 0, e[i]) for e in self.ends)
        places = np.full(target.stop - target.start, -1)
        if self.places is not None:
            places = np.where(self.places[target] == NONE, -1, self.places[target].astype(np.int64))
        return self.pieces[0][source], self.pieces[1][target], places

    def batches(self):
        """Yields (source, target, places), padded with -1, endlessly."""
        while True:
            window = [self.pair((self.at + i) % len(self.ends[0])) for i in range(WINDOW)]
            self.at += len(window)
            window = [p for p in window if 2 <= len(p[0]) <= 90 and 2 <= len(p[1]) <= 80]
            # The encoder costs most, so padding on its side is what must be small.
            window.sort(key=lambda p: (len(p[0]), len(p[1])))
            groups, group, longest = [], [], 0
            for p in window:
                longest = max(longest, len(p[0]), len(p[1]))
                if group and (len(group) + 1) * longest > self.tokens:
                    groups.append(group)
                    group, longest = [], max(len(p[0]), len(p[1]))
                group.append(p)
            groups.append(group)
            self.rng.shuffle(groups)
            for group in groups:
                yield tuple(pad([p[side] for p in group]) for side in (0, 1, 2))


def pad(rows: list[np.ndarray]) -> torch.Tensor:
    out = np.full((len(rows), max(map(len, rows))), -1, np.int64)
    for slot, row in zip(out, rows):
        slot[: len(row)] = row
    return torch.from_numpy(out)


def scores(model: Student, vocabularies: list[spm.SentencePieceProcessor], test: Path, lines: int) -> str:
    """BLEU and chrF of greedy translations of the first lines of a test set `PATH.fr`, `PATH.en`."""
    french = Path(f"{test}.fr").read_text().splitlines()[:lines]
    english = Path(f"{test}.en").read_text().splitlines()[:lines]
    model.eval()
    out: list[str] = []
    order = sorted(range(len(french)), key=lambda i: len(french[i]))
    texts = {}
    for first in range(0, len(order), 25):
        chunk = order[first : first + 25]
        rows = [np.array([*vocabularies[0].encode(french[i]), EOS]) for i in chunk]
        for i, pieces in zip(chunk, model.translate(pad(rows))):
            texts[i] = vocabularies[1].decode(pieces)
    out = [texts[i] for i in range(len(french))]
    model.train()
    print("   ", out[0], flush=True)
    return f"BLEU {sacrebleu.corpus_bleu(out, [english]).score:.1f}, chrF {sacrebleu.corpus_chrf(out, [english]).score:.1f}"


def rate(progress: float, peak: float) -> float:
    """Short warm-up, level, then a linear fall to a twentieth over the last 60 per cent."""
    if progress < 0.02:
        return peak * max(progress / 0.02, 0.05)
    return peak * min(1.0, max(0.03, (1.0 - progress) / 0.6))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True, help="tensors to start from: a checkpoint (.npz) or an exported model (.bin)")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--until", required=True, help="time of day to stop at, HH:MM")
    parser.add_argument("--test", type=Path, help="prefix of a development set, for BLEU as it goes")
    parser.add_argument("--tokens", type=int, default=5000, help="padded pieces of a batch")
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--skip", type=int, default=0, help="pairs already seen, to go on from there")
    parser.add_argument("--bfloat16", action="store_true",
                        help="matrix products in bfloat16: twice as fast on a processor with avx512_bf16, slower on others")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    args.out.mkdir(parents=True, exist_ok=True)
    model = Student(starting_tensors(args.start))
    model.train()
    vocabularies = [spm.SentencePieceProcessor(model_file=str(args.data / f"{n}.spm")) for n in ("source", "target")]
    matrices = [p for n, p in model.weights.items() if min(p.shape) > 1 and not n.endswith("Wemb")]
    others = [p for n, p in model.weights.items() if min(p.shape) == 1 or n.endswith("Wemb")]
    optimisers = [
        Muon(matrices, lr=args.rate, precision=torch.bfloat16 if args.bfloat16 else torch.float32),
        torch.optim.Adam(others, lr=args.rate, betas=(0.9, 0.98), eps=1e-9, fused=True),
    ]
    frequent = torch.from_numpy(np.argsort(-np.bincount(np.load(args.data / "target.npz")["pieces"][:3_000_000]))[:3000])
    rng = np.random.default_rng(3)
    begin = time.time()
    now = datetime.now()
    end = datetime.combine(now.date(), datetime.strptime(args.until, "%H:%M").time()).timestamp()
    data = Data(args.data, args.skip, args.tokens)
    average = {n: p.detach().clone() for n, p in model.weights.items()}
    seen, step, losses, last_log, last_save = 0, 0, [], begin, begin
    rows = model.weights["decoder_Wemb"].shape[0]
    for batch in data.batches():
        progress = (time.time() - begin) / (end - begin)
        if progress >= 1:
            break
        for optimiser in optimisers:
            optimiser.param_groups[0]["lr"] = rate(progress, args.rate)
        target = batch[1]
        tokens = int((target >= 0).sum())
        random = torch.from_numpy(rng.integers(0, rows, 800))
        candidates = torch.unique(torch.cat([target.flatten().clamp(min=0), frequent, random]))
        with torch.autocast("cpu", torch.bfloat16, enabled=args.bfloat16):
            loss, guided = model.loss(batch[:2], candidates, 0.1, batch[2])
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        (loss + GUIDE * guided).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0, foreach=True)
        for optimiser in optimisers:
            optimiser.step()
        seen, step = seen + tokens, step + 1
        losses.append((float(loss.detach()), float(guided.detach())))
        if step % 8 == 0 and progress > 0.5:
            # The average of the falling part of the run is what is kept.
            with torch.no_grad():
                keep = min(0.99, 1 - 1 / (1 + step / 80))
                torch._foreach_lerp_(list(average.values()), [p.detach() for p in model.weights.values()], 1 - keep)
        elif progress <= 0.5 and step % 200 == 0:
            average = {n: p.detach().clone() for n, p in model.weights.items()}
        if time.time() - last_log > 30:
            last_log = time.time()
            speed = seen / (last_log - begin)
            translation, guided = np.mean(losses, axis=0)
            print(f"{last_log - begin:6.0f} s  {seen / 1e6:6.2f} M pieces  {speed:5.0f}/s  loss {translation:.3f} + {guided:.3f}  "
                  f"rate {rate(progress, args.rate):.2e}", flush=True)
            losses.clear()
        if time.time() - last_save > 900:
            save(model, args.out / "latest.npz")
            if args.test:
                print(f"{scores(model, vocabularies, args.test, 100)} after {seen / 1e6:.2f} M pieces", flush=True)
            last_save = time.time()
    save(model, args.out / "latest.npz")
    for name, parameter in model.weights.items():
        parameter.data.copy_(average[name])
    save(model, args.out / "average.npz")
    print(f"done: {seen} target pieces, {step} steps, {data.at} pairs read", flush=True)
    if args.test:
        print(f"{scores(model, vocabularies, args.test, 200)} (averaged weights)", flush=True)


def starting_tensors(path: Path) -> dict[str, np.ndarray]:
    """Tensors of an `.npz` checkpoint, or of an exported Marian `.bin`, whose activation multipliers are not weights."""
    if path.suffix == ".bin":
        tensors, _ = marian_io.read(path)
        return {name: value for name, value in tensors.items() if not name.endswith("QuantMultA")}
    return dict(np.load(path))


def save(model: Student, path: Path) -> None:
    temporary = path.with_suffix(".tmp.npz")
    np.savez(temporary, **{n: p.detach().numpy() for n, p in model.weights.items()})
    temporary.rename(path)


if __name__ == "__main__":
    main()
