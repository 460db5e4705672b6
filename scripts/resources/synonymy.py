"""How likely a synonym spinner puts an English word in place of a French–English homograph: features of each pair.

The score is linear in the features; `fit_synonymy.py` fits the weights as a softmax over all homographs.
"""
import re
from pathlib import Path

import numpy as np
import scipy.sparse as sparse

from thesauri import Thesauri, WordNet
from vectors import glove, llama, unit

WORD = re.compile(r"[a-z]+(?:-[a-z]+)*\Z")
NAMES = (
    "glove", "llama", "bilingual", "translation", "synset", "pertainym", "neighbour", "moby", "glove rank",
    "llama rank", "bilingual rank", "number", "part of speech", "English frequency", "French frequency",
    "English excess", "any thesaurus", "no bilingual",
)
FUNCTION_WORD = -2.6  # log10 frequency above which a word of a phrase is left out of its meaning


def steps(log10: float) -> int:
    """A frequency as the frequency table stores it."""
    return round(20 * (log10 + 9))


def looks_plural(word: str) -> bool:
    """By its ending."""
    return word.endswith("s") and not word.endswith(("ss", "us", "is"))


class Tables:
    """Everything the features are computed from; `work` holds what the sibling scripts wrote."""

    def __init__(self, work: Path, wordnet: Path):
        self.lexicon = {line.split("\t")[0] for line in open(work / "lexicon.tsv", encoding="utf-8")}
        self.french, self.english = {}, {}
        for line in open(work / "frequency.tsv", encoding="utf-8"):
            word, value = line.split("\t")
            value = int(value)
            if value >> 8:
                self.french[word] = value >> 8
            if value & 255:
                self.english[word] = value & 255
        self.wordnet = WordNet(wordnet)

    def excess(self, word: str) -> float:
        """Orders of magnitude by which a word is commoner in English; absent is just below the rarest."""
        return (self.english.get(word, 20) - self.french.get(word, 20)) / 20

    def is_word(self, word: str, english: float) -> bool:
        """Whether it is at least so frequent in English, and written in plain letters."""
        return bool(WORD.match(word)) and len(word) >= 3 and self.english.get(word, 0) >= steps(english)

    def homographs(self) -> list[str]:
        """French forms that are English words too."""
        return sorted(
            w for w in self.lexicon
            if self.is_word(w, -6.6) and self.french.get(w, 0) >= steps(-6.6) and self.wordnet.analyses(w)
        )

    def spun(self) -> list[str]:
        """English words that a spinner may write: real words that are not far commoner in French."""
        return sorted(
            w for w in self.english
            if (self.is_word(w, -6.8) and self.wordnet.analyses(w) and not (w in self.lexicon and self.excess(w) < -1))
            or (self.is_word(w, -5.8) and w not in self.lexicon and self.excess(w) > 0.3)
        )


class Synonymy:
    """Features of (spun word, homograph) for all homographs at once. Extra originals (name words) may be added."""

    def __init__(self, tables: Tables, work: Path, extra: list[str] = ()):
        self.tables = tables
        self.originals = tables.homographs()
        self.originals += [w for w in extra if w not in set(self.originals)]
        self.words = (work / "words.txt").read_text().split("\n")
        self.at = {w: i for i, w in enumerate(self.words)}
        self.thesauri = Thesauri(tables.wordnet, self.originals)
        own = [self.at[w] for w in self.originals]
        self.glove, self.llama = unit(glove(self.words)), unit(llama(self.words))
        self.own_glove, self.own_llama = self.glove[own], self.llama[own]
        data = np.load(work / "bilingual.npz")
        names = {w: i for i, w in enumerate(data["french"])}
        shape = (len(self.words), len(names))
        weights = sparse.csr_matrix((data["dice"] * data["pmi"], (data["row"], data["column"])), shape=shape)
        norm = np.sqrt(np.asarray(weights.multiply(weights).sum(1)).ravel()) + 1e-9
        self.bilingual = (sparse.diags(1 / norm) @ weights).tocsr()
        self.own_bilingual = self.bilingual[own].tocsr()
        columns = np.array([names.get(w, -1) for w in self.originals])
        dice = sparse.csr_matrix((data["dice"], (data["row"], data["column"])), shape=shape)
        self.translation, self.translated = dice[:, np.maximum(columns, 0)].tocsr(), columns >= 0
        self.plural = np.array([looks_plural(w) for w in self.originals])
        pos = [tables.wordnet.parts_of_speech(w) for w in self.originals]
        self.pos = np.array([[p in own for p in "nvar"] for own in pos])
        self.en = np.array([tables.english[w] / 20 - 9 for w in self.originals])
        self.fr = np.array([tables.french.get(w, 20) / 20 - 9 for w in self.originals])

    def features(self, spun: str) -> np.ndarray | None:
        """One row an original, columns as in NAMES; None when no word of a phrase is known."""
        words = [w for w in spun.split(" ") if w in self.at]
        english = self.tables.english
        content = [w for w in words if english.get(w, 0) < steps(FUNCTION_WORD)] or words
        if not content:
            return None
        at = [self.at[w] for w in content]

        def cosines(vectors: np.ndarray, own: np.ndarray) -> np.ndarray:
            mean = vectors[at].mean(axis=0)
            return own @ (mean / (np.linalg.norm(mean) + 1e-9))

        g, w = cosines(self.glove, self.own_glove), cosines(self.llama, self.own_llama)
        mean = np.asarray(self.bilingual[at].mean(0)).ravel()
        length = np.linalg.norm(mean)
        b = np.asarray(self.own_bilingual @ mean).ravel() / (length + 1e-9)
        t = np.sqrt(np.asarray(self.translation[at].mean(0)).ravel() * self.translated)
        links = np.zeros((len(self.originals), 4))
        for original, row in self.thesauri.links(spun).items():
            links[original] = row
        if " " in spun:
            # The words of a phrase may be synonyms one by one.
            for word in content:
                for original, row in self.thesauri.links(word).items():
                    links[original] = np.maximum(links[original], 0.4 * np.array(row))
        number = self.plural == looks_plural(content[-1])
        pos = self.tables.wordnet.parts_of_speech(content[-1])
        same_pos = (self.pos & np.array([p in pos for p in "nvar"])).any(axis=1)

        def rank(score: np.ndarray) -> np.ndarray:
            place = np.empty(len(score))
            place[np.argsort(-score)] = np.arange(len(score))
            return -np.log(place + 1)

        return np.stack([
            g, w, b, t, *links.T, rank(g), rank(w), rank(b) * (length > 0), number, same_pos, self.en + 5, self.fr + 5,
            np.clip(self.en - self.fr, -2, 2), links.max(axis=1) > 0, np.full(len(g), length == 0),
        ], axis=1).astype(np.float32)
