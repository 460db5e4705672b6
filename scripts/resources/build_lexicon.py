#!/usr/bin/env python3
"""Expands a hunspell dictionary with po:/is: tags into full forms with packed features.

Usage: build_lexicon.py DICTIONARY_DIR OUT_TSV OUT_SUFFIXES

DICTIONARY_DIR holds fr.aff and fr.dic of Debian's hunspell-fr-comprehensive (Dicollecte, MPL-2.0).
OUT_TSV gets `form TAB value`, sorted by bytes, for `pack_fst`; OUT_SUFFIXES the lemma endings, one a line.
The bits of a value are documented in src/language/lexicon.rs.
"""
import re
import sys
from collections import defaultdict
from pathlib import Path

NOUN, ADJECTIVE, PARTICIPLE, DETERMINER = 0, 4, 8, 48
BIT = {
    "finite": 12, "infi": 13, "ppre": 14, "adv": 15, "prep": 16, "cj": 17, "det": 18, "pro": 19, "npr": 20,
    "interj": 21, "elides": 22, "other": 23, "1sg": 24, "2sg": 25, "3sg": 26, "1pl": 27, "2pl": 28, "3pl": 29,
}
STRIP, SUFFIX = 30, 35
FINITE = {"ipre", "iimp", "ipsi", "ifut", "spre", "simp", "cond", "impe"}
WORD = re.compile(r"[^\W\d_](?:[^\W_]|['-](?=[^\W_]))*\Z")


def flags_of(text: str) -> list[str]:
    """Flags are two characters each (FLAG long)."""
    return [text[i : i + 2] for i in range(0, len(text), 2)]


def read_suffixes(path: Path):
    """Suffix rules by flag: (strip, add, continuation flags, condition, tags)."""
    rules = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        parts = line.split()
        if len(parts) < 5 or parts[0] != "SFX":
            continue
        _, flag, strip, add, condition, *tags = parts
        add, _, continuation = add.partition("/")
        rules[flag].append((
            "" if strip == "0" else strip, "" if add == "0" else add, flags_of(continuation),
            None if condition == "." else re.compile(f"(?:{condition})\\Z"), tags,
        ))
    return rules


def expand(stem: str, flags: list[str], tags: list[str], rules, depth: int = 0):
    """All forms of an entry with their flags and tags; `()` marks a stem that is no word by itself."""
    if "()" not in flags:
        yield stem, flags, tags
    if depth == 2:
        return
    for flag in flags:
        for strip, add, continuation, condition, more in rules.get(flag, ()):
            if not stem.endswith(strip) or (condition and not condition.search(stem)):
                continue
            form = stem[: len(stem) - len(strip)] + add
            yield from expand(form, continuation, tags + more, rules, depth + 1)


def agreement_bits(tags: set[str]) -> int:
    """Four bits: masculine singular and plural, feminine singular and plural. Unknown counts as both."""
    masculine = bool(tags & {"is:mas", "is:epi"}) or not tags & {"is:fem"}
    feminine = bool(tags & {"is:fem", "is:epi"}) or not tags & {"is:mas"}
    singular = bool(tags & {"is:sg", "is:inv"}) or not tags & {"is:pl"}
    plural = bool(tags & {"is:pl", "is:inv"}) or not tags & {"is:sg"}
    return (masculine and singular) | (masculine and plural) << 1 | (feminine and singular) << 2 | (
        feminine and plural) << 3


def features(form: str, flags: list[str], tags: list[str]) -> int:
    """The feature bits of one analysis, without lemma."""
    names = {t[3:].rstrip("!") for t in tags if t.startswith("po:")}
    agreement = agreement_bits(set(tags))
    bits = 0
    if "nom" in names:
        bits |= agreement << NOUN
    if "adj" in names and "ppas" not in names:
        bits |= agreement << ADJECTIVE
    if "ppas" in names:
        bits |= agreement << PARTICIPLE
    if names & FINITE:
        bits |= 1 << BIT["finite"]
        for person in ("1sg", "2sg", "3sg", "1pl", "2pl", "3pl"):
            if person in names:
                bits |= 1 << BIT[person]
    for name in names:
        if name.startswith("det"):
            bits |= 1 << BIT["det"] | agreement << DETERMINER
        elif name.startswith("pro"):
            bits |= 1 << BIT["pro"] | agreement << DETERMINER
        elif name in BIT and name not in ("1sg", "2sg", "3sg", "1pl", "2pl", "3pl"):
            bits |= 1 << BIT[name]
        elif name.startswith("cj"):
            bits |= 1 << BIT["cj"]
        elif name in ("prn", "patr", "npr"):
            bits |= 1 << BIT["npr"]
    if not bits:
        bits = 1 << BIT["other"]
    if {"L'", "D'", "Q'", "n'", "j'", "l'", "d'", "q'"} & set(flags):
        bits |= 1 << BIT["elides"]
    return bits


def main() -> None:
    source, out, out_suffixes = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    rules = read_suffixes(source / "fr.aff")
    merged, lemmas = defaultdict(int), {}
    for line in (source / "fr.dic").read_text(encoding="utf-8").splitlines()[1:]:
        entry, *tags = line.split()
        stem, _, flags = entry.partition("/")
        for form, form_flags, form_tags in expand(stem, flags_of(flags), tags, rules):
            key = form.lower().replace("’", "'")
            if not WORD.match(key) or len(key.encode()) > 40 or "{}" in form_flags:
                continue
            given = next((t[3:] for t in form_tags if t.startswith("st:")), stem).lower()
            merged[key] |= features(form, form_flags, form_tags)
            # The first noun or adjective analysis names the lemma; a form that is its own lemma wins.
            if key not in lemmas or given == key:
                lemmas[key] = given
    suffixes, values = {"": 0}, {}
    for key, bits in merged.items():
        lemma = lemmas[key]
        common = 0
        while common < min(len(key), len(lemma)) and key[common] == lemma[common]:
            common += 1
        strip, suffix = len(key) - common, lemma[common:]
        if strip < 32 and (suffix in suffixes or len(suffixes) < 8192):
            bits |= strip << STRIP | suffixes.setdefault(suffix, len(suffixes)) << SUFFIX
        values[key] = bits
    with open(out, "w", encoding="utf-8") as file:
        for key in sorted(values, key=str.encode):
            file.write(f"{key}\t{values[key]}\n")
    out_suffixes.write_text("\n".join(suffixes) + "\n", encoding="utf-8")
    print(f"{len(values)} forms, {len(suffixes)} lemma endings", file=sys.stderr)


if __name__ == "__main__":
    main()
