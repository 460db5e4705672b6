"""A sentence pair in pieces whose words can be replaced on both sides, with the links between them kept."""
from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import sentencepiece as spm

import corpus
from align import NONE


@cache
def symbol_pieces(source: spm.SentencePieceProcessor, target: spm.SentencePieceProcessor) -> dict[int, int]:
    """The French pieces of the shield symbols by their English ones."""
    return {target.piece_to_id(s): source.piece_to_id(s) for s in corpus.SHIELDS}


class Pair:
    """A sentence pair in pieces, with the places in the French that English pieces are linked to."""

    def __init__(self, vocabularies: list[spm.SentencePieceProcessor], source: list[int], target: list[int], places: list[int]):
        self.vocabularies = vocabularies
        self.sides = [self.words(side, pieces) for side, pieces in enumerate((source, target))]
        of_piece = [w for w, pieces in enumerate(self.sides[0]) for _ in pieces]
        ends = iter(places)
        # The French words that each English word is linked to, and the places within the sentence piece by piece.
        self.links = [[None if p == NONE or p >= len(of_piece) else of_piece[p] for _, p in zip(pieces, ends)] for pieces in self.sides[1]]

    def words(self, side: int, pieces: list[int]) -> list[list[int]]:
        out: list[list[int]] = []
        for piece in pieces:
            if not out or self.vocabularies[side].id_to_piece(int(piece)).startswith("▁"):
                out.append([])
            out[-1].append(int(piece))
        return out

    def text(self, side: int, word: int) -> str:
        return self.vocabularies[side].decode(self.sides[side][word])

    def one_to_one(self) -> list[tuple[int, int]]:
        """French and English words that are linked to each other and to nothing else."""
        count = Counter(s for links in self.links for s in {s for s in links if s is not None})
        found = []
        for t, links in enumerate(self.links):
            to = {s for s in links if s is not None}
            if len(to) == 1 and count[next(iter(to))] == 1:
                found.append((next(iter(to)), t))
        return found

    def replace(self, side: int, word: int, text: str) -> None:
        pieces = self.vocabularies[side].encode(text)
        self.sides[side][word] = pieces
        if side == 1:
            link = next((s for s in self.links[word] if s is not None), None)
            self.links[word] = [link] * len(pieces)

    def arrays(self) -> tuple[list[int], list[int], list[int]]:
        """Pieces of both sides and the links, with the end of each side."""
        starts = np.cumsum([0, *map(len, self.sides[0])])
        source = [p for word in self.sides[0] for p in word]
        target = [p for word in self.sides[1] for p in word]
        symbols = symbol_pieces(*self.vocabularies)
        places = []
        for word, links in zip(self.sides[1], self.links):
            for i, (piece, s) in enumerate(zip(word, links)):
                of_word = [] if s is None else self.sides[0][s]
                at = of_word.index(symbols[piece]) if symbols.get(piece) in of_word else i if i < len(of_word) else 0
                places.append(min(int(starts[s]) + at, NONE) if of_word else NONE)
        return [*source, 0], [*target, 0], [*places, NONE]
