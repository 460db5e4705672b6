#!/usr/bin/env python3
"""Trains the model of `hub_start.py` until a given time of day, and stores it in half precision.

First the decoder's layers alone, then everything. The weights of the falling rate are averaged, as in `train.py`.

Example: hub_train.py --start build/hub/start --corpora ../shared/corpora --out build/hub/run --until 12:10
(needs torch, transformers 4, safetensors, sentencepiece, sacrebleu)
"""
from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import sacrebleu
import sentencepiece as spm
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from transformers import MarianMTModel

import corpus
from muon import Muon
from train import rate

# The files of a model, and what its card says they are for.
FILES = {
    "config.json": "config",
    "generation_config.json": "config",
    "model.safetensors": "model",
    "source.spm": "source_vocabulary",
    "target.spm": "target_vocabulary",
    "vocab.json": "tokenizer",
}
# The id of the unknown piece.
UNKNOWN = 1
# Pairs that are sorted by length together.
WINDOW = 8000
# Share of the time for the decoder's layers alone.
ALONE = 0.35


class Pieces:
    """Text to ids and back, as transformers' MarianTokenizer does it."""

    def __init__(self, folder: Path):
        self.ids = json.loads((folder / "vocab.json").read_text())
        self.names = {i: p for p, i in self.ids.items()}
        self.sides = [spm.SentencePieceProcessor(model_file=str(folder / f"{n}.spm")) for n in ("source", "target")]

    def encode(self, text: str, side: int) -> list[int]:
        return [self.ids[p] for p in self.sides[side].encode(text, out_type=str) if p in self.ids] + [0]

    def decode(self, ids: list[int]) -> str:
        pieces = [self.names[i] for i in ids]
        return self.sides[1].decode([p for p in pieces if p not in ("</s>", "<pad>", "<unk>")])


