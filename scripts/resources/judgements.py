"""What `spun_eval --judgements` prints, as arrays: suspects of development spins and of clean text, with their candidates.

The ranking can be made anew with other weights, and the features of a judgement that follow from it: one dump is
enough to fit the ranker and then the confidence. Keep in step with `src/rules/spun/rank.rs`, `judge.rs` and `weights.rs`.
"""
import hashlib
import json

import numpy as np

JUDGEMENT = (
    "one", "foreign", "English excess", "French frequency", "capitalised", "at sentence start", "clash", "vetoed",
    "gain", "best chance", "curated", "attested", "cloze gain", "adjacent English", "English around",
    "log occurrences", "logit of share", "phrase", "names beside", "names beside if capitalised", "quoted",
    "foreign and vetoed", "beside half English", "curated phrase", "closeness", "surprising", "topic gain",
    "cannot be guessed", "own topic", "score", "clash if French", "others", "others if French",
)
AT = {name: i for i, name in enumerate(JUDGEMENT)}
CHANCE, CURATED, ATTESTED, FURTHER, CLOSENESS, TOPIC = 4, 5, 6, 13, 16, 17  # features of a candidate
NO_OWN_LOGIT = -3.0


class Suspect:
    """A judged form: features, and candidates in the order of the last ranking."""

    def __init__(self, record: dict, document: tuple[str, int]):
        self.document, self.form, self.original = document, record["form"], record["original"]
        self.places = record["places"]  # first token of each occurrence
        self.features = np.array(record["features"])
        self.own_logit = record["own_logit"]
        self.candidates = record["candidates"]
        self.matrix = np.array([c["features"] for c in self.candidates])

    @property
    def place(self) -> int | None:
        """Where the original stands among the candidates."""
        return next((i for i, c in enumerate(self.candidates) if c["original"] == self.original), None)

    def rank(self, weights: np.ndarray) -> None:
        """Orders the candidates by other weights, and works out what follows from it."""
        score = self.matrix @ weights
        order = np.argsort(-score, kind="stable")
        self.matrix, self.candidates = self.matrix[order], [self.candidates[i] for i in order]
        share = 1 / np.exp(score - score[order[0]]).sum()
        share = min(max(share, 0.01), 0.999)
        best, row, own = self.candidates[0], self.matrix[0], self.own_logit
        curated = row[CURATED] - 0.5 * row[FURTHER]
        put = {
            "vetoed": best["vetoes"] > 0, "gain": np.clip(best["gain"], -3, 8), "best chance": max(row[CHANCE], -8),
            "curated": curated, "attested": row[ATTESTED], "closeness": row[CLOSENESS],
            "cloze gain": np.clip(best["logit"] - (NO_OWN_LOGIT if own is None else own), -4, 12),
            "logit of share": np.log(share / (1 - share)), "topic gain": row[TOPIC:].sum() - self.features[AT["own topic"]],
            "score": score[order[0]],
        }
        for name, value in put.items():
            self.features[AT[name]] = value
        self.features[AT["foreign and vetoed"]] = self.features[AT["foreign"]] * put["vetoed"]
        self.features[AT["curated phrase"]] = self.features[AT["phrase"]] * curated


def load(paths: list[str]) -> list[Suspect]:
    """The suspects of several dumps."""
    found = []
    for path in paths:
        for line in open(path, encoding="utf-8"):
            if line.startswith("{"):
                record = json.loads(line)
                found.append(Suspect(record, (path, record["document"])))
    return found


def fold(original: str, folds: int) -> int:
    """A word and its plural belong to one fold."""
    stem = original[:-1] if original.endswith("s") and len(original) > 4 else original
    return int(hashlib.sha256(stem.encode()).hexdigest(), 16) // 2 % folds
