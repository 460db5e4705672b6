"""Muon (Jordan et al. 2024): momentum whose matrix updates are made orthogonal, for the layers' matrices.

Updates are scaled to the size of Adam's (0.2·√(longer side); Liu et al. 2025, "Muon is Scalable for LLM Training"),
so one learning rate serves both optimisers. Matrices of one shape are orthogonalised together.
"""
from __future__ import annotations

from collections import defaultdict

import torch

# Coefficients of the quintic Newton–Schulz iteration of the reference implementation.
A, B, C = 3.4445, -4.7750, 2.0315
ROUNDS = 5


def orthogonal(stack: torch.Tensor) -> torch.Tensor:
    """The nearest semi-orthogonal matrix of each matrix of a stack (n, rows, columns), roughly."""
    tall = stack.shape[1] > stack.shape[2]
    x = stack.transpose(1, 2) if tall else stack
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ROUNDS):
        gram = x @ x.transpose(1, 2)
        x = A * x + torch.baddbmm(B * gram, gram, gram, alpha=C) @ x
    return x.transpose(1, 2) if tall else x


class Muon(torch.optim.Optimizer):
    """For matrices only; give embeddings, biases and norms to Adam."""

    def __init__(self, parameters, lr: float, momentum: float = 0.95, precision: torch.dtype = torch.float32):
        """`precision` is that of the orthogonalisation, which bears bfloat16 well (Jordan et al. 2024)."""
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "precision": precision})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            by_shape = defaultdict(list)
            for parameter in group["params"]:
                by_shape[parameter.shape].append(parameter)
            for shape, parameters in by_shape.items():
                updates = []
                for parameter in parameters:
                    buffer = self.state[parameter].setdefault("momentum", torch.zeros_like(parameter))
                    buffer.lerp_(parameter.grad, 1 - group["momentum"])
                    updates.append(torch.lerp(parameter.grad, buffer, group["momentum"]))
                scale = 0.2 * max(shape) ** 0.5 * group["lr"]
                for parameter, update in zip(parameters, orthogonal(torch.stack(updates).to(group["precision"]))):
                    parameter.sub_(update.to(parameter.dtype), alpha=scale)
