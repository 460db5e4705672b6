#!/usr/bin/env python3
"""Teaches the student words that the corpora lack: puts them into sentence pairs, in place of words of the same kind.

A word of `glossary.tsv` (French lemma, part of speech, English) takes the place of an aligned pair of words that agree with
it in part of speech, gender, number, elision and English form (Fadaee, Bisazza and Monz 2017, "Data augmentation for
low-resource neural machine translation"). Each word also comes in short phrases ("le labyrinthe", "the maze"), and the
sentences of `sentences.tsv`, which were written for these words, are added as they are.

Example: glossary.py --data build/chosen --dictionary build/hunspell --pairs 250000 --out build/mixed
"""
from __future__ import annotations

import argparse
import random
import re
import shutil
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import sentencepiece as spm

import corpus
import english
from align import NONE
from forms import elides, read_dictionary
from pair import Pair
from shields import shield_names

HERE = Path(__file__).parent
# Times that each word of the glossary is put into a sentence.
EXPOSURES = 12
# Longest sentence, in words, that lends its place: short ones cost less a word learned.
LONGEST = 26
# Times that each written sentence is added, each time with other damage.
COPIES = 5
# Share of the unchanged pairs whose names become symbols, where they have any.
SHIELDED = 0.35
ENGLISH_WORD = re.compile(r"([\"(]*)([a-z]{3,}(?:-[a-z]+)*)([.,;:!?)\"]*)\Z")
FRENCH_WORD = re.compile(r"([\"«(]*(?:[ldnjmtscLDNJMTSC]|qu|Qu)['’]|[\"«(]*)([^\W\d_A-Z]{3,}(?:-[^\W\d_A-Z]+)*)([.,;:!?)»\"]*)\Z")


class Entry(NamedTuple):
    """A word of the glossary."""

    lemma: str
    pos: str
    english: tuple[str, ...]
    uncountable: bool
    plural_only: bool


class Form(NamedTuple):
    """A French form with the role it can play: `noun mas sg`, `verb inf`, …"""

    french: str
    role: str
    entry: Entry

    def key(self) -> tuple[str, bool]:
        return self.role, elides(self.french)


def read_glossary(path: Path) -> dict[tuple[str, str], Entry]:
    entries = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        lemma, pos, words = line.split("\t")
        marks = {m for m in ("(u)", "(p)") if m in words}
        choices = [w.replace("(u)", "").replace("(p)", "").strip() for w in words.split(";")]
        entries[lemma, pos] = Entry(lemma, pos, tuple(choices), "(u)" in marks, "(p)" in marks)
    return entries


def needs(entries: dict, readings: dict, exposures: int, rng: random.Random) -> dict[tuple[str, bool], list[Form]]:
    """The forms to place, as often as each shall be placed, shuffled, by what they can replace."""
    of_entry = defaultdict(set)
    for form, found in readings.items():
        for lemma, pos, role in sorted(found):
            if (lemma, pos) in entries and role in USED:
                of_entry[lemma, pos].add(Form(form, role, entries[lemma, pos]))
    wanted = defaultdict(list)
    for entry, forms in of_entry.items():
        # Sorted, since the order of a set is another in every process.
        weights = {form: USED[form.role] for form in sorted(forms)}
        total = sum(weights.values())
        for form, weight in weights.items():
            times = exposures * weight / total
            wanted[form.key()] += [form] * (int(times) + (rng.random() < times % 1))
    for forms in wanted.values():
        rng.shuffle(forms)
    return wanted


# Roles that can be replaced, with the share of a word's places that each gets.
USED = {f"{p} {g} {n}": w for p in ("noun", "adj") for g in ("mas", "fem") for n, w in (("sg", 3), ("pl", 2))} | {
    f"verb past {g} {n}": 1 for g in ("mas", "fem") for n in ("sg", "pl")} | {
    "verb inf": 3, "verb ipre 3sg": 2, "verb ipre 3pl": 1.5, "verb iimp 3sg": 0.7, "verb iimp 3pl": 0.7, "adv": 1}