def batches(corpora: Path, pieces: Pieces, pairs: int, tokens: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Padded batches (source, target) of similar length, endlessly."""
    rng = random.Random(5)
    kept: list[tuple[str, str]] = []
    for name, share in corpus.MIXTURE.items():
        there = list(corpus.pairs(corpora / f"{name}.fr-en.tsv.gz"))
        kept += rng.sample(there, min(int(pairs * share), len(there)))
    rng.shuffle(kept)
    print(f"{len(kept)} pairs", flush=True)
    pad = pieces.ids["<pad>"]
    while True:
        for first in range(0, len(kept), WINDOW):
            window = []
            for french, english in kept[first : first + WINDOW]:
                english = english.translate(corpus.STRAIGHT)
                french = french.replace("'", "’") if rng.random() < 0.5 else french
                window.append((pieces.encode(french, 0), pieces.encode(english, 1)))
            window = [p for p in window if len(p[0]) <= 80 and 2 <= len(p[1]) <= 75]
            window.sort(key=lambda p: (len(p[0]), len(p[1])))
            groups, group = [], []
            for p in window:
                if group and (len(group) + 1) * max(len(p[0]), len(p[1])) > tokens:
                    groups.append(group)
                    group = []
                group.append(p)
            rng.shuffle(groups)
            for group in groups:
                fill = lambda rows: torch.nn.utils.rnn.pad_sequence([torch.tensor(r) for r in rows], True, pad)
                yield fill([s for s, _ in group]), fill([t for _, t in group])


def translate(model: MarianMTModel, pieces: Pieces, lines: list[str]) -> list[str]:
    """Greedy translations."""
    model.eval()
    order = sorted(range(len(lines)), key=lambda i: len(lines[i]))
    out = [""] * len(lines)
    pad = model.config.pad_token_id
    for first in range(0, len(order), 16):
        chunk = order[first : first + 16]
        rows = [torch.tensor(pieces.encode(lines[i], 0)) for i in chunk]
        source = torch.nn.utils.rnn.pad_sequence(rows, True, pad)
        made = model.generate(
            source, attention_mask=(source != pad).long(), num_beams=1, max_new_tokens=2 * source.shape[1] + 4,
            bad_words_ids=[[pad]],
        )
        for i, row in zip(chunk, made.tolist()):
            out[i] = pieces.decode(row)
    model.train()
    return out


def bleu(model: MarianMTModel, pieces: Pieces, test: Path, lines: int) -> float:
    """Greedy BLEU on the first lines of a test set `PATH.fr`, `PATH.en`."""
    french, english = (Path(f"{test}.{s}").read_text().splitlines()[:lines] for s in ("fr", "en"))
    with torch.inference_mode():
        out = translate(model, pieces, french)
    print("   ", out[0], flush=True)
    return sacrebleu.corpus_bleu(out, [english]).score


def store(model: MarianMTModel, start: Path, out: Path) -> None:
    """The model in half precision, without what loaders make themselves, and the files beside it."""
    out.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        if name != "model.safetensors":
            (out / name).write_bytes((start / name).read_bytes())
    own = {n: v.detach().half() for n, v in model.state_dict().items() if "embed_" not in n and n != "lm_head.weight"}
    # The unknown piece is never an answer.
    own["final_logits_bias"][0, UNKNOWN] = -100.0
    save_file({n: v.contiguous() for n, v in own.items()}, out / "model.tmp", {"format": "pt"})
    os.replace(out / "model.tmp", out / "model.safetensors")
    (out / "model.toml").write_text(card(model, out))


def card(model: MarianMTModel, out: Path) -> str:
    """The model card, with the digests of the files in `out`."""
    files = ""
    for name, role in FILES.items():
        raw = (out / name).read_bytes()
        files += f'\n[[files]]\npath = "{name}"\nrole = "{role}"\nsize = {len(raw)}\nsha256 = "{hashlib.sha256(raw).hexdigest()}"\n'
    c = model.config
    return f'''name = "fr-en/marian-test"
version = "{date.today().isoformat()}"
engine = "bert"
source_lang = "fr"
target_lang = "en"
origin = "trained here (scripts/training/hub_start.py, hub_train.py), from the student of models/fr-en; a test fixture, not a model for use"
licence = "MPL-2.0"
notice = "Derived from a student of the Firefox Translations project, which publishes its models under MPL-2.0."
architecture = "Marian with self-attention: {c.encoder_layers} and {c.decoder_layers} layers ({c.d_model} wide, {c.encoder_attention_heads} heads, ffn {c.encoder_ffn_dim}), {c.vocab_size} pieces for both languages, half precision"
data = "the corpora of models/fr-en/model.toml"
{files}'''


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=Path, required=True, help="a model in Hugging Face layout")
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--until", required=True, help="time of day to stop at, HH:MM")
    parser.add_argument("--test", type=Path, help="prefix of a development set, for BLEU as it goes")
    parser.add_argument("--pairs", type=int, default=250_000)
    parser.add_argument("--tokens", type=int, default=3000, help="padded pieces of a batch")
    parser.add_argument("--rate", type=float, default=5e-4)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    pieces = Pieces(args.start)
    model = MarianMTModel.from_pretrained(args.start, dtype=torch.float32)
    model.train()
    pad = model.config.pad_token_id
    # Two of them are no parameters of ours: the positions are fixed, the bias is a buffer.
    bias = torch.nn.Parameter(model.final_logits_bias.clone())
    named = {n: p for n, p in model.named_parameters() if "embed_positions" not in n and n != "lm_head.weight"}
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in named)
    matrices = [p for n, p in named.items() if p.dim() == 2 and n != "model.shared.weight"]
    others = [p for n, p in named.items() if p.dim() == 1 or n == "model.shared.weight"] + [bias]
    optimisers = [
        Muon(matrices, lr=args.rate),
        torch.optim.Adam(others, lr=args.rate, betas=(0.9, 0.98), eps=1e-9, fused=True),
    ]
    everything = [*matrices, *others]
    rested = [p for n, p in named.items() if "encoder.layers" in n or n == "model.shared.weight"]
    begin, now = time.time(), datetime.now()
    end = datetime.combine(now.date(), datetime.strptime(args.until, "%H:%M").time()).timestamp()
    average = None
    seen, step, losses, logged, tested = 0, 0, [], begin, begin
    # A time that is past: nothing is trained, the model is only stored.
    endless = batches(args.corpora, pieces, args.pairs, args.tokens) if end > begin else iter(())
    for source, target in endless:
        progress = (time.time() - begin) / (end - begin)
        if progress >= 1:
            break
        alone = progress < ALONE
        for parameter in everything:
            parameter.requires_grad_(not alone or not any(parameter is p for p in rested))
            parameter.grad = None
        for optimiser in optimisers:
            optimiser.param_groups[0]["lr"] = rate(progress, args.rate)
        shifted = F.pad(target[:, :-1], (1, 0), value=pad)
        real = target != pad
        with torch.autocast("cpu", torch.bfloat16):
            shown = (source != pad).long()
            with torch.set_grad_enabled(not alone):
                states = model.model.encoder(source, shown).last_hidden_state
            hidden = model.model.decoder(
                shifted, encoder_hidden_states=states, encoder_attention_mask=shown, use_cache=False
            ).last_hidden_state[real]
            logits = F.linear(hidden, model.model.shared.weight[:pad]).float() + bias[0, :pad]
        loss = F.cross_entropy(logits, target[real], label_smoothing=0.1)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in everything if p.grad is not None], 1.0, foreach=True)
        if alone:
            # Muon wants a gradient of each of its matrices; the others' rest at nothing.
            for parameter in matrices:
                parameter.grad = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        # The padding is the decoder's first input; its row stays zero, as loaders make it.
        if model.model.shared.weight.grad is not None:
            model.model.shared.weight.grad[pad] = 0
        for optimiser in optimisers:
            optimiser.step()
        tokens = int(real.sum())
        seen, step = seen + tokens, step + 1
        losses.append(float(loss.detach()))
        if progress > 0.5 and step % 8 == 0:
            with torch.no_grad():
                if average is None:
                    average = [p.detach().clone() for p in everything]
                keep = min(0.99, 1 - 1 / (1 + step / 80))
                torch._foreach_lerp_(average, [p.detach() for p in everything], 1 - keep)
        if time.time() - logged > 60:
            logged = time.time()
            speed = seen / (logged - begin)
            print(f"{logged - begin:5.0f} s  {seen / 1e6:5.2f} M pieces  {speed:5.0f}/s  loss {sum(losses) / len(losses):.3f}", flush=True)
            losses.clear()
        if args.test and time.time() - tested > 900:
            model.final_logits_bias.copy_(bias.detach())
            print(f"BLEU {bleu(model, pieces, args.test, 60):.1f} after {seen / 1e6:.2f} M pieces", flush=True)
            store(model, args.start, args.out / "latest")
            tested = time.time()
    with torch.no_grad():
        for parameter, value in zip(everything, average or []):
            parameter.copy_(value)
        model.final_logits_bias.copy_(bias)
    store(model, args.start, args.out / "final")
    print(f"done: {seen} target pieces, {step} steps", flush=True)
    if args.test:
        print(f"BLEU {bleu(model, pieces, args.test, 200):.1f} (averaged weights, 200 lines)", flush=True)


if __name__ == "__main__":
    main()
