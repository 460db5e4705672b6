"""Reads and writes Marian binary models (`marian/src/common/binary.cpp`), as numpy arrays.

`intgemm8` items hold int8 values and one float32 multiplier: value = int8 / multiplier. Matrices are stored
transposed, embeddings are not.
"""
from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np

FLOAT32, INTGEMM8, INT8 = 0x0404, 0x4101, 0x0101
EMBEDDINGS = ("Wemb", "encoder_Wemb", "decoder_Wemb")


def read(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """The tensors of a model as float32 arrays in logical order, and its configuration text."""
    data = path.read_bytes()
    version, count = struct.unpack_from("<QQ", data, 0)
    if version != 1:
        raise ValueError(f"{path}: version {version} of the Marian format is not known")
    at = 16
    headers = [struct.unpack_from("<4Q", data, at + 32 * i) for i in range(count)]
    at += 32 * count
    names = []
    for name_length, *_ in headers:
        names.append(data[at : at + name_length].split(b"\0")[0].decode())
        at += name_length
    shapes = []
    for _, _, dimensions, _ in headers:
        shapes.append(struct.unpack_from(f"<{dimensions}i", data, at))
        at += 4 * dimensions
    (gap,) = struct.unpack_from("<Q", data, at)
    at += 8 + gap
    tensors, config = {}, ""
    for (_, kind, _, length), name, shape in zip(headers, names, shapes):
        raw = data[at : at + length]
        at += length
        size = int(np.prod(shape))
        if name == "special:model.yml":
            config = raw.rstrip(b"\0").decode()
        elif kind == FLOAT32:
            tensors[name] = np.frombuffer(raw, np.float32, size).reshape(shape).copy()
        elif kind == INTGEMM8:
            (multiplier,) = struct.unpack_from("<f", raw, size)
            values = np.frombuffer(raw, np.int8, size).astype(np.float32) / multiplier
            transposed = name not in EMBEDDINGS and len(shape) == 2 and min(shape) > 1
            tensors[name] = values.reshape(shape[::-1]).T.copy() if transposed else values.reshape(shape)
        else:
            raise ValueError(f"{path}: {name} has the unknown type {kind:#x}")
    return tensors, config


def write(path: Path, tensors: dict[str, np.ndarray], alphas: dict[str, float], config: str) -> None:
    """Writes an int8 model: every matrix becomes `intgemm8`, with the activation multiplier `alphas[name]`.

    `alphas` gives the activation multiplier (127 / largest magnitude) of the input of each matrix.
    """
    items: list[tuple[str, int, tuple[int, ...], bytes]] = []
    for name, value in tensors.items():
        value = np.ascontiguousarray(value, np.float32)
        if is_matrix(name, value):
            multiplier = 127.0 / float(np.abs(value).max())
            quantised = np.clip(np.rint(value * multiplier), -127, 127).astype(np.int8)
            stored = quantised if name in EMBEDDINGS else np.ascontiguousarray(quantised.T)
            raw = stored.tobytes() + struct.pack("<f", multiplier)
            items.append((name, INTGEMM8, value.shape, pad(raw)))
        else:
            items.append((name, FLOAT32, value.shape, pad(value.tobytes())))
    for name, alpha in alphas.items():
        if name == "decoder_Wemb_QuantMultA":
            # The output projection of a model with two vocabularies keeps its multiplier as one quantised number.
            raw = np.array([127], np.int8).tobytes() + struct.pack("<f", 127.0 / alpha)
            items.append((name, INTGEMM8, (1, 1), pad(raw)))
        else:
            items.append((name, FLOAT32, (1, 1), pad(struct.pack("<f", alpha))))
    items.append(("special:model.yml", INT8, (len(config.encode()) + 1,), pad(config.encode() + b"\0")))
    out = bytearray(struct.pack("<QQ", 1, len(items)))
    for name, kind, shape, raw in items:
        out += struct.pack("<4Q", len(name.encode()) + 1, kind, len(shape), len(raw))
    for name, *_ in items:
        out += name.encode() + b"\0"
    for _, _, shape, _ in items:
        out += struct.pack(f"<{len(shape)}i", *shape)
    gap = -(len(out) + 8) % 256
    out += struct.pack("<Q", gap) + bytes(gap)
    for *_, raw in items:
        out += raw
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(out)
    os.replace(temporary, path)


def is_matrix(name: str, value: np.ndarray) -> bool:
    """Whether a tensor is stored in 8 bits: weights and embeddings, not biases, norms or multipliers."""
    return name in EMBEDDINGS or (value.ndim == 2 and min(value.shape) > 1)


def pad(raw: bytes) -> bytes:
    """Marian aligns every item to 256 bytes."""
    return raw + bytes(-len(raw) % 256)
