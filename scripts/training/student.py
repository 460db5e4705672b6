"""The student in PyTorch: post-norm transformer encoder, SSRU decoder, tied output (Kim et al. 2019).

Parameters carry Marian's names, so that reading and writing a model is a matter of copying tensors.
"""
from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

EOS = 0


class Ssru(torch.autograd.Function):
    """c_t = f_t c_{t-1} + (1 - f_t) x_t along dimension 1; a hand-written scan, since autograd's would be slow."""

    @staticmethod
    def forward(ctx, forget: torch.Tensor, candidate: torch.Tensor) -> torch.Tensor:
        cells = torch.empty_like(candidate)
        update = (1 - forget) * candidate
        cell = torch.zeros_like(candidate[:, 0])
        for t in range(candidate.shape[1]):
            cell = torch.addcmul(update[:, t], forget[:, t], cell)
            cells[:, t] = cell
        ctx.save_for_backward(forget, candidate, cells)
        return cells

    @staticmethod
    def backward(ctx, grad: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        forget, candidate, cells = ctx.saved_tensors
        total = torch.empty_like(grad)
        carried = torch.zeros_like(grad[:, 0])
        for t in range(grad.shape[1] - 1, -1, -1):
            carried = grad[:, t] + carried
            total[:, t] = carried
            carried = carried * forget[:, t]
        before = F.pad(cells[:, :-1], (0, 0, 1, 0))
        return total * (before - candidate), total * (1 - forget)


class Student(nn.Module):
    """Parameters by Marian name; `encode` and `decode` on padded batches of piece ids."""

    def __init__(self, tensors: dict[str, np.ndarray], heads: int = 8, dropout: float = 0.0):
        super().__init__()
        self.weights = nn.ParameterDict({name: nn.Parameter(torch.from_numpy(v.copy())) for name, v in tensors.items()})
        self.dim = tensors["decoder_Wemb"].shape[1]
        self.heads = heads
        self.dropout = dropout
        self.encoder_depth = sum(f"encoder_l{n}_self_Wq" in tensors for n in range(1, 30))
        self.decoder_depth = sum(f"decoder_l{n}_rnn_W" in tensors for n in range(1, 30))
        half = self.dim // 2
        column = torch.arange(self.dim)
        frequency = 1e-4 ** ((column % half) / (half - 1.0))
        phase = (column // half) * (math.pi / 2)
        waves = torch.sin(torch.arange(1024)[:, None] * frequency[None] + phase[None])
        self.register_buffer("positions", waves.float(), persistent=False)

    def affine(self, x: torch.Tensor, weight: str, bias: str | None) -> torch.Tensor:
        b = self.weights[bias].view(-1) if bias else None
        return F.linear(x, self.weights[weight].t(), b)

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """Logits over the whole vocabulary; the projection is tied to the embeddings."""
        return F.linear(hidden, self.weights["decoder_Wemb"], self.weights["decoder_ff_logit_out_b"].view(-1))

    def drop(self, x: torch.Tensor) -> torch.Tensor:
        return F.dropout(x, self.dropout, self.training) if self.dropout else x

    def norm(self, x: torch.Tensor, stem: str) -> torch.Tensor:
        scale, shift = self.weights[f"{stem}_ln_scale"].view(-1), self.weights[f"{stem}_ln_bias"].view(-1)
        return F.layer_norm(x.float(), (self.dim,), scale, shift, 1e-6)

    def feed_forward(self, x: torch.Tensor, stem: str) -> torch.Tensor:
        hidden = F.relu(self.affine(x, f"{stem}_ffn_W1", f"{stem}_ffn_b1"))
        out = self.affine(hidden, f"{stem}_ffn_W2", f"{stem}_ffn_b2")
        return self.norm(x + self.drop(out), f"{stem}_ffn_ffn")

    def attention(
        self, x: torch.Tensor, memory: torch.Tensor, mask: torch.Tensor, stem: str
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Attention over `memory` with the residual and the norm; and the first head's weights."""

        def split(y: torch.Tensor) -> torch.Tensor:
            return y.view(y.shape[0], y.shape[1], self.heads, -1).transpose(1, 2)

        q = split(self.affine(x, f"{stem}_Wq", f"{stem}_bq"))
        k = split(self.affine(memory, f"{stem}_Wk", f"{stem}_bk"))
        v = split(self.affine(memory, f"{stem}_Wv", f"{stem}_bv"))
        scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[3])
        probabilities = torch.softmax(scores + mask, dim=3)
        out = (probabilities @ v).transpose(1, 2).reshape(x.shape)
        out = self.affine(out, f"{stem}_Wo", f"{stem}_bo")
        return self.norm(x + self.drop(out), f"{stem}_Wo"), probabilities[:, 0]

    def encode(self, source: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """States of a batch of padded sources; `mask` is 0 or -inf, broadcast over heads and queries."""
        x = F.embedding(source, self.weights["encoder_Wemb"]) * math.sqrt(self.dim)
        x = self.drop(x + self.positions[: source.shape[1]])
        for n in range(1, self.encoder_depth + 1):
            x, _ = self.attention(x, x, mask, f"encoder_l{n}_self")
            x = self.feed_forward(x, f"encoder_l{n}")
        return x

    def decode(
        self, states: torch.Tensor, mask: torch.Tensor, target: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Hidden states before each target piece, teacher-forced, and the last layer's first head's attention there.
        The first step sees no piece, as in Marian."""
        x = F.embedding(target[:, :-1], self.weights["decoder_Wemb"]) * math.sqrt(self.dim)
        x = F.pad(x, (0, 0, 1, 0))
        x = self.drop(x + self.positions[: target.shape[1]])
        for n in range(1, self.decoder_depth + 1):
            stem = f"decoder_l{n}"
            candidate = self.affine(x, f"{stem}_rnn_W", None)
            forget = torch.sigmoid(self.affine(x, f"{stem}_rnn_Wf", f"{stem}_rnn_bf").float())
            cells = Ssru.apply(forget, candidate.float())
            x = self.norm(x + self.drop(F.relu(cells)), f"{stem}_rnn_ffn")
            x, attention = self.attention(x, states, mask, f"{stem}_context")
            x = self.feed_forward(x, stem)
        return x, attention

    def loss(
        self,
        batch: tuple[torch.Tensor, torch.Tensor],
        candidates: torch.Tensor,
        smoothing: float,
        places: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean cross-entropy over `candidates` (sorted ids that include every target piece), label-smoothed; and the
        mean cross-entropy of the first head's attention with `places`, the source position of each target piece (-1
        for none; Chen et al. 2016, "Guided Alignment Training")."""
        (source, source_real), (target, real) = (without_padding(side) for side in batch)
        mask = attention_mask(source_real)
        states = self.encode(source, mask)
        hidden, attention = self.decode(states, mask, target)
        chosen = self.weights["decoder_Wemb"][candidates]
        bias = self.weights["decoder_ff_logit_out_b"].view(-1)[candidates]
        logits = F.linear(hidden[real], chosen, bias).float()
        gold = torch.searchsorted(candidates, target[real])
        translation = F.cross_entropy(logits, gold, label_smoothing=smoothing)
        if places is None or not bool((places >= 0).any()):
            return translation, translation.new_zeros(())
        linked = places >= 0
        weights = attention[linked].gather(1, places[linked][:, None])
        return translation, -(weights + 1e-6).log().mean()

    @torch.no_grad()
    def translate(self, source: torch.Tensor) -> list[list[int]]:
        """Greedy translation of a padded batch."""
        source, real = without_padding(source)
        mask = attention_mask(real)
        states = self.encode(source, mask)
        out = torch.empty((source.shape[0], 0), dtype=torch.long)
        done = torch.zeros(source.shape[0], dtype=torch.bool)
        for _ in range(2 * source.shape[1] + 4):
            padded = F.pad(out, (0, 1), value=EOS)
            hidden = self.decode(states, mask, padded)[0][:, -1]
            best = self.logits(hidden).argmax(1)
            done |= best == EOS
            out = torch.cat([out, torch.where(done, EOS, best)[:, None]], 1)
            if bool(done.all()):
                break
        return [[p for p in row if p != EOS] for row in out.tolist()]


def without_padding(pieces: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The pieces with padding (-1) made harmless, and which positions are real."""
    real = pieces >= 0
    return pieces.clamp(min=0), real


def attention_mask(real: torch.Tensor) -> torch.Tensor:
    """0 where a position may be seen and -inf where it is padding, for every head and query."""
    return torch.zeros(real.shape).masked_fill(~real, float("-inf"))[:, None, None, :]
