"""Reads the parallel corpora: filtering, mixture and augmentation of sentence pairs.

Corpora are `NAME.fr-en.tsv.gz` files, French TAB English, one pair a line (see the README beside this file).
"""
from __future__ import annotations

import gzip
import random
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

# Share of each corpus in the mixture, by pairs. Parliamentary speech is nearest to news; Tatoeba is short and clean;
# laws are accurate but narrow, so they are capped.
MIXTURE = {
    "hansard36": 0.52,
    "tatoeba2017": 0.18,
    "debian_www": 0.14,
    "laws_ca": 0.06,
    "multi30k": 0.04,
    "django_doc": 0.02,
    "python_doc": 0.02,
    "php_doc": 0.02,
}

# Symbols that stand for shielded text (a URL, a handle, a name) and are copied through translation.
SHIELDS = [f"⟦{n}⟧" for n in range(1, 9)]

STRAIGHT = str.maketrans("“”‘’", "\"\"''")
PAIRED = re.compile("``|''")
MARKUP = re.compile(r"[`*_]{2,}|:[a-z:]+:`|\{[^}]*\}|<[^>]*>|&[a-z]+;|%\(|``|::|\|")
REPEALED = re.compile(r"^\W*(\[?abrog|\[?repealed)", re.IGNORECASE)
COPYABLE = re.compile(r"\b(?:[A-Z][\w.-]{3,}|\d[\d.,]{2,}\d)\b")


def pairs(path: Path) -> Iterator[tuple[str, str]]:
    """The usable pairs of one corpus, in file order."""
    technical = path.name.split("_")[0] in ("django", "python", "php")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            french, tab, english = line.rstrip("\n").partition("\t")
            if not tab or not usable(french, english, technical):
                continue
            yield french, english


def usable(french: str, english: str, technical: bool) -> bool:
    """Whether a pair is a sentence pair of sane length and ratio, without markup."""
    fr_words, en_words = french.count(" ") + 1, english.count(" ") + 1
    if not 2 <= en_words <= 60 or not 2 <= fr_words <= 75:
        return False
    if en_words > 6 and not 0.45 < fr_words / en_words < 2.2:
        return False
    if french == english or REPEALED.match(english) or REPEALED.match(french):
        return False
    return not (technical and (MARKUP.search(french) or MARKUP.search(english)))


def augment(french: str, english: str, rng: random.Random) -> tuple[str, str]:
    """The damage and variety of web text: capitals, lost accents, lost stops, quotation marks, shields."""
    dice = rng.random()
    if dice < 0.02:
        french, english = french.upper(), english.upper()
    elif dice < 0.03:
        french, english = french.title(), english.title()
    elif dice < 0.06:
        french = "".join(c for c in unicodedata.normalize("NFD", french) if not unicodedata.combining(c))
    elif dice < 0.11:
        french, english = french.rstrip(" ."), english.rstrip(" .")
    elif dice < 0.19:
        french, english = shielded(french, english, rng)
    if rng.random() < 0.5:
        french = french.replace("'", "’")
    if rng.random() < 0.3:
        french = french.replace("« ", "“").replace(" »", "”").replace("«", "“").replace("»", "”")
    # The English vocabulary, the parent's, has neither curly marks nor the Hansard's pairs: they would be unknown pieces.
    return french, PAIRED.sub('"', english.translate(STRAIGHT))


def shielded(french: str, english: str, rng: random.Random) -> tuple[str, str]:
    """Puts shield symbols where both sides hold the same name or number once."""
    shared = [w for w in COPYABLE.findall(french) if french.count(w) == 1 and english.count(w) == 1]
    rng.shuffle(shared)
    symbols = rng.sample(SHIELDS, k=min(len(shared), 2))
    for word, symbol in zip(shared, symbols):
        french, english = french.replace(word, symbol), english.replace(word, symbol)
    return french, english
