"""Puts shield symbols for the names of an aligned sentence pair, as the engine does before it translates."""
from __future__ import annotations

import random
import re

import corpus
from pair import Pair

NAME = r"[A-ZÀ-Þ][\w.-]{2,}\w"
FRENCH_NAME = re.compile(rf"([\"«(]*(?:[ldLD]['’])?)({NAME})([.,;:!?)»\"]*)\Z")
ENGLISH_NAME = re.compile(rf"([\"(]*)([A-ZÀ-Þ][\w.-]{{2,}}?\w)((?:'s?)?[.,;:!?)\"]*)\Z")


def shield_names(pair: Pair, rng: random.Random) -> bool:
    """Puts symbols, numbered in French order, for linked names; words that stand together on both sides become one symbol."""
    runs: list[list[tuple[int, int]]] = []
    for s, t in sorted(pair.one_to_one()):
        french, name = FRENCH_NAME.match(pair.text(0, s)), ENGLISH_NAME.match(pair.text(1, t))
        if not french or not name or ((s == 0 or t == 0) and french[2] != name[2]):
            continue
        if runs and runs[-1][-1] == (s - 1, t - 1):
            runs[-1].append((s, t))
        else:
            runs.append([(s, t)])
    runs = [run for run in runs if not any(stands_beside_name(pair, side, run[0][side], run[-1][side]) for side in (0, 1))]
    chosen = sorted(rng.sample(runs, min(len(runs), rng.choice((1, 2, 3, 6)))))
    for symbol, run in zip(corpus.SHIELDS, chosen):
        for side, pattern in ((0, FRENCH_NAME), (1, ENGLISH_NAME)):
            first, last = (pattern.match(pair.text(side, run[i][side])) for i in (0, -1))
            pair.replace(side, run[0][side], first[1] + symbol + last[3])
            for words in run[1:]:
                pair.replace(side, words[side], "")
    return bool(chosen)


def stands_beside_name(pair: Pair, side: int, first: int, last: int) -> bool:
    """Whether words are a part of a longer name: "States" of "United States"."""
    beside = [w for w in (first - 1, last + 1) if 0 < w < len(pair.sides[side])]
    return any(pair.text(side, w)[:1].isupper() for w in beside)
