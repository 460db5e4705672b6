#!/usr/bin/env python3
"""Makes a Marian model in Hugging Face layout (a decoder with self-attention, one vocabulary) out of the shipped student.

The student's pieces that text uses most are kept, with their rows; a piece of both languages gets the mean of both
rows, weighted by use. Of each feed-forward layer the neurons that say most are kept, so that the weights in half precision stay
under 20 MB. Everything else is copied, but the decoder's self-attention: it is fitted for some minutes to do what the SSRU does
in its place, from the same input; the rest is for `hub_train.py` to learn.

Example: hub_start.py --student models/fr-en --data build/training --out build/hub/start
(needs torch, transformers 4, safetensors, sentencepiece, protobuf)
"""
from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import sentencepiece as spm
import torch
import torch.nn.functional as F
from sentencepiece import sentencepiece_model_pb2 as proto
from transformers import MarianConfig, MarianMTModel

import marian_io
from student import Ssru, Student, attention_mask, without_padding
from train import Data, pad

# Sentences over which the neurons' loudness is measured.
MEASURED = 400
PARTS = {"q_proj": "q", "k_proj": "k", "v_proj": "v", "out_proj": "o"}


def pruned(path: Path, used: np.ndarray, size: int, out: Path) -> tuple[list[str], np.ndarray]:
    """Writes a vocabulary with the `size` pieces that are used most (specials, bytes and single letters stay), and
    returns its pieces and their old ids. Shields go: the standard architecture knows none."""
    model = proto.ModelProto.FromString(path.read_bytes())
    kinds = proto.ModelProto.SentencePiece.Type
    stays = [
        p.type in (kinds.CONTROL, kinds.UNKNOWN, kinds.BYTE) or (len(p.piece) == 1 and ord(p.piece) < 0x250)
        for p in model.pieces
    ]
    order = sorted(range(len(used)), key=lambda i: (not stays[i], -used[i]))
    rows = sorted(i for i in order[:size] if model.pieces[i].type != kinds.USER_DEFINED)
    kept = [proto.ModelProto.SentencePiece.FromString(model.pieces[i].SerializeToString()) for i in rows]
    del model.pieces[:]
    model.pieces.extend(kept)
    out.write_bytes(model.SerializeToString())
    return [p.piece for p in kept], np.array(rows)


class Loud(Student):
    """The student, noting how much each neuron of a feed-forward layer says."""

    said: dict[str, torch.Tensor] = {}

    def feed_forward(self, x: torch.Tensor, stem: str) -> torch.Tensor:
        hidden = torch.relu(self.affine(x, f"{stem}_ffn_W1", f"{stem}_ffn_b1"))
        weight = self.weights[f"{stem}_ffn_W2"].square().sum(1)
        self.said[stem] = self.said.get(stem, 0) + hidden.square().sum((0, 1)) * weight
        return super().feed_forward(x, stem)


def loudness(tensors: dict[str, np.ndarray], data: Path) -> dict[str, np.ndarray]:
    """What each neuron says over some sentences of the corpus."""
    student = Loud(tensors)
    sides = [np.load(data / f"{n}.npz") for n in ("source", "target")]
    pieces, ends = [s["pieces"].astype(np.int64) for s in sides], [s["ends"] for s in sides]
    with torch.no_grad():
        for i in range(MEASURED):
            pair = [pad([p[(e[i - 1] if i else 0) : e[i]]]) for p, e in zip(pieces, ends)]
            mask = torch.zeros(1, 1, 1, pair[0].shape[1])
            student.decode(student.encode(pair[0], mask), mask, pair[1])
    return {stem: value.numpy() for stem, value in student.said.items()}


class Teacher(Student):
    """The student, showing what its SSRU makes of what."""

    def remembered(
        self, states: torch.Tensor, mask: torch.Tensor, target: torch.Tensor
    ) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """For each layer of the decoder the input of the SSRU, and the input of the attention after it."""
        x = F.embedding(target[:, :-1], self.weights["decoder_Wemb"]) * self.dim**0.5
        x = F.pad(x, (0, 0, 1, 0)) + self.positions[: target.shape[1]]
        out = []
        for n in range(1, self.decoder_depth + 1):
            stem = f"decoder_l{n}"
            forget = torch.sigmoid(self.affine(x, f"{stem}_rnn_Wf", f"{stem}_rnn_bf").float())
            cells = Ssru.apply(forget, self.affine(x, f"{stem}_rnn_W", None).float())
            after = self.norm(x + F.relu(cells), f"{stem}_rnn_ffn")
            out.append((x, after))
            x, _ = self.attention(after, states, mask, f"{stem}_context")
            x = self.feed_forward(x, stem)
        return out


