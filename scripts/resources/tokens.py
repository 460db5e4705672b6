"""The tokenizer of the library, for the scripts that count words: `src/text/token.rs` in Python.

Words keep inner hyphens and apostrophes, elided words stand alone with their apostrophe, numbers are one class.
"""
import re
import struct
from pathlib import Path

import numpy as np

ELIDED = "l d j m t s n c ç qu jusqu lorsqu puisqu quoiqu presqu quelqu".split()
TOKEN = re.compile(
    r"(?:" + "|".join(sorted(ELIDED, key=len, reverse=True)) + r")'"
    r"|(?P<number>\d(?:\w|[.,](?=\d))*)"
    r"|[^\W\d_](?:[^\W_]|['-](?=[^\W_]))*"
    r"|[^\w\s]"
)
NUMBER = "<num>"


def tokens(text: str) -> list[str]:
    """Lower-case tokens with straight apostrophes; every number is `<num>`."""
    text = text.lower().replace("’", "'").replace("‐", "-")
    return [NUMBER if m.lastgroup else m.group() for m in TOKEN.finditer(text)]


def vocabulary(path: Path) -> list[str]:
    """The words of the trigram model, in order of their ids."""
    data = path.read_bytes()
    size, _, _, length = struct.unpack("<IIII", data[8:24])
    return data[24 : 24 + length].decode().split("\n")[:size]


def log_frequencies(path: Path) -> np.ndarray:
    """log10 of the words' frequencies by the trigram model, in order of their ids."""
    data = path.read_bytes()
    size, _, _, length = struct.unpack("<IIII", data[8:24])
    return np.frombuffer(data, np.uint8, size, 24 + length + 4 * (size + 1)) / -32.0