def inflected(form: Form, replaced: str, rng: random.Random) -> str | None:
    """The English of a form, inflected like the word it replaces; nothing where they cannot agree."""
    entry = form.entry
    word = entry.english[0] if rng.random() < 0.75 else entry.english[-1]
    ending_s = replaced.endswith("s") and not replaced.endswith(("ss", "us", "is"))
    pos, *features = form.role.split()
    if pos == "noun":
        if features[1] == "pl":
            return word if ending_s and entry.plural_only else english.plural(word) if ending_s and not entry.uncountable else None
        return None if ending_s or entry.plural_only else word
    if pos in ("adj", "adv"):
        return None if ending_s or (pos == "adv") != replaced.endswith("ly") else word
    if replaced.endswith("ed"):
        return english.participle(word) if features[0] == "past" else english.past(word) if features[0] == "iimp" else None
    if features[0] == "inf":
        return english.gerund(word) if replaced.endswith("ing") else None if ending_s else word
    if features == ["ipre", "3sg"]:
        return english.third_person(word) if ending_s else None
    return word if features == ["ipre", "3pl"] and not ending_s and not replaced.endswith("ing") else None


def place_words(pair: Pair, readings: dict, wanted: dict, rng: random.Random) -> int:
    """Replaces up to two words of a pair by wanted ones; how many."""
    links = [l for l in pair.one_to_one() if l[0] > 0 and l[1] > 0]
    rng.shuffle(links)
    done: list[int] = []
    most = 2 if len(pair.sides[0]) >= 14 else 1
    for s, t in links:
        if len(done) == most or any(abs(s - other) < 3 for other in done):
            continue
        french, word = FRENCH_WORD.match(pair.text(0, s)), ENGLISH_WORD.match(pair.text(1, t))
        if not french or not word:
            continue
        found = readings.get(french[2], ())
        if not found or len({pos for _, pos, _ in found}) > 1:
            continue
        keys = [(role, elides(french[2])) for _, _, role in sorted(found)]
        forms = next((wanted[k] for k in keys if wanted.get(k)), None)
        if not forms or previous_forbids(pair, s):
            continue
        form = forms[-1]
        new = inflected(form, word[2], rng)
        if new is None:
            forms.insert(rng.randrange(len(forms)), forms.pop())
            continue
        forms.pop()
        pair.replace(0, s, french[1] + form.french + french[3])
        pair.replace(1, t, word[1] + new + word[3])
        before = pair.text(1, t - 1)
        if before.lower() in ("a", "an"):
            a = "" if form.entry.uncountable else english.article(new)
            if a:
                pair.replace(1, t - 1, a.title() if before[0] == "A" else a)
        done.append(s)
    return len(done)


def previous_forbids(pair: Pair, s: int) -> bool:
    """Reflexive verbs and verbs of the first two persons are not what the form says."""
    return pair.text(0, s - 1).lower() in ("se", "je", "tu", "me", "te", "nous", "vous", "que", "-t-il")


def phrases(entries: dict, readings: dict) -> list[tuple[str, str]]:
    """Short phrases of each word of the glossary."""
    out = []
    for form, found in readings.items():
        for lemma, pos, role in sorted(found):
            entry = entries.get((lemma, pos))
            if not entry or role not in USED:
                continue
            for word in entry.english:
                out += phrase(form, role, entry, word)
    return out