class Attention(torch.nn.Module):
    """Causal self-attention with the residual and the norm, to stand in for an SSRU."""

    def __init__(self, tensors: dict[str, np.ndarray], stem: str, heads: int = 8):
        super().__init__()
        self.heads = heads
        dim = tensors[f"{stem}_rnn_W"].shape[0]
        self.parts = torch.nn.ModuleDict({name: torch.nn.Linear(dim, dim) for name in PARTS})
        scale, shift = (tensors[f"{stem}_rnn_ffn_ln_{n}"].reshape(-1) for n in ("scale", "bias"))
        self.norm = torch.nn.LayerNorm(dim)
        with torch.no_grad():
            self.norm.weight.copy_(torch.from_numpy(scale))
            self.norm.bias.copy_(torch.from_numpy(shift))
            for part in self.parts.values():
                part.bias.zero_()
            self.parts["v_proj"].weight.copy_(torch.from_numpy(tensors[f"{stem}_rnn_W"].T))
            self.parts["out_proj"].weight.copy_(torch.eye(dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        split = lambda y: y.view(*y.shape[:2], self.heads, -1).transpose(1, 2)
        q, k, v = (split(self.parts[name](x)) for name in ("q_proj", "k_proj", "v_proj"))
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.norm((x + self.parts["out_proj"](out.transpose(1, 2).flatten(2))).float())

    def found(self, to: str) -> dict[str, np.ndarray]:
        """The weights under Hugging Face's names."""
        modules = {f"{to}.self_attn.{name}": part for name, part in self.parts.items()}
        modules[f"{to}.self_attn_layer_norm"] = self.norm
        return {f"{n}.{kind}": getattr(m, kind).detach().numpy() for n, m in modules.items() for kind in ("weight", "bias")}


def stand_ins(tensors: dict[str, np.ndarray], data: Path, minutes: float) -> list[Attention]:
    """Fits one self-attention to each SSRU of the decoder."""
    teacher = Teacher(tensors)
    fitted = [Attention(tensors, f"decoder_l{n}") for n in range(1, teacher.decoder_depth + 1)]
    optimiser = torch.optim.Adam([p for f in fitted for p in f.parameters()], betas=(0.9, 0.98))
    begin, step, errors = time.time(), 0, []
    for source, target, _ in Data(data, 0, 1200).batches():
        progress = (time.time() - begin) / (60 * minutes)
        if progress >= 1:
            break
        optimiser.param_groups[0]["lr"] = 2e-3 * min(1.0, (step + 1) / 30, max(0.05, 2 * (1 - progress)))
        with torch.autocast("cpu", torch.bfloat16):
            (source, source_real), (target, real) = without_padding(source), without_padding(target)
            mask = attention_mask(source_real)
            with torch.no_grad():
                pairs = teacher.remembered(teacher.encode(source, mask), mask, target)
            error = sum(F.mse_loss(f(x)[real], after[real].float()) for f, (x, after) in zip(fitted, pairs))
        optimiser.zero_grad(set_to_none=True)
        error.backward()
        optimiser.step()
        step += 1
        errors.append(float(error.detach()))
        if step % 50 == 0:
            print(f"{step} steps, squared error {np.mean(errors):.4f}", flush=True)
            errors.clear()
    return fitted


def layers(
    tensors: dict[str, np.ndarray], said: dict[str, np.ndarray], width: int, fitted: list[Attention]
) -> dict[str, np.ndarray]:
    """The layers under Hugging Face's names."""
    out: dict[str, np.ndarray] = {}
    flat = lambda name: tensors[name].reshape(-1)

    def attention(stem: str, to: str) -> None:
        for name, letter in PARTS.items():
            out[f"{to}.{name}.weight"] = tensors[f"{stem}_W{letter}"].T
            out[f"{to}.{name}.bias"] = flat(f"{stem}_b{letter}")

    def norm(stem: str, to: str) -> None:
        out[f"{to}.weight"], out[f"{to}.bias"] = flat(f"{stem}_ln_scale"), flat(f"{stem}_ln_bias")

    for stem in said:
        side, number = stem.split("_l")
        to = f"model.{side}.layers.{int(number) - 1}"
        if side == "encoder":
            attention(f"{stem}_self", f"{to}.self_attn")
            norm(f"{stem}_self_Wo", f"{to}.self_attn_layer_norm")
        else:
            attention(f"{stem}_context", f"{to}.encoder_attn")
            norm(f"{stem}_context_Wo", f"{to}.encoder_attn_layer_norm")
            out.update(fitted[int(number) - 1].found(to))
        loudest = np.sort(np.argsort(-said[stem])[:width])
        out[f"{to}.fc1.weight"] = tensors[f"{stem}_ffn_W1"].T[loudest]
        out[f"{to}.fc1.bias"] = flat(f"{stem}_ffn_b1")[loudest]
        out[f"{to}.fc2.weight"] = tensors[f"{stem}_ffn_W2"].T[:, loudest]
        out[f"{to}.fc2.bias"] = flat(f"{stem}_ffn_b2")
        norm(f"{stem}_ffn_ffn", f"{to}.final_layer_norm")
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--student", type=Path, required=True, help="directory with model.bin, source.spm and target.spm")
    parser.add_argument("--data", type=Path, required=True, help="what prepare.py made with the student's vocabularies")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pieces", type=int, default=5600, help="pieces of each language")
    parser.add_argument("--ffn", type=int, default=1024, help="neurons of a feed-forward layer")
    parser.add_argument("--minutes", type=float, default=6, help="time for the self-attention")
    args = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    tensors, _ = marian_io.read(args.student / "model.bin")
    tensors = {n: v for n, v in tensors.items() if not n.endswith("QuantMultA")}
    tables = {"source": tensors["encoder_Wemb"], "target": tensors["decoder_Wemb"]}
    logits = tensors["decoder_ff_logit_out_b"].reshape(-1)

    ids: dict[str, int] = {}
    sums, weights, bias = [], [], []
    for side, table in tables.items():
        used = np.bincount(np.load(args.data / f"{side}.npz")["pieces"][:6_000_000], minlength=len(table))
        pieces, rows = pruned(args.student / f"{side}.spm", used, args.pieces, args.out / f"{side}.spm")
        share = used / used.sum()
        for piece, row in zip(pieces, rows):
            if piece not in ids:
                ids[piece] = len(ids)
                sums.append(np.zeros(table.shape[1], np.float32))
                weights.append(0.0)
                # A piece of French alone is never an answer at first; training says the rest.
                bias.append(-20.0)
            at = ids[piece]
            weight = share[row] + 1e-7
            sums[at] += weight * table[row]
            weights[at] += weight
            if side == "target" and logits[row] > -50:
                bias[at] = float(logits[row])
    assert ids["</s>"] == 0 and ids["<unk>"] == 1
    ids["<pad>"] = len(ids)
    embeddings = np.vstack([s / w for s, w in zip(sums, weights)] + [np.zeros(tables["source"].shape[1])])
    bias.append(0.0)
    (args.out / "vocab.json").write_text(json.dumps(ids, ensure_ascii=False, indent=0) + "\n")

    said = loudness(tensors, args.data)
    fitted = stand_ins(tensors, args.data, args.minutes)
    depth = lambda side: sum(stem.startswith(side) for stem in said)
    config = MarianConfig(
        vocab_size=len(ids), d_model=embeddings.shape[1], encoder_layers=depth("encoder"), decoder_layers=depth("decoder"),
        encoder_attention_heads=8, decoder_attention_heads=8, encoder_ffn_dim=args.ffn, decoder_ffn_dim=args.ffn,
        activation_function="relu", scale_embedding=True, max_position_embeddings=512, dropout=0.0, attention_dropout=0.0,
        activation_dropout=0.0, eos_token_id=0, pad_token_id=ids["<pad>"], decoder_start_token_id=ids["<pad>"],
        forced_eos_token_id=0, bad_words_ids=[[ids["<pad>"]]], num_beams=1, max_length=512,
    )
    model = MarianMTModel(config)
    found = layers(tensors, said, args.ffn, fitted)
    found["model.shared.weight"] = embeddings
    found["final_logits_bias"] = np.array([bias])
    state = {name: torch.from_numpy(np.ascontiguousarray(value, np.float32)) for name, value in found.items()}
    lacking = model.load_state_dict(state, strict=False)
    assert not lacking.unexpected_keys, lacking
    print("not copied:", [n for n in lacking.missing_keys if "embed" not in n and n != "lm_head.weight"])
    model.tie_weights()
    model.save_pretrained(args.out)
    print(f"{len(ids)} pieces, {sum(p.numel() for p in state.values()) / 1e6:.2f} million parameters")


if __name__ == "__main__":
    main()
