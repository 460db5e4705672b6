#!/usr/bin/env python3
"""Compares the shipped model in the engine with the same file in PyTorch: greedy text of the first lines, line by line.

PyTorch rounds the rows of activations as the engine does, and for comparison also leaves them as floats. With
--float, also the float tensors that the file was exported from, for what quantisation changes.

Example: round_trip.py --model models/fr-en --text ../shared/testsets/flores-dev [--float build/training/run/average.npz]
         (needs torch, sentencepiece, sacrebleu, and `cargo build --release --example translate_lines`)
"""
from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import sacrebleu
import sentencepiece as spm
import torch

sys.path.insert(0, str(Path(__file__).parent.parent / "training"))
from student import EOS, Student  # noqa: E402
from train import pad, starting_tensors  # noqa: E402


class RoundedStudent(Student):
    """A student whose activations are rounded before every product as in `src/translate/forward/rows.rs`: finely between
    layers, coarsely before the choice of a piece."""

    def affine(self, x: torch.Tensor, weight: str, bias: str | None) -> torch.Tensor:
        return super().affine(rounded(x, min(65_279, 2**31 // (128 * x.shape[-1]))), weight, bias)

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        logits = super().logits(rounded(hidden, 255))
        # The engine never says the unknown piece.
        logits[:, 1] = -torch.inf
        return logits


def rounded(x: torch.Tensor, steps: int) -> torch.Tensor:
    """Each row in equal steps between its least and its greatest value, nought among them."""
    least, greatest = x.amin(-1, keepdim=True).clamp(max=0), x.amax(-1, keepdim=True).clamp(min=0)
    by_unit, lowest = steps / (greatest - least), -((steps + 1) // 2)
    zero = lowest - torch.round(least * by_unit)
    integers = torch.round((x * by_unit + zero).clamp(lowest, lowest + steps))
    return (integers - zero) * ((greatest - least) / steps)


def in_torch(tensors: Path, vocabularies: list[spm.SentencePieceProcessor], lines: list[str], kind: type[Student]) -> list[str]:
    model = kind(starting_tensors(tensors)).eval()
    out = []
    for line in lines:
        (pieces,) = model.translate(pad([np.array([*vocabularies[0].encode(line), EOS])]))
        out.append(vocabularies[1].decode(pieces))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="directory of the shipped model")
    parser.add_argument("--text", required=True, help="prefix of a test set, with .fr and .en")
    parser.add_argument("--float", type=Path, help="the float tensors before the export")
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--engine", default="target/release/examples/translate_lines")
    args = parser.parse_args()
    torch.set_num_threads(1)
    french, english = (Path(f"{args.text}.{e}").read_text().splitlines()[: args.lines] for e in ("fr", "en"))
    files = [str(args.model / name) for name in ("model.bin", "source.spm", "target.spm")]
    vocabularies = [spm.SentencePieceProcessor(model_file=f) for f in files[1:]]
    with tempfile.NamedTemporaryFile("w", suffix=".fr") as text:
        text.write("\n".join(french) + "\n")
        text.flush()
        run = subprocess.run([args.engine, *files, text.name, "ours"], capture_output=True, text=True, check=True)
    engine = run.stdout.splitlines()
    kinds = [("PyTorch, same file", RoundedStudent), ("PyTorch, float activations", Student)]
    rows = [("engine", engine)]
    rows += [(name, in_torch(args.model / "model.bin", vocabularies, french, kind)) for name, kind in kinds]
    if args.float:
        rows.append(("PyTorch, float tensors", in_torch(args.float, vocabularies, french, Student)))
    for name, texts in rows:
        equal = sum(a.strip() == b.strip() for a, b in zip(texts, engine))
        bleu = sacrebleu.corpus_bleu(texts, [english]).score
        print(f"{name:26} BLEU {bleu:5.2f}  text equal to the engine's on {100 * equal / len(engine):5.1f} % of {len(engine)} lines")


if __name__ == "__main__":
    main()