def phrase(form: str, role: str, entry: Entry, word: str) -> list[tuple[str, str]]:
    pos, *features = role.split()
    many = word if entry.plural_only or entry.uncountable else english.plural(word)
    if pos == "noun" and features[1] == "pl":
        return [(f"les {form}", f"the {many}"), (f"des {form}", many)]
    if pos == "noun":
        feminine = features[0] == "fem"
        definite = f"l'{form}" if elides(form) else f"{'la' if feminine else 'le'} {form}"
        one = word if entry.uncountable or entry.plural_only else f"{english.article(word)} {word}"
        return [(definite, f"the {word}"), (f"{'une' if feminine else 'un'} {form}", one)]
    if role == "verb inf":
        return [(form, f"to {word}")]
    if role == "verb ipre 3sg":
        return [(f"il {form}", f"he {english.third_person(word)}")]
    if role == "verb past mas sg":
        return [(form, english.participle(word))]
    return [(form, word)] if pos == "adv" or role == "adj mas sg" else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="aligned pairs that lend their sentences")
    parser.add_argument("--dictionary", type=Path, required=True, help="folder of fr.aff and fr.dic (see scripts/resources/build.sh)")
    parser.add_argument("--glossary", type=Path, default=HERE / "glossary.tsv")
    parser.add_argument("--sentences", type=Path, default=HERE / "sentences.tsv")
    parser.add_argument("--pairs", type=int, default=250_000, help="unchanged pairs of the data to keep beside the new ones")
    parser.add_argument("--exposures", type=int, default=EXPOSURES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    vocabularies = [spm.SentencePieceProcessor(model_file=str(args.data / f"{n}.spm")) for n in ("source", "target")]
    readings = read_dictionary(args.dictionary)
    entries = read_glossary(args.glossary)
    wanted = needs(entries, readings, args.exposures, rng)
    print(f"{len(entries)} words, {sum(map(len, wanted.values()))} places wanted", flush=True)

    loaded = [np.load(args.data / f"{n}.npz") for n in ("source", "target")]
    pieces, ends = [f["pieces"] for f in loaded], [f["ends"] for f in loaded]
    places = np.load(args.data / "alignments.npz")["places"]
    spans = [np.stack([np.concatenate([[0], e[:-1]]), e], 1) for e in ends]
    order = list(range(len(ends[0])))
    rng.shuffle(order)
    kept = set(order[: args.pairs])
    rows: list[tuple] = []
    put = shielded = 0
    for i in order:
        (s, s_end), (t, t_end) = spans[0][i], spans[1][i]
        read = lambda: Pair(vocabularies, pieces[0][s : s_end - 1].tolist(), pieces[1][t : t_end - 1].tolist(), places[t : t_end - 1].tolist())
        if i in kept:
            pair = read() if rng.random() < SHIELDED else None
            if pair and shield_names(pair, rng):
                rows.append(pair.arrays())
                shielded += 1
            else:
                rows.append((pieces[0][s:s_end], pieces[1][t:t_end], places[t:t_end]))
        if s_end - s > 2 * LONGEST or not any(wanted.values()):
            continue
        pair = read()
        if 5 <= len(pair.sides[0]) <= LONGEST and (n := place_words(pair, readings, wanted, rng)):
            rows.append(pair.arrays())
            put += n
    print(f"{put} words put into {len(rows) - len(kept)} sentences, {sum(map(len, wanted.values()))} without a place; "
          f"symbols put into {shielded} pairs", flush=True)

    written = phrases(entries, readings)
    print(f"{len(written)} phrases", flush=True)
    if args.sentences.exists():
        lines = [line.split("\t") for line in args.sentences.read_text(encoding="utf-8").splitlines()]
        print(f"{len(lines)} sentences, {COPIES} times", flush=True)
        written += [corpus.augment(fr, en, rng) for fr, en in lines for _ in range(COPIES)]
    for fr, en in written:
        source, target = (v.encode(text) for v, text in zip(vocabularies, (fr, en)))
        if vocabularies[1].unk_id() not in target:
            rows.append(([*source, 0], [*target, 0], [NONE] * (len(target) + 1)))
    rng.shuffle(rows)
    args.out.mkdir(parents=True, exist_ok=True)
    for side, name in enumerate(("source", "target")):
        lengths = [len(row[side]) for row in rows]
        np.savez(args.out / f"{name}.npz", pieces=np.concatenate([np.asarray(row[side], np.uint16) for row in rows]), ends=np.cumsum(lengths))
        shutil.copy(args.data / f"{name}.spm", args.out)
        print(f"{name}: {sum(lengths)} pieces of {len(rows)} pairs")
    np.savez(args.out / "alignments.npz", places=np.concatenate([np.asarray(row[2], np.uint8) for row in rows]))


if __name__ == "__main__":
    main()
