"""Seeds for the fuzz targets, from the files that ship and those of the tests: small ones whole, large ones cut to a valid
rest. Writes fuzz/corpus/TARGET/; Python 3 alone.

    python3 fuzz/seeds.py
"""
import json
import math
import struct
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "fuzz" / "corpus"
BERT = ROOT / "tests" / "data" / "bert"
FLOAT32, INTGEMM8 = 0x0404, 0x4101
# Sizes of a small student: width, inner width and pieces in place of the real ones. The heads divide the width.
NARROW = {256: 8, 1536: 12, 1024: 12}
PIECES = 40


def seed(target: str, name: str, data: bytes) -> None:
    """Writes one seed."""
    place = CORPUS / target
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(data)


def small_student(model: bytes, layers: int, shared: bool) -> bytes:
    """A student with the names, types and configuration of a real one, and every dimension narrowed."""
    (count,) = struct.unpack_from("<Q", model, 8)
    headers = [struct.unpack_from("<4Q", model, 16 + 32 * i) for i in range(count)]
    at = 16 + 32 * count
    names = []
    for length, *_ in headers:
        names.append(model[at : at + length].rstrip(b"\0").decode())
        at += length
    shapes = []
    for _, _, dimensions, _ in headers:
        shapes.append(struct.unpack_from(f"<{dimensions}i", model, at))
        at += 4 * dimensions
    (gap,) = struct.unpack_from("<Q", model, at)
    at += 8 + gap
    items = []
    for (_, kind, _, length), name, shape in zip(headers, names, shapes):
        raw = model[at : at + length]
        at += length
        real = math.prod(shape)
        if name == "special:model.yml":
            items.append((name, kind, shape, raw))
            continue
        if any(name.startswith(f"{side}_l{n}_") for side in ("encoder", "decoder") for n in range(layers + 1, 13)):
            continue
        if shared and name.startswith("encoder_Wemb"):
            continue
        if shared:
            name = name.replace("decoder_Wemb", "Wemb")
        shape = tuple(NARROW.get(n, PIECES if n > 1536 else n) for n in shape)
        size = math.prod(shape)
        data = raw[: 4 * size] if kind == FLOAT32 else raw[:size]
        items.append((name, kind, shape, data + (raw[real : real + 4] if kind == INTGEMM8 else b"")))
    out = struct.pack("<QQ", 1, len(items))
    out += b"".join(struct.pack("<4Q", len(name) + 1, kind, len(shape), len(data)) for name, kind, shape, data in items)
    out += b"".join(name.encode() + b"\0" for name, *_ in items)
    out += b"".join(struct.pack(f"<{len(shape)}i", *shape) for _, _, shape, _ in items)
    return out + struct.pack("<Q", 0) + b"".join(data for *_, data in items)


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of a protocol buffer, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def cut_vocabulary(data: bytes, pieces: int, normaliser: bool) -> bytes:
    """The first pieces of a vocabulary, with what else stands in it; the normaliser's table only where asked for."""
    out, at, seen = b"", 0, 0
    while at < len(data):
        start = at
        key, at = varint(data, at)
        length, at = varint(data, at)
        at += length
        seen += key >> 3 == 1
        if (key >> 3 == 1 and seen > pieces) or (key >> 3 == 3 and not normaliser):
            continue
        out += data[start:at]
    return out


def small_tensors(data: bytes, most: int) -> bytes:
    """A safetensors file with the small tensors of another."""
    (length,) = struct.unpack_from("<Q", data, 0)
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    kept, out = {}, b""
    for name, said in header.items():
        if name == "__metadata__":
            kept[name] = said
            continue
        start, end = said["data_offsets"]
        if end - start <= most:
            kept[name] = {**said, "data_offsets": [len(out), len(out) + end - start]}
            out += body[start:end]
    text = json.dumps(kept).encode()
    return struct.pack("<Q", len(text)) + text + out


def main() -> None:
    """Writes all seeds."""
    model = (ROOT / "models/fr-en/model.bin").read_bytes()
    for layers in (1, 2):
        for shared in (False, True):
            seed("marian", f"student-{layers}-{'one' if shared else 'two'}", small_student(model, layers, shared))
    for path in (ROOT / "models/fr-en/source.spm", BERT / "fr-en/target.spm", BERT / "m2m100/sentencepiece.bpe.model"):
        data = path.read_bytes()
        name = f"{path.parent.name}-{path.name}"
        seed("vocabulary", name, cut_vocabulary(data, 60, False))
        seed("vocabulary", f"{name}-normaliser", cut_vocabulary(data, 20, True))
    seed("tensors", "tiny.ot", (BERT / "tiny.ot").read_bytes())
    for path in (BERT / "m2m100/model.safetensors", BERT / "fr-en/model.safetensors"):
        seed("tensors", f"{path.parent.name}-{path.name}", small_tensors(path.read_bytes(), 600))
    for path in [*ROOT.glob("models/**/*.toml"), BERT / "fr-en/model.toml"]:
        seed("catalogue", f"{path.parent.name}-{path.name}", path.read_bytes())
    index = [
        {
            "fileType": kind, "version": "3.0", "architecture": "base-memory", "sourceLanguage": "es", "targetLanguage": "en",
            "decompressedHash": f"{n}" * 64, "decompressedSize": 5,
            "attachment": {"location": f"main/{n}.zst", "size": 3, "hash": "ab"},
        }
        for n, kind in enumerate(("model", "vocab", "lex"))
    ]
    seed("catalogue", "mozilla.json", json.dumps({"data": index}).encode())
    files = [{"rfilename": name, "size": 9} for name in ("config.json", "vocab.json", "source.spm", "README.md")]
    files.append({"rfilename": "model.safetensors", "size": 9, "lfs": {"sha256": "ab" * 32, "size": 9, "pointerSize": 1}})
    hub = {"id": "owner/name", "sha": "0" * 40, "cardData": {"license": "mit"}, "siblings": files}
    seed("catalogue", "hugging-face.json", json.dumps(hub).encode())


if __name__ == "__main__":
    main()
